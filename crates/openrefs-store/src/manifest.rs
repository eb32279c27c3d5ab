//! What a snapshot consists of: the manifest, one JSON file a snapshot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::checked::DataFile;
use crate::table::Written;

/// A table of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableName {
    /// One row per backlink.
    Links,
    /// One row per visit.
    Visits,
    /// The graph: one row per target domain and referring domain.
    Pairs,
    /// The roll-up: one row per scope and referring domain.
    Refdomains,
    /// The scopes of the roll-up, with their totals.
    Targets,
    /// The ratings of the roll-up's rows.
    Ratings,
    /// Every domain with its rating.
    Domains,
}

impl TableName {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Links,
        Self::Visits,
        Self::Pairs,
        Self::Refdomains,
        Self::Targets,
        Self::Ratings,
        Self::Domains,
    ];

    /// Its name in file names and manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Visits => "visits",
            Self::Pairs => "pairs",
            Self::Refdomains => "refdomains",
            Self::Targets => "targets",
            Self::Ratings => "ratings",
            Self::Domains => "domains",
        }
    }
}

/// A snapshot: every file it needs, and what went into it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its number; each publish takes the next one.
    pub snapshot: u64,
    /// When it was published, `YYYY-MM-DDTHH:MM:SSZ`.
    pub published: String,
    /// Format of the index.
    pub format: u32,
    /// Parts of every table.
    pub buckets: u32,
    /// XXH64 of the Public Suffix List, seed 0, in 16 hexadecimal digits.
    pub suffix_list: String,
    /// The snapshots before it that were still there, with the checksums of their manifests, as [`Manifest::suffix_list`].
    #[serde(default)]
    pub earlier: BTreeMap<u64, String>,
    /// How the ratings came about.
    pub rating: RatingSummary,
    /// Its files, by table, bucket and part. A bucket without rows has none.
    pub files: Vec<FileEntry>,
    /// The archives that were read into it, by name.
    pub archives: Vec<Archive>,
    /// What reading them counted: visits, links and every reason of skipping and dropping.
    pub counts: BTreeMap<String, u64>,
}

/// How the ratings of a snapshot came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RatingSummary {
    /// Domains.
    pub domains: u64,
    /// Pairs of domains that a followed link joins.
    pub arcs: u64,
    /// Rounds of the iteration.
    pub rounds: u32,
    /// By how much the last one changed all scores together.
    pub change: f64,
}

/// One data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Which table it is a part of.
    pub table: TableName,
    /// Which bucket; 0 for a table without buckets.
    pub bucket: u32,
    /// Which part of the bucket; parts follow one another in the order of the table.
    pub part: u32,
    /// Where it is, and what vouches for it.
    #[serde(flatten)]
    pub file: DataFile,
    /// Its rows.
    pub rows: u64,
    /// What its first row has in the first column.
    pub first_key: String,
    /// What its last row has there.
    pub last_key: String,
}

impl FileEntry {
    /// A finished file as a part of a table.
    pub fn of(table: TableName, bucket: u32, part: u32, written: Written) -> Self {
        Self {
            table,
            bucket,
            part,
            file: written.file,
            rows: written.rows,
            first_key: written.first_key,
            last_key: written.last_key,
        }
    }
}

/// One archive that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Archive {
    /// Its absolute path, or `-` for standard input.
    pub name: String,
    /// Its length when it was read.
    pub bytes: u64,
    /// When it was last changed, nanoseconds since 1970; an archive that changed is read again.
    pub modified: u64,
}

impl Manifest {
    /// The files of a bucket of a table, in the order of their rows.
    pub fn files_of(&self, table: TableName, bucket: u32) -> impl Iterator<Item = &FileEntry> {
        self.table(table).filter(move |file| file.bucket == bucket)
    }

    /// The files of a table, by bucket and part.
    pub fn table(&self, table: TableName) -> impl Iterator<Item = &FileEntry> {
        self.files.iter().filter(move |file| file.table == table)
    }

    /// Rows of a table.
    pub fn rows(&self, table: TableName) -> u64 {
        self.table(table).map(|file| file.rows).sum()
    }

    /// Bytes of all its files.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.file.bytes).sum()
    }
}
