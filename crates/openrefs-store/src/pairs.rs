//! The table `pairs`: the graph of domains, one row per target domain and referring domain.
//!
//! Columns, in order: `target_domain`, `refdomain`, `backlinks`, `followed` (at least one of them is followed and of type
//! `href` or `redirect`: an arc of the rating). The rows of a target domain stand together, ascending by referring domain;
//! a target domain is in one bucket.

use arrow_array::{BooleanArray, Int64Array, RecordBatch, StringArray};

use crate::error::Result;
use crate::folder::Folder;
use crate::table::{
    ColumnKind::{Flag, Long, Text},
    Kind, TableSpec, TableWriter, Written, column, flags, longs, strings,
};

/// All columns, in the order of the file.
pub const COLUMNS: [&str; 4] = ["target_domain", "refdomain", "backlinks", "followed"];

pub(crate) const SPEC: TableSpec = TableSpec {
    columns: &[
        column(COLUMNS[0], Text),
        column(COLUMNS[1], Text),
        column(COLUMNS[2], Long),
        column(COLUMNS[3], Flag),
    ],
    sorted_by: 0,
    indexed: 1,
    page_rows: 4_096,
};

/// Writes a file of the table.
pub struct PairsWriter {
    table: TableWriter,
}

impl PairsWriter {
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
    pub fn push(
        &mut self,
        target_domain: &str,
        refdomain: &str,
        backlinks: u64,
        followed: bool,
    ) -> Result<()> {
        let table = &mut self.table;
        table.text(0, target_domain);
        table.text(1, refdomain);
        table.count(2, backlinks);
        table.flag(3, followed);
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
pub struct PairsBatch {
    target_domain: StringArray,
    refdomain: StringArray,
    backlinks: Int64Array,
    followed: BooleanArray,
}

impl PairsBatch {
    /// The columns of a batch that was read with all of them.
    ///
    /// # Errors
    /// What is wrong, if one is missing or of another type.
    pub fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        Ok(Self {
            target_domain: strings(batch, "target_domain")?.clone(),
            refdomain: strings(batch, "refdomain")?.clone(),
            backlinks: longs(batch, "backlinks")?.clone(),
            followed: flags(batch, "followed")?.clone(),
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.followed.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The linked domain of a row.
    pub fn target_domain(&self, index: usize) -> &str {
        self.target_domain.value(index)
    }

    /// Its referring domain.
    pub fn refdomain(&self, index: usize) -> &str {
        self.refdomain.value(index)
    }

    /// Its backlinks.
    pub fn backlinks(&self, index: usize) -> u64 {
        u64::try_from(self.backlinks.value(index)).unwrap_or(0)
    }

    /// Whether it is an arc of the rating.
    pub fn followed(&self, index: usize) -> bool {
        self.followed.value(index)
    }
}
