//! A crawl of a few pages, written by hand so that every answer can be counted by hand, and an index of it.
//!
//! Links to `example.com`, as `(referring domain, backlinks, pages)`: `203.0.113.9` 1 1, `evil.info` 1 1, `example.net`
//! 1 1 (seen twice), `example.org` 3 2 (and one more to `www.example.com`), `xn--bcher-kva.com` 1 1. Addresses of the
//! latest visits: 5, in 4 networks.
//!
//! `example.edu` links to `example.org` and `example.net`, and to `evil.info` with `nofollow`; `example.net` links to
//! `example.org` too. So with `s` the score of a domain that nobody follows to, the scores are: `203.0.113.9`, `evil.info`,
//! `xn--bcher-kva.com`, `example.edu` s; `example.net` s + 0.85 s/2; `example.org` s + 0.85 s/2 + 0.85 (1.425 s)/2;
//! `example.com` s + 0.85 (3 s + 1.425 s/2 + 2.030625 s), by 5 domains. The ratings are 0 four times, 19, 39
//! and 100.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::OnceLock;

use assert_cmd::Command;

/// A page: URL, date, address, body.
type Page = (&'static str, &'static str, &'static str, &'static str);

pub const PAGES: [Page; 10] = [
    (
        "http://a.example.org/1",
        "2024-01-01T00:00:00Z",
        "192.0.2.1",
        r#"<a href="http://example.com/">home</a> <a rel="nofollow ugc" href="http://example.com/a?x=1">deep</a> <a href="/in">in</a>"#,
    ),
    (
        "http://www.example.org/2",
        "2024-01-02T00:00:00Z",
        "192.0.2.2",
        r#"<a href="https://example.com/">home</a> <a href="http://www.example.com/">www</a>"#,
    ),
    (
        "https://blog.example.net/p",
        "2024-02-01T10:00:00Z",
        "198.51.100.7",
        r#"<a href="https://example.com/"><b>x &amp; "y"</b>, z</a>"#,
    ),
    (
        "https://blog.example.net/p",
        "2024-03-01T10:00:00Z",
        "198.51.100.8",
        r#"<a href="https://example.com/"><b>x &amp; "y"</b>, z</a>"#,
    ),
    (
        "http://xn--bcher-kva.com/",
        "2024-01-05T00:00:00Z",
        "2001:db8::1",
        r#"<a href="http://example.com/a/b">Ünïcödé/路</a>"#,
    ),
    (
        "http://evil.info/\"><script>",
        "2024-01-06T00:00:00Z",
        "",
        r#"<a href="http://example.com/?q='<script>">&lt;script&gt;alert(1)&lt;/script&gt;</a>"#,
    ),
    (
        "http://203.0.113.9/",
        "2024-01-07T00:00:00Z",
        "203.0.113.9",
        r#"<a href="http://example.com/"><img alt="logo"></a>"#,
    ),
    (
        "http://example.com/",
        "2024-01-08T00:00:00Z",
        "192.0.2.99",
        r#"<a href="http://www.example.com/">internal</a>"#,
    ),
    (
        "http://www.example.edu/links",
        "2024-01-09T00:00:00Z",
        "192.0.2.50",
        r#"<a href="http://example.org/">o</a> <a href="http://blog.example.net/">n</a> <a rel="nofollow" href="http://evil.info/">e</a>"#,
    ),
    (
        "https://blog.example.net/q",
        "2024-02-02T00:00:00Z",
        "198.51.100.8",
        r#"<a href="http://www.example.org/2">o</a>"#,
    ),
];

/// Pages as WARC.
pub fn warc(pages: &[Page]) -> String {
    let mut text = String::new();
    for (url, date, ip, body) in pages {
        let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}");
        let ip = if ip.is_empty() {
            String::new()
        } else {
            format!("WARC-IP-Address: {ip}\r\n")
        };
        text.push_str(&format!(
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nWARC-Date: {date}\r\n{ip}\
             Content-Type: application/http; msgtype=response\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
            http.len()
        ));
    }
    text
}

/// The binary.
pub fn openrefs() -> Command {
    Command::new(env!("CARGO_BIN_EXE_openrefs"))
}

/// Runs the binary with arguments.
pub fn run(arguments: &[&str]) -> Output {
    openrefs().args(arguments).output().unwrap()
}

/// Makes an index of pages in a folder.
pub fn index_in(folder: &Path, pages: &[Page]) -> PathBuf {
    let (archive, index) = (folder.join("crawl.warc"), folder.join("index"));
    fs::write(&archive, warc(pages)).unwrap();
    ingest(&archive, &index);
    index
}

/// Ingests an archive.
pub fn ingest(archive: &Path, index: &Path) {
    openrefs()
        .arg("ingest")
        .args([archive, Path::new("--index"), index])
        .args(["--buckets", "2"])
        .assert()
        .success();
}

/// The index of all pages, made once; nobody may change it.
pub fn index() -> &'static Path {
    static INDEX: OnceLock<PathBuf> = OnceLock::new();
    INDEX.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fixture");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        index_in(&folder, &PAGES)
    })
}

/// It as an argument.
pub fn index_argument() -> &'static str {
    index().to_str().unwrap()
}
