//! Archives that are one stream of records: plain ones, and compressed ones whose members do not bound records. A length is
//! right when a record head or the end follows the block it states, blank lines apart. When it is wrong, the search for
//! the next head starts at the block's own start, and the block ends where that head begins, without one separator.

use crate::BLOCK_BYTES_MAX;
use crate::archive::Reading;
use crate::error::Stop;
use crate::head::Parsed;
use crate::head::{
    Format, Head, LOOK_BYTES, begins_with_head, blank_bytes, find, parse, recognise, without_separator,
};
use crate::members::{Next, Pull};
use crate::window::Ended;
use memchr::memchr;

const SCRATCH_BYTES: usize = 256 << 10;
/// Bytes that may be read again behind lying lengths of more than 64 MiB; beyond it, twice the archive's own length.
const REWOUND_BYTES_FREE: u64 = 1 << 30;

/// What is known of a length that does not lead to a head or the end.
#[derive(Clone, Copy)]
enum Stated {
    /// There is none, or it is no number.
    Missing,
    /// So many bytes are there.
    Present(usize),
    /// It reaches beyond the end.
    Beyond,
}

impl Reading<'_, '_, '_> {
    /// Reads records until the stream ends, fails, or a member ends together with a record.
    pub(crate) fn read_stream(&mut self) -> Result<(), Stop> {
        self.read_records()?;
        match self.window.ended {
            Ended::Broken(what) => self.out.damage(self.members.member_offset, what),
            Ended::Cut => self.out.damage(self.members.member_offset, "archive cut short"),
            _ => {}
        }
        Ok(())
    }

    fn read_records(&mut self) -> Result<(), Stop> {
        while self.go_to_head()? {
            self.stream_record()?;
        }
        Ok(())
    }

    /// At least `want` bytes at hand, through the ends of members.
    fn fill(&mut self, want: usize) -> Result<(), Stop> {
        loop {
            self.window.fill(&mut self.members, want)?;
            if self.window.data().len() >= want || self.window.ended != Ended::Member {
                return Ok(());
            }
            self.window.ended = match self.members.next()? {
                Next::Member(_) => {
                    self.note_crossing()?;
                    Ended::No
                }
                Next::End => Ended::Archive,
                Next::Rubbish(offset) => Ended::Rubbish(offset),
            };
        }
    }

    /// Passes blank lines, and rubbish with a report; `false` when no record follows.
    fn go_to_head(&mut self) -> Result<bool, Stop> {
        loop {
            self.window.fill(&mut self.members, 1)?;
            let blank = blank_bytes(self.window.data());
            self.window.consume(blank);
            if !self.window.data().is_empty() {
                break;
            }
            if self.window.has_ended() {
                return Ok(false);
            }
        }
        self.fill(LOOK_BYTES)?;
        if recognise(self.window.data(), self.window.has_ended(), self.format).is_some() {
            return Ok(true);
        }
        self.out.damage(self.window.offset(), "rubbish between records");
        self.search_head(false)
    }

    /// Goes forward to the next head at the start of a line. `line_start`: the window begins with a line.
    fn search_head(&mut self, mut line_start: bool) -> Result<bool, Stop> {
        loop {
            self.fill(4 * LOOK_BYTES)?;
            let ended = self.window.has_ended();
            let data = self.window.data();
            let limit = if ended {
                data.len()
            } else {
                data.len() - LOOK_BYTES
            };
            let mut at = 0;
            let found = loop {
                if line_start && at < data.len() && recognise(&data[at..], ended, self.format).is_some() {
                    break true;
                }
                match memchr(b'\n', &data[at..limit.max(at)]) {
                    Some(end) => at += end + 1,
                    None => break false,
                }
                line_start = true;
            };
            self.window.consume(if found { at } else { limit.max(at) });
            if found || ended {
                return Ok(found);
            }
            line_start = false;
        }
    }

    fn stream_record(&mut self) -> Result<(), Stop> {
        let offset = self.window.offset();
        let format = recognise(self.window.data(), self.window.has_ended(), self.format);
        let Some(format) = format else { return Ok(()) };
        let Some(head) = self.stream_head(format)? else {
            self.out.damage(offset, self.headless());
            self.window.consume(1);
            self.search_head(false)?;
            return Ok(());
        };
        self.format.get_or_insert(head.format);
        match head.length {
            None => self.unsized_record(head, Stated::Missing),
            Some(length) if length <= BLOCK_BYTES_MAX as u64 => self.sized_record(head, length as usize),
            Some(length) => self.long_record(head, length),
        }
    }

    /// The head at the window's start, through the ends of members.
    fn stream_head(&mut self, format: Format) -> Result<Option<Head>, Stop> {
        loop {
            let head = self.parse_head(0, format)?;
            if head.is_some() || self.window.ended != Ended::Member || self.is_head_cut(format) {
                return Ok(head);
            }
            let want = self.window.data().len() + 1;
            self.fill(want)?;
        }
    }

    fn is_head_cut(&self, format: Format) -> bool {
        matches!(parse(self.window.data(), format), Parsed::Cut)
    }

    fn sized_record(&mut self, head: Head, length: usize) -> Result<(), Stop> {
        let offset = self.window.offset();
        let end = head.bytes + length;
        self.fill(end + LOOK_BYTES)?;
        if self.window.data().len() < end {
            return self.unsized_record(head, Stated::Beyond);
        }
        if !self.follows(end) {
            return self.unsized_record(head, Stated::Present(length));
        }
        self.out.record(
            offset,
            head,
            &self.window.data()[end - length..end],
            length as u64,
        )?;
        self.window.consume(end);
        Ok(())
    }

    /// Whether a head or the end stands at `at`, blank lines apart.
    fn follows(&self, at: usize) -> bool {
        let rest = &self.window.data()[at..];
        blank_bytes(rest) == rest.len() || begins_with_head(rest, self.window.has_ended(), self.format)
    }

    fn cut_record(&mut self, head: &Head) -> Result<(), Stop> {
        self.out.damage(self.window.offset(), "record cut short");
        self.window.consume(head.bytes);
        self.search_head(true)?;
        Ok(())
    }

    /// A record whose length does not help: its block reaches to the next head.
    fn unsized_record(&mut self, head: Head, stated: Stated) -> Result<(), Stop> {
        let mut want = head.bytes + 4 * LOOK_BYTES;
        loop {
            self.fill(want)?;
            let data = self.window.data();
            let ended = self.window.has_ended();
            if let Some((next, _)) = find(data, head.bytes, ended, self.format) {
                let len = without_separator(&data[head.bytes..next], head.format).len();
                return self.give_unsized(head, stated, len, next);
            }
            if ended {
                return self.last_record(head, stated);
            }
            if data.len() > head.bytes + BLOCK_BYTES_MAX {
                return self.cut_record(&head);
            }
            want = data.len() * 2;
        }
    }

    fn give_unsized(&mut self, head: Head, stated: Stated, len: usize, next: usize) -> Result<(), Stop> {
        let offset = self.window.offset();
        self.out.damage(
            offset,
            if matches!(stated, Stated::Missing) {
                "no length"
            } else {
                "wrong length"
            },
        );
        let block = &self.window.data()[head.bytes..head.bytes + len];
        self.out.record(offset, head, block, len as u64)?;
        self.window.consume(next);
        Ok(())
    }

    /// The same when no head follows any more. It is whole when its stated length is there, or a separator ends it.
    fn last_record(&mut self, head: Head, stated: Stated) -> Result<(), Stop> {
        let data = self.window.data();
        let body = &data[head.bytes..];
        let is_end = matches!(self.window.ended, Ended::Archive | Ended::Member);
        let unseparated = without_separator(body, head.format).len();
        let len = match stated {
            // What damage left behind the block is not part of it.
            Stated::Present(length) if !is_end => length,
            Stated::Present(_) => unseparated,
            Stated::Missing if is_end && ends_with_separator(body, head.format) => unseparated,
            Stated::Missing | Stated::Beyond => return self.cut_record(&head),
        };
        let next = data.len();
        self.give_unsized(head, stated, len, next)
    }

    /// A record that is too long to keep.
    fn long_record(&mut self, head: Head, length: u64) -> Result<(), Stop> {
        let offset = self.window.offset();
        let kept = head.bytes + BLOCK_BYTES_MAX;
        self.fill(kept)?;
        if self.window.data().len() < kept {
            return self.unsized_record(head, Stated::Beyond);
        }
        if self.reaches_beyond(kept as u64, length - BLOCK_BYTES_MAX as u64) {
            return self.unsized_record(head, Stated::Beyond);
        }
        // Bytes that came with the kept part belong to what is thrown away.
        let more = self.window.split_off(kept);
        let beyond = length - BLOCK_BYTES_MAX as u64;
        if more.len() as u64 > beyond {
            self.window.append(&more);
            return self.judge_long(head, length, offset, more.len());
        }
        let passed = more.len() as u64 + self.throw_away(beyond - more.len() as u64)?;
        if passed == beyond {
            self.fill(kept + LOOK_BYTES)?;
        }
        let rest = self.window.split_off(kept);
        let whole = passed == beyond && is_followed(&rest, self);
        if whole {
            let block = &self.window.data()[head.bytes..];
            self.out.record(offset, head, block, length)?;
            self.window.consume(kept);
            self.window.pass(passed);
            self.window.append(&rest);
            return Ok(());
        }
        self.look_behind(head, passed, &rest)
    }

    /// Whether a plain file is known to be too short for `beyond` bytes after the first `kept` of the window.
    fn reaches_beyond(&self, kept: u64, beyond: u64) -> bool {
        let here = self.window.offset() + kept;
        self.members.is_plain()
            && self
                .members
                .source
                .len_known()
                .is_some_and(|len| beyond > len.saturating_sub(here))
    }

    /// A long record whose end is in the window already.
    fn judge_long(&mut self, head: Head, length: u64, offset: u64, more: usize) -> Result<(), Stop> {
        let end = head.bytes + length as usize;
        self.fill(head.bytes + BLOCK_BYTES_MAX + more + LOOK_BYTES)?;
        if !self.follows(end) {
            return self.unsized_record(head, Stated::Present(length as usize));
        }
        self.out.record(
            offset,
            head,
            &self.window.data()[end - length as usize..end],
            length,
        )?;
        self.window.consume(end);
        Ok(())
    }

    /// Decodes `bytes` into nothing, through the ends of members; how many there were.
    fn throw_away(&mut self, bytes: u64) -> Result<u64, Stop> {
        let mut scratch = vec![0; SCRATCH_BYTES];
        let mut passed = 0;
        while passed < bytes && !self.window.has_ended() {
            let room = (bytes - passed).min(SCRATCH_BYTES as u64) as usize;
            match self.members.pull(&mut scratch[..room])? {
                Pull::Bytes(count) => passed += count as u64,
                end => {
                    self.window.ended = Ended::from(end);
                    let at_hand = self.window.data().len();
                    self.fill(at_hand + 1)?;
                    // The byte that `fill` may have brought in belongs to what is thrown away.
                    let extra = self.window.split_off(at_hand);
                    passed += extra.len() as u64;
                }
            }
        }
        Ok(passed)
    }

    /// After a long length that lied: goes on from the block's start, in the input again where it can be opened again,
    /// else in the kept part and then behind what was thrown away.
    fn look_behind(&mut self, head: Head, passed: u64, rest: &[u8]) -> Result<(), Stop> {
        let kept_end = self.window.offset() + self.window.data().len() as u64;
        let affordable = self.rewound_bytes + passed <= REWOUND_BYTES_FREE + 2 * kept_end;
        if self.members.is_plain() && affordable && self.members.source.go_to(kept_end)? {
            self.rewound_bytes += passed;
            self.members.begin()?;
            self.window.ended = Ended::No;
            return self.unsized_record(head, Stated::Beyond);
        }
        let ended = std::mem::replace(&mut self.window.ended, Ended::Gap);
        self.unsized_record(head, Stated::Beyond)?;
        self.read_records()?;
        self.window.pass(passed);
        self.window.append(rest);
        self.window.ended = ended;
        Ok(())
    }
}

fn is_followed(rest: &[u8], reading: &Reading<'_, '_, '_>) -> bool {
    blank_bytes(rest) == rest.len() || begins_with_head(rest, reading.window.has_ended(), reading.format)
}

fn ends_with_separator(body: &[u8], format: Format) -> bool {
    body.ends_with(b"\r\n\r\n") || body.ends_with(b"\n\n") || (format == Format::Arc && body.ends_with(b"\n"))
}
