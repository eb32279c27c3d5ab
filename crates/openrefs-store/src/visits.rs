//! The table `visits`: one row per fetched response of a page, sorted by source key and time.
//!
//! Columns, in order: `source_key`, `time` (seconds since 1970, UTC; the sort order), `links_external`,
//! `links_internal` (occurrences on the page), `ip` (null = unknown), `https`.

use arrow_array::{Array, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray};
use openrefs_model::{Address, Visit};

use crate::error::Result;
use crate::folder::Folder;
use crate::table::{
    ColumnKind::{Flag, Integer, Long, OptionalText, Text},
    Kind, TableReader, TableSpec, TableWriter, Written, column, flags, integers, longs, strings,
};

/// All columns, in the order of the file.
pub const COLUMNS: [&str; 6] = [
    "source_key",
    "time",
    "links_external",
    "links_internal",
    "ip",
    "https",
];

pub(crate) const SPEC: TableSpec = TableSpec {
    columns: &[
        column(COLUMNS[0], Text),
        column(COLUMNS[1], Long),
        column(COLUMNS[2], Integer),
        column(COLUMNS[3], Integer),
        column(COLUMNS[4], OptionalText),
        column(COLUMNS[5], Flag),
    ],
    sorted_by: 2,
    indexed: 1,
    page_rows: 4_096,
};

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
}

impl VisitsWriter {
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
    pub fn push(&mut self, visit: &Visit) -> Result<()> {
        let count = |links: u32| i32::try_from(links).unwrap_or(i32::MAX);
        let table = &mut self.table;
        table.text(0, &visit.source_key);
        table.long(1, visit.time);
        table.integer(2, count(visit.links_external));
        table.integer(3, count(visit.links_internal));
        table.optional_text(4, visit.ip.as_ref().map(Address::as_str));
        table.flag(5, visit.https);
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
        reader.next_as(Self::of)
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
