//! One zstd frame at a time (RFC 8878), with the dictionary of the WARC-zstd convention: a skippable frame with magic
//! 0x184D2A5D at the head of the file holds it, itself zstd-compressed or not
//! (<https://iipc.github.io/warc-specifications/specifications/warc-zstd/>).

use crate::members::{State, Step};
use std::io;
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

pub(crate) const MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];
/// The skippable frame that holds a dictionary.
pub(crate) const DICTIONARY_MAGIC: &[u8] = &[0x5d, 0x2a, 0x4d, 0x18];
/// A dictionary is some 100 KiB to a few MiB.
pub(crate) const DICTIONARY_BYTES_MAX: usize = 32 << 20;
/// The decoder's memory: windows up to 128 MiB, what the `zstd` tool takes without being told.
const WINDOW_LOG_MAX: u32 = 27;
/// A frame that has grown past this is held against its stored size.
const EXPANDED_BYTES_FREE: u64 = 1 << 30;
/// Deflate cannot expand further than about 1,032 times; a zstd frame of more than 1 GiB may not either.
const EXPANDED_RATIO_MAX: u64 = 1_100;

pub(crate) struct Zstd {
    decoder: Decoder<'static>,
    dictionary: Vec<u8>,
    hint: usize,
    read: u64,
    wrote: u64,
}

impl Zstd {
    pub(crate) fn new(dictionary: &[u8]) -> io::Result<Self> {
        let mut decoder = Decoder::with_dictionary(dictionary)?;
        decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX))?;
        Ok(Self {
            decoder,
            dictionary: dictionary.to_vec(),
            hint: 0,
            read: 0,
            wrote: 0,
        })
    }

    /// A second decoder with the same dictionary.
    pub(crate) fn twin(&self) -> io::Result<Self> {
        Self::new(&self.dictionary)
    }

    pub(crate) fn start(&mut self) -> io::Result<()> {
        (self.hint, self.read, self.wrote) = (0, 0, 0);
        self.decoder.reinit()
    }

    /// One block at most per call: the decoder does not say how much it wrote in a call that fails.
    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let take = if self.hint == 0 {
            input.len().min(5)
        } else {
            input.len().min(self.hint)
        };
        let mut source = InBuffer::around(&input[..take]);
        let mut target = OutBuffer::around(output);
        let Ok(hint) = self.decoder.run(&mut source, &mut target) else {
            return Step::broken("zstd frame broken");
        };
        let (read, wrote) = (source.pos(), target.pos());
        self.hint = hint.max(1);
        self.read += read as u64;
        self.wrote += wrote as u64;
        let state = if hint == 0 {
            State::End
        } else if self.wrote > EXPANDED_BYTES_FREE && self.wrote / self.read.max(1) > EXPANDED_RATIO_MAX {
            State::Broken("zstd frame expands too far")
        } else if read == 0 && wrote == 0 {
            State::Starved
        } else {
            State::Going
        };
        Step { read, wrote, state }
    }
}

/// The dictionary inside a skippable frame's content; `None` when it cannot be read.
pub(crate) fn dictionary(content: &[u8]) -> Option<Vec<u8>> {
    if content.starts_with(MAGIC) {
        zstd::bulk::decompress(content, DICTIONARY_BYTES_MAX).ok()
    } else {
        Some(content.to_vec())
    }
}
