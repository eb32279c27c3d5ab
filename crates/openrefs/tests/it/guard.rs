//! Who is answered: names of this machine without tokens, anybody with one; and what a server says of itself.

use crate::accounts::{add, index as own_index};
use crate::client::{Response, Server};
use crate::fixture::{index, run};

const API: &str = "/?from=refdomains&target=example.com&mode=domain";
const PATHS: [&str; 9] = [
    API,
    "/",
    "/backlinks",
    "/rating",
    "/api/rating?domain=example.com",
    "/health",
    "/metrics",
    "/openapi.json",
    "/nothing",
];

fn get(server: &Server, path: &str, host: &str) -> Response {
    server.send(format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").as_bytes())
}

#[test]
fn without_tokens_only_names_of_this_machine() {
    let server = Server::start(index());
    for host in ["127.0.0.1", "localhost:8001", "[::1]:80", "LOCALHOST"] {
        assert_eq!(
            get(&server, API, host).header("x-results-count"),
            Some("5"),
            "{host}"
        );
    }
    for host in ["evil.example", "evil.example:8001", "127.0.0.1.evil.example", ""] {
        for path in PATHS {
            let refused = get(&server, path, host);
            assert_eq!(
                (refused.status, refused.header("x-status")),
                (403, Some("error")),
                "{host} {path}"
            );
            assert!(
                refused
                    .text()
                    .starts_with("{\"error\":\"host: not a name of this machine")
            );
        }
    }
    let two = "GET / HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n";
    assert!(matches!(server.send(two.as_bytes()).status, 400 | 403));
    let absolute =
        format!("GET http://evil.example{API} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    assert_eq!(server.send(absolute.as_bytes()).status, 403);
    let old = server.send(format!("GET {API} HTTP/1.0\r\n\r\n").as_bytes());
    assert_eq!(old.header("x-results-count"), Some("5"));
}

#[test]
fn with_tokens_or_told_so_any_name_and_any_address() {
    let (_folder, index) = own_index();
    let refused = run(&[
        "serve",
        "--index",
        index.to_str().unwrap(),
        "--listen",
        "0.0.0.0:0",
    ]);
    assert_eq!(refused.status.code(), Some(2));
    let text = String::from_utf8_lossy(&refused.stderr);
    assert!(
        text.contains("openrefs token add") && text.lines().count() == 1,
        "{text}"
    );

    let port = |server: &mut Server| {
        server.address = server.address.replace("0.0.0.0", "127.0.0.1");
    };
    let mut open = Server::start_with(&index, &["--listen", "0.0.0.0:0", "--open"]);
    port(&mut open);
    assert_eq!(
        get(&open, API, "refs.example").header("x-results-count"),
        Some("5")
    );

    let token = add(&index, 100);
    let mut metered = Server::start_with(&index, &["--listen", "0.0.0.0:0"]);
    port(&mut metered);
    assert_eq!(
        get(&metered, API, "refs.example").text(),
        "{\"error\":\"invalid token\"}"
    );
    let answer = get(&metered, &format!("{API}&token={token}"), "refs.example");
    assert_eq!(answer.header("x-results-count"), Some("5"));
}

#[test]
fn long_urls_are_refused_in_words() {
    let server = Server::start(index());
    let fits = server.get(&format!("{API}&x={}", "x".repeat(59_000)), "");
    assert_eq!(fits.header("x-results-count"), Some("5"));
    let long = server.get(&format!("{API}&x={}", "x".repeat(60_000)), "");
    assert_eq!(long.status, 414);
    assert_eq!(long.text(), "{\"error\":\"url: longer than 60000 bytes\"}");
    assert_eq!(
        server.get(&format!("{API}&x={}", "x".repeat(70_000)), "").status,
        414
    );
    assert_eq!(
        server.get(API, &format!("x: {}", "x".repeat(300_000))).status,
        431
    );
}

#[test]
fn figures_of_what_was_asked() {
    let server = Server::start(index());
    server.get(API, "");
    server.get(&format!("{API}&limit=2"), "");
    server.get("/?from=refdomains&target=co.uk&mode=domain", "");
    server.get("/?from=subscription_info", "");
    server.get("/?target=example.com", "accept: text/html");
    let metrics = server.get("/metrics", "");
    assert_eq!(
        metrics.header("content-type"),
        Some("text/plain; version=0.0.4; charset=utf-8")
    );
    let text = metrics.text();
    for line in [
        "openrefs_requests_total{table=\"refdomains\",outcome=\"ok\"} 2",
        "openrefs_requests_total{table=\"refdomains\",outcome=\"error\"} 1",
        "openrefs_requests_total{table=\"subscription_info\",outcome=\"ok\"} 1",
        "openrefs_requests_total{table=\"page\",outcome=\"ok\"} 1",
        "openrefs_requests_total{table=\"other\",outcome=\"ok\"} 0",
        "openrefs_rows_returned_total 7",
        "openrefs_answer_seconds_bucket{le=\"+Inf\"} 3",
        "openrefs_answer_seconds_count 3",
        "openrefs_snapshot 1",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in {text}");
    }
    // Every line is a comment, or a name, labels and a number; every name has its type first.
    let mut typed = Vec::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            typed.push(rest.split(' ').next().unwrap());
        } else if !line.starts_with("# HELP ") {
            let (name, number) = line.rsplit_once(' ').unwrap();
            assert!(number.parse::<f64>().is_ok(), "{line}");
            assert!(name.starts_with(typed.last().unwrap()), "{line}");
        }
    }
    assert_eq!(typed.len(), 5);
}
