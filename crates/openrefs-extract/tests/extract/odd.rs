//! Old and odd real archives: whatever they hold, records are counted, nothing panics, and twins agree.

use std::path::{Path, PathBuf};

use openrefs_model::SuffixList;

use crate::reading::{Found, bytes, files, shared};

fn archives(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            archives(&path, found);
        } else {
            found.push(path);
        }
    }
}

fn read(path: PathBuf) -> Found {
    files(SuffixList::bundled(), &[path])
}

#[test]
fn every_record_is_counted_once() {
    let Some(shared) = shared() else { return };
    let mut paths = Vec::new();
    archives(&shared.join("data/odd"), &mut paths);
    assert!(paths.len() > 100);
    for path in paths {
        let found = read(path.clone());
        let of = |prefix: &str| -> u64 {
            found
                .report
                .iter()
                .filter(|(name, _)| name.starts_with(prefix))
                .map(|(_, count)| count)
                .sum()
        };
        assert_eq!(
            of("records"),
            of("visit: ") + of("skipped: "),
            "{}",
            path.display()
        );
        assert_eq!(of("visit: "), found.visits.len() as u64, "{}", path.display());
    }
}

#[test]
fn arc_and_warc_of_one_crawl_agree() {
    let Some(shared) = shared() else { return };
    let arc = read(shared.join("data/odd/aut/example.arc.gz"));
    let warc = read(shared.join("data/odd/aut/example.warc.gz"));
    println!("{:?}\n{:?}", arc.report, warc.report);
    let (arc, warc) = (arc.folded(), warc.folded());
    assert!(!arc.is_empty());
    for line in arc.iter().filter(|line| !warc.contains(line)) {
        println!("only in the ARC: {line}");
    }
    for line in warc.iter().filter(|line| !arc.contains(line)) {
        println!("only in the WARC: {line}");
    }
    assert!(arc == warc);
}

#[test]
fn compressed_and_plain_twins_agree() {
    let Some(shared) = shared() else { return };
    for (one, other) in [
        (
            "whirlwind-python/whirlwind.warc",
            "whirlwind-python/whirlwind.warc.gz",
        ),
        (
            "chatnoir-resiliparse/warcfile.warc",
            "chatnoir-resiliparse/warcfile.warc.gz",
        ),
        (
            "chatnoir-resiliparse/warcfile.warc",
            "chatnoir-resiliparse/warcfile.warc.lz4",
        ),
        (
            "chatnoir-resiliparse/warcfile.warc",
            "made/resiliparse-warcfile.warc.zst",
        ),
        ("warcio/example.arc", "warcio/example.arc.gz"),
    ] {
        let odd = shared.join("data/odd");
        let (one, other) = (read(odd.join(one)), read(odd.join(other)));
        assert_eq!(one.report, other.report);
        assert_eq!(one.folded(), other.folded());
    }
}

#[test]
fn the_wat_of_whirlwind_describes_only_its_request() {
    // The published WAT holds the envelope of the request alone, so it gives no visit, while the WARC gives one.
    let Some(shared) = shared() else { return };
    let folder = shared.join("data/odd/whirlwind-python");
    let wat = read(folder.join("whirlwind.warc.wat"));
    assert_eq!(
        (wat.visits.len(), wat.report.get("skipped: wat: of a request")),
        (0, 1)
    );
    let wet = read(folder.join("whirlwind.warc.wet"));
    assert_eq!(
        (wet.visits.len(), wet.report.get("skipped: type conversion")),
        (0, 1)
    );
    assert_eq!(read(folder.join("whirlwind.warc")).visits.len(), 1);
}

#[test]
fn an_archive_in_memory() {
    let warc =
        b"WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: <http://example.com/>\r\nWARC-Date: 2024\r\n\
        Content-Type: application/http\r\nContent-Length: 70\r\n\r\n\
        HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<a href=http://b.com>bb</a>\r\n\r\n";
    let found = bytes(warc);
    assert_eq!(
        (found.visits.len(), found.backlinks.len()),
        (1, 1),
        "{:?}",
        found.report
    );
}
