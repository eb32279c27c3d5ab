//! The headers that say something of links. `Link`: targets are parts of the text, and a header that is written by the
//! grammar reads as it was meant. Robots: a nofollow for all is heard, in any case and whatever stands around it.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs_extract::{header_link, http, rel, robots};
use openrefs_html::refresh;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    text: &'a str,
    links: Vec<Link<'a>>,
}

#[derive(Arbitrary, Debug)]
struct Link<'a> {
    target: &'a str,
    rel: Option<&'a str>,
    anchored: bool,
    other: &'a str,
}

fuzz_target!(|case: Case<'_>| {
    let text = case.text;
    for link in header_link::parse(text) {
        assert!(!link.target.contains('>') && text.contains(link.target));
        assert!(link.rel.len() <= text.len());
        rel::flags(&link.rel);
        for media_type in ["", text] {
            rel::link_types(&link.rel, media_type).for_each(drop);
        }
    }
    links(&case.links);

    let upper = text.to_ascii_uppercase();
    assert_eq!(robots::meta_nofollow(text), robots::meta_nofollow(&upper));
    assert_eq!(robots::header_nofollow(text), robots::header_nofollow(&upper));
    assert!(robots::meta_nofollow(&format!("{text} nofollow")));
    assert!(robots::header_nofollow(&format!(
        "noindex, none, noarchive, {text}"
    )));
    if !text.contains(':') {
        assert_eq!(robots::meta_nofollow(text), robots::header_nofollow(text));
    }

    if let Some(url) = refresh::url(text) {
        assert!(!url.is_empty() && text.contains(url));
    }
    if let Some(response) = http::parse(text.as_bytes()) {
        assert!(text.as_bytes().ends_with(response.body));
    }
});

/// Writes links by the grammar of RFC 8288 and reads them.
fn links(links: &[Link<'_>]) {
    let mut header = String::new();
    let mut expected = Vec::new();
    for link in links {
        let target = link.target.replace('>', "");
        header.push_str(&format!(" <{target}>"));
        let other: String = link.other.chars().filter(char::is_ascii_alphanumeric).collect();
        if !other.is_empty() {
            header.push_str(&format!(" ; x{other}={other}"));
        }
        if let Some(rel) = link.rel {
            let quoted = rel.replace('\\', "\\\\").replace('"', "\\\"");
            header.push_str(&format!("; REL=\"{quoted}\"; rel=second"));
        }
        if link.anchored {
            header.push_str(";anchor=\"#x,y\"");
        }
        header.push_str(",, ");
        expected.push((target, link.rel.unwrap_or(""), link.anchored));
    }
    let found = header_link::parse(&header);
    assert_eq!(found.len(), expected.len(), "{header:?}");
    for (found, (target, rel, anchored)) in found.iter().zip(&expected) {
        assert_eq!(
            (found.target, &*found.rel, found.anchored),
            (target.as_str(), *rel, *anchored)
        );
    }
}
