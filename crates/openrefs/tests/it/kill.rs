//! An ingest that is killed at any moment leaves an index that the next one completes, to the same bytes.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

fn openrefs(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openrefs"));
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Four archives, so that a killed ingest leaves some read, one half read and others not.
fn crawl(folder: &Path) -> String {
    for seed in ["1", "2", "3", "4"] {
        let out = folder.join("crawl").join(seed);
        let out = out.to_str().unwrap();
        let made = openrefs(&[
            "sample",
            "--domains",
            "300",
            "--pages",
            "250",
            "--seed",
            seed,
            "--out",
            out,
        ])
        .status();
        assert!(made.unwrap().success());
        std::fs::remove_dir_all(folder.join("crawl").join(seed).join("wat")).unwrap();
    }
    folder.join("crawl").to_str().unwrap().to_owned()
}

/// Table, bucket and checksum of every file of the first snapshot.
fn files(index: &str) -> Vec<String> {
    let manifest = std::fs::read_to_string(Path::new(index).join("snapshots/1.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let files = manifest["files"].as_array().unwrap();
    files
        .iter()
        .map(|file| format!("{} {} {}", file["table"], file["bucket"], file["checksum"]))
        .collect()
}

#[test]
fn a_killed_ingest_is_completed_by_the_next_one() {
    let temporary = tempfile::tempdir().unwrap();
    let crawl = crawl(temporary.path());
    let at = |name: &str| temporary.path().join(name).to_str().unwrap().to_owned();
    let (whole, killed) = (at("whole"), at("killed"));
    assert!(
        openrefs(&["ingest", &crawl, "--index", &whole, "--threads", "1"])
            .status()
            .unwrap()
            .success()
    );

    let mut kills = 0;
    for wait_ms in (5..600).step_by(35) {
        let mut ingest = openrefs(&["ingest", &crawl, "--index", &killed, "--threads", "1"])
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(wait_ms));
        if ingest.try_wait().unwrap().is_none() {
            ingest.kill().unwrap();
            kills += 1;
        }
        assert!(ingest.wait().is_ok());
        let published = Path::new(&killed).join("CURRENT").exists();
        let answer = openrefs(&["refdomains", "example.com", "--index", &killed])
            .status()
            .unwrap();
        assert_eq!(
            answer.success(),
            published,
            "an index answers from the moment it is published, and not before"
        );
    }
    assert!(
        openrefs(&["ingest", &crawl, "--index", &killed])
            .status()
            .unwrap()
            .success()
    );
    assert!(kills > 0, "every ingest ended before it was killed");
    assert_eq!(files(&killed), files(&whole));
    assert!(!Path::new(&killed).join("staging").exists());
}
