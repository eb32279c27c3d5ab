//! Hostile pages: whatever the markup, the readers end soon and keep little. The sizes here are small enough for a
//! debug build; the limits are the same for large ones. `BOMB_BYTES` sets another size for a run by hand.

use openrefs_html::{Page, Reader, read};
use std::time::{Duration, Instant};

fn size() -> usize {
    std::env::var("BOMB_BYTES")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(1 << 20)
}

/// A page of pieces made from a counter, up to the size.
fn page(piece: impl Fn(usize) -> String) -> String {
    let mut html = String::new();
    let mut index = 0;
    while html.len() < size() {
        html.push_str(&piece(index));
        index += 1;
    }
    html
}

fn bounded(name: &str, html: &str) -> (Page, Reader) {
    let start = Instant::now();
    let (page, reader) = read(html);
    let spent = start.elapsed();
    println!("{name}: {spent:?}, {} elements, {reader:?}", page.elements.len());
    assert!(spent < Duration::from_secs(60), "{name} took {spent:?}");
    (page, reader)
}

#[test]
fn nesting_is_bounded() {
    bounded("div p", &page(|_| "<div><p>".into()));
    bounded("b", &page(|n| format!("<b id={n}>")));
    bounded("same b", &page(|_| "<b>".into()));
    bounded("b p", &page(|n| format!("<p><b id={n}>")));
    bounded(
        "font in cells",
        &page(|n| format!("<table><tr><td><font size={n}>")),
    );
    bounded(
        "span end",
        &(page(|_| "<span>".into()) + &page(|_| "</x>".into())),
    );
    bounded("template", &page(|_| "<template>".into()));
    bounded("svg", &page(|_| "<svg><g>".into()));
}

#[test]
fn copies_are_bounded() {
    bounded("open a", &page(|n| format!("<a href={n}>")));
    bounded("open a in p", &page(|n| format!("<p><a href={n}>x")));
    bounded("a split", &page(|n| format!("<a href={n}><div>x</a>")));
    bounded("a in objects", &page(|n| format!("<a href={n}><object>text")));
    bounded(
        "one long a",
        &format!(
            "<a href={}>{}",
            "x".repeat(size() / 2),
            page(|_| "<div></a><p>x".into())
        ),
    );
    bounded(
        "b then i",
        &(page(|n| format!("<table><b id={n}>")) + &page(|_| "<tr></i>".into())),
    );
    bounded("adoption", &page(|_| "<b><i><u><div></b></i></u>".into()));
}

#[test]
fn wide_tags_and_broken_tokens_are_bounded() {
    bounded(
        "attributes",
        &format!("<b {}>{}", page(|n| format!("a{n} ")), page(|_| "<b>".into())),
    );
    bounded("links", &page(|n| format!("<a href={n}></a>")));
    bounded("lt", &page(|_| "<".into()));
    bounded("comments", &page(|_| "<!--".into()));
    bounded("rcdata", &format!("<title>{}", page(|_| "</titl".into())));
    bounded("script", &format!("<script>{}", page(|_| "<!--<script".into())));
    bounded(
        "references",
        &format!("<a href=1>{}", page(|_| "&CounterClockwiseContourIntegra".into())),
    );
    bounded("blanks", &format!("<a href=1>{}x", " ".repeat(size())));
    bounded(
        "fostered",
        &format!("<table>{}", page(|n| format!("<a href={n}>x<tr>"))),
    );
}
