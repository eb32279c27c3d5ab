//! The text of a page: which character set its bytes are in, and the bytes decoded.
//!
//! Order of the rules of counting: byte order mark, `charset` of `Content-Type`, the HTML standard's prescan, UTF-8
//! if the whole body is valid UTF-8, windows-1252. Labels and decoders are the Encoding Standard's; broken bytes are
//! replaced. Valid UTF-8 is not copied.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

use crate::prescan::prescan;

/// What told the character set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToldBy {
    /// A byte order mark.
    Mark,
    /// The `Content-Type` header.
    Header,
    /// The page itself.
    Meta,
    /// Nothing; all bytes are ASCII.
    Ascii,
    /// Nothing; the bytes are valid UTF-8.
    Utf8,
    /// Nothing at all.
    Nothing,
}

impl ToldBy {
    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mark => "note: charset from bom",
            Self::Header => "note: charset from header",
            Self::Meta => "note: charset from meta",
            Self::Ascii => "note: charset detected: ascii",
            Self::Utf8 => "note: charset detected: utf-8",
            Self::Nothing => "note: charset detected: windows-1252",
        }
    }
}

/// Decodes a body. `cut` says that the body went on where it was cut, which may be within a character.
pub fn decode<'a>(content_type: &str, body: &'a [u8], cut: bool) -> (Cow<'a, str>, ToldBy) {
    if let Some((encoding, mark_bytes)) = Encoding::for_bom(body) {
        return (decode_as(encoding, &body[mark_bytes..]), ToldBy::Mark);
    }
    if let Some(encoding) = label(content_type).and_then(|l| Encoding::for_label(l.as_bytes())) {
        return (decode_as(encoding, body), ToldBy::Header);
    }
    if let Some(encoding) = prescan(body) {
        return (decode_as(encoding, body), ToldBy::Meta);
    }
    match std::str::from_utf8(body) {
        Ok(text) if text.is_ascii() => (Cow::Borrowed(text), ToldBy::Ascii),
        Ok(text) => (Cow::Borrowed(text), ToldBy::Utf8),
        Err(error) if cut && error.error_len().is_none() => (decode_as(UTF_8, body), ToldBy::Utf8),
        Err(_) => (decode_as(WINDOWS_1252, body), ToldBy::Nothing),
    }
}

fn decode_as<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Cow<'a, str> {
    encoding.decode_without_bom_handling(bytes).0
}

/// The value of the first `charset` parameter of a `Content-Type`. As for the media type, a comma ends what counts.
fn label(content_type: &str) -> Option<&str> {
    let mut rest = content_type;
    loop {
        rest = &rest[rest.find([';', ','])?..];
        let parameter = rest.strip_prefix(';')?;
        rest = parameter;
        let (name, value) = parameter.split_once('=')?;
        if name.trim().eq_ignore_ascii_case("charset") {
            let value = value.trim_start();
            return Some(match value.strip_prefix('"') {
                Some(quoted) => &quoted[..quoted.find('"').unwrap_or(quoted.len())],
                None => &value[..value.find([';', ',']).unwrap_or(value.len())],
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_of_content_type() {
        for (content_type, expected) in [
            ("text/html", None),
            ("text/html; charset=utf-8", Some("utf-8")),
            ("text/html;CHARSET = \"koi8-r\" ; x=y", Some("koi8-r")),
            ("text/html; x; charset=big5", Some("big5")),
            ("text/html; x=y; charset=big5;charset=utf-8", Some("big5")),
            ("text/html; charset=big5, text/html; charset=utf-8", Some("big5")),
            ("text/html, text/html; charset=utf-8", None),
            ("text/html; xcharset=utf-8", None),
            ("text/html; charset", None),
            ("charset=utf-8", None),
        ] {
            assert_eq!(label(content_type).map(str::trim), expected, "{content_type}");
        }
    }

    #[test]
    fn the_order_of_the_rules() {
        let meta = b"<meta charset=koi8-r>\xc1";
        let cases: [(&str, &[u8], &str, ToldBy); 10] = [
            (
                "text/html; charset=big5",
                b"\xef\xbb\xbf\xc3\xbc",
                "\u{fc}",
                ToldBy::Mark,
            ),
            ("", b"\xff\xfe\xfc\x00", "\u{fc}", ToldBy::Mark),
            ("", b"\xfe\xff\x00\xfc", "\u{fc}", ToldBy::Mark),
            (
                "text/html; charset=windows-1251",
                meta,
                "<meta charset=koi8-r>\u{411}",
                ToldBy::Header,
            ),
            (
                "text/html; charset=rubbish",
                meta,
                "<meta charset=koi8-r>\u{430}",
                ToldBy::Meta,
            ),
            ("", b"plain", "plain", ToldBy::Ascii),
            ("", b"\xc3\xbc", "\u{fc}", ToldBy::Utf8),
            ("", b"\x80\xfc", "\u{20ac}\u{fc}", ToldBy::Nothing),
            ("x; charset=utf-8", b"a\xffb", "a\u{fffd}b", ToldBy::Header),
            ("x; charset=iso-2022-kr", b"abc", "\u{fffd}", ToldBy::Header),
        ];
        for (content_type, body, text, told_by) in cases {
            assert_eq!(decode(content_type, body, false), (text.into(), told_by));
        }
    }

    #[test]
    fn a_cut_within_a_character_is_still_utf8() {
        assert_eq!(
            decode("", b"\xc3\xbc\xc3", true),
            ("\u{fc}\u{fffd}".into(), ToldBy::Utf8)
        );
        assert_eq!(decode("", b"\xc3\xbc\xc3", false).1, ToldBy::Nothing);
    }

    #[test]
    fn valid_utf8_is_borrowed() {
        assert!(matches!(
            decode("x;charset=utf8", b"\xc3\xbc", false).0,
            Cow::Borrowed(_)
        ));
    }

    proptest! {
        #[test]
        fn any_bytes(content_type in "(;|,|=|\"|charset|utf-16| ){0,9}", body in prop::collection::vec(any::<u8>(), 0..80)) {
            decode(&content_type, &body, false);
        }
    }
}
