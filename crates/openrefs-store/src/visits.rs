//! The table `visits`: one row per fetched response of a page, sorted by source key and time.
//!
//! Columns, in order: `source_key`, `time` (seconds since 1970, UTC; the sort order), `links_external`,
//! `links_internal` (occurrences on the page), `ip` (null = unknown), `https`.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, BooleanBuilder, Int32Builder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use openrefs_model::{Address, Visit};

use crate::error::Result;
use crate::folder::{Folder, Written};
use crate::table::{Kind, TableFile, TableReader, TableWriter, flags, integers, longs, strings};

/// All columns, in the order of the file.
pub const COLUMNS: [&str; 6] = [
    "source_key",
    "time",
    "links_external",
    "links_internal",
    "ip",
    "https",
];

/// Rows collected before they are handed to the Parquet writer.
const BATCH_ROWS: usize = 8_192;

fn schema() -> SchemaRef {
    Arc::new(Schema::new(vec![
        Field::new("source_key", DataType::Utf8, false),
        Field::new("time", DataType::Int64, false),
        Field::new("links_external", DataType::Int32, false),
        Field::new("links_internal", DataType::Int32, false),
        Field::new("ip", DataType::Utf8, true),
        Field::new("https", DataType::Boolean, false),
    ]))
}

/// One row, borrowed from wherever it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VisitRow<'a> {
    /// Key of the page.
    pub source_key: &'a str,
    /// When it was fetched.
    pub time: i64,
}

/// Writes a file of the table. Rows must come in its order, each page and second once.
pub struct VisitsWriter {
    table: TableWriter,
    source_key: StringBuilder,
    time: Int64Builder,
    links: [Int32Builder; 2],
    ip: StringBuilder,
    https: BooleanBuilder,
}

impl VisitsWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(folder: &Folder, name: &str, kind: Kind) -> Result<Self> {
        Ok(Self {
            table: TableWriter::create(folder, name, &schema(), &[], 2, kind)?,
            source_key: StringBuilder::new(),
            time: Int64Builder::new(),
            links: Default::default(),
            ip: StringBuilder::new(),
            https: BooleanBuilder::new(),
        })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The operating system's.
    pub fn push(&mut self, visit: &Visit) -> Result<()> {
        let count = |links: u32| i32::try_from(links).unwrap_or(i32::MAX);
        self.source_key.append_value(&visit.source_key);
        self.time.append_value(visit.time);
        self.links[0].append_value(count(visit.links_external));
        self.links[1].append_value(count(visit.links_internal));
        self.ip.append_option(visit.ip.as_ref().map(Address::as_str));
        self.https.append_value(visit.https);
        if self.time.len() >= BATCH_ROWS {
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
        if self.time.is_empty() {
            return Ok(());
        }
        let [external, internal] = &mut self.links;
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(self.source_key.finish()),
            Arc::new(self.time.finish()),
            Arc::new(external.finish()),
            Arc::new(internal.finish()),
            Arc::new(self.ip.finish()),
            Arc::new(self.https.finish()),
        ];
        match RecordBatch::try_new(schema(), arrays) {
            Ok(batch) => self.table.write(&batch),
            Err(error) => unreachable!("the columns follow the schema: {error}"),
        }
    }
}

/// Some decoded rows, all columns.
#[derive(Debug)]
pub struct VisitsBatch {
    source_key: StringArray,
    time: Int64Array,
    links: [Int32Array; 2],
    ip: StringArray,
    https: BooleanArray,
}

impl VisitsBatch {
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

    fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        Ok(Self {
            source_key: strings(batch, "source_key")?.clone(),
            time: longs(batch, "time")?.clone(),
            links: [
                integers(batch, "links_external")?.clone(),
                integers(batch, "links_internal")?.clone(),
            ],
            ip: strings(batch, "ip")?.clone(),
            https: flags(batch, "https")?.clone(),
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The identity of a row.
    pub fn row(&self, index: usize) -> VisitRow<'_> {
        VisitRow {
            source_key: self.source_key.value(index),
            time: self.time.value(index),
        }
    }

    /// A row as a visit of its own.
    pub fn visit(&self, index: usize) -> Visit {
        let count = |column: &Int32Array| u32::try_from(column.value(index)).unwrap_or(0);
        Visit {
            source_key: self.source_key.value(index).into(),
            time: self.time.value(index),
            links_external: count(&self.links[0]),
            links_internal: count(&self.links[1]),
            ip: if self.ip.is_null(index) {
                None
            } else {
                Address::from_canonical(self.ip.value(index))
            },
            https: self.https.value(index),
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
