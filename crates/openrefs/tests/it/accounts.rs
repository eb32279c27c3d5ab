//! Tokens on the command line and over HTTP: their life, and what answers cost.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::client::Server;
use crate::fixture::{PAGES, index_in, run};

const REQUEST: &str = "from=refdomains&target=example.com&mode=domain";

/// An index of all pages, with the place of its own that tokens need.
pub fn index() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let index = index_in(folder.path(), &PAGES);
    (folder, index)
}

/// Runs `openrefs token`; its standard output.
pub fn token(index: &Path, arguments: &[&str]) -> String {
    let output = run(&[&["token"], arguments, &["--index", index.to_str().unwrap()]].concat());
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Makes a token with so many rows.
pub fn add(index: &Path, rows: u64) -> String {
    token(index, &["add", "--rows", &rows.to_string()])
        .trim()
        .to_owned()
}

pub fn rows_left(server: &Server, token: &str) -> u64 {
    let answer = server.get(&format!("/?from=subscription_info&token={token}"), "");
    let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    json["info"]["rows_left"].as_u64().unwrap()
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files
}

#[test]
fn the_life_of_a_token() {
    let (_folder, index) = index();
    assert_eq!(
        token(&index, &["list"]),
        "id\tname\trows_limit\trows_left\tcreated\trevoked\n"
    );
    let made = token(&index, &["add", "--rows", "100", "--name", "reports, weekly"]);
    let secret = made.trim_end();
    assert_eq!((secret.len(), made.lines().count()), (40, 1));
    assert!(secret.bytes().all(|b| b.is_ascii_hexdigit()) && secret.contains(|c: char| c.is_alphabetic()));
    add(&index, 7);

    let server = Server::start_with(&index, &["--listen", "127.0.0.1:0", "--log"]);
    let path = format!("/?{REQUEST}&token={secret}");
    assert_eq!(server.get(&path, "").header("x-results-count"), Some("5"));
    let list = token(&index, &["list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines[1].starts_with("1\treports, weekly\t100\t94\t20"), "{list}");
    assert!(lines[2].starts_with("2\t\t7\t7\t20"), "{list}");
    assert!(!list.contains(secret));

    token(&index, &["revoke", "1"]);
    assert_eq!(server.get(&path, "").text(), "{\"error\":\"invalid token\"}");
    let list = token(&index, &["list"]);
    let revoked = list.lines().nth(1).unwrap();
    assert!(revoked.starts_with("1\t") && !revoked.ends_with('\t'), "{list}");
    token(&index, &["revoke", "1"]);
    assert_eq!(token(&index, &["list"]), list);

    let metrics = server.get("/metrics", "").text();
    assert!(!metrics.contains(secret));
    let log = server.end();
    assert!(
        log.contains("GET refdomains \"example.com\" 200 ok rows=5 ms="),
        "{log}"
    );
    assert!(!log.contains(secret), "{log}");
    for file in files_below(&index) {
        let bytes = fs::read(&file).unwrap();
        let found = bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!found, "{}", file.display());
    }
}

#[test]
fn wrong_commands_are_one_line() {
    let (folder, index) = index();
    let (index, empty) = (index.to_str().unwrap(), folder.path().to_str().unwrap());
    for (arguments, status, part) in [
        (
            &["revoke", "3", "--index", index][..],
            1,
            "no token has the id 3; see 'openrefs token list'",
        ),
        (&["add", "--rows", "-1", "--index", index], 2, "'-1'"),
        (&["add", "--index", index], 2, "--rows <N>"),
        (
            &["add", "--rows", "1", "--name", "a\tb", "--index", index],
            2,
            "use one line",
        ),
        (&["add", "--rows", "1", "--index", empty], 1, "no index at "),
    ] {
        let output = run(&[&["token"], arguments].concat());
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(
            (output.status.code(), text.lines().count()),
            (Some(status), 1),
            "{text}"
        );
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn every_answer_costs_what_it_should() {
    let (_folder, index) = index();
    let token = add(&index, 1_000);
    let server = Server::start(&index);
    let mut left = 1_000;
    for (query, cost) in [
        (REQUEST, 6),
        ("from=refdomains&target=example.com&mode=domain&limit=2", 3),
        ("from=refdomains&target=example.com&mode=domain&limit=0", 1),
        ("from=refdomains&target=example.com&mode=domain&offset=4", 2),
        ("from=refdomains&target=nobody-links-here.com&mode=domain", 1),
        (
            "from=refdomains&target=example.com&mode=domain&where=backlinks%3E=1",
            11,
        ),
        (
            "from=refdomains&target=example.com&mode=domain&having=backlinks%3E1",
            7,
        ),
        (
            "from=refdomains&target=example.com&mode=domain&having=backlinks%3E99",
            6,
        ),
        (
            "from=refdomains&target=example.com&mode=domain&where=backlinks%3E0&having=backlinks%3E0&limit=1",
            12,
        ),
        (
            "from=refdomains&target=example.com&mode=domain&where=&having=,&limit=1",
            2,
        ),
        (
            "from=refdomains&target=example.com&mode=domain&output=xml&limit=1",
            2,
        ),
        (
            "from=refdomains&target=example.com&mode=domain&output=php&limit=1",
            2,
        ),
        ("from=subscription_info", 0),
        ("from=subscription_info&where=x", 0),
        ("from=refdomains&target=example.com&mode=sideways", 0),
        (
            "from=refdomains&target=example.com&mode=domain&where=nothing=1",
            0,
        ),
        (
            "from=refdomains&target=example.com&mode=domain&offset=100000001",
            0,
        ),
        ("from=refdomains&target=example.com&mode=domain&output=yaml", 0),
        ("from=anchors&target=example.com&mode=domain", 0),
        ("", 0),
    ] {
        server.get(&format!("/?{query}&token={token}"), "");
        left -= cost;
        assert_eq!(rows_left(&server, &token), left, "{query}");
    }
    let head =
        format!("HEAD /?{REQUEST}&token={token} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert_eq!(server.send(head.as_bytes()).status, 405);
    assert_eq!(rows_left(&server, &token), left);
}

#[test]
fn too_few_rows_return_nothing_and_cost_nothing() {
    let (_folder, index) = index();
    let token = add(&index, 5);
    let server = Server::start(&index);
    let get = |more: &str| server.get(&format!("/?{REQUEST}&token={token}{more}"), "");
    let refused = get("");
    assert_eq!((refused.status, refused.header("x-status")), (200, Some("error")));
    assert_eq!(refused.header("x-results-count"), Some("0"));
    assert_eq!(
        refused.text(),
        "{\"error\":\"not enough rows left: this answer costs 6, 5 are left\"}"
    );
    assert_eq!(rows_left(&server, &token), 5);
    assert_eq!(get("&limit=4").header("x-results-count"), Some("4"));
    assert_eq!(
        get("&limit=0").text(),
        "{\"error\":\"not enough rows left: this answer costs at least 1, 0 are left\"}"
    );
    let info = server.get(&format!("/?from=subscription_info&output=json&token={token}"), "");
    assert_eq!(
        info.text(),
        "{\"info\":{\"rows_left\":0,\"rows_limit\":5,\"subscription\":\"openrefs\"}}"
    );
    let xml = server
        .get(&format!("/?from=subscription_info&output=xml&token={token}"), "")
        .text();
    assert!(xml.ends_with("<info><rows_left>0</rows_left><rows_limit>5</rows_limit><subscription>openrefs</subscription></info></AhrefsApiResponse>"), "{xml}");
    let metrics = server.get("/metrics", "").text();
    for line in [
        "openrefs_requests_total{table=\"refdomains\",outcome=\"no_rows\"} 2",
        "openrefs_requests_total{table=\"refdomains\",outcome=\"ok\"} 1",
        "openrefs_rows_returned_total 4",
    ] {
        assert!(metrics.lines().any(|l| l == line), "{line} in {metrics}");
    }
}

#[test]
fn without_a_good_token_nothing_is_told() {
    let (_folder, index) = index();
    let token = add(&index, 5);
    let server = Server::start(&index);
    for query in [
        REQUEST.to_owned(),
        format!("{REQUEST}&token="),
        format!("{REQUEST}&token={}", "a".repeat(40)),
        format!("{REQUEST}&token={token}0"),
        format!("{REQUEST}&token=x&token={token}"),
        "from=subscription_info".to_owned(),
        "from=anchors".to_owned(),
        String::new(),
    ] {
        let answer = server.get(&format!("/?{query}"), "");
        assert_eq!(
            (answer.status, answer.header("x-status")),
            (200, Some("error")),
            "{query}"
        );
        assert_eq!(answer.text(), "{\"error\":\"invalid token\"}", "{query}");
    }
    for path in ["/", "/?target=example.com", "/backlinks?target=example.com"] {
        let page = server.get(path, "accept: text/html");
        assert_eq!(page.status, 403, "{path}");
        assert!(page.text().contains("path: no pages here"), "{path}");
    }
}

#[test]
fn the_first_token_counts_without_a_restart() {
    let (_folder, index) = index();
    let server = Server::start(&index);
    let path = format!("/?{REQUEST}&token=anything");
    assert_eq!(server.get(&path, "").header("x-results-count"), Some("5"));
    assert_eq!(rows_left(&server, "anything"), 1_000_000_000);
    add(&index, 5);
    let started = Instant::now();
    while server.get(&path, "").text() != "{\"error\":\"invalid token\"}" {
        assert!(started.elapsed() < Duration::from_secs(60));
        std::thread::sleep(Duration::from_millis(50));
    }
    // Nor does revoking the last one open the server again.
    token(&index, &["revoke", "1"]);
    drop(server);
    assert_eq!(
        Server::start(&index).get(&path, "").text(),
        "{\"error\":\"invalid token\"}"
    );
}
