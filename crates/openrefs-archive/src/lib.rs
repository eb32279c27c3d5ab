//! Crawl archives as records: WARC 0.17 to 1.1, ARC 1 and 2, WAT, WET and WACZ, in every container they come in: plain,
//! gzip, zstd (with the dictionary of the WARC-zstd convention) and lz4, told apart by content, never by name.
//!
//! Damage never ends a read and never loses a whole record before or after it: it is reported with its offset and the
//! search goes forward. This crate knows nothing of links: it hands out records with their header fields as written.
//!
//! [`expand`] turns names into inputs; [`read_file`] and [`read_stream`] read one and hand everything to a [`Sink`].
//!
//! # What is a record
//! - With a member (gzip member, zstd or lz4 frame) per record, the member bounds the record and is never searched for
//!   heads, so a page cannot forge a record. A record is handed out only when its member is whole.
//! - In a plain archive or a stream of records, a stated length is wrong when neither a head nor the end follows. The
//!   block then ends where the next head begins, searched for from the block's own start.
//! - A record cut short is reported and not handed out; one with a wrong length that is there in full is both.
//! - After a broken member the search for the next one starts behind the broken one's start, since a broken stream can
//!   run on over good members. What was decoded as content of the broken record is never taken for a member.
//!
//! # Limits
//! | what | bound |
//! |---|---|
//! | kept of one block | 64 MiB, the rest is read and thrown away ([`BLOCK_BYTES_MAX`]) |
//! | head of one record | 1 MiB; an ARC line 64 KiB |
//! | stored bytes that can be looked at again after damage | 4 MiB |
//! | zstd window | 128 MiB; dictionary 32 MiB; a frame beyond 1 GiB may not expand more than 1,100 times |
//! | block with a wrong length in a stream | 64 MiB; a longer one is reported as cut short |
//!
//! A gzip member expands at most 1,032 times, so even a hostile one is read to its end: giving up inside it would mean
//! searching its inside for the next member. In a compressed stream of records, a length of more than 64 MiB that lies
//! costs the records between the first 64 MiB and the stated end; in a plain file it costs nothing, unless more than
//! 1 GiB and twice the file would have to be read again for such lengths.
//!
//! # Why not a WARC library
//! The `fastwarc` crate reads all these containers, but its decoders join members into one stream: where a member
//! ends, and whether it was whole, is not told. All rules above need just that. So the framing is ours, on top
//! of `flate2` (zlib-rs), `zstd`, `lz4_flex` and `zip`.

// Layers, lowest first: totals, error, inputs | head with warc and arc | source | gzip, zstandard, lz4 | members with resync |
// container | window | archive with bounded and stream | wacz | read.
mod arc;
mod archive;
mod bounded;
mod container;
mod error;
mod gzip;
mod head;
mod inputs;
mod lz4;
mod members;
mod read;
mod resync;
mod source;
mod stream;
mod totals;
mod wacz;
mod warc;
mod window;
mod zstandard;

pub use error::Error;
pub use inputs::{Input, expand};
pub use read::{read_bytes, read_file, read_stream};
pub use totals::Totals;

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

impl RecordKind {
    /// Every kind, in the order of declaration.
    pub const ALL: [RecordKind; 9] = [
        RecordKind::Response,
        RecordKind::Request,
        RecordKind::Revisit,
        RecordKind::Resource,
        RecordKind::Conversion,
        RecordKind::Metadata,
        RecordKind::Warcinfo,
        RecordKind::Continuation,
        RecordKind::Other,
    ];
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
    /// Offset in the archive file (as for [`Record::offset`]); of `wacz ...` damage, in the WACZ file.
    pub offset: u64,
    /// What is wrong, a short fixed lower-case phrase. With a member per record, one of `gzip member broken`,
    /// `zstd frame broken`, `zstd frame expands too far`, `lz4 frame broken`, `record cut short`, `no record head`; in a stream
    /// of records also `archive cut short`, `rubbish between records`, `no length`. Everywhere: `wrong length` (the record
    /// is handed out), `record head too long`, `rubbish between members`, `wacz directory broken`, `wacz entry broken`.
    pub what: &'static str,
}

/// Takes what a reader finds, in file order.
pub trait Sink {
    /// A whole record. `Break` ends the read.
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()>;
    /// A damaged place; the read goes on. Damage of a record comes before the record.
    fn damage(&mut self, damage: Damage);
    /// An archive inside a WACZ begins; offsets that follow are offsets in it. `name`: its path in the WACZ.
    fn archive(&mut self, name: &str) {
        let _ = name;
    }
}
