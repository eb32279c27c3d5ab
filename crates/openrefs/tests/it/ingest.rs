//! `ingest` and `demo`: reports, damage, a second run, a full disk.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::fixture::{PAGES, ingest, openrefs, run, warc};

#[test]
fn the_report_names_every_count_and_every_damaged_place() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("crawl.warc");
    // Rubbish between records makes the length of the one before it wrong, which begins behind the first one.
    let (first, rest) = (warc(&PAGES[..2]), warc(&PAGES[2..]));
    let damaged = warc(&PAGES[..1]).len();
    fs::write(&archive, format!("{first}rubbish rubbish\r\n{rest}")).unwrap();
    let (index, json) = (folder.path().join("index"), folder.path().join("report.json"));
    let output = openrefs()
        .arg("ingest")
        .args([
            &archive,
            Path::new("--index"),
            &index,
            Path::new("--report"),
            &json,
        ])
        .args(["--threads", "1", "--memory", "16M"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(output.stdout.is_empty());
    assert!(text.contains("read 1 archive, "), "{text}");
    assert!(text.contains("visits\n  page "), "{text}");
    assert!(
        text.contains(&format!("crawl.warc at byte {damaged}: wrong length")),
        "{text}"
    );
    assert!(
        text.contains("next: openrefs refdomains TARGET --index "),
        "{text}"
    );
    let report: serde_json::Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    assert_eq!(report["counts"]["visit: page"], 10);
    assert_eq!(report["backlinks"], 12);
    assert_eq!(report["damages"][0]["offset"], damaged);
}

#[test]
fn a_second_run_knows_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, index) = (folder.path().join("crawl.warc"), folder.path().join("index"));
    fs::write(&archive, warc(&PAGES)).unwrap();
    ingest(&archive, &index);
    let output = run(&[
        "ingest",
        archive.to_str().unwrap(),
        "--index",
        index.to_str().unwrap(),
    ]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("1 in the index already"),
        "{text}"
    );
}

#[test]
fn what_cannot_be_ingested() {
    let folder = tempfile::tempdir().unwrap();
    let index = folder.path().join("index");
    let error = |arguments: &[&str], part: &str| {
        let output = openrefs()
            .arg("ingest")
            .args(arguments)
            .arg("--index")
            .arg(&index)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(
            text.starts_with("error: ") && text.contains(part) && text.lines().count() == 1,
            "{text}"
        );
    };
    error(&["none.warc"], "none.warc not found");
    error(&["*.nothing"], "no file matches");
    let archive = folder.path().join("a.warc");
    fs::write(&archive, warc(&PAGES[..1])).unwrap();
    let archive = archive.to_str().unwrap();
    error(&[archive, "--suffix-list", "none.dat"], "cannot read none.dat");
    error(&[archive, "--suffix-list", archive], "holds no rule");
    assert!(!index.exists(), "a run that cannot start leaves nothing behind");
    ingest(Path::new(archive), &index);
    error(
        &[archive, "--buckets", "3"],
        "was created with 2 buckets; leave that option out",
    );
    let occupied = folder.path().join("occupied");
    fs::create_dir(&occupied).unwrap();
    fs::write(occupied.join("file"), "x").unwrap();
    let output = run(&["ingest", archive, "--index", occupied.to_str().unwrap()]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(text.contains("is not empty and holds no index"), "{text}");
}

/// A small file system that fills up; only root may mount one.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_one_line_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let disk = folder.path().join("disk");
    fs::create_dir(&disk).unwrap();
    let mounted = Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=640k", "tmpfs"])
        .arg(&disk)
        .output()
        .is_ok_and(|output| output.status.success());
    if !mounted {
        println!("skipped: no small file system can be mounted here");
        return;
    }
    let outcome = std::panic::catch_unwind(|| fill(folder.path(), &disk));
    let _ = Command::new("umount").arg(&disk).status();
    outcome.unwrap();
}

#[cfg(target_os = "linux")]
fn fill(folder: &Path, disk: &Path) {
    let (archive, large, index) = (
        folder.join("a.warc"),
        folder.join("large.warc"),
        disk.join("index"),
    );
    fs::write(&archive, warc(&PAGES)).unwrap();
    ingest(&archive, &index);
    let answer = || {
        let output = run(&[
            "refdomains",
            "example.com",
            "--output",
            "json",
            "--index",
            index.to_str().unwrap(),
        ]);
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let before = answer();
    let numbers = |n: u64| (0..40).map(move |m| n.wrapping_mul(m + 7).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let links = |n: u64| -> String {
        numbers(n)
            .map(|x| format!("<a href=\"http://example.com/{x:x}\">{x:x}</a>"))
            .collect()
    };
    let pages: Vec<(String, String)> = (0..600)
        .map(|n| (format!("http://site{n}.com/"), links(n)))
        .collect();
    let text: String = pages
        .iter()
        .map(|(url, body)| {
            let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{body}");
            format!(
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: 2024-01-01T00:00:00Z\r\n\
                 Content-Type: application/http\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
                http.len()
            )
        })
        .collect();
    fs::write(&large, text).unwrap();
    let output = run(&[
        "ingest",
        large.to_str().unwrap(),
        "--index",
        index.to_str().unwrap(),
    ]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.starts_with("error: ") && text.lines().count() == 1, "{text}");
    assert!(
        text.contains("free some space and run the same command again"),
        "{text}"
    );
    assert_eq!(answer(), before, "the published snapshot is untouched");
}

#[test]
fn the_demo_runs_and_runs_again() {
    let folder = tempfile::tempdir().unwrap();
    let demo = || {
        let output = openrefs()
            .args(["demo", "--no-serve", "--dir"])
            .arg(folder.path().join("demo"))
            .output()
            .unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{words}");
        (String::from_utf8(output.stdout).unwrap(), words)
    };
    let (table, words) = demo();
    assert!(
        table.starts_with("refdomain ") && table.contains("10 rows shown; in all refdomains "),
        "{table}"
    );
    assert!(words.contains("openrefs backlinks "), "{words}");
    let (again, words) = demo();
    assert_eq!(again, table);
    assert!(words.contains("in the index already"), "{words}");
}
