//! Robots directives that make every link of a visit `nofollow`: `meta[name=robots]` and `X-Robots-Tag`.
//!
//! Directives are split at commas and white space, in any case. In the header, a robot's name and colon scope the
//! rest of that header, which is then ignored: it speaks to that robot, not to all.

/// Directives that are written with a colon and a value; their names are no robot's names.
const WITH_VALUE: [&str; 4] = [
    "unavailable_after",
    "max-snippet",
    "max-image-preview",
    "max-video-preview",
];

/// Whether the `content` of a `meta[name=robots]` says nofollow.
pub fn meta_nofollow(content: &str) -> bool {
    words(content).any(is_nofollow)
}

/// Whether one `X-Robots-Tag` header says nofollow to all robots.
pub fn header_nofollow(value: &str) -> bool {
    let mut words = words(value).peekable();
    while let Some(word) = words.next() {
        // A blank may stand before the colon.
        let name = match word.split_once(':') {
            Some((name, _)) => Some(name),
            None => words.peek().filter(|next| next.starts_with(':')).map(|_| word),
        };
        match name {
            Some(name) if is_robot(name) => return false,
            Some(_) => {}
            None if is_nofollow(word) => return true,
            None => {}
        }
    }
    false
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c.is_whitespace())
        .filter(|word| !word.is_empty())
}

fn is_nofollow(word: &str) -> bool {
    word.eq_ignore_ascii_case("nofollow") || word.eq_ignore_ascii_case("none")
}

/// Whether what stands before a colon names a robot: not a directive that takes a value, nor the date or the hour that
/// such a value begins with.
fn is_robot(name: &str) -> bool {
    let day = name.split(['T', 't']).next().unwrap_or_default();
    !name.is_empty()
        && !name.bytes().all(|b| b.is_ascii_digit())
        && openrefs_model::time::parse(day).is_none()
        && !WITH_VALUE.iter().any(|known| name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn directives_of_meta() {
        for yes in [
            "nofollow",
            "NoIndex,NoFollow",
            "index none",
            "all,\tnofollow ",
            "noindex,,none",
        ] {
            assert!(meta_nofollow(yes), "{yes}");
        }
        for no in [
            "",
            "follow",
            "index, follow",
            "noindex",
            "nofollowing",
            "no follow",
        ] {
            assert!(!meta_nofollow(no), "{no}");
        }
    }

    #[test]
    fn directives_of_the_header() {
        for yes in [
            "nofollow",
            "noindex, NONE",
            "nofollow, googlebot: noindex",
            "unavailable_after: 25 Jun 2010 15:00:00 PST, nofollow",
            "unavailable_after: 2030-01-01T00:00:00Z, nofollow",
            "max-snippet:-1, max-image-preview: large nofollow",
            "noindex\tnofollow",
        ] {
            assert!(header_nofollow(yes), "{yes}");
        }
        for no in [
            "",
            "noindex",
            "googlebot: nofollow",
            "googlebot:nofollow",
            "googlebot : none",
            "otherbot: noindex, nofollow",
            "noindex, googlebot: none",
            "max-snippet:-1, bot: nofollow",
            ": x",
        ] {
            assert!(!header_nofollow(no), "{no}");
        }
    }

    proptest! {
        #[test]
        fn any_text(text in ".{0,40}", soup in "(nofollow|none|bot|:|,| |1){0,12}") {
            for text in [text, soup] {
                header_nofollow(&text);
                if !text.contains(':') {
                    prop_assert_eq!(header_nofollow(&text), meta_nofollow(&text));
                }
            }
        }
    }
}
