//! The URL of a `meta` refresh in a WAT envelope, which holds the `content` as written, by the HTML standard's
//! "shared declarative refresh steps":
//! <https://html.spec.whatwg.org/multipage/semantics.html#shared-declarative-refresh-steps>.

/// The URL text that a refresh names; None if the text does not parse, or names none or an empty one.
pub fn url(content: &str) -> Option<&str> {
    let rest = after_time(skip_blanks(content))?;
    let rest = skip_blanks(rest);
    let rest = skip_blanks(rest.strip_prefix([';', ',']).unwrap_or(rest));
    let url = match after_url_word(rest) {
        Some(value) => match value.chars().next() {
            Some(quote @ ('"' | '\'')) => value[1..].split(quote).next().unwrap_or_default(),
            _ => value,
        },
        None => rest,
    };
    (!url.is_empty()).then_some(url)
}

/// What follows the number of seconds; None if there is none, or if something is glued to it.
fn after_time(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 0 && !text.starts_with('.') {
        return None;
    }
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    let end = rest.chars().next()?;
    (matches!(end, ';' | ',') || is_blank(end)).then_some(rest)
}

/// What follows `url=`; without it the whole text is the URL.
fn after_url_word(text: &str) -> Option<&str> {
    let word = text.get(..3)?;
    if !word.eq_ignore_ascii_case("url") {
        return None;
    }
    skip_blanks(&text[3..]).strip_prefix('=').map(skip_blanks)
}

fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{c}' | '\r' | ' ')
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches(is_blank)
}

#[cfg(test)]
mod tests {
    use super::url;
    use proptest::prelude::*;

    #[test]
    fn refreshes() {
        for (content, expected) in [
            ("0; url=/a", Some("/a")),
            (" 10 ,URL = '/a' b", Some("/a")),
            ("1.5;\"/a\"", Some("\"/a\"")),
            (".;/a", Some("/a")),
            ("3 /a b", Some("/a b")),
            ("0;url=\"/a", Some("/a")),
            ("0;url /a", Some("url /a")),
            ("0;url=", None),
            ("0;url=''", None),
            ("0", None),
            ("0;", None),
            ("0x;/a", None),
            ("/a", None),
            ("url=/a", None),
            ("-1;/a", None),
            ("", None),
        ] {
            assert_eq!(url(content), expected, "{content}");
        }
    }

    proptest! {
        #[test]
        fn any_text(text in ".{0,30}", soup in "(0|;|,|url|=|'|\"| |\u{e9}|\\.){0,12}") {
            url(&text);
            url(&soup);
        }
    }
}
