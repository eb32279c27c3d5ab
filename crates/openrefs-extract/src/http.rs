//! The head of an HTTP response as archives hold it: RFC 9112, read with the tolerance that old and odd crawls need.
//!
//! Lines end in LF, with or without CR; a line that begins with a blank goes on with the field before it; a line
//! without a colon is nothing. Text is UTF-8 where valid, else Latin-1. Fields beyond the first
//! [`HEADER_BYTES_MAX`] bytes are not read, but the body behind them is found.

use std::borrow::Cow;

use memchr::memchr;
use openrefs_model::limits::HEADER_BYTES_MAX;

use crate::fields::{Field, Fields};

/// A response, taken apart.
#[derive(Debug)]
pub struct Response<'a> {
    /// Its status code.
    pub status: u16,
    /// Its fields.
    pub fields: Fields<'a>,
    /// Everything behind the head, codings untouched.
    pub body: &'a [u8],
    /// The head was longer than what is read of it.
    pub head_cut: bool,
}

/// Takes a response apart; None if it does not begin with a status line.
pub fn parse(block: &[u8]) -> Option<Response<'_>> {
    let mut rest = block;
    let status = status(next_line(&mut rest))?;
    let mut fields = Fields::default();
    let mut open: Option<(Field, Cow<'_, [u8]>)> = None;
    let mut head_cut = false;
    while !rest.is_empty() {
        let line = next_line(&mut rest);
        if line.is_empty() {
            break;
        }
        if head_cut || block.len() - rest.len() > HEADER_BYTES_MAX {
            head_cut = true;
            continue;
        }
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            if let Some((_, value)) = &mut open {
                let value = value.to_mut();
                value.push(b' ');
                value.extend_from_slice(line.trim_ascii());
            }
            continue;
        }
        close(&mut fields, open.take());
        open = field(line);
    }
    close(&mut fields, open);
    Some(Response {
        status,
        fields,
        body: rest,
        head_cut,
    })
}

/// The next line without its end.
fn next_line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let whole: &'a [u8] = rest;
    let (mut line, after) = match memchr(b'\n', whole) {
        Some(end) => (&whole[..end], &whole[end + 1..]),
        None => (whole, &whole[whole.len()..]),
    };
    *rest = after;
    while let [shorter @ .., b'\r'] = line {
        line = shorter;
    }
    line
}

/// The code of a status line: a word that begins with `HTTP` (any version), then three digits, then anything or nothing.
fn status(line: &[u8]) -> Option<u16> {
    let mut words = line
        .split(|b| b.is_ascii_whitespace())
        .filter(|word| !word.is_empty());
    let version = words.next()?;
    if !version.get(..4)?.eq_ignore_ascii_case(b"HTTP") {
        return None;
    }
    let code = words.next()?;
    if code.len() != 3 || !code.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(code.iter().fold(0, |n, digit| n * 10 + u16::from(digit - b'0')))
}

fn field(line: &[u8]) -> Option<(Field, Cow<'_, [u8]>)> {
    let colon = memchr(b':', line)?;
    Some((Field::named(&line[..colon])?, Cow::Borrowed(&line[colon + 1..])))
}

fn close<'a>(fields: &mut Fields<'a>, open: Option<(Field, Cow<'a, [u8]>)>) {
    if let Some((field, value)) = open {
        fields.put(field, text(value));
    }
}

/// UTF-8 where valid, else Latin-1; without blanks around it.
fn text(value: Cow<'_, [u8]>) -> Cow<'_, str> {
    match value {
        Cow::Borrowed(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text.trim()),
            Err(_) => Cow::Owned(latin1(bytes)),
        },
        Cow::Owned(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Cow::Owned(text.trim().to_owned()),
            Err(error) => Cow::Owned(latin1(error.as_bytes())),
        },
    }
}

fn latin1(bytes: &[u8]) -> String {
    bytes.trim_ascii().iter().map(|&byte| char::from(byte)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn status_lines() {
        for (line, code) in [
            ("HTTP/1.1 200 OK", Some(200)),
            ("HTTP/1.0 302 ", Some(302)),
            ("HTTP/1.0 302", Some(302)),
            ("HTTP/2 200", Some(200)),
            ("HTTP/3.1415 404 Not Found", Some(404)),
            ("http/1.1  200\tOK", Some(200)),
            ("HTTP 200 OK", Some(200)),
            ("HTTP/1.1 20 OK", None),
            ("HTTP/1.1 2000 OK", None),
            ("HTTP/1.1", None),
            ("20 text/gemini", None),
            ("<html>", None),
            ("", None),
        ] {
            assert_eq!(status(line.as_bytes()), code, "{line}");
            let block = format!("{line}\r\n\r\n");
            assert_eq!(parse(block.as_bytes()).map(|r| r.status), code, "{line}");
        }
    }

    #[test]
    fn heads_with_all_kinds_of_line_ends() {
        for block in [
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nlink: <a>\r\n\r\n\r\nbody\n\n",
            "HTTP/1.1 200 OK\nContent-Type:text/html\nlink :<a>\n\n\r\nbody\n\n",
            "HTTP/1.1 200 OK\r\nrubbish\r\n: \r\nContent-Type:\r\n text/html\r\nlink:  <a>  \r\r\n\r\n\r\nbody\n\n",
        ] {
            let response = parse(block.as_bytes()).unwrap();
            assert_eq!(
                response.fields.content_type.as_deref().map(str::trim),
                Some("text/html"),
                "{block}"
            );
            assert_eq!(response.fields.links, ["<a>"]);
            assert_eq!(response.body, b"\r\nbody\n\n");
            assert!(!response.head_cut);
        }
    }

    #[test]
    fn a_folded_value_is_one_value() {
        let block = b"HTTP/1.1 200\r\nLink: <http://a.example/>;\r\n\trel=canonical\r\nX: y\r\n z\r\n\r\n";
        assert_eq!(
            parse(block).unwrap().fields.links,
            ["<http://a.example/>; rel=canonical"]
        );
    }

    #[test]
    fn text_is_utf8_where_valid_else_latin1() {
        let block = b"HTTP/1.1 301\nLocation: /\xc3\xbc\nLink: /\xfc\nLink: /\xfc\n y\n";
        let fields = parse(block).unwrap().fields;
        assert_eq!(fields.location.as_deref(), Some("/\u{fc}"));
        assert_eq!(fields.links, ["/\u{fc}", "/\u{fc} y"]);
    }

    #[test]
    fn a_head_without_end_has_no_body() {
        let response = parse(b"HTTP/1.1 200 OK\r\nContent-Type: text/html").unwrap();
        assert!(response.fields.is_html());
        assert!(response.body.is_empty());
    }

    #[test]
    fn a_head_is_cut_at_its_limit_and_its_body_still_found() {
        let mut block = b"HTTP/1.1 200 OK\r\n".to_vec();
        block.extend_from_slice("X: y\r\n".repeat(HEADER_BYTES_MAX / 6).as_bytes());
        block.extend_from_slice(b"Content-Type: text/html\r\n\r\nbody");
        let response = parse(&block).unwrap();
        assert!(response.head_cut);
        assert_eq!(response.fields.content_type, None);
        assert_eq!(response.body, b"body");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            parse(&bytes);
            let mut block = b"HTTP/1.1 200 OK\n".to_vec();
            block.extend_from_slice(&bytes);
            let response = parse(&block).unwrap();
            prop_assert!(block.ends_with(response.body));
        }
    }
}
