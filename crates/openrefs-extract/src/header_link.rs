//! The HTTP header `Link`, parsed as RFC 8288 tells in its appendix B.2 to B.4.
//!
//! Only what the rules of counting read is handed out; whatever cannot be a link ends the header, as in the RFC.

use std::borrow::Cow;

/// One link of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeaderLink<'a> {
    /// Its target as written between the angle brackets.
    pub target: &'a str,
    /// Its first `rel` parameter, empty if it has none.
    pub rel: Cow<'a, str>,
    /// It has an `anchor` parameter: it is a link of something else than this page.
    pub anchored: bool,
}

/// The links of one header value.
pub fn parse(value: &str) -> Vec<HeaderLink<'_>> {
    let mut links = Vec::new();
    let mut rest = value;
    loop {
        // The list syntax of RFC 9110 allows empty elements.
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let Some((target, after)) = rest.strip_prefix('<').and_then(|inside| inside.split_once('>')) else {
            return links;
        };
        let mut link = HeaderLink {
            target,
            rel: Cow::Borrowed(""),
            anchored: false,
        };
        rest = parameters(after, &mut link);
        links.push(link);
        if !rest.starts_with(',') {
            return links;
        }
    }
}

/// Reads the parameters of a link; gives what follows them.
fn parameters<'a>(mut rest: &'a str, link: &mut HeaderLink<'a>) -> &'a str {
    let mut rel_seen = false;
    loop {
        rest = skip_blanks(rest);
        let Some(after) = rest.strip_prefix(';') else {
            return rest;
        };
        rest = skip_blanks(after);
        let name_end = rest.find([' ', '\t', '=', ';', ',']).unwrap_or(rest.len());
        let name = &rest[..name_end];
        rest = skip_blanks(&rest[name_end..]);
        let mut value = Cow::Borrowed("");
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = parameter_value(skip_blanks(after));
        }
        if name.eq_ignore_ascii_case("rel") && !rel_seen {
            rel_seen = true;
            link.rel = value;
        } else if name.eq_ignore_ascii_case("anchor") {
            link.anchored = true;
        }
    }
}

fn parameter_value(text: &str) -> (Cow<'_, str>, &str) {
    if let Some(inside) = text.strip_prefix('"') {
        return quoted(inside);
    }
    let end = text.find([';', ',']).unwrap_or(text.len());
    (Cow::Borrowed(&text[..end]), &text[end..])
}

/// A quoted string behind its opening quote, and what follows it.
fn quoted(inside: &str) -> (Cow<'_, str>, &str) {
    let Some(first) = inside.find(['"', '\\']) else {
        return (Cow::Borrowed(inside), "");
    };
    if inside[first..].starts_with('"') {
        return (Cow::Borrowed(&inside[..first]), &inside[first + 1..]);
    }
    let mut value = String::from(&inside[..first]);
    let mut chars = inside[first..].chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => value.extend(chars.next()),
            c => value.push(c),
        }
    }
    (Cow::Owned(value), chars.as_str())
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::parse;
    use proptest::prelude::*;

    #[test]
    fn headers() {
        for (value, expected) in [
            ("", &[][..]),
            ("<a>", &[("a", "", false)]),
            ("<a>; rel=canonical", &[("a", "canonical", false)]),
            (
                "<a>;rel=\"canonical nofollow\"",
                &[("a", "canonical nofollow", false)],
            ),
            (
                "<a>; rel=x, <b,;>; REL = \"y\" ; title=\"q, <c>; rel=z\",<d>",
                &[("a", "x", false), ("b,;", "y", false), ("d", "", false)],
            ),
            ("<a>; rel=x; rel=y", &[("a", "x", false)]),
            ("<a>; rel; rel=y", &[("a", "", false)]),
            ("<a>; rel=x; anchor=\"#y\"", &[("a", "x", true)]),
            ("<a>; anchor; rel=x", &[("a", "x", true)]),
            ("<a>; rel=\"x\\\"y\\z\" ; b", &[("a", "x\"yz", false)]),
            ("<a>; rel=\"never ends", &[("a", "never ends", false)]),
            ("<a>; rel=x y ; z", &[("a", "x y ", false)]),
            (", ,<a>,, <b>,", &[("a", "", false), ("b", "", false)]),
            ("<a> rubbish; rel=x, <b>", &[("a", "", false)]),
            ("rubbish, <b>", &[]),
            ("<a", &[]),
            ("<>; rel=canonical", &[("", "canonical", false)]),
        ] {
            let links = parse(value);
            let found: Vec<_> = links
                .iter()
                .map(|l| (l.target, l.rel.as_ref(), l.anchored))
                .collect();
            assert_eq!(found, expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_text(text in ".{0,60}", soup in "(<|>|;|,|=|\"|\\\\|rel|anchor| |a){0,40}") {
            parse(&text);
            parse(&soup);
        }
    }
}
