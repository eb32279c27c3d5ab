//! A reader of gzipped WARC files that takes nothing on trust: every member, every length, every separator.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::bufread::GzDecoder;

/// A record.
pub struct Record {
    /// Where its member starts.
    pub offset: u64,
    /// Its fields.
    pub fields: BTreeMap<String, String>,
    /// Its block.
    pub block: Vec<u8>,
}

impl Record {
    /// It stands for a visit, with or without what came back.
    pub fn is_visit(&self) -> bool {
        matches!(self.fields["WARC-Type"].as_str(), "response" | "revisit")
    }

    /// The block up to its empty line.
    pub fn head(&self) -> &[u8] {
        let end = self.block.windows(4).position(|four| four == b"\r\n\r\n");
        &self.block[..end.unwrap_or(0)]
    }

    /// The block as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.block).unwrap()
    }
}

/// Reads a file of one record a member.
pub fn read(path: &Path) -> Vec<Record> {
    let bytes = fs::read(path).unwrap();
    let mut rest = bytes.as_slice();
    let mut records = Vec::new();
    while !rest.is_empty() {
        let offset = (bytes.len() - rest.len()) as u64;
        let mut plain = Vec::new();
        let mut decoder = GzDecoder::new(rest);
        decoder.read_to_end(&mut plain).unwrap();
        rest = decoder.into_inner();
        records.push(parse(offset, &plain));
    }
    records
}

fn parse(offset: u64, plain: &[u8]) -> Record {
    let end = plain.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&plain[..end]).unwrap();
    let mut lines = head.split("\r\n");
    assert_eq!(lines.next(), Some("WARC/1.1"));
    let mut fields = BTreeMap::new();
    for line in lines {
        let (name, value) = line.split_once(": ").unwrap();
        assert!(
            fields.insert(name.to_owned(), value.to_owned()).is_none(),
            "{name} repeats"
        );
    }
    let length: usize = fields["Content-Length"].parse().unwrap();
    let block = &plain[end + 4..];
    assert_eq!(&block[length..], b"\r\n\r\n");
    Record {
        offset,
        fields,
        block: block[..length].to_vec(),
    }
}
