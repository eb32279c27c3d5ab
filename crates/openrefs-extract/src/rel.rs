//! What the tokens of a `rel` say: flags of a link, and the types of a `link` element.
//!
//! Tokens are split at ASCII white space and compared in any case and order (so `noopener nofollow` is nofollow).

use openrefs_model::{Flags, LinkType};

/// The flags that a `rel` sets; `image` is never among them.
pub fn flags(rel: &str) -> Flags {
    let mut flags = Flags::default();
    for token in rel.split_ascii_whitespace() {
        flags.nofollow |= token.eq_ignore_ascii_case("nofollow");
        flags.ugc |= token.eq_ignore_ascii_case("ugc");
        flags.sponsored |= token.eq_ignore_ascii_case("sponsored");
    }
    flags
}

/// Whether a `rel` holds a token.
pub fn has(rel: &str, token: &str) -> bool {
    rel.split_ascii_whitespace()
        .any(|t| t.eq_ignore_ascii_case(token))
}

/// The types of a `link` element by its `rel` and `type`: one per row of the table that fits.
pub fn link_types(rel: &str, media_type: &str) -> impl Iterator<Item = LinkType> {
    let canonical = has(rel, "canonical").then_some(LinkType::Canonical);
    canonical.into_iter().chain(alternate_type(rel, media_type))
}

fn alternate_type(rel: &str, media_type: &str) -> Option<LinkType> {
    if !has(rel, "alternate") {
        return None;
    }
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/rss+xml")
        || essence.eq_ignore_ascii_case("application/atom+xml")
    {
        return Some(LinkType::Rss);
    }
    (!has(rel, "stylesheet") && !has(rel, "icon")).then_some(LinkType::Alternate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flagged(rel: &str) -> (bool, bool, bool) {
        let flags = flags(rel);
        (flags.nofollow, flags.ugc, flags.sponsored)
    }

    #[test]
    fn noopener_nofollow_is_nofollow() {
        assert_eq!(flagged("noopener nofollow"), (true, false, false));
        assert_eq!(flagged("NoFollow\tnoopener"), (true, false, false));
    }

    #[test]
    fn ugc_and_sponsored_are_read() {
        assert_eq!(flagged("UGC\nsponsored"), (false, true, true));
        assert_eq!(flagged("external sponsored nofollow ugc"), (true, true, true));
    }

    #[test]
    fn other_texts_set_nothing() {
        for rel in [
            "",
            "nofollowed",
            "no follow",
            "nofollow,ugc",
            "nofollow\u{a0}x",
            "nofollow\u{b}",
        ] {
            assert_eq!(flagged(rel), (false, false, false), "{rel}");
        }
    }

    #[test]
    fn types_of_link_elements() {
        use LinkType::{Alternate, Canonical, Rss};
        for (rel, media_type, expected) in [
            ("canonical", "", &[Canonical][..]),
            ("Canonical ALTERNATE", "", &[Canonical, Alternate]),
            ("alternate", "application/rss+xml", &[Rss]),
            ("alternate", " Application/Atom+XML ; charset=utf-8", &[Rss]),
            ("alternate stylesheet", "text/css", &[]),
            ("icon alternate", "", &[]),
            ("alternate stylesheet", "application/rss+xml", &[Rss]),
            ("alternate", "application/json", &[Alternate]),
            ("stylesheet", "", &[]),
            ("shortlink", "application/rss+xml", &[]),
            ("", "", &[]),
        ] {
            assert_eq!(
                link_types(rel, media_type).collect::<Vec<_>>(),
                expected,
                "{rel} {media_type}"
            );
        }
    }
}
