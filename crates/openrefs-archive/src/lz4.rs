//! One lz4 frame at a time (<https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md>). The framing is ours because
//! `lz4_flex::frame` takes a file that ends between two blocks for a whole one; blocks are decoded by `lz4_flex::block`.
//! Legacy frames and frames with an external dictionary are not read.

use crate::members::{State, Step};
use lz4_flex::block::{decompress_into, decompress_into_with_dict};
use std::hash::Hasher;
use twox_hash::XxHash32;

pub(crate) const MAGIC: &[u8] = &[0x04, 0x22, 0x4d, 0x18];
const BROKEN: &str = "lz4 frame broken";
const HISTORY_BYTES: usize = 64 << 10;

pub(crate) struct Lz4 {
    frame: Option<Frame>,
    /// The history of linked blocks, then the block decoded last.
    block: Vec<u8>,
    block_start: usize,
    block_end: usize,
    given: usize,
    hash: XxHash32,
    size: u64,
}

#[derive(Clone, Copy)]
struct Frame {
    linked: bool,
    block_checks: bool,
    content_check: bool,
    content_size: Option<u64>,
    block_bytes_max: usize,
}

impl Lz4 {
    pub(crate) fn new() -> Self {
        Self {
            frame: None,
            block: Vec::new(),
            block_start: 0,
            block_end: 0,
            given: 0,
            hash: XxHash32::with_seed(0),
            size: 0,
        }
    }

    pub(crate) fn start(&mut self) {
        self.frame = None;
        (self.block_start, self.block_end, self.given, self.size) = (0, 0, 0, 0);
        self.hash = XxHash32::with_seed(0);
    }

    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        if self.given < self.block_end {
            return self.give(output);
        }
        match self.frame {
            None => self.header(input),
            Some(frame) => self.next_block(frame, input),
        }
    }

    fn give(&mut self, output: &mut [u8]) -> Step {
        let wrote = output.len().min(self.block_end - self.given);
        output[..wrote].copy_from_slice(&self.block[self.given..self.given + wrote]);
        self.given += wrote;
        Step {
            read: 0,
            wrote,
            state: State::Going,
        }
    }

    fn header(&mut self, input: &[u8]) -> Step {
        let Some(fixed) = input.get(..7) else {
            return Step::starved();
        };
        let (flags, sizes) = (fixed[4], fixed[5]);
        let has_size = flags & 0x08 != 0;
        let has_dictionary = flags & 0x01 != 0;
        if !fixed.starts_with(MAGIC) || flags >> 6 != 1 || flags & 0x02 != 0 || has_dictionary {
            return Step::broken(BROKEN);
        }
        let block_bytes_max = match sizes {
            0x40 => 64 << 10,
            0x50 => 256 << 10,
            0x60 => 1 << 20,
            0x70 => 4 << 20,
            _ => return Step::broken(BROKEN),
        };
        let len = if has_size { 15 } else { 7 };
        let Some(head) = input.get(..len) else {
            return Step::starved();
        };
        if head[len - 1] != (XxHash32::oneshot(0, &head[4..len - 1]) >> 8) as u8 {
            return Step::broken(BROKEN);
        }
        let content_size = if has_size {
            head[6..14].try_into().ok().map(u64::from_le_bytes)
        } else {
            None
        };
        self.block.resize(HISTORY_BYTES + block_bytes_max, 0);
        (self.block_start, self.block_end, self.given) = (0, 0, 0);
        self.frame = Some(Frame {
            linked: flags & 0x20 == 0,
            block_checks: flags & 0x10 != 0,
            content_check: flags & 0x04 != 0,
            content_size,
            block_bytes_max,
        });
        Step {
            read: len,
            wrote: 0,
            state: State::Going,
        }
    }

    fn next_block(&mut self, frame: Frame, input: &[u8]) -> Step {
        let Some(word) = word(input, 0) else {
            return Step::starved();
        };
        if word == 0 {
            return self.finish(frame, input);
        }
        let stored = word >> 31 == 1;
        let len = (word & 0x7fff_ffff) as usize;
        if len > frame.block_bytes_max {
            return Step::broken(BROKEN);
        }
        let read = 4 + len + if frame.block_checks { 4 } else { 0 };
        if input.len() < read {
            return Step::starved();
        }
        let data = &input[4..4 + len];
        if frame.block_checks && self::word(input, 4 + len) != Some(XxHash32::oneshot(0, data)) {
            return Step::broken(BROKEN);
        }
        match self.decode(frame, data, stored) {
            Some(()) => Step {
                read,
                wrote: 0,
                state: State::Going,
            },
            None => Step::broken(BROKEN),
        }
    }

    fn decode(&mut self, frame: Frame, data: &[u8], stored: bool) -> Option<()> {
        let history = if frame.linked { self.keep_history() } else { 0 };
        let (dictionary, rest) = self.block.split_at_mut(history);
        let target = &mut rest[..frame.block_bytes_max];
        let len = if stored {
            target[..data.len()].copy_from_slice(data);
            data.len()
        } else if history == 0 {
            decompress_into(data, target).ok()?
        } else {
            decompress_into_with_dict(data, target, dictionary).ok()?
        };
        self.size += len as u64;
        if frame.content_check {
            self.hash.write(&target[..len]);
        }
        (self.block_start, self.block_end, self.given) = (0, history + len, history);
        Some(())
    }

    /// Moves the last 64 KiB to the front; how much there is.
    fn keep_history(&mut self) -> usize {
        let have = (self.block_end - self.block_start).min(HISTORY_BYTES);
        self.block.copy_within(self.block_end - have..self.block_end, 0);
        have
    }

    fn finish(&mut self, frame: Frame, input: &[u8]) -> Step {
        if frame.content_size.is_some_and(|size| size != self.size) {
            return Step::broken(BROKEN);
        }
        if !frame.content_check {
            return Step {
                read: 4,
                wrote: 0,
                state: State::End,
            };
        }
        match word(input, 4) {
            None => Step::starved(),
            Some(check) if check == self.hash.finish() as u32 => Step {
                read: 8,
                wrote: 0,
                state: State::End,
            },
            Some(_) => Step::broken(BROKEN),
        }
    }
}

fn word(input: &[u8], at: usize) -> Option<u32> {
    input.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}
