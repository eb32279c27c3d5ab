//! One gzip member at a time (RFC 1952): header with any extra fields, deflate data, check sum and size. A member counts
//! as whole only when its check sum and size are right.

use crate::members::{State, Step};
use flate2::{Crc, Decompress, FlushDecompress, Status};
use memchr::memchr;

pub(crate) const MAGIC: &[u8] = &[0x1f, 0x8b, 0x08];
const TRAILER_BYTES: usize = 8;
/// Extra field, name and comment together; no writer comes near.
const HEADER_BYTES_MAX: usize = 128 << 10;

pub(crate) struct Gzip {
    inflate: Decompress,
    crc: Crc,
    part: Part,
}

#[derive(PartialEq)]
enum Part {
    Header,
    Data,
    Trailer,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        Self {
            inflate: Decompress::new(false),
            crc: Crc::new(),
            part: Part::Header,
        }
    }

    pub(crate) fn start(&mut self) {
        self.inflate.reset(false);
        self.crc.reset();
        self.part = Part::Header;
    }

    pub(crate) fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        match self.part {
            Part::Header => self.header(input),
            Part::Data => self.data(input, output),
            Part::Trailer => self.trailer(input),
        }
    }

    fn header(&mut self, input: &[u8]) -> Step {
        match header_bytes(input) {
            Header::Whole(read) => {
                self.part = Part::Data;
                Step {
                    read,
                    wrote: 0,
                    state: State::Going,
                }
            }
            Header::Short => Step::starved(),
            Header::Broken => Step::broken("gzip member broken"),
        }
    }

    fn data(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let (read_before, wrote_before) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(input, output, FlushDecompress::None);
        let read = (self.inflate.total_in() - read_before) as usize;
        let wrote = (self.inflate.total_out() - wrote_before) as usize;
        self.crc.update(&output[..wrote]);
        let state = match status {
            Ok(Status::StreamEnd) => {
                self.part = Part::Trailer;
                State::Going
            }
            Ok(_) if read == 0 && wrote == 0 => State::Starved,
            Ok(_) => State::Going,
            Err(_) => State::Broken("gzip member broken"),
        };
        Step { read, wrote, state }
    }

    fn trailer(&mut self, input: &[u8]) -> Step {
        let Some(trailer) = input.get(..TRAILER_BYTES) else {
            return Step::starved();
        };
        let crc_right = trailer[..4] == self.crc.sum().to_le_bytes();
        let size_right = trailer[4..] == self.crc.amount().to_le_bytes();
        if crc_right && size_right {
            Step {
                read: TRAILER_BYTES,
                wrote: 0,
                state: State::End,
            }
        } else {
            Step::broken("gzip member broken")
        }
    }
}

enum Header {
    Whole(usize),
    Short,
    Broken,
}

/// Length of the member header at the start of `input`.
fn header_bytes(input: &[u8]) -> Header {
    if input.len() < 10 {
        return if MAGIC.starts_with(&input[..input.len().min(3)]) || input.starts_with(MAGIC) {
            Header::Short
        } else {
            Header::Broken
        };
    }
    let flags = input[3];
    if !input.starts_with(MAGIC) || flags & 0xe0 != 0 {
        return Header::Broken;
    }
    let mut at = 10;
    if flags & 0x04 != 0 {
        let Some(len) = input.get(at..at + 2) else {
            return Header::Short;
        };
        at += 2 + usize::from(u16::from_le_bytes([len[0], len[1]]));
    }
    for flag in [0x08, 0x10] {
        if flags & flag != 0 {
            match input.get(at..).and_then(|rest| memchr(0, rest)) {
                Some(len) => at += len + 1,
                None if input.len() > HEADER_BYTES_MAX => return Header::Broken,
                None => return Header::Short,
            }
        }
    }
    if flags & 0x02 != 0 {
        at += 2;
    }
    if at <= input.len() {
        Header::Whole(at)
    } else {
        Header::Short
    }
}
