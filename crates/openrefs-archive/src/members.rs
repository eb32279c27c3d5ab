//! The members of a container, one after another: gzip members, zstd or lz4 frames; a plain archive is one member. Bytes
//! decoded before a failure are always delivered, and a member ends as whole only when its own checks say so.

use crate::gzip::{self, Gzip};
use crate::lz4::{self, Lz4};
use crate::resync::Seen;
use crate::source::Source;
use crate::zstandard::{self, Zstd};
use std::io;

/// What a decoder did with what it was given.
pub(crate) struct Step {
    pub(crate) read: usize,
    pub(crate) wrote: usize,
    pub(crate) state: State,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum State {
    Going,
    /// Nothing can be done without more input than was given.
    Starved,
    /// The member is whole.
    End,
    Broken(&'static str),
}

impl Step {
    pub(crate) fn starved() -> Self {
        Self {
            read: 0,
            wrote: 0,
            state: State::Starved,
        }
    }

    pub(crate) fn broken(what: &'static str) -> Self {
        Self {
            read: 0,
            wrote: 0,
            state: State::Broken(what),
        }
    }
}

/// A decoder of one container.
pub(crate) enum Codec {
    Plain,
    Gzip(Gzip),
    Zstd(Zstd),
    Lz4(Lz4),
}

impl Codec {
    pub(crate) fn start(&mut self) -> io::Result<()> {
        match self {
            Codec::Plain => {}
            Codec::Gzip(gzip) => gzip.start(),
            Codec::Zstd(zstd) => zstd.start()?,
            Codec::Lz4(lz4) => lz4.start(),
        }
        Ok(())
    }

    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self {
            Codec::Plain => copy(input, output),
            Codec::Gzip(gzip) => gzip.step(input, output),
            Codec::Zstd(zstd) => zstd.step(input, output),
            Codec::Lz4(lz4) => lz4.step(input, output),
        }
    }

    /// A second decoder of the same kind, to look ahead with.
    pub(crate) fn twin(&self) -> io::Result<Codec> {
        Ok(match self {
            Codec::Plain => Codec::Plain,
            Codec::Gzip(_) => Codec::Gzip(Gzip::new()),
            Codec::Zstd(zstd) => Codec::Zstd(zstd.twin()?),
            Codec::Lz4(_) => Codec::Lz4(Lz4::new()),
        })
    }

    pub(crate) fn magic(&self) -> &'static [u8] {
        match self {
            Codec::Plain => b"",
            Codec::Gzip(_) => gzip::MAGIC,
            Codec::Zstd(_) => zstandard::MAGIC,
            Codec::Lz4(_) => lz4::MAGIC,
        }
    }

    fn has_skippable_frames(&self) -> bool {
        matches!(self, Codec::Zstd(_) | Codec::Lz4(_))
    }
}

fn copy(input: &[u8], output: &mut [u8]) -> Step {
    let len = input.len().min(output.len());
    output[..len].copy_from_slice(&input[..len]);
    Step {
        read: len,
        wrote: len,
        state: if len == 0 { State::Starved } else { State::Going },
    }
}

/// One pull at a member.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pull {
    /// So many bytes were decoded, more than zero.
    Bytes(usize),
    /// The member ended and is whole.
    End,
    /// The member is damaged here.
    Broken(&'static str),
    /// The input ended inside the member.
    Cut,
}

/// What stands where a member should begin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Next {
    /// A member, at this offset.
    Member(u64),
    /// Bytes that are no member, at this offset.
    Rubbish(u64),
    /// The end of the input.
    End,
}

pub(crate) struct Members<'s> {
    pub(crate) source: Source<'s>,
    pub(crate) codec: Codec,
    /// Where the current member starts in the input.
    pub(crate) member_offset: u64,
    pub(crate) bytes_decoded: u64,
    pub(crate) seen: Seen,
    /// What is to be told after bytes that came with it.
    pending: Option<Pull>,
    started: bool,
    /// Bytes read again after damage, which must not add up to more than the archive is worth.
    pub(crate) bytes_reread: u64,
    pub(crate) bytes_probed: u64,
}

impl<'s> Members<'s> {
    pub(crate) fn new(source: Source<'s>, codec: Codec) -> Self {
        Self {
            seen: Seen::new(codec.magic()),
            source,
            codec,
            member_offset: 0,
            bytes_decoded: 0,
            pending: None,
            started: false,
            bytes_reread: 0,
            bytes_probed: 0,
        }
    }

    pub(crate) fn is_plain(&self) -> bool {
        matches!(self.codec, Codec::Plain)
    }

    /// Decodes into `out`, which must not be empty.
    pub(crate) fn pull(&mut self, out: &mut [u8]) -> io::Result<Pull> {
        let mut wrote = 0;
        let end = loop {
            if let Some(end) = self.pending {
                break end;
            }
            if wrote == out.len() {
                break Pull::Bytes(wrote);
            }
            let step = self.codec.step(self.source.data(), &mut out[wrote..]);
            self.source.consume(step.read);
            wrote += step.wrote;
            match step.state {
                State::Going => {}
                State::Starved => {
                    if !self.source.more()? {
                        self.pending = Some(if self.is_plain() { Pull::End } else { Pull::Cut });
                    }
                }
                State::End => self.pending = Some(Pull::End),
                State::Broken(what) => self.pending = Some(Pull::Broken(what)),
            }
        };
        if wrote == 0 {
            return Ok(end);
        }
        self.bytes_decoded += wrote as u64;
        self.seen.note(&out[..wrote]);
        if self.is_plain() {
            self.source.set_mark();
        }
        Ok(Pull::Bytes(wrote))
    }

    /// Goes to the next member, which must stand at the current offset, apart from padding and skippable frames.
    pub(crate) fn next(&mut self) -> io::Result<Next> {
        self.source.set_mark();
        if self.is_plain() {
            self.source.want(1)?;
            let done = self.started && self.source.data().is_empty();
            return if done { Ok(Next::End) } else { self.begin() };
        }
        loop {
            self.source.set_mark();
            self.source.want(8)?;
            let data = self.source.data();
            if data.is_empty() {
                return Ok(Next::End);
            }
            if data[0] == 0 {
                // Tapes and some tools pad with zero bytes.
                self.source
                    .consume(data.iter().take_while(|&&byte| byte == 0).count());
            } else if data.starts_with(self.codec.magic()) {
                return self.begin();
            } else if self.codec.has_skippable_frames() && is_skippable(data) {
                if !self.skip_frame()? {
                    return Ok(Next::End);
                }
            } else {
                return Ok(Next::Rubbish(self.source.offset()));
            }
        }
    }

    /// Starts on the member at the current offset.
    pub(crate) fn begin(&mut self) -> io::Result<Next> {
        self.source.set_mark();
        self.codec.start()?;
        self.seen.clear();
        self.pending = None;
        self.started = true;
        self.member_offset = self.source.offset();
        Ok(Next::Member(self.member_offset))
    }

    /// Passes over a skippable frame, taking a zstd dictionary from it; `false` when the input ends inside.
    fn skip_frame(&mut self) -> io::Result<bool> {
        let data = self.source.data();
        let len = u32::from_le_bytes([data[4], data[5], data[6], data[7]]) as usize;
        let may_hold = matches!(self.codec, Codec::Zstd(_)) && data.starts_with(zstandard::DICTIONARY_MAGIC);
        self.source.consume(8);
        if may_hold && len <= zstandard::DICTIONARY_BYTES_MAX {
            self.source.want(len)?;
            let content = &self.source.data()[..len.min(self.source.data().len())];
            if let Some(dictionary) = zstandard::dictionary(content)
                && let Ok(zstd) = Zstd::new(&dictionary)
            {
                self.codec = Codec::Zstd(zstd);
            }
        }
        let mut left = len;
        while left > 0 {
            self.source.set_mark();
            let have = self.source.data().len().min(left);
            self.source.consume(have);
            left -= have;
            if left > 0 && have == 0 && !self.source.more()? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Magic 0x184D2A50 to 0x184D2A5F and a length, in zstd and lz4 alike.
pub(crate) fn is_skippable(data: &[u8]) -> bool {
    data.len() >= 8 && data[0] & 0xf0 == 0x50 && data[1..4] == [0x2a, 0x4d, 0x18]
}
