//! The sample as its readers see it: the same bytes each time, archives that are whole, and the web's proportions.

#![allow(clippy::unwrap_used, missing_docs)]

mod archives;
mod graph;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use openrefs_sample::{Error, Options, Written, write};

use crate::archives::{Record, read};
use crate::graph::Graph;

/// The small crawl that the tests share in shape.
const SMALL: Options = Options {
    domains: 200,
    pages: 2_000,
    seed: 1,
};

fn make(options: &Options, out: &Path) -> Written {
    write(options, out, &|_| ()).unwrap()
}

fn all_bytes(out: &Path) -> Vec<Vec<u8>> {
    ["warc/sample-00000.warc.gz", "wat/sample-00000.warc.wat.gz"]
        .iter()
        .map(|name| fs::read(out.join(name)).unwrap())
        .collect()
}

#[test]
fn equal_options_make_equal_bytes_and_another_seed_makes_others() {
    let options = Options { pages: 150, ..SMALL };
    let other = Options {
        seed: 2,
        ..options.clone()
    };
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    for (options, folder) in [&options, &options, &other].into_iter().zip(&folders) {
        make(options, folder.path());
    }
    let bytes: Vec<_> = folders.iter().map(|folder| all_bytes(folder.path())).collect();
    assert_eq!(bytes[0], bytes[1]);
    assert_ne!(bytes[0][0], bytes[2][0]);
    assert_ne!(bytes[0][1], bytes[2][1]);
}

#[test]
fn archives_are_split_and_progress_reaches_the_end() {
    let options = Options {
        domains: 30,
        pages: 5_001,
        seed: 4,
    };
    let (folder, done) = (tempfile::tempdir().unwrap(), Cell::new(0));
    let written = write(&options, folder.path(), &|pages| done.set(pages)).unwrap();
    assert_eq!((written.files, written.pages, done.get()), (4, 5_001, 5_001));
    let last = read(&folder.path().join("warc/sample-00001.warc.gz"));
    assert_eq!(last.iter().filter(|record| record.is_visit()).count(), 1);
    let files = ["warc", "wat"].map(|kind| fs::read_dir(folder.path().join(kind)).unwrap());
    let bytes: u64 = files
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().metadata().unwrap().len())
        .sum();
    assert_eq!(written.bytes, bytes);
}

#[test]
fn a_folder_that_holds_something_is_refused_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("wat")).unwrap();
    fs::write(folder.path().join("wat/mine.txt"), "mine").unwrap();
    let error = write(&SMALL, folder.path(), &|_| ()).unwrap_err();
    assert!(matches!(error, Error::Occupied { .. }));
    let text = error.to_string();
    assert!(
        text.contains("wat is not empty; give an empty or a new folder"),
        "{text}"
    );
    assert_eq!(fs::read_dir(folder.path().join("warc")).unwrap().count(), 0);
}

#[test]
fn options_without_a_crawl_are_refused() {
    for (domains, pages) in [(1, 10), (10, 0)] {
        let options = Options {
            domains,
            pages,
            seed: 1,
        };
        let error = write(&options, Path::new("/nonexistent"), &|_| ()).unwrap_err();
        assert!(matches!(error, Error::TooSmall { .. }));
    }
}

#[test]
fn the_smallest_crawls_are_whole() {
    for pages in 1..12 {
        let folder = tempfile::tempdir().unwrap();
        let options = Options {
            domains: 2,
            pages,
            seed: pages,
        };
        make(&options, folder.path());
        let records = read(&folder.path().join("warc/sample-00000.warc.gz"));
        assert_eq!(
            records.iter().filter(|record| record.is_visit()).count() as u64,
            pages
        );
    }
}

#[test]
fn records_are_whole_and_the_wat_describes_each_of_them() {
    let folder = tempfile::tempdir().unwrap();
    make(&SMALL, folder.path());
    let records = read(&folder.path().join("warc/sample-00000.warc.gz"));
    let described = read(&folder.path().join("wat/sample-00000.warc.wat.gz"));
    assert_eq!(records.len(), described.len());
    for (record, wat) in records.iter().zip(&described).skip(1) {
        let envelope = wat.json();
        let fields = &envelope["Envelope"]["WARC-Header-Metadata"];
        for (name, value) in &record.fields {
            assert_eq!(fields[name], value.as_str(), "{name}");
        }
        assert_eq!(envelope["Container"]["Offset"], record.offset.to_string());
        assert_eq!(wat.fields["WARC-Refers-To"], record.fields["WARC-Record-ID"]);
    }
    every_kind_of_record_occurs(&records);
    every_kind_of_link_occurs(&described);
}

fn every_kind_of_record_occurs(records: &[Record]) {
    let mut counts = BTreeMap::new();
    let mut count = |what: String| *counts.entry(what).or_insert(0) += 1;
    for record in records {
        count(record.fields["WARC-Type"].clone());
        let head = String::from_utf8_lossy(record.head());
        count(head.chars().take("HTTP/1.1 200".len()).collect());
        for line in head.lines().filter_map(|line| line.split_once(": ")) {
            count(line.0.to_owned());
            if line.0 == "Content-Type" {
                count(line.1.to_lowercase().replace("; ", ";"));
            }
        }
        match record.fields.get("WARC-IP-Address") {
            None => count("no address".to_owned()),
            Some(address) if address.contains("2001:db8") => count("IPv6".to_owned()),
            Some(_) => count("IPv4".to_owned()),
        }
    }
    for expected in [
        "revisit",
        "request",
        "HTTP/1.1 301",
        "HTTP/1.1 302",
        "HTTP/1.1 308",
        "HTTP/1.1 404",
        "HTTP/1.1 500",
        "Location",
        "Link",
        "X-Robots-Tag",
        "Content-Encoding",
        "Transfer-Encoding",
        "no address",
        "IPv4",
        "IPv6",
        "application/pdf",
        "application/json",
        "application/xhtml+xml",
        "text/html",
        "text/html;charset=windows-1252",
        "text/html;charset=shift_jis",
    ] {
        assert!(
            counts.contains_key(expected),
            "{expected} is missing in {counts:#?}"
        );
    }
    let share = |what: &str| counts[what] as f64 / SMALL.pages as f64;
    assert!(
        (0.03..0.12).contains(&(share("HTTP/1.1 301") + share("HTTP/1.1 302"))),
        "{counts:?}"
    );
}

fn every_kind_of_link_occurs(described: &[Record]) {
    let text: String = described
        .iter()
        .map(|record| String::from_utf8_lossy(&record.block))
        .collect();
    for expected in [
        "A@/href",
        "AREA@/href",
        "FRAME@/src",
        "IFRAME@/src",
        "FORM@/action",
        "IMG@/src",
        "LINK@/href",
        "\"Base\":",
        "\"rel\":\"canonical\"",
        "application/rss+xml",
        "\"http-equiv\":\"refresh\"",
        "noopener nofollow",
        "UGC NoFollow",
        "sponsored",
        "HTTPS://",
        "guest:secret@",
        ".com./",
        ":8080/",
        "github.io",
        "blogspot.com",
        "s3.amazonaws.com",
        "co.uk",
        "com.br",
        "xn--",
        "рф/",
        "\"Set-Cookie\":[",
        "/gallery/",
    ] {
        assert!(text.contains(expected), "{expected} is missing");
    }
}

#[test]
fn the_graph_has_the_tails_of_the_web() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        domains: 3_000,
        pages: 3_000,
        seed: 9,
    };
    make(&options, folder.path());
    let graph = Graph::read(&read(&folder.path().join("wat/sample-00000.warc.wat.gz")));
    let refdomains = graph.by_source.len();
    let largest = graph
        .by_target
        .values()
        .map(|sources| sources.len())
        .max()
        .unwrap();
    assert!(largest * 20 >= refdomains, "{largest} of {refdomains}");
    let small = graph
        .by_target
        .values()
        .filter(|sources| sources.len() <= 2)
        .count();
    assert!(
        small * 3 >= graph.by_target.len(),
        "{small} of {}",
        graph.by_target.len()
    );
    let without = graph.domains() - refdomains;
    assert!(
        without * 10 >= graph.domains() * 6,
        "{without} of {}",
        graph.domains()
    );
    assert!(
        graph.visited_again * 10 >= graph.pages,
        "{} of {}",
        graph.visited_again,
        graph.pages
    );
    assert!(graph.changed > 0, "links come and go");
    assert_eq!(graph.dropped_pages, 0);
}
