//! Character references and line ends: what a span of the source stands for.
//!
//! <https://html.spec.whatwg.org/multipage/parsing.html#character-reference-state>

use html5ever::data::{C1_REPLACEMENTS, NAMED_ENTITIES};

/// Where a span stood, which decides what is decoded in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// An attribute value: NUL becomes U+FFFD, and a reference before `=` or a letter may not be one.
    Attribute,
    /// Text of the data state: NUL stays.
    Data,
    /// Text of `title` and `textarea`: NUL becomes U+FFFD.
    Rcdata,
    /// Raw text and scripts: no references, NUL becomes U+FFFD.
    Raw,
    /// A CDATA section: no references, NUL stays.
    Cdata,
}

/// Appends what `text` stands for.
pub(crate) fn decode(text: &str, place: Place, out: &mut String) {
    let mut rest = text;
    while let Some(found) = memchr::memchr3(b'&', b'\r', 0, rest.as_bytes()) {
        let (before, after) = rest.split_at(found);
        out.push_str(before);
        rest = match after.as_bytes()[0] {
            b'&' if !matches!(place, Place::Raw | Place::Cdata) => reference(after, place, out),
            b'&' => keep(after, '&', out),
            b'\r' if after[1..].starts_with('\n') => &after[1..],
            b'\r' => keep(after, '\n', out),
            _ if matches!(place, Place::Data | Place::Cdata) => keep(after, '\0', out),
            _ => keep(after, '\u{fffd}', out),
        };
    }
    out.push_str(rest);
}

/// What `text` stands for.
pub(crate) fn decoded(text: &str, place: Place) -> String {
    let mut out = String::with_capacity(text.len());
    decode(text, place, &mut out);
    out
}

/// Puts `sign` out for the first byte, and goes on after it.
fn keep<'a>(text: &'a str, sign: char, out: &mut String) -> &'a str {
    out.push(sign);
    &text[1..]
}

/// Decodes the reference that `text` begins with, if it is one; the text after it.
fn reference<'a>(text: &'a str, place: Place, out: &mut String) -> &'a str {
    let decoded = match text.as_bytes().get(1) {
        Some(b'#') => numeric(&text[2..], out),
        Some(byte) if byte.is_ascii_alphanumeric() => named(&text[1..], place, out),
        _ => None,
    };
    decoded.unwrap_or_else(|| keep(text, '&', out))
}

fn numeric<'a>(text: &'a str, out: &mut String) -> Option<&'a str> {
    let (digits, radix) = match text.strip_prefix(['x', 'X']) {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    let length = digits
        .bytes()
        .take_while(|&byte| char::from(byte).is_digit(radix))
        .count();
    if length == 0 {
        return None;
    }
    let digit = |code: u32, sign: char| {
        code.saturating_mul(radix)
            .saturating_add(sign.to_digit(radix).unwrap_or(0))
    };
    let code = digits[..length].chars().fold(0, digit);
    out.push(code_point(code));
    let rest = &digits[length..];
    Some(rest.strip_prefix(';').unwrap_or(rest))
}

fn code_point(code: u32) -> char {
    let replaced = match code {
        0 => None,
        0x80..=0x9f => C1_REPLACEMENTS[(code - 0x80) as usize].or(char::from_u32(code)),
        _ => char::from_u32(code),
    };
    replaced.unwrap_or('\u{fffd}')
}

/// The longest name of the table that `text` begins with.
fn named<'a>(text: &'a str, place: Place, out: &mut String) -> Option<&'a str> {
    let mut best = None;
    // The table holds every beginning of a name too, as a pair of zeros.
    for length in 1..=text.len() {
        let Some(&signs) = text.get(..length).and_then(|name| NAMED_ENTITIES.get(name)) else {
            break;
        };
        if signs.0 != 0 {
            best = Some((length, signs));
        }
    }
    let (length, signs) = best?;
    let rest = &text[length..];
    let goes_on = rest
        .bytes()
        .next()
        .is_some_and(|byte| byte == b'=' || byte.is_ascii_alphanumeric());
    if place == Place::Attribute && !text[..length].ends_with(';') && goes_on {
        return None;
    }
    out.extend(char::from_u32(signs.0));
    if signs.1 != 0 {
        out.extend(char::from_u32(signs.1));
    }
    Some(rest)
}
