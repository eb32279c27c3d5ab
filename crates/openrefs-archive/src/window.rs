//! Decoded bytes at hand, one stretch without holes: the records not yet handed out. It grows only as far as callers
//! ask, which is one head and one kept block, and it is used again for every record.

use crate::members::{Members, Pull};
use std::io;

const CHUNK_BYTES: usize = 256 << 10;

/// Why no more bytes come into the window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Ended {
    /// More may come.
    No,
    /// The member ended and is whole.
    Member,
    /// The archive ended.
    Archive,
    /// Something that is no member follows, at this offset.
    Rubbish(u64),
    /// The member is damaged.
    Broken(&'static str),
    /// The archive ended inside the member.
    Cut,
    /// The next bytes were thrown away.
    Gap,
}

pub(crate) struct Window {
    buf: Vec<u8>,
    start: usize,
    end: usize,
    offset: u64,
    pub(crate) ended: Ended,
}

impl Window {
    pub(crate) fn new() -> Self {
        Self {
            buf: Vec::new(),
            start: 0,
            end: 0,
            offset: 0,
            ended: Ended::No,
        }
    }

    /// Empties the window; the next byte has `offset`.
    pub(crate) fn clear(&mut self, offset: u64) {
        (self.start, self.end, self.offset, self.ended) = (0, 0, offset, Ended::No);
    }

    pub(crate) fn data(&self) -> &[u8] {
        &self.buf[self.start..self.end]
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended != Ended::No
    }

    /// Offset of the first byte of [`Window::data`].
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        let bytes = bytes.min(self.end - self.start);
        self.start += bytes;
        self.offset += bytes as u64;
    }

    /// Counts bytes that were thrown away before reaching the window.
    pub(crate) fn pass(&mut self, bytes: u64) {
        self.offset += bytes;
    }

    /// Cuts the data to `len` bytes and gives the rest.
    pub(crate) fn split_off(&mut self, len: usize) -> Vec<u8> {
        let at = (self.start + len).min(self.end);
        let rest = self.buf[at..self.end].to_vec();
        self.end = at;
        rest
    }

    /// Puts bytes behind the data.
    pub(crate) fn append(&mut self, bytes: &[u8]) {
        self.make_room(bytes.len());
        self.buf[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// At least `want` bytes at hand, or all there are of the current member.
    pub(crate) fn fill(&mut self, members: &mut Members<'_>, want: usize) -> io::Result<()> {
        while self.end - self.start < want && self.ended == Ended::No {
            self.make_room(CHUNK_BYTES / 2);
            let room = self.buf.len().min(self.end + CHUNK_BYTES);
            match members.pull(&mut self.buf[self.end..room])? {
                Pull::Bytes(count) => self.end += count,
                end => self.ended = Ended::from(end),
            }
        }
        Ok(())
    }

    fn make_room(&mut self, bytes: usize) {
        if self.buf.len() - self.end >= bytes {
            return;
        }
        self.buf.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        // Growing by half keeps the cost of moving constant per byte.
        if self.buf.len() < self.end + self.end / 2 + bytes {
            self.buf
                .resize(self.end + self.end / 2 + bytes.max(2 * CHUNK_BYTES), 0);
        }
    }
}

impl From<Pull> for Ended {
    fn from(pull: Pull) -> Self {
        match pull {
            Pull::Bytes(_) => Ended::No,
            Pull::End => Ended::Member,
            Pull::Broken(what) => Ended::Broken(what),
            Pull::Cut => Ended::Cut,
        }
    }
}
