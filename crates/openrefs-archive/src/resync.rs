//! Finding the next good member after a broken one. It may lie before the place where the decoder gave up, because a
//! damaged stream can run on over the members behind it; so the search starts right after the broken member's own start.
//! What must not be taken for a member is the content of the broken record: a page that is itself a gzip file stands
//! verbatim in the stored bytes. Hence the invariant: every member found must decode and begin with a record head, and one
//! whose bytes were decoded as content must also be followed by whole members, without a gap, to beyond the point of
//! failure. (A writer that died and was started again leaves such a file: an incompressible block cut short takes the
//! members written later for its content. A page that is an archive ends before its own record does.)

use crate::head::{Format, begins_with_head};
use crate::members::{Codec, Members, State};
use memchr::memmem;
use std::collections::HashSet;
use std::io;

/// Bytes compared to tell content from a member of its own.
const PRINT_BYTES: usize = 64;
/// Embedded members remembered per member; with more, nothing before the failure is trusted.
const PRINTS_MAX: usize = 4_096;
/// Decoded bytes looked at to see a record head.
const PROBE_OUT_BYTES: usize = 4 << 10;
/// Stored bytes a look may take: one largest lz4 block and its headers.
const PROBE_IN_BYTES: usize = (4 << 20) + 64;
const CHAIN_OUT_BYTES: usize = 64 << 10;
/// Decoded bytes of one member that is looked at whole.
const CHAIN_OUT_BYTES_MAX: usize = 64 << 20;
/// Stored bytes a look may take when looks have cost too much, as only a hostile archive makes them.
const PROBE_IN_BYTES_POOR: usize = 1 << 10;
/// Bytes that may be read again for free; beyond it, twice the archive's own length.
const REREAD_BYTES_FREE: u64 = 16 << 20;

/// The beginnings of members inside decoded content.
pub(crate) struct Seen {
    finder: memmem::Finder<'static>,
    prints: HashSet<[u8; PRINT_BYTES]>,
    /// The end of what was decoded before, for a beginning that straddles two pieces.
    tail: Vec<u8>,
    overflow: bool,
}

impl Seen {
    pub(crate) fn new(magic: &'static [u8]) -> Self {
        Self {
            finder: memmem::Finder::new(magic),
            prints: HashSet::new(),
            tail: Vec::new(),
            overflow: false,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.prints.clear();
        self.tail.clear();
        self.overflow = false;
    }

    /// Notes decoded bytes, in order.
    pub(crate) fn note(&mut self, decoded: &[u8]) {
        if self.finder.needle().is_empty() {
            return;
        }
        let mut seam = std::mem::take(&mut self.tail);
        let before = seam.len();
        seam.extend_from_slice(&decoded[..decoded.len().min(PRINT_BYTES - 1)]);
        self.search(&seam, before);
        self.search(decoded, decoded.len());
        if decoded.len() < PRINT_BYTES {
            seam.drain(..seam.len().saturating_sub(PRINT_BYTES - 1));
        } else {
            seam.clear();
            seam.extend_from_slice(&decoded[decoded.len() - (PRINT_BYTES - 1)..]);
        }
        self.tail = seam;
    }

    fn search(&mut self, bytes: &[u8], starts_before: usize) {
        for at in self.finder.find_iter(bytes).take_while(|&at| at < starts_before) {
            if self.prints.len() >= PRINTS_MAX {
                self.overflow = true;
                return;
            }
            if let Some(Ok(print)) = bytes.get(at..at + PRINT_BYTES).map(TryInto::try_into) {
                self.prints.insert(print);
            }
        }
    }

    fn holds(&self, member: &[u8]) -> bool {
        member
            .get(..PRINT_BYTES)
            .and_then(|print| print.try_into().ok())
            .is_some_and(|print: [u8; PRINT_BYTES]| self.prints.contains(&print))
    }
}

impl Members<'_> {
    /// After a failure inside the current member: goes to the next good member and begins it; `false` at the end.
    /// `any` takes a member without a record head too, for files whose members cut records anywhere.
    pub(crate) fn resync_after_failure(&mut self, format: Option<Format>, any: bool) -> io::Result<bool> {
        let failed_at = self.source.offset();
        let from = self.member_offset + 1;
        self.bytes_reread += failed_at.saturating_sub(from);
        let affordable = self.bytes_reread <= REREAD_BYTES_FREE + 2 * failed_at;
        if affordable && !self.seen.overflow {
            self.source.go_back(from);
        }
        self.resync(failed_at, format, any)
    }

    /// From the current offset: goes to the next good member and begins it; `false` at the end.
    pub(crate) fn resync(&mut self, failed_at: u64, format: Option<Format>, any: bool) -> io::Result<bool> {
        let magic = self.codec.magic();
        let finder = memmem::Finder::new(magic);
        let mut probe = self.codec.twin()?;
        loop {
            self.source.set_mark();
            let Some(at) = finder.find(self.source.data()) else {
                let len = self.source.data().len();
                self.source.consume(len.saturating_sub(magic.len() - 1));
                if !self.source.more()? {
                    return Ok(false);
                }
                continue;
            };
            self.source.consume(at);
            self.source.set_mark();
            self.source.want(PRINT_BYTES)?;
            let content = self.source.offset() < failed_at && self.seen.holds(self.source.data());
            let is_member = self.is_member(&mut probe, format, any)?;
            let broken_at = if content && is_member {
                self.chain_end(&mut probe, failed_at)?
            } else {
                None
            };
            if is_member && broken_at.is_none() {
                self.begin()?;
                return Ok(true);
            }
            self.source.consume(broken_at.unwrap_or(1).max(1));
        }
    }

    /// Follows whole members from the current offset to beyond `failed_at`, or to the end of the input; where that does not
    /// lead there, how far it led. Moves nothing.
    fn chain_end(&mut self, probe: &mut Codec, failed_at: u64) -> io::Result<Option<usize>> {
        let start = self.source.offset();
        let mut at = 0;
        loop {
            let here = start + at as u64;
            self.source.want(at + 1)?;
            let at_end = self.source.data().len() == at;
            if here > failed_at || (here == failed_at && at_end) {
                return Ok(None);
            }
            match self.whole_member(probe, at)? {
                Some(len) => at += len,
                None => return Ok(Some(at)),
            }
        }
    }

    /// Stored length of the member `at` bytes ahead, if it is whole and not too long to look at.
    fn whole_member(&mut self, probe: &mut Codec, at: usize) -> io::Result<Option<usize>> {
        probe.start()?;
        let mut out = vec![0; CHAIN_OUT_BYTES];
        let (mut read, mut wrote) = (0, 0);
        let whole = loop {
            let step = probe.step(&self.source.data()[at + read..], &mut out);
            read += step.read;
            wrote += step.wrote;
            match step.state {
                State::Going if read <= PROBE_IN_BYTES && wrote <= CHAIN_OUT_BYTES_MAX => {}
                State::Starved if read <= PROBE_IN_BYTES && self.source.more()? => {}
                State::End => break true,
                _ => break false,
            }
        };
        self.bytes_probed += read as u64;
        Ok(whole.then_some(read))
    }

    /// Whether what stands at the current offset decodes and begins with a record head. Moves nothing.
    pub(crate) fn is_member(
        &mut self,
        probe: &mut Codec,
        format: Option<Format>,
        any: bool,
    ) -> io::Result<bool> {
        let rich = self.bytes_probed <= REREAD_BYTES_FREE + 2 * self.source.offset();
        let limit = if rich { PROBE_IN_BYTES } else { PROBE_IN_BYTES_POOR };
        probe.start()?;
        let mut out = vec![0; PROBE_OUT_BYTES];
        let (mut read, mut wrote) = (0, 0);
        let mut whole = false;
        // A header that is never complete is scanned without a byte being consumed; that is work too.
        let mut scanned = 0;
        while wrote < out.len() && read < limit {
            let step = probe.step(&self.source.data()[read..], &mut out[wrote..]);
            read += step.read;
            wrote += step.wrote;
            match step.state {
                State::Going => {}
                State::Starved if self.source.data().len() < limit && self.source.more()? => {
                    scanned += self.source.data().len() - read;
                }
                State::End => {
                    whole = true;
                    break;
                }
                State::Starved | State::Broken(_) => break,
            }
        }
        self.bytes_probed += (read + scanned) as u64;
        let decodes = whole || wrote == out.len();
        Ok(begins_with_head(&out[..wrote], whole, format) || (any && decodes && wrote > 0))
    }
}
