//! Archives made for tests, and a sink that keeps everything.

use openrefs_archive::{Damage, Record, RecordKind, Sink, read_bytes, read_stream};
use std::io::Write;
use std::ops::ControlFlow;

/// Makes one member.
pub type Packer = fn(&[u8]) -> Vec<u8>;

/// A record with everything right.
pub fn record(uri: &str, body: &[u8]) -> Vec<u8> {
    record_of("response", uri, body, Some(body.len() as i64))
}

/// A record with the length as stated.
pub fn record_of(kind: &str, uri: &str, body: &[u8], length: Option<i64>) -> Vec<u8> {
    let mut bytes = format!("WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\n").into_bytes();
    if let Some(length) = length {
        bytes.extend_from_slice(format!("Content-Length: {length}\r\n").as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(b"\r\n\r\n");
    bytes
}

pub fn warcinfo() -> Vec<u8> {
    record_of("warcinfo", "urn:info", b"software: test\r\n", Some(16))
}

pub fn arc(uri: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{uri} 10.0.0.1 20080430204825 text/html {}\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes.push(b'\n');
    bytes
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    gzip_at(bytes, 6)
}

pub fn gzip_at(bytes: &[u8], level: u32) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(level));
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn zstd(bytes: &[u8], dictionary: &[u8]) -> Vec<u8> {
    let mut out = zstd::stream::Encoder::with_dictionary(Vec::new(), 3, dictionary).unwrap();
    out.include_checksum(true).unwrap();
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

pub fn lz4(bytes: &[u8]) -> Vec<u8> {
    let info = lz4_flex::frame::FrameInfo::new().content_checksum(true);
    let mut out = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A record as it came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Got {
    pub offset: u64,
    pub kind: RecordKind,
    pub uri: String,
    pub block: Vec<u8>,
    pub block_bytes: u64,
}

#[derive(Default)]
pub struct Keep {
    pub records: Vec<Got>,
    pub damages: Vec<Damage>,
    pub archives: Vec<String>,
}

impl Sink for Keep {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        self.records.push(Got {
            offset: record.offset,
            kind: record.kind,
            uri: record.target_uri.unwrap_or_default(),
            block: record.block.to_vec(),
            block_bytes: record.block_bytes,
        });
        ControlFlow::Continue(())
    }

    fn damage(&mut self, damage: Damage) {
        self.damages.push(damage);
    }

    fn archive(&mut self, name: &str) {
        self.archives.push(name.to_owned());
    }
}

impl Keep {
    pub fn uris(&self) -> Vec<&str> {
        self.records.iter().map(|record| record.uri.as_str()).collect()
    }

    pub fn blocks(&self) -> Vec<&[u8]> {
        self.records
            .iter()
            .map(|record| record.block.as_slice())
            .collect()
    }

    pub fn whats(&self) -> Vec<&str> {
        self.damages.iter().map(|damage| damage.what).collect()
    }
}

/// Reads from memory, and again as a stream in small pieces, which must give the same.
pub fn read(bytes: &[u8]) -> Keep {
    let mut keep = Keep::default();
    let totals = read_bytes(bytes, &mut keep).unwrap();
    assert_eq!(totals.records_all(), keep.records.len() as u64);
    assert_eq!(totals.damages, keep.damages.len() as u64);
    let mut again = Keep::default();
    read_stream(Dribble { bytes, at: 0 }, &|_| {}, &mut again).unwrap();
    assert_eq!(keep.records, again.records);
    assert_eq!(keep.damages, again.damages);
    keep
}

struct Dribble<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl std::io::Read for Dribble<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let len = buf.len().min(self.bytes.len() - self.at).min(1 + self.at % 977);
        buf[..len].copy_from_slice(&self.bytes[self.at..self.at + len]);
        self.at += len;
        Ok(len)
    }
}
