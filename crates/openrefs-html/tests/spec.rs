//! The rules of `spec/links.md`, section 4, one by one, on small pages; both readers where both can.

use openrefs_html::{Element, ElementKind, Page, Reader, dom, fast, read};

/// Reads a page with both readers, and checks that they agree.
fn page(html: &str) -> Page {
    let (page, cut) = dom::read(html);
    assert!(!cut);
    assert_eq!(page, dom::read_for_tests(html), "{html}");
    if let Ok(fast) = fast::read(html) {
        assert_eq!(fast, page, "{html}");
    }
    page
}

/// The URLs of the elements, with their kind.
fn links(html: &str) -> Vec<(ElementKind, String)> {
    page(html)
        .elements
        .into_iter()
        .map(|element| (element.kind, element.url))
        .collect()
}

fn urls(html: &str) -> Vec<String> {
    page(html)
        .elements
        .into_iter()
        .map(|element| element.url)
        .collect()
}

/// URL and text of the elements: `1=text`.
fn anchors(html: &str) -> String {
    let show = |element: Element| format!("{}={}", element.url, element.text);
    page(html)
        .elements
        .into_iter()
        .map(show)
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn every_row_of_the_table() {
    use ElementKind::*;
    let html = "<link rel=canonical href=1><meta http-equiv=REFRESH content='0; URL=2'><A HREF=3></A><map><area href=4></map>\
                <iframe src=5></iframe><form action=6></form><svg><a href=7></a></svg>";
    let expected = [
        (Link, "1"),
        (Refresh, "2"),
        (A, "3"),
        (Area, "4"),
        (Iframe, "5"),
        (Form, "6"),
        (A, "7"),
    ]
    .map(|(k, u)| (k, u.into()));
    assert_eq!(links(html), expected);
    assert_eq!(links("<frameset><frame src=1></frameset>"), [(Frame, "1".into())]);
    let link = &page("<link rel='alternate x' type=a/b href=1>").elements[0];
    assert_eq!((&*link.rel, &*link.media_type), ("alternate x", "a/b"));
}

#[test]
fn what_is_not_a_link() {
    for html in [
        "<!-- <a href=1> -->",
        "<script><a href=1></script>",
        "<style><a href=1></style>",
        "<title><a href=1></title>",
        "<textarea><a href=1></textarea>",
        "<template><a href=1></a></template>",
        "<iframe><a href=1></iframe>",
        "<noframes><a href=1></noframes>",
        "<noembed><a href=1></noembed>",
        "<xmp><a href=1></xmp>",
        "<plaintext><a href=1>",
        "<svg><a xlink:href=1></a></svg>",
        "<a name=1></a><link href=1><form></form><meta http-equiv=refresh content=5>",
        "<body><frame src=1>",
        "<a href=1",
        "<svg><![CDATA[<a href=1>]]></svg>",
    ] {
        assert_eq!(urls(html), [""; 0], "{html}");
    }
}

#[test]
fn noscript_is_markup() {
    assert_eq!(urls("<noscript><a href=1>x</a></noscript>"), ["1"]);
    assert_eq!(
        urls("<head><noscript><link rel=x href=1><a href=2></noscript>"),
        ["1", "2"]
    );
    assert_eq!(urls("<svg><style><a href=1></style></svg>"), ["1"]);
}

#[test]
fn unclosed_and_misnested_anchors_are_copied() {
    assert_eq!(anchors("<a href=1>x<a href=2>y"), "1=x 2=y");
    assert_eq!(anchors("<p><a href=1>x<p>y</a>z"), "1=x 1=y");
    assert_eq!(anchors("<a href=1>x<div>y</a>z</div>"), "1=x 1=y");
    assert_eq!(
        anchors("<a href=1>x<table><tr><td><a href=2>y</a></table>z</a>"),
        "1=xyz 2=y"
    );
    assert_eq!(anchors("<table><tr><td>x</td></tr><a href=1>y</table>"), "1=y");
    assert_eq!(
        anchors("<table><tr><td><a href=1>x</a></td></tr><a href=2>y</table>"),
        "2=y 1=x"
    );
    assert_eq!(anchors("<b><a href=1>x</b>y</a>"), "1=x 1=y");
    assert_eq!(anchors("<b><p><a href=1>x</b>y</a>"), "1=x 1=y");
}

#[test]
fn nested_forms_are_ignored() {
    assert_eq!(
        urls("<form action=1><form action=2></form><form action=3>"),
        ["1", "3"]
    );
    assert_eq!(
        urls("<table><form action=1><tr><td><form action=2></table>"),
        ["1"]
    );
}

#[test]
fn attributes_are_decoded_and_the_first_counts() {
    for (html, url) in [
        ("<a href='?a&amp;b&copy=1&copy;&lt'>", "?a&b&copy=1\u{a9}<"),
        ("<a HREF=1 href=2>", "1"),
        ("<a href>", ""),
        ("<a href=''>", ""),
        ("<a/href=/x/>", "/x/"),
        ("<a href=a\0b>", "a\u{fffd}b"),
        ("<a href='a\r\nb\rc'>", "a\nb\nc"),
        ("<a href = \"x y\"y>", "x y"),
        ("<a href=x title=\"a > b\">", "x"),
    ] {
        assert_eq!(urls(html), [url], "{html:?}");
    }
}

#[test]
fn texts_and_images() {
    assert_eq!(
        anchors("<a href=1> a\r\n<b>b</b>\0c&nbsp; &amp;d<script>x</script><style>x</style> </a>"),
        "1=a bc &d"
    );
    assert_eq!(
        anchors("<a href=1>a<svg><style>x</style><title>b</title></svg></a>"),
        "1=ab"
    );
    assert_eq!(
        anchors("<a href=1>a<template>x</template><textarea>\nb</textarea></a>"),
        "1=ab"
    );
    assert_eq!(anchors("<a href=1>a<pre>\nb</pre></a>"), "1=ab");
    let element = page("<a href=1><img alt=' x'><image alt='y  z'><img></a>")
        .elements
        .remove(0);
    assert_eq!(
        (&*element.text, &*element.image_alt, element.image),
        ("", "x y z", true)
    );
}

#[test]
fn base_and_robots() {
    let page = page(
        "<base target=x><base href=1><base href=2><meta name=Robots content=nofollow><meta name=' robots' content=noindex><body><meta name=robots content=none>",
    );
    assert_eq!(page.base_href.as_deref(), Some("1"));
    assert_eq!(page.robots, ["nofollow", "none"]);
}

#[test]
fn the_outcome_names_the_reader() {
    assert_eq!(read("<a href=1>x</a>").1, Reader::Fast);
    assert_eq!(
        read("<frameset>").1,
        Reader::Dom {
            reason: "frameset",
            cut: false
        }
    );
}
