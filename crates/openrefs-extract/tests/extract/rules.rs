//! Sections 1, 2 and 4 of the rules of counting, statement by statement, on made records.

use openrefs_archive::RecordKind;
use openrefs_model::limits::BACKLINKS_PER_VISIT_MAX;
use openrefs_model::{Backlink, LinkType};

use crate::reading::{Found, page, record};

/// The backlinks of a page as (URL, type, anchor, flags n u s i).
fn links(found: &Found) -> Vec<(String, &'static str, String, String)> {
    let row = |link: &Backlink| {
        let flags = [
            (link.flags.nofollow, 'n'),
            (link.flags.ugc, 'u'),
            (link.flags.sponsored, 's'),
            (link.flags.image, 'i'),
        ];
        let flags = flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|&(_, letter)| letter)
            .collect();
        (
            link.target_url(),
            link.link_type.name(),
            link.anchor.to_string(),
            flags,
        )
    };
    found.backlinks.iter().map(row).collect()
}

fn check(headers: &str, html: &str, expected: &[(&str, &str, &str, &str)]) {
    let found = links(&page(headers, html));
    let found: Vec<_> = found
        .iter()
        .map(|(u, t, a, f)| (u.as_str(), *t, a.as_str(), f.as_str()))
        .collect();
    assert_eq!(found, expected, "{headers}{html}");
}

fn response(head: &str, reason: &str) {
    let found = record(head.replace('\n', "\r\n").as_bytes(), |_| {});
    assert_eq!(found.report.get(reason), 1, "{head}: {:?}", found.report);
    assert_eq!(
        found.visits.len(),
        usize::from(reason.starts_with("visit")),
        "{head}"
    );
}

#[test]
fn which_responses_are_visits() {
    for (head, reason) in [
        ("HTTP/1.1 200 OK\nContent-Type: text/html\n\n", "visit: page"),
        (
            "HTTP/1.1 200\ncontent-type: Application/XHTML+XML; charset=x\n\n",
            "visit: page",
        ),
        (
            "HTTP/1.1 200 OK\nContent-Type: text/plain\n\n<a href=http://b.com>",
            "skipped: media type",
        ),
        ("HTTP/1.1 200 OK\n\n<html>", "skipped: media type"),
        (
            "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Type: text/html\n\n",
            "skipped: media type",
        ),
        (
            "HTTP/1.1 404 Not Found\nContent-Type: text/html\n\n",
            "skipped: status",
        ),
        (
            "HTTP/1.1 206 Partial\nContent-Type: text/html\n\n",
            "skipped: status",
        ),
        (
            "HTTP/1.1 304 Not Modified\nLocation: http://b.com/\n\n",
            "skipped: status",
        ),
        ("HTTP/1.1 301 Moved\nLocation: /x\n\n", "visit: redirect"),
        ("HTTP/1.1 302\nLocation: /x\n\n", "visit: redirect"),
        ("HTTP/1.0 303 See\nLocation: /x\n\n", "visit: redirect"),
        ("HTTP/2 307\nLocation: /x\n\n", "visit: redirect"),
        ("HTTP/1.1 308 P\nLocation: /x\n\n", "visit: redirect"),
        (
            "HTTP/1.1 301 Moved\nLocation: \n\n",
            "skipped: redirect without location",
        ),
        ("HTTP/1.1 301 Moved\n\n", "skipped: redirect without location"),
        ("example.com. 300 IN A 192.0.2.1\n", "skipped: no http response"),
    ] {
        response(head, reason);
    }
}

#[test]
fn which_records_are_responses() {
    const BLOCK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n";
    for (kind, reason) in [
        (RecordKind::Response, "visit: page"),
        (RecordKind::Request, "skipped: type request"),
        (RecordKind::Revisit, "skipped: type revisit"),
        (RecordKind::Resource, "skipped: type resource"),
        (RecordKind::Conversion, "skipped: type conversion"),
        (RecordKind::Metadata, "skipped: type metadata"),
        (RecordKind::Warcinfo, "skipped: type warcinfo"),
        (RecordKind::Continuation, "skipped: type continuation"),
        (RecordKind::Other, "skipped: type other"),
    ] {
        assert_eq!(record(BLOCK, |r| r.kind = kind).report.get(reason), 1, "{reason}");
    }
    for (content_type, visits) in [
        (None, 1),
        (Some("application/http"), 1),
        (Some("Application/HTTP;msgtype=response"), 1),
        (Some("text/dns"), 0),
        (Some("text/html"), 0),
    ] {
        let found = record(BLOCK, |r| r.content_type = content_type.map(String::from));
        assert_eq!(found.visits.len(), visits, "{content_type:?}");
    }
}

#[test]
fn date_address_and_url_of_a_visit() {
    const BLOCK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<a href=http://b.com>";
    let found = record(BLOCK, |r| {
        r.date = Some("2024-05-01T14:00:00.9+02:00".into());
        r.ip = Some("::ffff:192.0.2.9".into());
        r.target_uri = Some("HTTPS://User@WWW.Example.COM.:443/a#b".into());
    });
    let visit = &found.visits[0];
    assert_eq!(
        (visit.time, visit.https, &*visit.source_key),
        (1_714_564_800, true, "com,example,www)/a")
    );
    assert_eq!(visit.ip.map(|ip| ip.to_string()).as_deref(), Some("192.0.2.9"));
    assert_eq!((visit.links_external, visit.links_internal), (1, 0));
    assert_eq!(
        record(BLOCK, |r| r.date = Some("20240501120000".into())).visits[0].time,
        1_714_564_800
    );
    for ip in [None, Some("0.0.0.0"), Some("::"), Some("rubbish")] {
        assert_eq!(record(BLOCK, |r| r.ip = ip.map(String::from)).visits[0].ip, None);
    }
    for date in [None, Some(""), Some("yesterday")] {
        let found = record(BLOCK, |r| r.date = date.map(String::from));
        assert_eq!((found.visits.len(), found.report.get("skipped: date")), (0, 1));
    }
    for (uri, reason) in [
        (None, "skipped: no url"),
        (Some("rubbish"), "skipped: url: unparsable"),
        (Some("dns:example.com"), "skipped: url: scheme"),
        (Some("http://localhost/"), "skipped: url: host_without_dot"),
        (
            Some("http://example.nosuchtld/"),
            "skipped: url: host_unknown_tld",
        ),
        (Some("http://co.uk/"), "skipped: url: host_bare_suffix"),
        (Some("http://a..example.com/"), "skipped: url: host_empty_label"),
    ] {
        let found = record(BLOCK, |r| r.target_uri = uri.map(String::from));
        assert_eq!((found.visits.len(), found.report.get(reason)), (0, 1), "{reason}");
    }
}

#[test]
fn a_redirect_is_one_link_against_the_pages_own_url() {
    let found = record(
        b"HTTP/1.1 301 x\nLocation: //b.com/y\nX-Robots-Tag: none\n\n<a href=http://c.com>",
        |_| {},
    );
    assert_eq!(
        links(&found),
        [("http://b.com/y".into(), "redirect", String::new(), "n".into())]
    );
    let found = record(b"HTTP/1.1 302 x\nLocation: ../z\n\n", |_| {});
    assert_eq!((found.backlinks.len(), found.visits[0].links_internal), (0, 1));
}

#[test]
fn every_row_of_the_table() {
    for (html, link_type) in [
        ("<a href='//b.com/'></a>", "href"),
        ("<map><area href='//b.com/'></map>", "href"),
        ("<meta http-equiv=Refresh content='0;url=//b.com/'>", "redirect"),
        ("<frameset><frame src='//b.com/'></frameset>", "frame"),
        ("<iframe src='//b.com/'></iframe>", "frame"),
        ("<form action='//b.com/'></form>", "form"),
        ("<link rel=canonical href='//b.com/'>", "canonical"),
        (
            "<link rel=alternate type=application/rss+xml href='//b.com/'>",
            "rss",
        ),
        (
            "<link rel=alternate type='APPLICATION/atom+xml' href='//b.com/'>",
            "rss",
        ),
        ("<link rel=alternate hreflang=x href='//b.com/'>", "alternate"),
    ] {
        check("", html, &[("http://b.com/", link_type, "", "")]);
    }
    for html in [
        "<img src='//b.com/'><script src='//b.com/'></script><link rel=stylesheet href='//b.com/'>",
        "<link rel='alternate stylesheet' href='//b.com/'><link rel='alternate icon' href='//b.com/'>",
        "<!-- <a href='//b.com/'> --><textarea><a href='//b.com/'></textarea>",
        "<a>x</a><a name=b href>y</a><form></form>",
    ] {
        check("", html, &[]);
    }
    check(
        "",
        "<link rel='ALTERNATE canonical nofollow' href='//b.com/'>",
        &[
            ("http://b.com/", "canonical", "", "n"),
            ("http://b.com/", "alternate", "", "n"),
        ],
    );
}

#[test]
fn rel_noopener_nofollow_ugc_and_sponsored() {
    check(
        "",
        "<a rel='noopener nofollow' href=//b.com>1</a><a rel='UGC Sponsored' href=//b.com>2</a>\
         <area rel=sponsored href=//b.com><form rel=nofollow action=//b.com></form><a rel=nofollower href=//b.com>3",
        &[
            ("http://b.com/", "href", "1", "n"),
            ("http://b.com/", "href", "2", "us"),
            ("http://b.com/", "href", "", "s"),
            ("http://b.com/", "form", "", "n"),
            ("http://b.com/", "href", "3", ""),
        ],
    );
}

#[test]
fn https_in_capitals_is_external() {
    check(
        "",
        "<a href='HTTPS://B.COM/X'>x</a>",
        &[("https://b.com/X", "href", "x", "")],
    );
}

#[test]
fn a_trailing_dot_is_no_other_host() {
    check(
        "",
        "<a href='http://b.com./x'>x</a><a href='http://b.com/x'>x</a>",
        &[("http://b.com/x", "href", "x", "")],
    );
    assert_eq!(
        page("", "<a href=http://example.com./>").visits[0].links_internal,
        1
    );
}

#[test]
fn internationalised_top_level_domains_are_kept() {
    check(
        "",
        "<a href='http://пример.рф/'>x</a>",
        &[("http://xn--e1afmkfd.xn--p1ai/", "href", "x", "")],
    );
}

#[test]
fn relative_links_under_a_foreign_base_are_external() {
    check(
        "",
        "<a href=x>1</a><base href='//b.com/d/'><base href='//c.com/'><a href=''>2</a>",
        &[
            ("http://b.com/d/x", "href", "1", ""),
            ("http://b.com/d/", "href", "2", ""),
        ],
    );
    for base in ["data:text/plain,x", "javascript:x", "http://"] {
        let found = page("", &format!("<base href='{base}'><a href=x>1</a>"));
        assert_eq!(found.visits[0].links_internal, 1, "{base}");
    }
    let found = page("", "<base href='sub/'><a href=//b.com>1</a><a href=x>");
    assert_eq!(
        (found.visits[0].links_internal, found.visits[0].links_external),
        (1, 1)
    );
}

#[test]
fn header_links_go_by_rfc_8288_and_the_pages_own_url() {
    check(
        "Link: </x>; rel=canonical, <//b.com/1>; REL=\"canonical nofollow\"\r\nlink: <//b.com/2>; rel=canonical; anchor=\"#x\"\r\n\
         Link: <//b.com/3>; rel=alternate, <//b.com/4>; rel=next; rel=canonical\r\n",
        "<base href='//c.com/'><a href=y>z</a>",
        &[
            ("http://b.com/1", "canonical", "", "n"),
            ("http://c.com/y", "href", "z", ""),
        ],
    );
}

#[test]
fn robots_make_every_link_nofollow() {
    let html = "<a href=//b.com>x</a><iframe src=//b.com></iframe>";
    for (headers, meta, flags) in [
        ("", "<meta name=Robots content='NOINDEX,NoFollow'>", "n"),
        (
            "",
            "<meta name=robots content=all><meta name=robots content='index none'>",
            "n",
        ),
        ("", "<meta name=googlebot content=nofollow>", ""),
        ("X-Robots-Tag: noindex\r\nx-robots-tag: nofollow\r\n", "", "n"),
        ("X-Robots-Tag: googlebot: nofollow\r\n", "", ""),
        (
            "X-Robots-Tag: googlebot: noindex\r\nX-Robots-Tag: none\r\n",
            "",
            "n",
        ),
    ] {
        let found = page(headers, &format!("{meta}{html}"));
        assert_eq!(found.backlinks.len(), 2);
        for (_, _, _, found) in links(&found) {
            assert_eq!(found, flags, "{headers}{meta}");
        }
    }
}

#[test]
fn anchors() {
    let long = "ü".repeat(300);
    for (html, anchor, flags) in [
        (
            "<a href=//b.com> a\u{a0} <b>b\n</b>c <script>d</script></a>".to_owned(),
            "a b c",
            "",
        ),
        (format!("<a href=//b.com>{long}</a>"), &long[..512], ""),
        (
            "<a href=//b.com><img alt=' x  y '><img alt=z></a>".into(),
            "x y z",
            "i",
        ),
        ("<a href=//b.com>t<img alt=x></a>".into(), "t", "i"),
        ("<a href=//b.com title=x></a>".into(), "", ""),
    ] {
        check("", &html, &[("http://b.com/", "href", anchor, flags)]);
    }
}

#[test]
fn a_backlink_counts_once_and_is_shown_with_https() {
    let found = page(
        "",
        "<a href=http://b.com>x</a><a href=https://b.com/#y> x </a><a href=/z>x</a>",
    );
    assert_eq!(
        links(&found),
        [("https://b.com/".into(), "href", "x".into(), String::new())]
    );
    assert_eq!(
        (found.visits[0].links_external, found.visits[0].links_internal),
        (2, 1)
    );
    assert_eq!(found.report.get("backlinks kept"), 1);
}

#[test]
fn dropped_links_are_counted_by_reason() {
    let long = "x".repeat(2048);
    let html = format!(
        "<a href=mailto:a@b.com><a href=javascript:x><a href=http://><a href=http://localhost><a href=http://co.uk>\
         <a href=http://b.nosuchtld><a href=http://b..com><a href='{long}'><a href='//b.com/{long}'>"
    );
    let found = page("", &html);
    for (reason, count) in [
        ("scheme", 2),
        ("unparsable", 1),
        ("host_without_dot", 1),
        ("host_bare_suffix", 1),
        ("host_unknown_tld", 1),
        ("host_empty_label", 1),
        ("too_long", 2),
    ] {
        assert_eq!(
            found.report.get(&format!("link: dropped: {reason}")),
            count,
            "{reason}"
        );
    }
    assert_eq!(
        (found.visits[0].links_external, found.visits[0].links_internal),
        (0, 0)
    );
}

#[test]
fn a_visit_keeps_its_first_distinct_backlinks_header_first() {
    let max = BACKLINKS_PER_VISIT_MAX;
    let mut html: String = (0..max).map(|n| format!("<a href=//b.com/{n}>x</a>")).collect();
    html.push_str("<a href=//b.com/0>x</a><a href=//b.com/new>x</a>");
    let found = page("Link: <//c.com>; rel=canonical\r\n", &html);
    assert_eq!(found.backlinks.len(), max);
    assert_eq!(found.backlinks[0].link_type, LinkType::Canonical);
    // The last of the 10,000 and the new one, but not the repeated one.
    assert_eq!(found.report.get("link: beyond the limit"), 2);
    assert_eq!(found.visits[0].links_external as usize, max + 3);
}
