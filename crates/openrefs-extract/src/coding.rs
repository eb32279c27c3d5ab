//! One content coding undone: gzip, zstd, deflate (zlib or raw) and br, each into a bounded buffer.
//!
//! A broken stream gives what it holds before the break; none of these functions fails.

use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use flate2::{Decompress, FlushDecompress, Status};
use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

/// How a stream came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// As its format says.
    Whole,
    /// Its input ended before it did, or it is damaged.
    Broken,
    /// The buffer reached its bound.
    Full,
}

/// What a stream gives in one step, bytes.
const STEP_BYTES: usize = 64 << 10;

/// Whether a body is a gzip stream by its magic number (with the one compression method there is).
pub fn is_gzip(body: &[u8]) -> bool {
    body.starts_with(&[0x1f, 0x8b, 8])
}

/// Whether a body is a zstd stream by its magic number.
pub fn is_zstd(body: &[u8]) -> bool {
    body.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

/// Appends what a gzip body holds, all its members, until `data` is longer than `bytes_max`.
pub fn gunzip(mut body: &[u8], data: &mut Vec<u8>, bytes_max: usize) -> End {
    let mut end = End::Broken;
    while is_gzip(body) {
        end = inflate(&mut Decompress::new_gzip(15), &mut body, data, bytes_max);
        if end != End::Whole {
            break;
        }
    }
    end
}

/// Appends what a deflate body holds, in the zlib format or raw (browsers read both, servers send both).
pub fn undeflate(body: &[u8], data: &mut Vec<u8>, bytes_max: usize) -> End {
    let start = data.len();
    if let [cmf, flg, ..] = *body
        && cmf & 15 == 8
        && (u16::from(cmf) << 8 | u16::from(flg)).is_multiple_of(31)
    {
        let end = inflate(&mut Decompress::new(true), &mut &*body, data, bytes_max);
        if end != End::Broken || data.len() > start {
            return end;
        }
    }
    inflate(&mut Decompress::new(false), &mut &*body, data, bytes_max)
}

fn inflate(stream: &mut Decompress, input: &mut &[u8], data: &mut Vec<u8>, bytes_max: usize) -> End {
    loop {
        if data.len() > bytes_max {
            return End::Full;
        }
        data.reserve(STEP_BYTES);
        let (read, written) = (stream.total_in(), data.len());
        let status = stream.decompress_vec(input, data, FlushDecompress::None);
        let used = usize::try_from(stream.total_in() - read).unwrap_or(input.len());
        *input = &input[used.min(input.len())..];
        match status {
            Ok(Status::StreamEnd) => return End::Whole,
            Ok(_) if used > 0 || data.len() > written => {}
            Ok(_) | Err(_) => return End::Broken,
        }
    }
}

/// Appends what a zstd body holds, all its frames.
pub fn unzstd(body: &[u8], data: &mut Vec<u8>, bytes_max: usize) -> End {
    let Ok(mut stream) = Decoder::new() else {
        return End::Broken;
    };
    let mut input = InBuffer::around(body);
    let mut frame_ended = false;
    loop {
        if data.len() > bytes_max {
            return End::Full;
        }
        if frame_ended && input.pos() == body.len() {
            return End::Whole;
        }
        data.reserve(STEP_BYTES);
        let (read, written) = (input.pos(), data.len());
        let mut output = OutBuffer::around_pos(data, written);
        let result = stream.run(&mut input, &mut output);
        match result {
            Ok(hint) if input.pos() > read || data.len() > written => frame_ended = hint == 0,
            Ok(_) | Err(_) => return End::Broken,
        }
    }
}

/// Appends what a br body holds.
pub fn unbrotli(body: &[u8], data: &mut Vec<u8>, bytes_max: usize) -> End {
    let alloc = StandardAlloc::default();
    let mut state = BrotliState::new_strict(alloc, alloc, alloc);
    let (mut input_left, mut input_at) = (body.len(), 0);
    let mut step = vec![0; STEP_BYTES];
    loop {
        if data.len() > bytes_max {
            return End::Full;
        }
        let (mut room, mut written, mut total) = (step.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut input_left,
            &mut input_at,
            body,
            &mut room,
            &mut written,
            &mut step,
            &mut total,
            &mut state,
        );
        data.extend_from_slice(&step[..written]);
        match result {
            BrotliResult::ResultSuccess => return End::Whole,
            BrotliResult::NeedsMoreOutput => {}
            // At the end of the input the decoder still hands out, step by step, what it holds.
            BrotliResult::NeedsMoreInput if written > 0 => {}
            BrotliResult::NeedsMoreInput | BrotliResult::ResultFailure => return End::Broken,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    pub(crate) fn gzip(data: &[u8]) -> Vec<u8> {
        let mut stream = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        stream.write_all(data).unwrap();
        stream.finish().unwrap()
    }

    pub(crate) fn zlib(data: &[u8]) -> Vec<u8> {
        let mut stream = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        stream.write_all(data).unwrap();
        stream.finish().unwrap()
    }

    pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
        let mut stream = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
        stream.write_all(data).unwrap();
        stream.finish().unwrap()
    }

    pub(crate) fn brotli(data: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        brotli::BrotliCompress(
            &mut &*data,
            &mut body,
            &brotli::enc::BrotliEncoderParams::default(),
        )
        .unwrap();
        body
    }

    pub(crate) fn zstd(data: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(data, 3).unwrap()
    }

    type Undo = fn(&[u8], &mut Vec<u8>, usize) -> End;
    type Make = fn(&[u8]) -> Vec<u8>;

    const CODINGS: [(&str, Make, Undo); 5] = [
        ("gzip", gzip, gunzip),
        ("zstd", zstd, unzstd),
        ("zlib", zlib, undeflate),
        ("deflate", deflate, undeflate),
        ("br", brotli, unbrotli),
    ];

    fn words() -> Vec<u8> {
        (0..60_000)
            .flat_map(|n: u32| format!("{} ", n.wrapping_mul(2_654_435_761)).into_bytes())
            .collect()
    }

    #[test]
    fn there_and_back() {
        for (name, make, undo) in CODINGS {
            for text in [b"".to_vec(), b"short".to_vec(), words()] {
                let mut data = Vec::new();
                assert_eq!(undo(&make(&text), &mut data, usize::MAX), End::Whole, "{name}");
                assert!(data == text, "{name}");
            }
        }
    }

    #[test]
    fn a_broken_stream_counts_as_far_as_it_decodes() {
        let text = words();
        for (name, make, undo) in CODINGS {
            let body = make(&text);
            let mut data = Vec::new();
            assert_eq!(
                undo(&body[..body.len() / 2], &mut data, usize::MAX),
                End::Broken,
                "{name}"
            );
            assert!(
                data.len() > text.len() / 4 && text.starts_with(&data),
                "{name} {}",
                data.len()
            );
        }
        let mut body = gzip(&text);
        let middle = body.len() / 2;
        body[middle..middle + 200].fill(0xff);
        let mut data = Vec::new();
        assert_eq!(gunzip(&body, &mut data, usize::MAX), End::Broken);
        assert!(
            data.len() > text.len() / 4 && data[..text.len() / 4] == text[..text.len() / 4],
            "{}",
            data.len()
        );
    }

    #[test]
    fn growth_is_bounded() {
        let blank = vec![b' '; 8 << 20];
        for (name, make, undo) in CODINGS {
            let mut data = Vec::new();
            assert_eq!(undo(&make(&blank), &mut data, 1 << 20), End::Full, "{name}");
            assert!(data.len() <= 4 << 20, "{name} {}", data.len());
        }
    }

    #[test]
    fn members_and_frames_join() {
        let mut data = Vec::new();
        let body = [gzip(b"a"), gzip(b"b"), b"rubbish".to_vec()].concat();
        assert_eq!(gunzip(&body, &mut data, 100), End::Whole);
        assert_eq!(
            unzstd(&[zstd(b"c"), zstd(b"d")].concat(), &mut data, 100),
            End::Whole
        );
        assert_eq!(data, b"abcd");
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300), cut in 0..300usize, text in ".{0,60}") {
            for (_, make, undo) in CODINGS {
                let mut data = Vec::new();
                undo(&bytes, &mut data, 1 << 16);
                let mut body = make(text.as_bytes());
                body.truncate(cut);
                body.extend_from_slice(&bytes);
                undo(&body, &mut data, 1 << 16);
            }
        }
    }
}
