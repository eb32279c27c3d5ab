//! The table `links`: one row per backlink, sorted by its whole identity.
//!
//! Columns, in order: `target_key`, `refdomain`, `source_key`, `link_type`, `anchor`, `nofollow`, `ugc`, `sponsored`,
//! `image` (the identity, and the sort order), `first_seen`, `last_visited` (seconds since 1970, UTC), `ip` (null =
//! unknown), `source_https`, `target_https`. A key and its scheme are the whole URL, so URLs are not stored again.

use std::cmp::Ordering;
use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use openrefs_model::{Address, Backlink, Flags, LinkType, Sighting};

use crate::error::Result;
use crate::folder::{Folder, Written};
use crate::table::{Kind, TableFile, TableReader, TableWriter, flags, longs, strings};

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

/// The leading columns that the table is sorted by.
const SORT_COLUMNS: usize = 9;
/// Rows collected before they are handed to the Parquet writer.
const BATCH_ROWS: usize = 8_192;

fn schema() -> SchemaRef {
    let fields = COLUMNS.map(|name| {
        let kind = match name {
            "target_key" | "refdomain" | "source_key" | "link_type" | "anchor" | "ip" => DataType::Utf8,
            "first_seen" | "last_visited" => DataType::Int64,
            _ => DataType::Boolean,
        };
        Field::new(name, kind, name == "ip")
    });
    Arc::new(Schema::new(fields.to_vec()))
}

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
    columns: Columns,
}

/// The rows not yet handed to the Parquet writer, by column.
#[derive(Default)]
struct Columns {
    strings: [StringBuilder; 5],
    flags: [BooleanBuilder; 4],
    dates: [Int64Builder; 2],
    ip: StringBuilder,
    schemes: [BooleanBuilder; 2],
}

impl LinksWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(folder: &Folder, name: &str, kind: Kind) -> Result<Self> {
        let table = TableWriter::create(folder, name, &schema(), &["link_type"], SORT_COLUMNS, kind)?;
        Ok(Self {
            table,
            columns: Columns::default(),
        })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The operating system's.
    pub fn push(&mut self, row: &LinkRow<'_>, sighting: &Sighting) -> Result<()> {
        let columns = &mut self.columns;
        let texts = [
            row.target_key,
            row.refdomain,
            row.source_key,
            row.link_type,
            row.anchor,
        ];
        for (column, text) in columns.strings.iter_mut().zip(texts) {
            column.append_value(text);
        }
        let Flags {
            nofollow,
            ugc,
            sponsored,
            image,
        } = row.flags;
        for (column, flag) in columns.flags.iter_mut().zip([nofollow, ugc, sponsored, image]) {
            column.append_value(flag);
        }
        columns.dates[0].append_value(sighting.first_seen);
        columns.dates[1].append_value(sighting.last_visited);
        columns
            .ip
            .append_option(sighting.ip.as_ref().map(Address::as_str));
        columns.schemes[0].append_value(sighting.source_https);
        columns.schemes[1].append_value(sighting.target_https);
        if columns.rows() >= BATCH_ROWS {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Ends the row group, so that the next row starts another. Returns how many row groups there are then.
    ///
    /// # Errors
    /// The operating system's.
    pub fn end_row_group(&mut self) -> Result<usize> {
        self.flush()?;
        self.table.end_row_group()
    }

    /// Completes the file: its rows, length and checksum.
    ///
    /// # Errors
    /// The operating system's.
    pub fn finish(mut self) -> Result<(u64, Written)> {
        self.flush()?;
        self.table.finish()
    }

    fn flush(&mut self) -> Result<()> {
        if self.columns.rows() == 0 {
            return Ok(());
        }
        let batch = self.columns.take();
        self.table.write(&batch)
    }
}

impl Columns {
    fn rows(&self) -> usize {
        arrow_array::builder::ArrayBuilder::len(&self.ip)
    }

    fn take(&mut self) -> RecordBatch {
        let mut arrays: Vec<ArrayRef> = Vec::with_capacity(COLUMNS.len());
        arrays.extend(self.strings.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        arrays.extend(self.flags.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        arrays.extend(self.dates.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        arrays.push(Arc::new(self.ip.finish()));
        arrays.extend(self.schemes.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        match RecordBatch::try_new(schema(), arrays) {
            Ok(batch) => batch,
            Err(error) => unreachable!("the columns follow the schema: {error}"),
        }
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
        let Some(batch) = reader.next() else {
            return Ok(None);
        };
        Self::of(&batch?).map(Some).map_err(|what| reader.damaged(what))
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

/// Opens a file of the table and reads all its columns from some row groups.
///
/// # Errors
/// As [`TableFile::open`] and [`TableFile::row_groups`].
pub fn read(folder: &Folder, name: &str, row_groups: Option<std::ops::Range<usize>>) -> Result<TableReader> {
    let file = TableFile::open(folder, name)?;
    match row_groups {
        Some(row_groups) => file.row_groups(&COLUMNS, row_groups),
        None => file.all(&COLUMNS),
    }
}
