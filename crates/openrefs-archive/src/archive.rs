//! One archive, member by member. Whether a compressed archive holds one record per member or is one stream of records is
//! decided from its content, at its first member and again at each `warcinfo` record or ARC file header that begins a
//! member (archives are concatenated there). The invariant: once an archive has a member per record, the member bounds
//! the record, and nothing inside a record's member can become another record.

use crate::error::Stop;
use crate::head::{self, Format, Head, LOOK_BYTES, Parsed, begins_with_head, blank_bytes, recognise};
use crate::members::{Members, Next};
use crate::totals::Totals;
use crate::window::{Ended, Window};
use crate::{BLOCK_BYTES_MAX, Damage, Record, RecordKind, Sink};

/// How records lie in the members of an archive.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    Unknown,
    /// One record per member.
    Bounded,
    /// A stream of records, in one member or cut into members anywhere.
    Stream,
}

/// Where records and damages go, with the count of them.
pub(crate) struct Out<'o> {
    pub(crate) sink: &'o mut dyn Sink,
    pub(crate) totals: Totals,
}

impl Out<'_> {
    pub(crate) fn damage(&mut self, offset: u64, what: &'static str) {
        self.totals.damages += 1;
        self.sink.damage(Damage { offset, what });
    }

    pub(crate) fn record(
        &mut self,
        offset: u64,
        head: Head,
        block: &[u8],
        block_bytes: u64,
    ) -> Result<(), Stop> {
        self.totals.count(head.kind);
        let record = Record {
            offset,
            kind: head.kind,
            target_uri: head.target_uri,
            date: head.date,
            ip: head.ip,
            content_type: head.content_type,
            block: &block[..block.len().min(BLOCK_BYTES_MAX)],
            block_bytes,
            arc: head.format == Format::Arc,
        };
        if self.sink.record(record).is_break() {
            Err(Stop::Enough)
        } else {
            Ok(())
        }
    }
}

/// The reading of one archive.
pub(crate) struct Reading<'r, 's, 'o> {
    pub(crate) members: Members<'s>,
    pub(crate) window: Window,
    pub(crate) out: &'r mut Out<'o>,
    /// Fixed by the first head.
    pub(crate) format: Option<Format>,
    /// Read again after long lengths that lied.
    pub(crate) rewound_bytes: u64,
    layout: Layout,
    /// Members were seen that do not begin with a record.
    cut_anywhere: bool,
}

impl<'r, 's, 'o> Reading<'r, 's, 'o> {
    pub(crate) fn new(members: Members<'s>, out: &'r mut Out<'o>) -> Self {
        Self {
            members,
            window: Window::new(),
            out,
            format: None,
            rewound_bytes: 0,
            layout: Layout::Unknown,
            cut_anywhere: false,
        }
    }

    /// Reads to the end of the archive.
    pub(crate) fn run(&mut self) -> Result<(), Stop> {
        let mut next = self.members.next()?;
        loop {
            match next {
                Next::End => return Ok(()),
                Next::Rubbish(offset) => {
                    self.out.damage(offset, "rubbish between members");
                    if !self.members.resync(offset, self.format, self.cut_anywhere)? {
                        return Ok(());
                    }
                }
                Next::Member(_) => {}
            }
            self.member()?;
            next = match self.window.ended {
                Ended::Archive => Next::End,
                Ended::Rubbish(offset) => Next::Rubbish(offset),
                Ended::Broken(_) | Ended::Cut => {
                    if self
                        .members
                        .resync_after_failure(self.format, self.cut_anywhere)?
                    {
                        Next::Member(self.members.member_offset)
                    } else {
                        Next::End
                    }
                }
                Ended::No | Ended::Member | Ended::Gap => self.members.next()?,
            };
        }
    }

    fn member(&mut self) -> Result<(), Stop> {
        let offset = if self.members.is_plain() {
            self.members.member_offset
        } else {
            self.members.bytes_decoded
        };
        self.window.clear(offset);
        self.window.fill(&mut self.members, LOOK_BYTES)?;
        self.skip_byte_order_mark();
        match self.layout_here()? {
            Layout::Stream => self.read_stream(),
            Layout::Bounded | Layout::Unknown => self.read_bounded(),
        }
    }

    fn skip_byte_order_mark(&mut self) {
        if self.members.member_offset == 0 && self.window.data().starts_with(b"\xef\xbb\xbf") {
            self.window.consume(3);
        }
    }

    fn layout_here(&mut self) -> Result<Layout, Stop> {
        if self.members.is_plain() {
            return Ok(Layout::Stream);
        }
        let head = self.head_after_blank()?;
        let decide = self.layout == Layout::Unknown
            || head
                .as_ref()
                .is_some_and(|(_, head)| head.kind == RecordKind::Warcinfo);
        if !decide {
            return Ok(self.layout);
        }
        let (layout, sure) = match head {
            Some((at, head)) => self.decide(at, &head)?,
            None => self.decide_without_head(),
        };
        if sure {
            self.layout = layout;
        }
        Ok(layout)
    }

    /// The head that the member begins with, and where its block starts.
    fn head_after_blank(&mut self) -> Result<Option<(usize, Head)>, Stop> {
        let blank = blank_bytes(self.window.data());
        let data = &self.window.data()[blank..];
        let Some(format) = recognise(data, self.window.has_ended(), self.format) else {
            return Ok(None);
        };
        let Some(head) = self.parse_head(blank, format)? else {
            return Ok(None);
        };
        Ok(Some((blank + head.bytes, head)))
    }

    /// Parses the head at `at`, reading on inside the member as needed; `None` when it has no end.
    pub(crate) fn parse_head(&mut self, at: usize, format: Format) -> Result<Option<Head>, Stop> {
        loop {
            let data = &self.window.data()[at..];
            match head::parse(data, format) {
                Parsed::Head(head) if head.bytes <= head::HEAD_BYTES_MAX => return Ok(Some(head)),
                Parsed::Cut => return Ok(None),
                _ => {}
            }
            if self.window.has_ended() || data.len() >= head::HEAD_BYTES_MAX {
                return Ok(None);
            }
            let want = at + data.len().max(LOOK_BYTES) * 2;
            self.window.fill(&mut self.members, want)?;
        }
    }

    /// A member that begins with no head: a whole empty one says nothing, others are pieces of a stream.
    fn decide_without_head(&mut self) -> (Layout, bool) {
        let data = self.window.data();
        if self.window.has_ended() && blank_bytes(data) == data.len() {
            return (Layout::Bounded, false);
        }
        (Layout::Stream, false)
    }

    /// One record or more in the member whose first block starts at `at`? The flag: whether that holds for the file.
    fn decide(&mut self, at: usize, head: &Head) -> Result<(Layout, bool), Stop> {
        let length = match head.length {
            Some(length) if length > BLOCK_BYTES_MAX as u64 => return self.decide_long(at, head.format),
            length => length.map(|length| length as usize),
        };
        if let Some(length) = length {
            self.window.fill(&mut self.members, at + length + LOOK_BYTES)?;
            let ended = self.window.has_ended();
            if let Some(rest) = self.window.data().get(at + length..) {
                if blank_bytes(rest) == rest.len() {
                    return Ok(match self.window.ended {
                        Ended::Member => (Layout::Bounded, true),
                        Ended::No => (Layout::Stream, false),
                        _ => (Layout::Bounded, false),
                    });
                }
                if begins_with_head(rest, ended, Some(head.format)) {
                    return Ok((Layout::Stream, true));
                }
            }
        }
        self.decide_despite_length(at, head.format)
    }

    /// A first block too long to keep is read as a stream, which ends with the member where that is so.
    fn decide_long(&mut self, at: usize, format: Format) -> Result<(Layout, bool), Stop> {
        self.window.fill(&mut self.members, at + BLOCK_BYTES_MAX)?;
        if self.window.ended == Ended::No {
            return Ok((Layout::Stream, false));
        }
        self.decide_despite_length(at, format)
    }

    /// A record goes on in the next member, which has just begun: that settles the layout if no head is there.
    pub(crate) fn note_crossing(&mut self) -> Result<(), Stop> {
        if self.layout == Layout::Unknown && !self.begins_record_here()? {
            self.layout = Layout::Stream;
            self.cut_anywhere = true;
        }
        Ok(())
    }

    /// Whether the member at the source's offset begins with a head.
    fn begins_record_here(&mut self) -> Result<bool, Stop> {
        let mut probe = self.members.codec.twin()?;
        Ok(self.members.is_member(&mut probe, self.format, false)?)
    }

    /// The first length is wrong: what follows the member tells.
    fn decide_despite_length(&mut self, at: usize, format: Format) -> Result<(Layout, bool), Stop> {
        self.window.fill(&mut self.members, at + BLOCK_BYTES_MAX)?;
        match self.window.ended {
            Ended::No => return Ok((Layout::Stream, true)),
            Ended::Member => {}
            _ => return Ok((Layout::Bounded, false)),
        }
        Ok(match self.next_begins_with_head(format)? {
            Some(true) => (Layout::Bounded, true),
            Some(false) => {
                self.cut_anywhere = true;
                (Layout::Stream, true)
            }
            // The only member: as a record of its own, unless it shows several.
            None if head::find(self.window.data(), at, true, Some(format)).is_some() => {
                (Layout::Stream, false)
            }
            None => (Layout::Bounded, false),
        })
    }

    /// Looks into the member behind the current one, which must be at its end; `None` when there is none.
    fn next_begins_with_head(&mut self, format: Format) -> Result<Option<bool>, Stop> {
        let source = &mut self.members.source;
        source.set_mark();
        source.want(8)?;
        if !source.data().starts_with(self.members.codec.magic()) {
            return Ok(None);
        }
        self.format.get_or_insert(format);
        Ok(Some(self.begins_record_here()?))
    }
}
