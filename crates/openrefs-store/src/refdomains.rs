//! The roll-up `refdomains`: one row per scope and referring domain, so that an answer for a whole host, or for a registrable
//! domain with all hosts below it, reads rows and counts nothing.
//!
//! Columns, in order: `scope`, `refdomain`, `backlinks`, `refpages`, `first_seen`, `last_visited`. The rows of a scope
//! stand together, ascending by referring domain; the scopes stand in the order in which a pass over `links` completes
//! them, and the table `targets` says where each begins. The side file `ratings` has one column, `domain_rating`: row by
//! row the ratings of these referring domains. It is written anew whenever ratings move, this table is not.

use crate::error::Result;
use crate::folder::Folder;
use crate::table::{
    ColumnKind::{self, Long, Text},
    Kind, TableSpec, TableWriter, Written, column,
};

/// All columns, in the order of the file.
pub const COLUMNS: [&str; 6] = [
    "scope",
    "refdomain",
    "backlinks",
    "refpages",
    "first_seen",
    "last_visited",
];
/// The one column of the side file.
pub const RATING: &str = "domain_rating";

/// Rows of a page of names. Most answers are a few rows, and whole pages are decoded; strings take the most time.
pub const PAGE_ROWS: usize = 512;
/// Rows of a page of numbers. Orders and conditions read them of all rows of a scope, and every page costs.
pub const NUMBERS_PAGE_ROWS: usize = 4_096;
/// Rows of a page of ratings, which take a byte or less.
pub const RATINGS_PAGE_ROWS: usize = 16_384;

pub(crate) const SPEC: TableSpec = TableSpec {
    columns: &[
        column(COLUMNS[0], Text),
        column(COLUMNS[1], Text),
        column(COLUMNS[2], Long).in_pages_of(NUMBERS_PAGE_ROWS),
        column(COLUMNS[3], Long).in_pages_of(NUMBERS_PAGE_ROWS),
        column(COLUMNS[4], Long).in_pages_of(NUMBERS_PAGE_ROWS),
        column(COLUMNS[5], Long).in_pages_of(NUMBERS_PAGE_ROWS),
    ],
    sorted_by: 0,
    indexed: 1,
    page_rows: PAGE_ROWS,
};

pub(crate) const RATINGS: TableSpec = TableSpec {
    columns: &[column(RATING, ColumnKind::Rating)],
    sorted_by: 0,
    indexed: 0,
    page_rows: RATINGS_PAGE_ROWS,
};

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefdomainRow<'a> {
    /// What it is about.
    pub scope: &'a str,
    /// The referring domain.
    pub refdomain: &'a str,
    /// Distinct backlinks from it into the scope.
    pub backlinks: u64,
    /// Distinct pages of it that hold them.
    pub refpages: u64,
    /// Earliest visit that held one, seconds since 1970.
    pub first_seen: i64,
    /// Latest visit that held one.
    pub last_visited: i64,
}

/// Writes a file of the table.
pub struct RefdomainsWriter {
    table: TableWriter,
}

impl RefdomainsWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(folder: &Folder, name: &str) -> Result<Self> {
        let table = TableWriter::create(folder, name, &SPEC, Kind::Published)?;
        Ok(Self { table })
    }

    /// Rows written so far.
    pub fn rows(&self) -> u64 {
        self.table.rows()
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The operating system's.
    pub fn push(&mut self, row: &RefdomainRow<'_>) -> Result<()> {
        let table = &mut self.table;
        table.text(0, row.scope);
        table.text(1, row.refdomain);
        table.count(2, row.backlinks);
        table.count(3, row.refpages);
        table.long(4, row.first_seen);
        table.long(5, row.last_visited);
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

/// Writes a side file of ratings.
pub struct RatingsWriter {
    table: TableWriter,
}

impl RatingsWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(folder: &Folder, name: &str) -> Result<Self> {
        let table = TableWriter::create(folder, name, &RATINGS, Kind::Published)?;
        Ok(Self { table })
    }

    /// Appends the rating of the next row of the roll-up.
    ///
    /// # Errors
    /// The operating system's.
    pub fn push(&mut self, rating: u8) -> Result<()> {
        self.table.integer(0, i32::from(rating));
        self.table.end_row()
    }

    /// Completes the file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn finish(self) -> Result<Written> {
        self.table.finish()
    }
}
