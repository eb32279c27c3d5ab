//! The stored bytes of an archive, read front to back, with a short memory: what was consumed since the mark can be gone
//! back to, at most [`HISTORY_BYTES_MAX`] of it. So damage is handled the same way in a file and on standard input,
//! without seeking, and memory stays bounded however long the archive is.

use std::io::{self, Read};

/// How far back a search may go after a broken member. A deflate stream that lost its way ends within one block,
/// some tens of KiB as a rule; this is far beyond that.
pub(crate) const HISTORY_BYTES_MAX: usize = 4 << 20;
const READ_BYTES: usize = 256 << 10;

/// An input of known length that can be opened again at an offset.
pub(crate) struct Reopen<'s> {
    pub(crate) len: u64,
    pub(crate) open_at: OpenAt<'s>,
}

/// Opens an input at an offset.
pub(crate) type OpenAt<'s> = Box<dyn FnMut(u64) -> io::Result<Box<dyn Read + 's>> + 's>;

pub(crate) struct Source<'s> {
    reader: Box<dyn Read + 's>,
    reopen: Option<Reopen<'s>>,
    progress: &'s dyn Fn(u64),
    buf: Vec<u8>,
    pos: usize,
    end: usize,
    /// Offset in the input of `buf[0]`.
    base: u64,
    mark: u64,
    at_end: bool,
    bytes_told: u64,
}

impl<'s> Source<'s> {
    pub(crate) fn new(
        reader: Box<dyn Read + 's>,
        reopen: Option<Reopen<'s>>,
        progress: &'s dyn Fn(u64),
    ) -> Self {
        Self {
            reader,
            reopen,
            progress,
            buf: Vec::new(),
            pos: 0,
            end: 0,
            base: 0,
            mark: 0,
            at_end: false,
            bytes_told: 0,
        }
    }

    /// Offset of the next unread byte.
    pub(crate) fn offset(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// Unread bytes at hand.
    pub(crate) fn data(&self) -> &[u8] {
        &self.buf[self.pos..self.end]
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.pos = (self.pos + bytes).min(self.end);
    }

    /// Remembers everything from here on, as far as the history reaches.
    pub(crate) fn set_mark(&mut self) {
        self.mark = self.offset();
    }

    /// Length of the input, where it is known.
    pub(crate) fn len_known(&self) -> Option<u64> {
        self.reopen.as_ref().map(|reopen| reopen.len)
    }

    /// Goes back to `offset`, or to the earliest byte still at hand.
    pub(crate) fn go_back(&mut self, offset: u64) {
        let offset = offset.clamp(self.base, self.base + self.end as u64);
        self.pos = (offset - self.base) as usize;
    }

    /// Goes to any offset by opening the input again; `false` where the input cannot.
    pub(crate) fn go_to(&mut self, offset: u64) -> io::Result<bool> {
        let Some(reopen) = &mut self.reopen else {
            return Ok(false);
        };
        self.reader = (reopen.open_at)(offset)?;
        (self.pos, self.end, self.base, self.mark, self.at_end) = (0, 0, offset, offset, false);
        Ok(true)
    }

    /// Reads on; `false` at the end of the input. Bytes at hand stay at hand.
    pub(crate) fn more(&mut self) -> io::Result<bool> {
        if self.at_end {
            return Ok(false);
        }
        self.make_room();
        loop {
            match self.reader.read(&mut self.buf[self.end..]) {
                Ok(0) => {
                    self.at_end = true;
                    return Ok(false);
                }
                Ok(count) => {
                    self.end += count;
                    self.tell();
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// At least `bytes` unread bytes at hand, or all that are left.
    pub(crate) fn want(&mut self, bytes: usize) -> io::Result<()> {
        while self.data().len() < bytes && self.more()? {}
        Ok(())
    }

    fn make_room(&mut self) {
        let oldest = self
            .mark
            .max(self.offset().saturating_sub(HISTORY_BYTES_MAX as u64))
            .min(self.offset());
        let drop = (oldest.max(self.base) - self.base) as usize;
        // Moving only when at least as much is dropped as is moved keeps the cost per byte constant.
        if drop > 0 && (drop >= self.end - drop || drop >= HISTORY_BYTES_MAX) {
            self.buf.copy_within(drop..self.end, 0);
            self.pos -= drop;
            self.end -= drop;
            self.base += drop as u64;
        }
        if self.buf.len() - self.end < READ_BYTES / 2 {
            let len = (self.buf.len() * 2).max(self.end + READ_BYTES);
            self.buf.resize(len.min(self.end + HISTORY_BYTES_MAX), 0);
        }
    }

    /// Only new ground counts, not what is read twice after damage.
    fn tell(&mut self) {
        let reached = self.base + self.end as u64;
        if reached > self.bytes_told {
            (self.progress)(reached - self.bytes_told);
            self.bytes_told = reached;
        }
    }
}
