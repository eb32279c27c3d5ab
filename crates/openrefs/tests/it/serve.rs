//! The server as a process: many clients, HTTP/1.0, large answers, a new snapshot, its end.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::client::Server;
use crate::fixture::{PAGES, index, index_in, ingest, run, warc};

const REQUEST: &str = "/?from=refdomains&target=example.com&mode=domain";

#[test]
fn sixty_four_clients_at_once() {
    let server = Server::start(index());
    let expected = server.get(REQUEST, "").text();
    std::thread::scope(|scope| {
        for _ in 0..64 {
            scope.spawn(|| {
                for _ in 0..4 {
                    let response = server.get(REQUEST, "");
                    assert_eq!((response.status, response.text()), (200, expected.clone()));
                }
            });
        }
    });
}

#[test]
fn raw_characters_on_a_kept_connection() {
    let server = Server::start(index());
    let request = |select: &str, more: &str| {
        let path = format!("{REQUEST}&select={select}&where=last_visited >= \"2024-03-01\"");
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n{more}\r\n")
    };
    let mut stream = TcpStream::connect(&server.address).unwrap();
    // The second comes while the first is answered, and is cut in its line.
    let sent = request("refdomain", "") + &request("backlinks", "connection: close\r\n");
    let (now, later) = sent.split_at(sent.rfind(">=").unwrap());
    stream.write_all(now.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(50));
    stream.write_all(later.as_bytes()).unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).unwrap();
    assert_eq!(answers.matches("HTTP/1.1 200 OK\r\n").count(), 2, "{answers}");
    for row in ["{\"refdomain\":\"example.net\"}", "{\"backlinks\":1}"] {
        assert!(
            answers.contains(&format!("{{\"refdomains\":[{row}],")),
            "{answers}"
        );
    }
}

/// Many referring domains, so that an answer is several pieces.
fn large_warc() -> String {
    let page = |n: u32| {
        let http = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<a href=\"http://example.com/\">x</a>";
        format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://site-{n:04}.com/\r\n\
             WARC-Date: 2024-01-01T00:00:00Z\r\nContent-Type: application/http\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        )
    };
    (0..3_000).map(page).collect()
}

#[test]
fn a_large_answer_is_sent_in_pieces_to_every_kind_of_client() {
    let folder = tempfile::tempdir().unwrap();
    let (archive, index) = (folder.path().join("a.warc"), folder.path().join("index"));
    fs::write(&archive, large_warc()).unwrap();
    ingest(&archive, &index);
    let server = Server::start(&index);
    let path = format!("{REQUEST}&limit=5000");

    let whole = server.get(&path, "");
    assert_eq!(whole.header("transfer-encoding"), Some("chunked"));
    assert_eq!(whole.header("x-results-count"), Some("3000"));
    let json: serde_json::Value = serde_json::from_slice(&whole.body).unwrap();
    assert_eq!(json["refdomains"].as_array().unwrap().len(), 3_000);

    // Section 2 of the format: limit defaults to 1000, and the totals know no limit.
    let thousand = server.get(REQUEST, "");
    assert_eq!(thousand.header("x-results-count"), Some("1000"));
    let json: serde_json::Value = serde_json::from_slice(&thousand.body).unwrap();
    assert_eq!(json["refdomains"].as_array().unwrap().len(), 1_000);
    assert_eq!(json["stats"]["refdomains"], 3_000);

    let old = server.send(format!("GET {path} HTTP/1.0\r\n\r\n").as_bytes());
    assert_eq!(old.header("transfer-encoding"), None);
    assert_eq!(old.body, whole.body);

    let zipped = server.get(&path, "accept-encoding: gzip");
    assert_eq!(zipped.header("content-encoding"), Some("gzip"));
    assert_eq!(zipped.body, whole.body);

    let printed = run(&[
        "refdomains",
        "example.com",
        "--limit",
        "5000",
        "--output",
        "json",
        "--index",
        index.to_str().unwrap(),
    ]);
    assert_eq!(printed.stdout, whole.body);
}

#[test]
fn a_new_snapshot_is_picked_up() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_in(folder.path(), &PAGES[..2]);
    let server = Server::start(&index);
    let total = || {
        let json: serde_json::Value = serde_json::from_slice(&server.get(REQUEST, "").body).unwrap();
        json["stats"]["refdomains"].as_u64().unwrap()
    };
    assert_eq!(total(), 1);
    let more = folder.path().join("more.warc");
    fs::write(&more, warc(&PAGES)).unwrap();
    ingest(&more, &index);
    let started = Instant::now();
    while total() != 5 {
        assert!(
            started.elapsed() < Duration::from_secs(60),
            "the new snapshot is not picked up"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_lost_index_is_an_internal_error_that_tells_no_path() {
    let folder = tempfile::tempdir().unwrap();
    let index = index_in(folder.path(), &PAGES);
    let server = Server::start(&index);
    fs::remove_dir_all(index.join("data")).unwrap();
    let response = server.get(REQUEST, "");
    assert_eq!(response.status, 500);
    assert_eq!(response.header("x-status"), Some("error"));
    assert_eq!(
        response.text(),
        "{\"error\":\"internal error; the server's log says more\"}"
    );
    let page = server.get("/?target=example.com", "accept: text/html");
    assert_eq!(page.status, 500);
    assert!(!page.text().contains(folder.path().to_str().unwrap()));
}

#[test]
fn a_port_in_use_is_one_line() {
    let server = Server::start(index());
    let output = run(&[
        "serve",
        "--index",
        index().to_str().unwrap(),
        "--listen",
        &server.address,
    ]);
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (output.status.code(), text.lines().count()),
        (Some(1), 1),
        "{text}"
    );
    assert!(
        text.contains("the port is in use; stop what uses it, or choose another port"),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_gracefully() {
    for signal in ["-INT", "-TERM"] {
        let mut server = Server::start(index());
        server.get(REQUEST, "");
        Command::new("kill")
            .args([signal, &server.process.id().to_string()])
            .status()
            .unwrap();
        let status = server.process.wait().unwrap();
        assert!(status.success(), "{signal}: {status}");
        let mut rest = String::new();
        server.log.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }
}
