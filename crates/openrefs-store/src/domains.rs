//! The table `domains`: every registrable domain that is the source or the target of a backlink, with its rating, sorted
//! by name.
//!
//! Columns, in order: `domain`, `domain_rating` (0 to 100), `score` (all scores add up to 1), `rank` (1 = strongest),
//! `refdomains` (domains that link to it), `linked_domains` (domains that it links to), `linked_domains_followed` (those
//! that get a part of its score), `backlinks` (from other domains).

use arrow_array::{Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};

use crate::error::Result;
use crate::folder::Folder;
use crate::table::{
    ColumnKind::{Double, Integer, Long, Text},
    Kind, TableSpec, TableWriter, Written, column, doubles, integers, longs, strings,
};

/// All columns, in the order of the file.
pub const COLUMNS: [&str; 8] = [
    "domain",
    "domain_rating",
    "score",
    "rank",
    "refdomains",
    "linked_domains",
    "linked_domains_followed",
    "backlinks",
];
/// Rows of a page.
pub const PAGE_ROWS: usize = 1_024;

pub(crate) const SPEC: TableSpec = TableSpec {
    columns: &[
        column(COLUMNS[0], Text),
        column(COLUMNS[1], Integer),
        column(COLUMNS[2], Double),
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

/// What is known of a domain.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DomainRow {
    /// Its name.
    pub domain: String,
    /// 0 to 100.
    pub rating: u8,
    /// Its part of 1.
    pub score: f64,
    /// 1 = strongest.
    pub rank: u64,
    /// Domains that link to it.
    pub refdomains: u64,
    /// Domains that it links to.
    pub linked_domains: u64,
    /// Domains that get a part of its score: those it links to by a followed `href` or `redirect`.
    pub linked_domains_followed: u64,
    /// Backlinks to it.
    pub backlinks: u64,
}

/// Writes a file of the table. Rows must come in its order.
pub struct DomainsWriter {
    table: TableWriter,
}

impl DomainsWriter {
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
    pub fn push(&mut self, domain: &str, row: &DomainRow) -> Result<()> {
        let table = &mut self.table;
        table.text(0, domain);
        table.integer(1, i32::from(row.rating));
        table.double(2, row.score);
        table.count(3, row.rank);
        table.count(4, row.refdomains);
        table.count(5, row.linked_domains);
        table.count(6, row.linked_domains_followed);
        table.count(7, row.backlinks);
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
pub struct DomainsBatch {
    domain: StringArray,
    rating: Int32Array,
    score: Float64Array,
    counts: [Int64Array; 5],
}

impl DomainsBatch {
    /// The columns of a batch that was read with all of them.
    ///
    /// # Errors
    /// What is wrong, if one is missing or of another type.
    pub fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let count = |name| longs(batch, name).cloned();
        Ok(Self {
            domain: strings(batch, "domain")?.clone(),
            rating: integers(batch, "domain_rating")?.clone(),
            score: doubles(batch, "score")?.clone(),
            counts: [
                count("rank")?,
                count("refdomains")?,
                count("linked_domains")?,
                count("linked_domains_followed")?,
                count("backlinks")?,
            ],
        })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.rating.len()
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of a row.
    pub fn domain(&self, index: usize) -> &str {
        self.domain.value(index)
    }

    /// Its rating.
    pub fn rating(&self, index: usize) -> u8 {
        u8::try_from(self.rating.value(index)).unwrap_or(0)
    }

    /// A row of its own.
    pub fn row(&self, index: usize) -> DomainRow {
        let [
            rank,
            refdomains,
            linked_domains,
            linked_domains_followed,
            backlinks,
        ] = self
            .counts
            .each_ref()
            .map(|counts| u64::try_from(counts.value(index)).unwrap_or(0));
        DomainRow {
            domain: self.domain(index).to_owned(),
            rating: self.rating(index),
            score: self.score.value(index),
            rank,
            refdomains,
            linked_domains,
            linked_domains_followed,
            backlinks,
        }
    }
}
