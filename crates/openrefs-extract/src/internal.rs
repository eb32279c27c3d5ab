//! Links that can only be internal, known without parsing them: most links of most pages are paths on the page's own
//! host, and of an internal link only the count is kept.
//!
//! Invariant: what is recognised here, the URL standard's parser resolves to a kept URL of the base's host. A text that
//! is not recognised means nothing; it is parsed. A property test holds this against the parser.

use openrefs_model::Url;
use openrefs_model::limits::URL_BYTES_MAX;
use url::Position;

/// What is known of the URL that texts are resolved against.
#[derive(Clone, Debug)]
pub struct Base {
    /// Scheme, host and port, without a slash; empty if nothing may be recognised.
    origin: String,
    /// Length of the whole URL.
    bytes: usize,
}

impl Base {
    /// For a base URL. `internal` says that it is a kept URL with the registrable domain of the page.
    pub fn new(url: &Url, internal: bool) -> Self {
        let plain = internal && url.username().is_empty() && url.password().is_none();
        let origin = if plain {
            url[..Position::BeforePath].to_owned()
        } else {
            String::new()
        };
        Self {
            origin,
            bytes: url.as_str().len(),
        }
    }

    /// Whether a text can only be a link to the base's own host that is not dropped.
    pub fn is_own(&self, text: &str) -> bool {
        if self.origin.is_empty() {
            return false;
        }
        // What a fragment holds cannot make a URL fail, and it is dropped.
        let text = text.split('#').next().unwrap_or_default();
        if self.bytes + text.len() > URL_BYTES_MAX {
            return false;
        }
        if let Some(path) = text.strip_prefix(self.origin.as_str()) {
            return (path.is_empty() || path.starts_with(['/', '?'])) && path.bytes().all(is_plain);
        }
        match text.as_bytes() {
            [] | [b'/'] => true,
            [b'/', second, ..] => *second != b'/' && text.bytes().all(is_plain),
            [b'?', ..] => text.bytes().all(is_plain),
            // A colon could end a scheme.
            _ => text.bytes().all(|byte| is_plain(byte) && byte != b':'),
        }
    }
}

/// Characters that mean themselves in paths and queries, are never encoded, and separate at most segments and queries.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~/?=&%+,;:@!$()*".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use openrefs_model::{Canonicaliser, SuffixList};
    use proptest::prelude::*;
    use std::sync::Arc;

    fn canonicaliser() -> Canonicaliser {
        Canonicaliser::new(Arc::new(
            SuffixList::from_text("// BEGIN ICANN DOMAINS\ncom\norg\n").unwrap(),
        ))
    }

    fn text() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "http:",
            "https:",
            "//",
            "/",
            "\\",
            "example.com",
            "other.org",
            "www.",
            ":",
            ":8080",
            "@",
            "?",
            "#",
            "a",
            "%41",
            "%",
            "..",
            ".",
            "%2e",
            "q=1",
            "&",
            " ",
            "\t",
            "\n",
            "'",
            "\"",
            "|",
            "^",
            "{",
            "\u{e9}",
            "\0",
            "mailto",
            ";",
            ",",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ]);
        prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn what_is_recognised_is_what_the_parser_says(text in text(), base in prop::sample::select(vec![
            "https://example.com/", "http://www.example.com/a/b.html?x=1#f", "http://example.com:8080/x",
            "https://example.com./y", "http://user@example.com/",
        ])) {
            let base = Url::parse(base).unwrap();
            let mut canonicaliser = canonicaliser();
            let own = canonicaliser.canonical(&base).unwrap();
            if Base::new(&base, true).is_own(&text) {
                let target = canonicaliser.resolve(&base, &text).map(|target| target.domain);
                prop_assert_eq!(target, Ok(own.domain), "{}", text);
            }
        }
    }

    #[test]
    fn common_forms_are_recognised() {
        let base = Base::new(&Url::parse("https://example.com/a/b?c").unwrap(), true);
        for own in [
            "",
            "/",
            "/x/y.html?q=1&r=%20",
            "#top \u{e9}",
            "?page=2",
            "../x",
            "x.html#y",
            "https://example.com/z",
        ] {
            assert!(base.is_own(own), "{own}");
        }
        for other in [
            "//x.com/",
            "mailto:x",
            "http://example.com/",
            "https://example.com.evil.org/",
            "/a b",
            "/\\x",
        ] {
            assert!(!base.is_own(other), "{other}");
        }
        assert!(!Base::new(&Url::parse("https://example.com/").unwrap(), false).is_own("/x"));
    }
}
