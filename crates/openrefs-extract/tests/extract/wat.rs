//! WAT envelopes, of today and of 2013, read like the records they describe.

use openrefs_archive::RecordKind;
use openrefs_extract::wat;
use proptest::prelude::*;

use crate::reading::{Found, record, shared};

fn read(json: &[u8]) -> Found {
    record(json, |record| {
        record.kind = RecordKind::Metadata;
        record.content_type = Some("application/json".into());
        // The record's own date and URL are the extractor's.
        record.date = Some("2025-01-01T00:00:00Z".into());
    })
}

fn envelope(warc_type: &str, status: &str, headers: &str, html: &str) -> String {
    format!(
        r#"{{"Container":{{"Offset":"1"}},"Envelope":{{"Payload-Metadata":{{"HTTP-Response-Metadata":{{
        "Response-Message":{{"Status":{status},"Version":"HTTP/1.1","Reason":"OK"}},"Headers":{{{headers}}},
        "HTML-Metadata":{html}}}}},"WARC-Header-Metadata":{{"WARC-Type":"{warc_type}","WARC-Date":"2024-05-01T12:00:00Z",
        "WARC-IP-Address":"192.0.2.7","WARC-Target-URI":"http://www.example.com/dir/page"}}}}}}"#
    )
}

fn page(headers: &str, html: &str) -> Found {
    read(
        envelope(
            "response",
            r#""200""#,
            &format!(r#""Content-Type":"text/html"{headers}"#),
            html,
        )
        .as_bytes(),
    )
}

fn urls(found: &Found) -> Vec<(String, &'static str, &str, bool)> {
    let row = |l: &'_ openrefs_model::Backlink| (l.target_url(), l.link_type.name(), l.flags.nofollow);
    let rows = found.backlinks.iter().map(row).zip(&found.backlinks);
    rows.map(|((url, link_type, nofollow), link)| (url, link_type, &*link.anchor, nofollow))
        .collect()
}

#[test]
fn links_of_all_places() {
    let html = r#"{"Head":{"Base":"//b.com/","Link":[{"path":"LINK@/href","url":"c","rel":"canonical"},
        {"path":"LINK@/href","url":"s","rel":"stylesheet"},{"path":"LINK@/href","url":"f","rel":"alternate","type":"application/rss+xml"}],
        "Metas":[{"http-equiv":"Refresh","content":"0; url=r"},{"name":"description","content":"nofollow"}],
        "Scripts":[{"path":"SCRIPT@/src","url":"x"}]},
        "Links":[{"path":"A@/href","url":"a","text":" t\u00e9\n xt ","rel":"noopener nofollow"},{"path":"IMG@/src","url":"i","alt":"y"},
        {"path":"AREA@/href","url":"e"},{"path":"FORM@/action","url":"","method":"post"},{"path":"IFRAME@/src","url":"g"},
        {"path":"FRAME@/src","url":"h"},{"path":"A@/href"},{"href":"/foo.css","path":"STYLE/#text"},
        {"path":"A@/href","url":"http://www.example.com/"}]}"#;
    let found = page("", html);
    let url = |path: &str| format!("http://b.com/{path}");
    assert_eq!(
        urls(&found),
        [
            (url("r"), "redirect", "", false),
            (url("c"), "canonical", "", false),
            (url("f"), "rss", "", false),
            (url("a"), "href", "té xt", true),
            (url("e"), "href", "", false),
            (url(""), "form", "", false),
            (url("g"), "frame", "", false),
            (url("h"), "frame", "", false),
        ]
    );
    assert!(found.backlinks.iter().all(|link| !link.flags.image));
    let visit = &found.visits[0];
    assert_eq!(
        (visit.time, visit.links_external, visit.links_internal),
        (1_714_564_800, 8, 1)
    );
    assert_eq!(visit.ip.map(|ip| ip.to_string()).as_deref(), Some("192.0.2.7"));
}

#[test]
fn repeated_headers_are_lists() {
    let links = r#"{"Links":[{"path":"A@/href","url":"//b.com","text":"x"}]}"#;
    let found = page(
        r#","X-Robots-Tag":["noindex","nofollow"],"link":["</x>; rel=canonical","<//c.com>; rel=canonical"],"Set-Cookie":["a","b"],"Content-Type":"x""#,
        links,
    );
    assert_eq!(
        urls(&found),
        [
            ("http://c.com/".into(), "canonical", "", true),
            ("http://b.com/".into(), "href", "x", true),
        ]
    );
    let found = read(
        envelope(
            "response",
            "200",
            r#""Content-Type":["text/html","text/plain"]"#,
            links,
        )
        .as_bytes(),
    );
    assert_eq!(found.backlinks.len(), 1);
    let found = read(envelope("response", "301", r#""Location":["//b.com","//c.com"]"#, "null").as_bytes());
    assert_eq!(urls(&found), [("http://b.com/".into(), "redirect", "", false)]);
}

#[test]
fn meta_robots() {
    let found = page(
        "",
        r#"{"Head":{"Metas":[{"name":"ROBOTS","content":"none"}]},"Links":[{"path":"A@/href","url":"//b.com"}]}"#,
    );
    assert_eq!(urls(&found), [("http://b.com/".into(), "href", "", true)]);
}

#[test]
fn what_is_skipped_and_why() {
    let json = r#""Content-Type":"application/json""#;
    let html = r#""Content-Type":"text/html""#;
    for (text, reason) in [
        (
            envelope("request", "200", html, "{}"),
            "skipped: wat: of a request",
        ),
        (
            envelope("revisit", "200", html, "{}"),
            "skipped: wat: of a revisit",
        ),
        (envelope("", "200", html, "{}"), "skipped: wat: of another type"),
        (envelope("response", "200", json, "{}"), "skipped: media type"),
        (envelope("response", "404", html, "{}"), "skipped: status"),
        (envelope("response", "null", html, "{}"), "skipped: status"),
        (
            envelope("response", "302", html, "{}"),
            "skipped: redirect without location",
        ),
        (envelope("Response", r#"" 200""#, html, "null"), "visit: page"),
        (r#"{"a":1}"#.into(), "skipped: wat: no envelope"),
        (r#"{"Envelope":{"#.into(), "skipped: wat: malformed"),
        (r#"[]"#.into(), "skipped: wat: malformed"),
        (String::new(), "skipped: wat: malformed"),
    ] {
        assert_eq!(read(text.as_bytes()).report.get(reason), 1, "{reason}: {text}");
    }
}

#[test]
fn broken_text_is_replaced() {
    let mut json = envelope(
        "response",
        "200",
        r#""Content-Type":"text/html""#,
        r#"{"Links":[{"path":"A@/href","url":"//b.com","text":"a\ud83d"},{"path":"A@/href","url":"//c.com","text":"a?"}]}"#,
    )
    .into_bytes();
    let at = json.windows(2).position(|w| w == b"a?").unwrap();
    json[at + 1] = 0xff;
    let found = read(&json);
    let anchors: Vec<&str> = found.backlinks.iter().map(|link| &*link.anchor).collect();
    assert!(
        anchors.len() == 2
            && anchors
                .iter()
                .all(|a| a.starts_with('a') && a.contains('\u{fffd}')),
        "{anchors:?}"
    );
}

#[test]
fn envelopes_of_arc_files() {
    let json = r#"{"Envelope":{"Format":"ARC","ARC-Header-Metadata":{"Target-URI":"http://example.com/","Date":"20120516120000",
        "IP-Address":"192.0.2.1","Content-Type":"text/html"},"Payload-Metadata":{"HTTP-Response-Metadata":{"Headers":
        {"Content-Type":"text/html"},"Response-Message":{"Status":"200"},"HTML-Metadata":{"Links":[{"path":"A@/href","url":"//b.com"}]}}}}}"#;
    let found = read(json.as_bytes());
    assert_eq!(found.backlinks.len(), 1);
    assert_eq!(
        found.visits[0].time,
        openrefs_model::time::parse("20120516120000").unwrap()
    );
}

#[test]
fn real_payloads_of_2013() {
    let Some(shared) = shared() else { return };
    let (mut files, mut backlinks) = (0, 0);
    for entry in std::fs::read_dir(shared.join("data/wat")).unwrap() {
        let found = read(&std::fs::read(entry.unwrap().path()).unwrap());
        assert_eq!(
            (found.visits.len(), found.report.get("visit: page")),
            (1, 1),
            "{:?}",
            found.report
        );
        backlinks += found.backlinks.len();
        files += 1;
    }
    println!("{backlinks} backlinks");
    assert!(files == 7 && backlinks >= 10, "{backlinks}");
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200), at in 0..900usize, byte: u8) {
        let _ = wat::parse(&bytes);
        let mut json = envelope("response", "200", r#""Link":["a"]"#, r#"{"Links":[{"path":"A@/href","url":"b"}],"Head":{"Metas":[{}]}}"#).into_bytes();
        let at = at % json.len();
        json[at] = byte;
        read(&json);
        json.truncate(at);
        read(&json);
    }
}
