//! The table `targets`: one row per scope of the roll-up, sorted by scope: where its rows are, and its totals.
//!
//! Columns, in order: `scope`, `rows_of` (the scope in `refdomains` whose rows these are; another one where a tree has the
//! links of one host alone), `first_row` (number of the first of them in the bucket's file), `refdomains` (how many there
//! are), `backlinks`, `refpages`, `ips`, `class_c`.
//!
//! A scope is written as the part of keys that it stands for: `com,example,www)` is one host, `com,example:81)` with its
//! port, `com,example,` a domain and all hosts below it, `com,example,:81` the same at a port.

use arrow_array::{Int64Array, RecordBatch, StringArray};

use crate::error::Result;
use crate::folder::Folder;
use crate::table::{
    ColumnKind::{Long, Text},
    Kind, TableSpec, TableWriter, Written, column, longs, strings,
};

/// All columns, in the order of the file.
pub const COLUMNS: [&str; 8] = [
    "scope",
    "rows_of",
    "first_row",
    "refdomains",
    "backlinks",
    "refpages",
    "ips",
    "class_c",
];
/// Rows of a page.
pub const PAGE_ROWS: usize = 512;

pub(crate) const SPEC: TableSpec = TableSpec {
    columns: &[
        column(COLUMNS[0], Text),
        column(COLUMNS[1], Text),
        column(COLUMNS[2], Long),
        column(COLUMNS[3], Long),
        column(COLUMNS[4], Long),
        column(COLUMNS[5], Long),
        column(COLUMNS[6], Long),
        column(COLUMNS[7], Long),
    ],
    sorted_by: 1,
    indexed: 1,
    page_rows: PAGE_ROWS,
};

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetRow {
    /// What it is about.
    pub scope: String,
    /// The scope whose rows in the roll-up these are.
    pub rows_of: String,
    /// Number of the first of them.
    pub first_row: u64,
    /// Distinct referring domains: rows.
    pub refdomains: u64,
    /// Distinct backlinks.
    pub backlinks: u64,
    /// Distinct pages that hold them.
    pub refpages: u64,
    /// Distinct known addresses.
    pub ips: u64,
    /// Distinct networks of them, IPv4 /24 and IPv6 /48.
    pub class_c: u64,
}

/// The scope of one host, given the part of its keys before the `)`.
pub fn host_scope(host_part: &str) -> String {
    format!("{host_part})")
}

/// The scope of a host, given reversed, and all hosts below it at a port, empty for the default one.
pub fn tree_scope(reversed_host: &str, port: &str) -> String {
    if port.is_empty() {
        format!("{reversed_host},")
    } else {
        format!("{reversed_host},:{port}")
    }
}

/// Writes a file of the table. Rows must come in its order.
pub struct TargetsWriter {
    table: TableWriter,
}

impl TargetsWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(folder: &Folder, name: &str) -> Result<Self> {
        let table = TableWriter::create(folder, name, &SPEC, Kind::Published)?;
        Ok(Self { table })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The operating system's.
    pub fn push(&mut self, row: &TargetRow) -> Result<()> {
        let table = &mut self.table;
        table.text(0, &row.scope);
        table.text(1, &row.rows_of);
        let counts = [
            row.first_row,
            row.refdomains,
            row.backlinks,
            row.refpages,
            row.ips,
            row.class_c,
        ];
        for (column, count) in (2..).zip(counts) {
            table.count(column, count);
        }
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
pub struct TargetsBatch {
    scope: StringArray,
    rows_of: StringArray,
    counts: [Int64Array; 6],
}

impl TargetsBatch {
    /// The columns of a batch that was read with all of them.
    ///
    /// # Errors
    /// What is wrong, if one is missing or of another type.
    pub fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let count = |name| longs(batch, name).cloned();
        Ok(Self {
            scope: strings(batch, "scope")?.clone(),
            rows_of: strings(batch, "rows_of")?.clone(),
            counts: [
                count("first_row")?,
                count("refdomains")?,
                count("backlinks")?,
                count("refpages")?,
                count("ips")?,
                count("class_c")?,
            ],
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.counts[0].len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The scope of a row.
    pub fn scope(&self, index: usize) -> &str {
        self.scope.value(index)
    }

    /// A row of its own.
    pub fn row(&self, index: usize) -> TargetRow {
        let [first_row, refdomains, backlinks, refpages, ips, class_c] = self
            .counts
            .each_ref()
            .map(|counts| u64::try_from(counts.value(index)).unwrap_or(0));
        TargetRow {
            scope: self.scope(index).to_owned(),
            rows_of: self.rows_of.value(index).to_owned(),
            first_row,
            refdomains,
            backlinks,
            refpages,
            ips,
            class_c,
        }
    }
}
