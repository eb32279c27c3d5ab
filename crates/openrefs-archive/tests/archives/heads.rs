//! Heads as real writers wrote them.

use crate::write::*;
use openrefs_archive::{Damage, Record, RecordKind, Sink, read_bytes};
use std::ops::ControlFlow;

/// The fields of the first record.
#[derive(Default)]
struct Fields(Option<(RecordKind, Vec<Option<String>>)>);

impl Sink for Fields {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        let fields = vec![record.target_uri, record.date, record.ip, record.content_type];
        self.0.get_or_insert((record.kind, fields));
        ControlFlow::Continue(())
    }

    fn damage(&mut self, damage: Damage) {
        panic!("{damage:?}");
    }
}

fn fields(head: &[u8]) -> (RecordKind, Vec<Option<String>>) {
    let mut sink = Fields::default();
    read_bytes(&[head, b"\r\n\r\n"].concat(), &mut sink).unwrap();
    sink.0.unwrap()
}

fn some(fields: [&str; 4]) -> Vec<Option<String>> {
    fields
        .map(|text| Some(text.to_owned()).filter(|text| !text.is_empty()))
        .to_vec()
}

#[test]
fn folded_lines_any_case_spaces_and_bare_line_feeds() {
    let head = b"warc/1.1 \nwarc-TYPE :response\nwarc-target-uri:\n <http://a/\n   b>  \ncontent-length: 0\nContent-Type:\tapplication/http;\n\tmsgtype=response\n\n";
    let expected = some(["http://a/ b", "", "", "application/http; msgtype=response"]);
    assert_eq!(fields(head), (RecordKind::Response, expected));
}

#[test]
fn the_first_of_repeated_fields_counts() {
    let head = b"WARC/0.18\r\nWARC-Type: metadata\r\nWARC-Type: response\r\nWARC-Date: 2001\r\nWARC-Date: 2002\r\nContent-Length: 0\r\nContent-Length: 5\r\nWARC-IP-Address: ::1\r\n\r\n";
    assert_eq!(
        fields(head),
        (RecordKind::Metadata, some(["", "2001", "::1", ""]))
    );
}

#[test]
fn text_is_utf8_else_latin1() {
    let head = b"WARC/1.0\r\nWARC-Type: screenshot\r\nWARC-Target-URI: http://a/\xc3\xa9\r\nWARC-Date: \xe9\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(
        fields(head),
        (RecordKind::Other, some(["http://a/\u{e9}", "\u{e9}", "", ""]))
    );
}

#[test]
fn lines_without_a_colon_are_passed_over() {
    let head = b"WARC/1.0\r\nWARC-Type: request\r\nrubbish\r\nWARC-Target-URI: http://a/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(
        fields(head),
        (RecordKind::Request, some(["http://a/", "", "", ""]))
    );
}

#[test]
fn a_head_without_end_is_given_up_at_a_mebibyte() {
    let mut long = b"WARC/1.0\r\nWARC-Type: response\r\n".to_vec();
    long.extend(b"X-Pad: 0123456789012345678901234567890123456789\r\n".repeat(40_000));
    for bytes in [
        [&long[..], &record("http://a/", b"x")].concat(),
        [gzip(&long), gzip(&record("http://a/", b"x"))].concat(),
    ] {
        let keep = read(&bytes);
        assert_eq!(keep.whats(), ["record head too long"]);
        assert_eq!(keep.uris(), ["http://a/"]);
    }
}

#[test]
fn what_is_no_archive_is_one_damage() {
    assert_eq!(
        read(b"<html>hello</html>\n".repeat(9_000).as_slice()).whats(),
        ["rubbish between records"]
    );
    assert_eq!(read(b"").whats(), [""; 0]);
    assert_eq!(read(b"\xef\xbb\xbf").whats(), [""; 0]);
    assert_eq!(
        read(b"\xef\xbb\xbfWARC/1.0\nContent-Length: 0\n\n").records.len(),
        1
    );
    assert_eq!(read(&gzip(b"")).whats(), [""; 0]);
}
