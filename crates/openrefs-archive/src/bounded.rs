//! Archives with a member per record. The member bounds the record: it is handed out only when the member decodes to its
//! end, and its block is never searched for heads. The stated length counts where the member agrees with it, that is
//! where nothing but line ends follows it in the member; otherwise the block is the rest of the member without the record
//! separator at its end (CRLF CRLF, or LF LF), and the length is reported as wrong.

use crate::BLOCK_BYTES_MAX;
use crate::archive::Reading;
use crate::error::Stop;
use crate::head::{Format, HEAD_BYTES_MAX, Head, blank_bytes, recognise, without_separator};
use crate::members::Pull;
use crate::window::Ended;

const SCRATCH_BYTES: usize = 256 << 10;
/// Bytes behind the kept part that may be line ends; more than any separator.
const SEPARATOR_BYTES: usize = 16;

/// What was read of a block that is too long to keep.
struct Drained {
    bytes: u64,
    /// The last bytes of the member, at most [`SEPARATOR_BYTES`].
    tail: Vec<u8>,
}

impl Reading<'_, '_, '_> {
    /// Reads the current member, whose first bytes are in the window, to its end.
    pub(crate) fn read_bounded(&mut self) -> Result<(), Stop> {
        let blank = blank_bytes(self.window.data());
        self.window.consume(blank);
        let ended = self.window.has_ended();
        if ended && self.window.data().is_empty() {
            self.damage_of_member();
            return Ok(());
        }
        let head = match recognise(self.window.data(), ended, None) {
            Some(format) => self.parse_head(0, format)?,
            None => return self.no_record("no record head"),
        };
        match head {
            Some(head) => self.bounded_record(head),
            None => self.no_record(self.headless()),
        }
    }

    /// What is wrong with a head that has no end.
    pub(crate) fn headless(&self) -> &'static str {
        if self.window.data().len() >= HEAD_BYTES_MAX {
            "record head too long"
        } else {
            "record cut short"
        }
    }

    fn bounded_record(&mut self, head: Head) -> Result<(), Stop> {
        self.format.get_or_insert(head.format);
        self.window
            .fill(&mut self.members, head.bytes + BLOCK_BYTES_MAX + SEPARATOR_BYTES)?;
        let drained = self.drain()?;
        if self.damage_of_member() {
            return Ok(());
        }
        let body = &self.window.data()[head.bytes..];
        let (block_bytes, right) = if drained.bytes == 0 {
            let (len, right) = block_in(body, head.length, head.format);
            (len as u64, right)
        } else {
            long_block(
                body.len() as u64 + drained.bytes,
                &drained.tail,
                head.length,
                head.format,
            )
        };
        let offset = self.members.member_offset;
        if !right {
            self.out.damage(offset, "wrong length");
        }
        let block = &body[..body.len().min(usize::try_from(block_bytes).unwrap_or(usize::MAX))];
        self.out.record(offset, head, block, block_bytes)
    }

    fn no_record(&mut self, what: &'static str) -> Result<(), Stop> {
        self.drain()?;
        if !self.damage_of_member() {
            self.out.damage(self.members.member_offset, what);
        }
        Ok(())
    }

    /// Reads the rest of the member and throws it away.
    fn drain(&mut self) -> Result<Drained, Stop> {
        let mut drained = Drained {
            bytes: 0,
            tail: Vec::new(),
        };
        if self.window.has_ended() {
            return Ok(drained);
        }
        let mut scratch = vec![0; SCRATCH_BYTES];
        loop {
            match self.members.pull(&mut scratch)? {
                Pull::Bytes(count) => {
                    drained.bytes += count as u64;
                    drained
                        .tail
                        .extend_from_slice(&scratch[count.saturating_sub(SEPARATOR_BYTES)..count]);
                    let old = drained.tail.len().saturating_sub(SEPARATOR_BYTES);
                    drained.tail.drain(..old);
                }
                end => {
                    self.window.ended = Ended::from(end);
                    return Ok(drained);
                }
            }
        }
    }

    /// Reports what is wrong with the member that just ended, if anything.
    fn damage_of_member(&mut self) -> bool {
        let what = match self.window.ended {
            Ended::Broken(what) => what,
            Ended::Cut => "record cut short",
            _ => return false,
        };
        self.out.damage(self.members.member_offset, what);
        true
    }
}

/// The length of the block in the rest of a whole member, and whether the stated length is right.
fn block_in(body: &[u8], stated: Option<u64>, format: Format) -> (usize, bool) {
    if let Some(length) = stated.and_then(|length| usize::try_from(length).ok())
        && let Some(rest) = body.get(length..)
        && blank_bytes(rest) == rest.len()
    {
        return (length, true);
    }
    (without_separator(body, format).len(), false)
}

/// The same for a body that was not kept whole.
fn long_block(body_bytes: u64, tail: &[u8], stated: Option<u64>, format: Format) -> (u64, bool) {
    let blank = tail
        .iter()
        .rev()
        .take_while(|&&byte| byte == b'\r' || byte == b'\n')
        .count() as u64;
    match stated {
        Some(length) if length <= body_bytes && body_bytes - length <= blank => (length, true),
        _ => (
            body_bytes - (tail.len() - without_separator(tail, format).len()) as u64,
            false,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stated_length_counts_when_only_line_ends_follow() {
        assert_eq!(block_in(b"abc\r\n\r\n", Some(3), Format::Warc), (3, true));
        assert_eq!(block_in(b"abc\n", Some(3), Format::Warc), (3, true));
        assert_eq!(block_in(b"abc", Some(3), Format::Warc), (3, true));
        assert_eq!(block_in(b"abc\r\n\r\n\r\n\r\n", Some(7), Format::Warc), (7, true));
    }

    #[test]
    fn else_the_member_without_one_separator_is_the_block() {
        assert_eq!(block_in(b"abcdef\r\n\r\n", Some(3), Format::Warc), (6, false));
        assert_eq!(block_in(b"abc\r\n\r\n", Some(30), Format::Warc), (3, false));
        assert_eq!(block_in(b"abc\n\n", None, Format::Warc), (3, false));
        assert_eq!(block_in(b"abc\n\n\n", Some(99), Format::Warc), (4, false));
        assert_eq!(block_in(b"", Some(u64::MAX), Format::Warc), (0, false));
    }

    #[test]
    fn long_blocks_are_judged_by_their_last_bytes() {
        assert_eq!(
            long_block(104, b"xx\r\n\r\n", Some(100), Format::Warc),
            (100, true)
        );
        assert_eq!(
            long_block(104, b"xx\r\n\r\n", Some(90), Format::Warc),
            (100, false)
        );
        assert_eq!(
            long_block(104, b"xx\r\n\r\n", Some(200), Format::Warc),
            (100, false)
        );
        assert_eq!(long_block(104, b"xxxxxx", None, Format::Warc), (104, false));
    }
}
