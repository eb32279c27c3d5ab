//! Which container an input is, by its content. When its first bytes are damaged, the first megabyte is searched for a
//! member or a head, so that the rest is still read as what it is.

use crate::gzip::{self, Gzip};
use crate::head::{begins_with_head, find};
use crate::lz4::{self, Lz4};
use crate::members::{Codec, Members, State, is_skippable};
use crate::source::Source;
use crate::zstandard::{self, Zstd};
use memchr::memmem;
use std::io;

const SEARCH_BYTES: usize = 1 << 20;
const PROBE_BYTES: usize = 4 << 10;
/// Candidates tried per container; archives have a member every few KiB.
const PROBES_MAX: usize = 4_096;

/// The first bytes of a ZIP file, which a WACZ is.
pub(crate) fn is_zip(data: &[u8]) -> bool {
    data.starts_with(b"PK\x03\x04") || data.starts_with(b"PK\x05\x06")
}

/// Makes the decoder that fits the input.
pub(crate) fn members(mut source: Source<'_>) -> io::Result<Members<'_>> {
    source.set_mark();
    source.want(PROBE_BYTES)?;
    let mut codec = by_magic(source.data())?;
    if matches!(codec, Codec::Plain) && !begins_with_head(without_mark(source.data()), true, None) {
        source.want(SEARCH_BYTES)?;
        codec = by_search(source.data())?;
    }
    Ok(Members::new(source, codec))
}

fn without_mark(data: &[u8]) -> &[u8] {
    data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data)
}

fn by_magic(data: &[u8]) -> io::Result<Codec> {
    let mut at = 0;
    while !data[at..].starts_with(zstandard::DICTIONARY_MAGIC) && is_skippable(&data[at..]) {
        let len = u32::from_le_bytes([data[at + 4], data[at + 5], data[at + 6], data[at + 7]]) as usize;
        match at.checked_add(len + 8).filter(|&next| next < data.len()) {
            Some(next) => at = next,
            None => return zstd(),
        }
    }
    let data = &data[at..];
    if data.starts_with(gzip::MAGIC) {
        Ok(Codec::Gzip(Gzip::new()))
    } else if data.starts_with(zstandard::MAGIC) || data.starts_with(zstandard::DICTIONARY_MAGIC) {
        zstd()
    } else if data.starts_with(lz4::MAGIC) {
        Ok(Codec::Lz4(Lz4::new()))
    } else {
        Ok(Codec::Plain)
    }
}

fn zstd() -> io::Result<Codec> {
    Ok(Codec::Zstd(Zstd::new(&[])?))
}

/// The container whose first sign comes first.
fn by_search(data: &[u8]) -> io::Result<Codec> {
    let mut best = find(data, 0, false, None).map_or(data.len(), |(at, _)| at);
    let mut codec = Codec::Plain;
    for mut candidate in [Codec::Gzip(Gzip::new()), zstd()?, Codec::Lz4(Lz4::new())] {
        let magic = candidate.magic();
        for at in memmem::find_iter(&data[..best], magic).take(PROBES_MAX) {
            if holds_record(&mut candidate, &data[at..])? {
                (best, codec) = (at, candidate);
                break;
            }
        }
    }
    Ok(codec)
}

fn holds_record(codec: &mut Codec, data: &[u8]) -> io::Result<bool> {
    codec.start()?;
    let mut out = [0; PROBE_BYTES];
    let (mut read, mut wrote) = (0, 0);
    while wrote < out.len() {
        let step = codec.step(&data[read..], &mut out[wrote..]);
        read += step.read;
        wrote += step.wrote;
        if step.state != State::Going {
            break;
        }
    }
    Ok(begins_with_head(&out[..wrote], false, None))
}
