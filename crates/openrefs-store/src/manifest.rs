//! What a snapshot consists of: the manifest, one JSON file a snapshot.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A table of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableName {
    /// One row per backlink.
    Links,
    /// One row per visit.
    Visits,
}

impl TableName {
    /// Its name in file names and manifests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Links => "links",
            Self::Visits => "visits",
        }
    }
}

/// A snapshot: every file it needs, and what went into it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Its number; each publish takes the next one.
    pub snapshot: u64,
    /// When it was published, `YYYY-MM-DDTHH:MM:SSZ`.
    pub published: String,
    /// Its files, by table and bucket. A bucket without rows has none.
    pub files: Vec<FileEntry>,
    /// The archives that were read into it, by name.
    pub archives: Vec<Archive>,
    /// What reading them counted: visits, links and every reason of skipping and dropping.
    pub counts: BTreeMap<String, u64>,
}

/// One data file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Which table it is a part of.
    pub table: TableName,
    /// Which part.
    pub bucket: u32,
    /// Its name in the index folder.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// Its length.
    pub bytes: u64,
    /// XXH64 of its content, seed 0, in 16 hexadecimal digits.
    pub checksum: String,
    /// Key of its first row (target key of links, source key of visits).
    pub first_key: String,
    /// Key of its last row.
    pub last_key: String,
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
    /// The file of a bucket of a table, if it has rows.
    pub fn file(&self, table: TableName, bucket: u32) -> Option<&FileEntry> {
        self.files.iter().find(|f| f.table == table && f.bucket == bucket)
    }

    /// Rows of a table.
    pub fn rows(&self, table: TableName) -> u64 {
        self.files
            .iter()
            .filter(|f| f.table == table)
            .map(|f| f.rows)
            .sum()
    }
}
