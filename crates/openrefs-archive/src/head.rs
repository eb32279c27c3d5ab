//! The head of a record, of whichever format: what both formats tell, and how heads are recognised and searched for.
//! A head is recognised by its first two lines (WARC) or its one line (ARC); a body that quotes such lines looks the
//! same, so callers search only where the rules allow it.

use crate::{RecordKind, arc, warc};
use memchr::memchr;

/// The longest head, bytes.
pub(crate) const HEAD_BYTES_MAX: usize = 1 << 20;
/// Bytes that must be at hand to recognise a head: the longest ARC line.
pub(crate) const LOOK_BYTES: usize = 64 << 10;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Warc,
    Arc,
}

/// What a head says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) format: Format,
    pub(crate) kind: RecordKind,
    pub(crate) target_uri: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) ip: Option<String>,
    pub(crate) content_type: Option<String>,
    /// The stated length of the block; `None` when missing, negative, too large for 64 bits or no number.
    pub(crate) length: Option<u64>,
    /// Bytes of the head with the blank line that ends it.
    pub(crate) bytes: usize,
}

/// What parsing the bytes at a head's start gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Parsed {
    Head(Head),
    /// The head has no end in these bytes.
    Open,
    /// Another head begins before this one ends.
    Cut,
}

/// The format of the head that `data` starts with. `ended`: nothing follows `data`, so a head may be cut short.
pub(crate) fn recognise(data: &[u8], ended: bool, format: Option<Format>) -> Option<Format> {
    if format != Some(Format::Arc) && warc::is_head(data, ended) {
        return Some(Format::Warc);
    }
    if format != Some(Format::Warc) && arc::is_head(data) {
        return Some(Format::Arc);
    }
    None
}

/// As [`recognise`], after blank lines.
pub(crate) fn begins_with_head(data: &[u8], ended: bool, format: Option<Format>) -> bool {
    recognise(&data[blank_bytes(data)..], ended, format).is_some()
}

/// Line ends at the start of `data`.
pub(crate) fn blank_bytes(data: &[u8]) -> usize {
    data.iter()
        .take_while(|&&byte| byte == b'\r' || byte == b'\n')
        .count()
}

/// Parses the head at the start of `data`, which [`recognise`] knew.
pub(crate) fn parse(data: &[u8], format: Format) -> Parsed {
    match format {
        Format::Warc => warc::parse(data),
        Format::Arc => arc::parse(data),
    }
}

/// The first head at the start of a line, at `from` or after it.
pub(crate) fn find(data: &[u8], from: usize, ended: bool, format: Option<Format>) -> Option<(usize, Format)> {
    let mut at = from;
    loop {
        if let Some(found) = recognise(&data[at..], ended, format) {
            return Some((at, found));
        }
        at += memchr(b'\n', &data[at..])? + 1;
    }
}

/// `data` without the record separator at its end, or as much of it as is there: CRLF CRLF, one line end in ARC.
pub(crate) fn without_separator(data: &[u8], format: Format) -> &[u8] {
    let data = without_line_end(data);
    if format == Format::Arc {
        data
    } else {
        without_line_end(data)
    }
}

fn without_line_end(data: &[u8]) -> &[u8] {
    match data {
        [rest @ .., b'\r', b'\n'] | [rest @ .., b'\n'] => rest,
        _ => data,
    }
}

/// Header text: UTF-8 where valid, else Latin-1.
pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// A length as both formats write it.
pub(crate) fn length(text: &str) -> Option<u64> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().ok()
    } else {
        None
    }
}
