//! The table `links`: one row per backlink, sorted by its whole identity.
//!
//! Columns, in order: `target_key`, `refdomain`, `source_key`, `link_type`, `anchor`, `nofollow`, `ugc`, `sponsored`,
//! `image` (the identity, and the sort order), `first_seen`, `last_visited` (seconds since 1970, UTC), `ip` (null =
//! unknown), `source_https`, `target_https`. A key and its scheme are the whole URL, so URLs are not stored again.

use std::cmp::Ordering;

use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use openrefs_model::{Address, Backlink, Flags, LinkType, Sighting};

use crate::error::Result;
use crate::folder::Folder;
use crate::table::{
    ColumnKind::{Flag, Long, OptionalText, Text, Word},
    Kind, TableReader, TableSpec, TableWriter, Written, column, flags, longs, strings,
};

/// All columns, in the order of the file.
pub const COLUMNS: [&str; 14] = [
    "target_key",
    "refdomain",
    "source_key",
    "link_type",
    "anchor",
    "nofollow",
    "ugc",
    "sponsored",
    "image",
    "first_seen",
    "last_visited",
    "ip",
    "source_https",
    "target_https",
];

/// A page is the least that a look-up decodes, and its strings take most of the time of a small answer.
pub const PAGE_ROWS: usize = 2_048;

pub(crate) const SPEC: TableSpec = TableSpec {
    columns: &[
        column(COLUMNS[0], Text),
        column(COLUMNS[1], Text),
        column(COLUMNS[2], Text),
        column(COLUMNS[3], Word),
        column(COLUMNS[4], Text),
        column(COLUMNS[5], Flag),
        column(COLUMNS[6], Flag),
        column(COLUMNS[7], Flag),
        column(COLUMNS[8], Flag),
        column(COLUMNS[9], Long),
        column(COLUMNS[10], Long),
        column(COLUMNS[11], OptionalText),
        column(COLUMNS[12], Flag),
        column(COLUMNS[13], Flag),
    ],
    sorted_by: 9,
    indexed: 1,
    page_rows: PAGE_ROWS,
};

/// One row, borrowed from wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkRow<'a> {
    /// Key of the linked URL.
    pub target_key: &'a str,
    /// Registrable domain of the source page.
    pub refdomain: &'a str,
    /// Key of the source page.
    pub source_key: &'a str,
    /// Name of the link type.
    pub link_type: &'a str,
    /// Anchor text.
    pub anchor: &'a str,
    /// nofollow, ugc, sponsored, image.
    pub flags: Flags,
}

impl<'a> LinkRow<'a> {
    /// The identity of a backlink.
    pub fn of(backlink: &'a Backlink) -> Self {
        Self {
            target_key: &backlink.target_key,
            refdomain: &backlink.refdomain,
            source_key: &backlink.source_key,
            link_type: backlink.link_type.name(),
            anchor: &backlink.anchor,
            flags: backlink.flags,
        }
    }

    /// The order of the table.
    pub fn order(&self, other: &Self) -> Ordering {
        (
            self.target_key,
            self.refdomain,
            self.source_key,
            self.link_type,
            self.anchor,
            self.flags,
        )
            .cmp(&(
                other.target_key,
                other.refdomain,
                other.source_key,
                other.link_type,
                other.anchor,
                other.flags,
            ))
    }
}

/// Writes a file of the table. Rows must come in its order, each identity once.
pub struct LinksWriter {
    table: TableWriter,
}

impl LinksWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(folder: &Folder, name: &str, kind: Kind) -> Result<Self> {
        let table = TableWriter::create(folder, name, &SPEC, kind)?;
        Ok(Self { table })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The operating system's.
    pub fn push(&mut self, row: &LinkRow<'_>, sighting: &Sighting) -> Result<()> {
        let table = &mut self.table;
        table.text(0, row.target_key);
        table.text(1, row.refdomain);
        table.text(2, row.source_key);
        table.text(3, row.link_type);
        table.text(4, row.anchor);
        table.flag(5, row.flags.nofollow);
        table.flag(6, row.flags.ugc);
        table.flag(7, row.flags.sponsored);
        table.flag(8, row.flags.image);
        table.long(9, sighting.first_seen);
        table.long(10, sighting.last_visited);
        table.optional_text(11, sighting.ip.as_ref().map(Address::as_str));
        table.flag(12, sighting.source_https);
        table.flag(13, sighting.target_https);
        table.end_row()
    }

    /// Completes the file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn finish(self) -> Result<Written> {
        self.table.finish()
    }
}

/// Some decoded rows, all columns.
#[derive(Debug)]
pub struct LinksBatch {
    strings: [StringArray; 5],
    flags: [BooleanArray; 4],
    dates: [Int64Array; 2],
    ip: StringArray,
    schemes: [BooleanArray; 2],
}

impl LinksBatch {
    /// Reads the next rows; None at the end.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when the file does not hold what the table must.
    pub fn next(reader: &mut TableReader) -> Result<Option<Self>> {
        reader.next_as(Self::of)
    }

    /// The columns of a batch that was read with all of them.
    ///
    /// # Errors
    /// What is wrong, if one is missing or of another type.
    pub fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let text = |name| strings(batch, name).cloned();
        let flag = |name| flags(batch, name).cloned();
        Ok(Self {
            strings: [
                text("target_key")?,
                text("refdomain")?,
                text("source_key")?,
                text("link_type")?,
                text("anchor")?,
            ],
            flags: [
                flag("nofollow")?,
                flag("ugc")?,
                flag("sponsored")?,
                flag("image")?,
            ],
            dates: [
                longs(batch, "first_seen")?.clone(),
                longs(batch, "last_visited")?.clone(),
            ],
            ip: text("ip")?,
            schemes: [flag("source_https")?, flag("target_https")?],
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.ip.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The identity of a row.
    pub fn row(&self, index: usize) -> LinkRow<'_> {
        let [target_key, refdomain, source_key, link_type, anchor] = &self.strings;
        let [nofollow, ugc, sponsored, image] = &self.flags;
        LinkRow {
            target_key: target_key.value(index),
            refdomain: refdomain.value(index),
            source_key: source_key.value(index),
            link_type: link_type.value(index),
            anchor: anchor.value(index),
            flags: Flags {
                nofollow: nofollow.value(index),
                ugc: ugc.value(index),
                sponsored: sponsored.value(index),
                image: image.value(index),
            },
        }
    }

    /// When and from where a row was seen.
    pub fn sighting(&self, index: usize) -> Sighting {
        Sighting {
            first_seen: self.dates[0].value(index),
            last_visited: self.dates[1].value(index),
            ip: if self.ip.is_null(index) {
                None
            } else {
                Address::from_canonical(self.ip.value(index))
            },
            source_https: self.schemes[0].value(index),
            target_https: self.schemes[1].value(index),
        }
    }

    /// A row as a backlink of its own.
    pub fn backlink(&self, index: usize) -> Backlink {
        let row = self.row(index);
        Backlink {
            target_key: row.target_key.into(),
            refdomain: row.refdomain.into(),
            source_key: row.source_key.into(),
            link_type: LinkType::from_name(row.link_type).unwrap_or(LinkType::Href),
            anchor: row.anchor.into(),
            flags: row.flags,
            sighting: self.sighting(index),
        }
    }
}
