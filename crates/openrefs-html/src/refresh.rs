//! The URL of a `meta` refresh, by the standard's "shared declarative refresh steps":
//! <https://html.spec.whatwg.org/multipage/semantics.html#shared-declarative-refresh-steps>.

/// The URL text that the `content` of a `meta[http-equiv=refresh]` names; none if it does not parse, names no URL,
/// or an empty one (all of which reload the page itself).
pub fn url(content: &str) -> Option<&str> {
    let input = skip_blanks(content);
    let digits = input.trim_start_matches(|c: char| c.is_ascii_digit());
    if digits.len() == input.len() && !input.starts_with('.') {
        return None;
    }
    let input = digits.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !input.starts_with([';', ',', '\t', '\n', '\u{c}', '\r', ' ']) {
        return None;
    }
    let input = skip_blanks(input);
    let input = skip_blanks(input.strip_prefix([';', ',']).unwrap_or(input));
    let text = until_quote(after_url_word(input).unwrap_or(input));
    (!text.is_empty()).then_some(text)
}

/// What follows `url =`; none if the input does not begin so, and then all of it is the URL.
fn after_url_word(input: &str) -> Option<&str> {
    let word = input.as_bytes().get(..3)?;
    if !word.eq_ignore_ascii_case(b"url") {
        return None;
    }
    skip_blanks(&input[3..]).strip_prefix('=').map(skip_blanks)
}

/// The URL without its quotes, if the first character is one; what follows the closing quote is ignored.
fn until_quote(input: &str) -> &str {
    match input.chars().next() {
        Some(quote @ ('"' | '\'')) => input[1..].split(quote).next().unwrap_or(""),
        _ => input,
    }
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches(['\t', '\n', '\u{c}', '\r', ' '])
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn follows_the_steps_of_the_standard() {
        for (content, expected) in [
            ("", None),
            ("5", None),
            ("5 ", None),
            ("5;", None),
            ("5;\"/x\" y", Some("/x")),
            ("5; url=", None),
            ("5; url=''", None),
            ("5;url=/x", Some("/x")),
            (" \n5 ; URL = /x", Some("/x")),
            ("5,/x", Some("/x")),
            ("5 /x", Some("/x")),
            ("5 , url=/x", Some("/x")),
            ("5/x", None),
            (".5;/x", Some("/x")),
            (".;/x", Some("/x")),
            ("5.5.;/x", Some("/x")),
            (";url=/x", None),
            ("url=/x", None),
            ("-1;url=/x", None),
            ("+1;url=/x", None),
            ("5;url='/x'y", Some("/x")),
            ("5;url=\"/x'y", Some("/x'y")),
            ("5;'/x'y", Some("/x")),
            ("5;url=\"/x", Some("/x")),
            ("5 '/x", Some("/x")),
            ("5;ur=/x", Some("ur=/x")),
            ("5;url/x", Some("url/x")),
            ("5;urx=/x", Some("urx=/x")),
            ("5;u", Some("u")),
            ("5;é", Some("é")),
            ("5;;/x", Some(";/x")),
            ("5;url=/x ", Some("/x ")),
            ("5\u{a0};/x", None),
        ] {
            assert_eq!(url(content), expected, "{content:?}");
        }
    }
}
