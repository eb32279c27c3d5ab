//! Heads of ARC records (<https://archive.org/web/researcher/ArcFileFormat.php>): one line, `URL IP date type length` in
//! version 1, five more fields before the length in version 2. URLs may hold spaces, so the line is read from its end:
//! the date is the last field of 8 to 20 digits that an IP address precedes.

use crate::RecordKind;
use crate::head::{Format, Head, LOOK_BYTES, Parsed, length, text};
use memchr::memchr;

const FILE_HEADER: &[u8] = b"filedesc:";

/// Whether `data` starts with the line of an ARC record.
pub(crate) fn is_head(data: &[u8]) -> bool {
    line(data).and_then(split).is_some()
}

/// Parses a head that [`is_head`] knew.
pub(crate) fn parse(data: &[u8]) -> Parsed {
    let Some(line) = line(data) else {
        return Parsed::Open;
    };
    let Some(fields) = split(line) else {
        return Parsed::Open;
    };
    let is_file_header = fields.url.len() >= FILE_HEADER.len()
        && fields.url[..FILE_HEADER.len()].eq_ignore_ascii_case(FILE_HEADER);
    Parsed::Head(Head {
        format: Format::Arc,
        kind: if is_file_header {
            RecordKind::Warcinfo
        } else {
            RecordKind::Response
        },
        target_uri: Some(text(fields.url.trim_ascii())),
        date: Some(text(fields.date)),
        ip: Some(text(fields.ip)),
        content_type: None,
        length: length(&text(fields.length)),
        bytes: line.len() + 1,
    })
}

/// The first line, which must be whole; without its LF.
fn line(data: &[u8]) -> Option<&[u8]> {
    memchr(b'\n', &data[..data.len().min(LOOK_BYTES)]).map(|end| &data[..end])
}

struct Fields<'a> {
    url: &'a [u8],
    ip: &'a [u8],
    date: &'a [u8],
    length: &'a [u8],
}

/// The fields of a record line, or `None` when it is not one.
fn split(line: &[u8]) -> Option<Fields<'_>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if !begins_with_scheme(line) {
        return None;
    }
    let (rest, length) = cut_last(line)?;
    let (mut rest, mut after) = (rest, 0);
    loop {
        let (before, field) = cut_last(rest)?;
        if is_date(field)
            && let Some((url, ip)) = cut_last(before)
            && is_ip(ip)
        {
            let is_record = !url.is_empty() && after >= 1;
            return is_record.then_some(Fields {
                url,
                ip,
                date: field,
                length,
            });
        }
        after += 1;
        rest = before;
    }
}

/// The text before the last space and after it.
fn cut_last(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = memchr::memrchr(b' ', line)?;
    Some((&line[..space], &line[space + 1..]))
}

fn begins_with_scheme(line: &[u8]) -> bool {
    let Some(colon) = memchr(b':', &line[..line.len().min(32)]) else {
        return false;
    };
    line.first().is_some_and(u8::is_ascii_alphabetic)
        && line[..colon]
            .iter()
            .all(|&byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_date(field: &[u8]) -> bool {
    (8..=20).contains(&field.len()) && field.iter().all(u8::is_ascii_digit)
}

/// Looks like an address; whether it is one, the reader of the record decides.
fn is_ip(field: &[u8]) -> bool {
    (2..=45).contains(&field.len())
        && field.iter().any(|byte| b".:".contains(byte))
        && field
            .iter()
            .all(|&byte| byte.is_ascii_hexdigit() || b".:".contains(&byte))
}
