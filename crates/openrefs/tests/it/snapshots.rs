//! Snapshots that come and go while a server answers and readers read; `snapshots`, `verify`, `gc` and `step`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use openrefs_store::Index;

use crate::client::Server;
use crate::fixture::{PAGES, index_in, ingest, run, warc};

const REQUEST: &str = "/?from=refdomains&target=example.com&mode=subdomains&order_by=backlinks:desc";

/// A crawl of one page more of each of two domains than the one before it.
fn crawl(folder: &Path, number: usize) -> PathBuf {
    let path = folder.join(format!("crawl-{number}.warc"));
    let page = |site: &str| {
        let http = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<a href=\"http://example.com/\">x</a>";
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://{site}.com/{number}\r\n\
             WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: application/http\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        )
    };
    fs::write(&path, format!("{}{}", page("first"), page("second"))).unwrap();
    path
}

/// Runs a command on an index, which must succeed: what it printed, and what it told.
fn on(index: &Path, arguments: &[&str]) -> (String, String) {
    let output = run(&[arguments, &["--index", index.to_str().unwrap()]].concat());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (printed, told) = (text(output.stdout), text(output.stderr));
    assert!(output.status.success(), "{arguments:?}: {told}");
    (printed, told)
}

/// Backlinks in the published snapshot.
fn backlinks(index: &Path) -> u64 {
    let manifest = Index::open(index).unwrap().published().unwrap();
    manifest.rows(openrefs_store::TableName::Links)
}

/// An answer is of one snapshot, whole: both domains have the same figures, and all figures fit together.
fn pages_of(json: &[u8]) -> u64 {
    let json: serde_json::Value = serde_json::from_slice(json).unwrap();
    let rows = json["refdomains"].as_array().unwrap();
    let of = |name: &str| {
        let row = rows.iter().find(|row| row["refdomain"] == name);
        row.map_or(0, |row| {
            assert_eq!(row["backlinks"], row["refpages"]);
            row["refpages"].as_u64().unwrap()
        })
    };
    assert_eq!(of("first.com"), of("second.com"), "{json}");
    assert_eq!(json["stats"]["refdomains"], rows.len());
    of("first.com")
}

#[test]
fn snapshots_come_and_go_under_requests() {
    const CRAWLS: usize = 6;
    let folder = tempfile::tempdir().unwrap();
    let index = index_in(folder.path(), &PAGES);
    ingest(&crawl(folder.path(), 1), &index);
    let server = Server::start(&index);
    let (done, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let mut last = 1;
                while !done.load(Ordering::Relaxed) {
                    let response = server.get(REQUEST, "");
                    assert_eq!(response.status, 200, "{}", response.text());
                    let pages = pages_of(&response.body);
                    assert!(last <= pages && pages <= CRAWLS as u64, "{pages} after {last}");
                    last = pages;
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        // The command line opens the index anew each time, so it meets every moment of publishing and removing.
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                let (printed, _) = on(
                    &index,
                    &[
                        "refdomains",
                        "example.com",
                        "--mode",
                        "subdomains",
                        "--output",
                        "json",
                    ],
                );
                assert!(pages_of(printed.as_bytes()) >= 1);
            }
        });
        // A panic here must not leave the others running.
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for number in 2..=CRAWLS {
                ingest(&crawl(folder.path(), number), &index);
                on(&index, &["gc", "--keep", "1"]);
                std::thread::sleep(Duration::from_millis(300));
            }
            let started = Instant::now();
            while pages_of(&server.get(REQUEST, "").body) != CRAWLS as u64 {
                assert!(
                    started.elapsed() < Duration::from_secs(10),
                    "the last snapshot is not picked up"
                );
                std::thread::sleep(Duration::from_millis(50));
            }
        }));
        done.store(true, Ordering::Relaxed);
        outcome.unwrap();
    });
    assert!(asked.load(Ordering::Relaxed) > 20);
    on(&index, &["verify"]);
}

#[test]
fn files_in_use_stay_until_they_are_let_go() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_in(folder.path(), &PAGES);
    let files = |snapshot: u64| -> BTreeSet<String> {
        let manifest = Index::open(&index).unwrap().manifest_of(snapshot).unwrap();
        manifest.files.into_iter().map(|file| file.file.name).collect()
    };
    let first = files(1);
    let reader = Index::open(&index).unwrap().pin().unwrap();
    ingest(&crawl(folder.path(), 1), &index);
    let listed: serde_json::Value =
        serde_json::from_str(&on(&index, &["snapshots", "--output", "json"]).0).unwrap();
    let flags = |place: usize| {
        let snapshot = &listed["snapshots"][place];
        (
            snapshot["current"].as_bool().unwrap(),
            snapshot["in_use"].as_bool().unwrap(),
        )
    };
    assert_eq!((flags(0), flags(1)), ((false, true), (true, false)), "{listed}");
    let (_, told) = on(&index, &["gc"]);
    assert!(
        told.contains("removed no snapshot") && told.contains("still read and kept: snapshot 1"),
        "{told}"
    );
    assert!(first.iter().all(|file| index.join(file).exists()));
    on(&index, &["verify"]);
    drop(reader);
    let (_, told) = on(&index, &["gc"]);
    assert!(told.starts_with("removed snapshot 1: "), "{told}");
    let second = files(2);
    assert!(first.difference(&second).all(|file| !index.join(file).exists()));
    assert!(second.iter().all(|file| index.join(file).exists()));
}

/// A server lets go of an old snapshot although nobody asks it for anything.
#[test]
fn an_idle_server_lets_go_of_an_old_snapshot() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_in(folder.path(), &PAGES);
    let server = Server::start(&index);
    server.get(REQUEST, "");
    ingest(&crawl(folder.path(), 1), &index);
    let started = Instant::now();
    loop {
        let (_, told) = on(&index, &["gc"]);
        if told.contains("removed snapshot 1") {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{told}");
        std::thread::sleep(Duration::from_millis(200));
    }
    #[cfg(target_os = "linux")]
    {
        // Nor does it hold files that are gone.
        let open = || {
            let files = fs::read_dir(format!("/proc/{}/fd", server.process.id())).unwrap();
            let paths = files.filter_map(|file| fs::read_link(file.ok()?.path()).ok());
            paths
                .filter(|path| path.to_string_lossy().contains(".parquet (deleted)"))
                .count()
        };
        while open() > 0 {
            assert!(
                started.elapsed() < Duration::from_secs(10),
                "removed files are still open"
            );
            std::thread::sleep(Duration::from_millis(200));
        }
    }
    assert_eq!(pages_of(&server.get(REQUEST, "").body), 1);
}

#[test]
fn verify_names_what_is_wrong_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_in(folder.path(), &PAGES);
    let (printed, _) = on(&index, &["verify"]);
    assert!(
        printed.starts_with(&format!(
            "all is well: snapshot 1, {} backlinks; ",
            backlinks(&index)
        )),
        "{printed}"
    );
    let manifest = Index::open(&index).unwrap().published().unwrap();
    let name = &manifest.files[0].file.name;
    let mut bytes = fs::read(index.join(name)).unwrap();
    bytes[10] ^= 4;
    fs::write(index.join(name), bytes).unwrap();
    let output = run(&["verify", "--index", index.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let (printed, told) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(printed, format!("{name}: checksum of the 64 KiB at byte 0\n"));
    assert!(
        told.starts_with("error: findings: 1, ") && told.lines().count() == 1,
        "{told}"
    );
}

#[test]
fn steps_are_commands() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, index) = (folder.path().join("crawl.warc"), folder.path().join("stepped"));
    let whole = index_in(folder.path(), &PAGES);
    fs::write(&archive, warc(&PAGES)).unwrap();
    let step = |arguments: &[&str]| on(&index, &[&["step"], arguments].concat()).1;
    let told = step(&["extract", archive.to_str().unwrap(), "--buckets", "2"]);
    assert_eq!(told, "staged 1 archive; in the index already: 0\n");
    let early = run(&["step", "rollup", "--index", index.to_str().unwrap()]);
    let text = String::from_utf8(early.stderr).unwrap();
    assert_eq!(
        text,
        "error: merge of bucket 0 is missing: run 'openrefs step merge' first\n"
    );
    step(&["merge", "--bucket", "0"]);
    step(&["merge", "--bucket", "1-1"]);
    step(&["rollup", "--bucket", "0,1"]);
    step(&["rank"]);
    step(&["rate"]);
    let published = format!("published snapshot 1: {} backlinks", backlinks(&whole));
    assert!(step(&["publish"]).starts_with(&published));
    let files = |index: &Path| Index::open(index).unwrap().published().unwrap().files;
    assert_eq!(files(&index), files(&whole));
    on(&index, &["verify"]);
}
