//! Crawl archives as records: WARC 0.18/1.0/1.1, ARC 1, WAT and WACZ, in every container they come in.
//!
//! Damage never ends a read and never loses a whole record before or after it: it is reported with its offset and the
//! search goes forward. This crate knows nothing of links: it hands out records with their header fields as written.

use std::ops::ControlFlow;

/// What kind of record an archive held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordKind {
    /// WARC `response`, or any ARC record that is not the file header (`filedesc://`, which is `Warcinfo`).
    Response,
    /// WARC `request`
    Request,
    /// WARC `revisit`
    Revisit,
    /// WARC `resource`
    Resource,
    /// WARC `conversion` (WET)
    Conversion,
    /// WARC `metadata` (a WAT envelope when its type is JSON)
    Metadata,
    /// WARC `warcinfo` or an ARC file header
    Warcinfo,
    /// WARC `continuation`
    Continuation,
    /// A type that no standard names, or none
    Other,
}

/// One whole record. Header text is what the archive holds: UTF-8 where valid, else Latin-1.
#[derive(Debug)]
pub struct Record<'a> {
    /// Where it starts: the offset in the archive file of the record (plain) or of its gzip member, zstd or lz4
    /// frame; in one long compressed stream, the offset of the record in the decompressed stream.
    pub offset: u64,
    /// Its type.
    pub kind: RecordKind,
    /// `WARC-Target-URI` without angle brackets and white space around it (ARC: the URL field), if present.
    pub target_uri: Option<String>,
    /// `WARC-Date` (ARC: the 14 digits) as written.
    pub date: Option<String>,
    /// `WARC-IP-Address` (ARC: the IP field) as written.
    pub ip: Option<String>,
    /// `Content-Type` of the record as written (ARC: none, the block is an HTTP response).
    pub content_type: Option<String>,
    /// The content block, at most [`BLOCK_BYTES_MAX`] bytes of it. ARC: the HTTP response (head and body).
    pub block: &'a [u8],
    /// How long the block really was, bytes.
    pub block_bytes: u64,
    /// It is an ARC record.
    pub arc: bool,
}

/// Bytes of one content block that are kept; the rest is read and thrown away.
pub const BLOCK_BYTES_MAX: usize = 64 << 20;

/// A place where an archive is damaged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Offset in the archive file (as for [`Record::offset`]).
    pub offset: u64,
    /// What is wrong, a short fixed lower-case phrase, such as `gzip member broken`, `record cut short`.
    pub what: &'static str,
}

/// Takes what a reader finds, in file order.
pub trait Sink {
    /// A whole record. `Break` ends the read.
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()>;
    /// A damaged place; the read goes on.
    fn damage(&mut self, damage: Damage);
}
