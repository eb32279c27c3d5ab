//! The body of a response as the page's author wrote it: transfer and content codings undone.
//!
//! What crawlers store and what the headers say differ often, so the bytes are asked first: gzip and zstd count by
//! their magic numbers whatever the header says; chunked, deflate and br have none, so the header must name them
//! and the body must decode. At most [`BODY_BYTES_MAX`] bytes come out.

use openrefs_model::limits::BODY_BYTES_MAX;

use crate::chunked;
use crate::coding::{self, End};
use crate::fields::Fields;

/// Content codings that are undone one after the other; more are no honest page.
const CODINGS_MAX: usize = 4;

/// Buffer bytes that are kept from one page to the next.
const KEPT_BYTES_MAX: usize = 4 << 20;

/// Undoes codings, keeping its buffers from page to page.
#[derive(Debug, Default)]
pub struct BodyDecoder {
    front: Vec<u8>,
    back: Vec<u8>,
}

/// A decoded body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Body<'a> {
    /// Its bytes.
    pub bytes: &'a [u8],
    /// There were more than are read.
    pub cut: bool,
}

#[derive(Clone, Copy)]
enum Coding {
    Gzip,
    Zstd,
    Deflate,
    Brotli,
}

impl BodyDecoder {
    /// Undoes the codings of a body.
    pub fn decode<'a>(&'a mut self, fields: &Fields<'_>, raw: &'a [u8]) -> Body<'a> {
        for buffer in [&mut self.front, &mut self.back] {
            buffer.clear();
            buffer.shrink_to(KEPT_BYTES_MAX);
        }
        let transfer = fields.transfer_encoding.as_deref().unwrap_or_default();
        let mut in_front =
            names(transfer).any(|name| name == "chunked") && chunked::undo(raw, &mut self.front);
        let mut named = header_codings(fields.content_encoding.as_deref().unwrap_or_default());
        for _ in 0..CODINGS_MAX {
            let current = if in_front { &self.front[..] } else { raw };
            let Some(coding) = next_coding(current, &mut named) else {
                break;
            };
            self.back.clear();
            if undo(coding, current, &mut self.back) {
                std::mem::swap(&mut self.front, &mut self.back);
                in_front = true;
            }
        }
        let whole = if in_front { &self.front[..] } else { raw };
        Body {
            bytes: &whole[..whole.len().min(BODY_BYTES_MAX)],
            cut: whole.len() > BODY_BYTES_MAX,
        }
    }
}

fn names(value: &str) -> impl Iterator<Item = String> {
    value.split(',').map(|name| name.trim().to_ascii_lowercase())
}

/// The codings that a header names, in the order in which they were applied.
fn header_codings(value: &str) -> Vec<Coding> {
    names(value)
        .filter_map(|name| match name.as_str() {
            "gzip" | "x-gzip" => Some(Coding::Gzip),
            "zstd" => Some(Coding::Zstd),
            "deflate" => Some(Coding::Deflate),
            "br" => Some(Coding::Brotli),
            _ => None,
        })
        .collect()
}

/// What to undo next: by magic number, else the last coding that the header names and that has none.
fn next_coding(body: &[u8], named: &mut Vec<Coding>) -> Option<Coding> {
    if coding::is_gzip(body) {
        named.pop_if(|last| matches!(last, Coding::Gzip));
        return Some(Coding::Gzip);
    }
    if coding::is_zstd(body) {
        named.pop_if(|last| matches!(last, Coding::Zstd));
        return Some(Coding::Zstd);
    }
    loop {
        match named.pop()? {
            // Named, but no magic number: the crawler has undone it and kept the header.
            Coding::Gzip | Coding::Zstd => {}
            other => return Some(other),
        }
    }
}

/// Undoes one coding; false if the body turns out not to have it.
fn undo(coding: Coding, body: &[u8], data: &mut Vec<u8>) -> bool {
    let end = match coding {
        Coding::Gzip => {
            coding::gunzip(body, data, BODY_BYTES_MAX);
            return true;
        }
        Coding::Zstd => {
            coding::unzstd(body, data, BODY_BYTES_MAX);
            return true;
        }
        Coding::Deflate => coding::undeflate(body, data, BODY_BYTES_MAX),
        Coding::Brotli => coding::unbrotli(body, data, BODY_BYTES_MAX),
    };
    // A page that is stored decoded may by chance begin like a stream; it is told by being text.
    end == End::Whole && !data.is_empty() || !data.is_empty() && !looks_like_text(body)
}

/// Whether the beginning of a body holds none of the bytes that text has not. In 256 bytes of a compressed stream
/// they are missing with a probability of less than 1 in 10^9.
fn looks_like_text(body: &[u8]) -> bool {
    let head = &body[..body.len().min(256)];
    !head
        .iter()
        .any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | 0x0c | b'\r' | 0x1b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coding::tests::{brotli, deflate, gzip, zlib, zstd};
    use crate::fields::Field;
    use proptest::prelude::*;

    const PAGE: &[u8] = b"<!doctype html><p>Here is a page with a <a href=/x>link</a> and a few more words.";

    fn decoded(transfer: &str, content: &str, raw: &[u8]) -> Vec<u8> {
        let mut fields = Fields::default();
        fields.put(Field::TransferEncoding, transfer.into());
        fields.put(Field::ContentEncoding, content.into());
        BodyDecoder::default().decode(&fields, raw).bytes.to_vec()
    }

    fn chunks(data: &[u8]) -> Vec<u8> {
        let mut body: Vec<u8> = data
            .chunks(7)
            .flat_map(|c| {
                [
                    format!("{:x}\r\n", c.len()).into_bytes(),
                    c.to_vec(),
                    b"\r\n".to_vec(),
                ]
                .concat()
            })
            .collect();
        body.extend_from_slice(b"0\r\n\r\n");
        body
    }

    #[test]
    fn codings_that_the_bytes_show() {
        for header in ["", "gzip", "br", "identity", "rubbish"] {
            assert_eq!(decoded("", header, &gzip(PAGE)), PAGE, "{header}");
            assert_eq!(decoded("", header, &zstd(PAGE)), PAGE, "{header}");
            assert_eq!(decoded("", header, PAGE), PAGE, "{header}");
        }
    }

    #[test]
    fn codings_that_the_header_must_name() {
        assert_eq!(decoded("", "BR", &brotli(PAGE)), PAGE);
        assert_eq!(decoded("", "deflate", &zlib(PAGE)), PAGE);
        assert_eq!(decoded("", " Deflate ", &deflate(PAGE)), PAGE);
        for raw in [brotli(PAGE), zlib(PAGE), deflate(PAGE)] {
            assert_eq!(decoded("", "", &raw), raw);
        }
    }

    #[test]
    fn a_stored_decoded_body_stays() {
        for header in ["deflate", "br", "gzip, br, deflate"] {
            for page in [
                PAGE,
                b"\n\n<p>",
                b"",
                b"x",
                b"\xef\xbb\xbf<p>",
                b"[\"json\"]",
                b"  \r\n",
            ] {
                assert_eq!(decoded("chunked", header, page), page, "{header}");
            }
        }
    }

    #[test]
    fn chunked_counts_when_named_and_begun() {
        assert_eq!(decoded("Chunked", "", &chunks(PAGE)), PAGE);
        assert_eq!(decoded("gzip, chunked", "", &chunks(&gzip(PAGE))), PAGE);
        assert_eq!(decoded("", "", &chunks(PAGE)), chunks(PAGE));
        assert_eq!(decoded("chunked", "br", &chunks(&brotli(PAGE))), PAGE);
    }

    #[test]
    fn codings_in_sequence() {
        assert_eq!(decoded("", "gzip", &gzip(&gzip(PAGE))), PAGE);
        assert_eq!(decoded("", "br, gzip", &gzip(&brotli(PAGE))), PAGE);
        assert_eq!(decoded("", "gzip, br", &brotli(&gzip(PAGE))), PAGE);
        let many = (0..6).fold(PAGE.to_vec(), |data, _| gzip(&data));
        assert!(coding::is_gzip(&decoded("", "gzip", &many)));
    }

    #[test]
    fn a_body_is_cut_at_its_limit() {
        let long = vec![b' '; BODY_BYTES_MAX + 1];
        let mut decoder = BodyDecoder::default();
        for raw in [gzip(&long), long.clone()] {
            let body = decoder.decode(&Fields::default(), &raw);
            assert!(body.cut);
            assert_eq!(body.bytes.len(), BODY_BYTES_MAX);
        }
        let body = decoder.decode(&Fields::default(), &long[1..]);
        assert!(!body.cut);
        assert_eq!(body.bytes.len(), BODY_BYTES_MAX);
    }

    proptest! {
        #[test]
        fn any_bytes(raw in prop::collection::vec(any::<u8>(), 0..300)) {
            for header in ["gzip", "deflate", "br", "zstd"] {
                decoded("chunked", header, &raw);
            }
        }
    }
}
