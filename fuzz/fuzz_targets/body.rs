//! Bodies: what codings are put on a page are undone to the page itself, whichever and how many; any bytes under any
//! header stay within the limit, and give some text.

#![no_main]

use std::io::Write;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs_extract::body::BodyDecoder;
use openrefs_extract::charset;
use openrefs_extract::coding::{is_gzip, is_zstd};
use openrefs_extract::fields::{Field, Fields};
use openrefs_model::limits::BODY_BYTES_MAX;

#[derive(Arbitrary, Debug)]
struct Case<'a> {
    transfer: &'a str,
    coding: &'a str,
    content_type: &'a str,
    codings: Vec<Coding>,
    chunk: Option<u8>,
    bytes: &'a [u8],
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Coding {
    Gzip,
    Zstd,
    Deflate,
    Zlib,
}

fuzz_target!(|case: Case<'_>| {
    let mut decoder = BodyDecoder::default();
    let mut fields = Fields::default();
    fields.put(Field::TransferEncoding, case.transfer.into());
    fields.put(Field::ContentEncoding, case.coding.into());
    let body = decoder.decode(&fields, case.bytes);
    assert!(body.bytes.len() <= BODY_BYTES_MAX);
    let (text, _) = charset::decode(case.content_type, body.bytes, body.cut);
    assert!(!body.bytes.is_ascii() || text.len() <= body.bytes.len() * 3);

    let page = case.bytes;
    // A page that is itself coded would be decoded once more, and an empty one has no codings.
    if page.is_empty() || is_gzip(page) || is_zstd(page) {
        return;
    }
    let mut names = Vec::new();
    let mut coded = page.to_vec();
    for coding in case.codings.into_iter().take(4) {
        names.push(coding.name());
        coded = coding.put_on(&coded);
    }
    let mut fields = Fields::default();
    fields.put(Field::ContentEncoding, names.join(", ").into());
    if let Some(chunk) = case.chunk {
        fields.put(Field::TransferEncoding, "chunked".into());
        coded = chunked(&coded, usize::from(chunk).max(1));
    }
    let body = decoder.decode(&fields, &coded);
    assert_eq!((body.bytes, body.cut), (page, false), "{names:?}");
});

impl Coding {
    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Deflate | Self::Zlib => "deflate",
        }
    }

    fn put_on(self, bytes: &[u8]) -> Vec<u8> {
        use flate2::Compression;
        use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
        let level = Compression::fast();
        match self {
            Self::Gzip => written(GzEncoder::new(Vec::new(), level), bytes, GzEncoder::finish),
            Self::Deflate => written(
                DeflateEncoder::new(Vec::new(), level),
                bytes,
                DeflateEncoder::finish,
            ),
            Self::Zlib => written(ZlibEncoder::new(Vec::new(), level), bytes, ZlibEncoder::finish),
            Self::Zstd => zstd::bulk::compress(bytes, 1).expect("memory"),
        }
    }
}

fn written<W: Write>(mut out: W, bytes: &[u8], finish: fn(W) -> std::io::Result<Vec<u8>>) -> Vec<u8> {
    out.write_all(bytes).expect("memory");
    finish(out).expect("memory")
}

fn chunked(bytes: &[u8], size: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in bytes.chunks(size) {
        out.extend_from_slice(format!("{:X};x=y\r\n", chunk.len()).as_bytes());
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"0\r\n\r\n");
    out
}
