//! One published state of an index, opened for reading.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use openrefs_model::{Mode, Scope, SuffixList, bucket};
use openrefs_store::table::partition;
use openrefs_store::targets::{self, TargetRow, TargetsBatch, host_scope, tree_scope};
use openrefs_store::{FileEntry, Index, Manifest, Pinned, TableFile, TableName};

use crate::effort::Effort;
use crate::error::Result;
use crate::files::Files;
use crate::pieces::PagedColumns;

/// Totals are looked up row by row, all columns.
const TARGETS: PagedColumns = PagedColumns {
    names: &targets::COLUMNS,
    rows: targets::PAGE_ROWS,
    narrow: false,
};

/// A snapshot of an index. Shared by all threads that answer; its files never change, and stay as long as this exists.
pub struct Snapshot {
    index: Index,
    pinned: Pinned,
    files: Arc<Files>,
    entries: HashMap<(TableName, u32), Vec<FileEntry>>,
    /// How many domains have each rating, once somebody has asked.
    pub(crate) distribution: OnceLock<[u64; 101]>,
    effort: Effort,
}

/// A file, and where its rows stand among those of its bucket.
pub struct Part {
    /// The file.
    pub file: TableFile,
    /// Rows of the parts before it.
    pub rows_before: usize,
}

impl Snapshot {
    /// Opens the published snapshot of an index.
    ///
    /// # Errors
    /// When there is none, or its manifest cannot be read.
    pub fn open(index: &Index) -> Result<Self> {
        Self::open_with(index, &Arc::new(Files::new(index.folder())))
    }

    /// Opens the published snapshot of an index whose files may be open already.
    ///
    /// # Errors
    /// As [`Snapshot::open`].
    pub fn open_with(index: &Index, files: &Arc<Files>) -> Result<Self> {
        let pinned = index.pin()?;
        let mut entries: HashMap<(TableName, u32), Vec<FileEntry>> = HashMap::new();
        for entry in &pinned.manifest.files {
            entries
                .entry((entry.table, entry.bucket))
                .or_default()
                .push(entry.clone());
        }
        Ok(Self {
            index: index.clone(),
            pinned,
            files: Arc::clone(files),
            entries,
            distribution: OnceLock::new(),
            effort: Effort::default(),
        })
    }

    /// The same snapshot with other bounds of a query.
    #[must_use]
    pub fn with_effort(self, effort: Effort) -> Self {
        Self { effort, ..self }
    }

    pub(crate) fn effort(&self) -> &Effort {
        &self.effort
    }

    /// What it consists of.
    pub fn manifest(&self) -> &Manifest {
        &self.pinned.manifest
    }

    /// The Public Suffix List of its index.
    pub fn suffix_list(&self) -> &Arc<SuffixList> {
        self.index.suffix_list()
    }

    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// The files of a bucket of a table, in the order of their rows.
    pub(crate) fn entries(&self, table: TableName, bucket: u32) -> &[FileEntry] {
        self.entries.get(&(table, bucket)).map_or(&[], Vec::as_slice)
    }

    /// The bucket of a host.
    pub(crate) fn bucket_of(&self, host: &str) -> u32 {
        let domain = bucket::domain_of_host(self.suffix_list(), host);
        bucket::of_domain(domain, self.index.settings().buckets)
    }

    /// The files of `links` that may hold the backlinks of a scope: those of one bucket, or of all for a target with
    /// public suffixes below it, since its hosts are then in many buckets.
    ///
    /// # Errors
    /// When a file cannot be opened.
    pub fn links_of(&self, scope: &Scope) -> Result<Vec<TableFile>> {
        let buckets = if self.is_in_all_buckets(scope) {
            0..self.index.settings().buckets
        } else {
            let number = self.bucket_of(&scope.host);
            number..number + 1
        };
        let mut files = Vec::new();
        for bucket in buckets {
            for entry in self.entries(TableName::Links, bucket) {
                let reaches = |range: &openrefs_model::KeyRange| {
                    range.start <= entry.last_key && entry.first_key < range.end
                };
                if scope.ranges.iter().any(reaches) {
                    files.push(self.files.open(entry)?);
                }
            }
        }
        Ok(files)
    }

    fn is_in_all_buckets(&self, scope: &Scope) -> bool {
        scope.mode == Mode::Subdomains && self.suffix_list().has_icann_suffix_below(&scope.host)
    }

    /// The name in the roll-up of a scope that is rolled up; None for one that is not.
    pub(crate) fn rolled_up_as(&self, scope: &Scope) -> Option<String> {
        let host_part = openrefs_model::key::split(&scope.key).0;
        if scope.is_whole_host() {
            return Some(host_scope(host_part));
        }
        let tree = scope.mode == Mode::Subdomains && self.suffix_list().is_tree(&scope.host);
        let reversed = openrefs_model::key::split_port(host_part).0;
        tree.then(|| tree_scope(reversed, &scope.port))
    }

    /// The totals of a scope in the roll-up of a bucket, and where its rows are; None if it has no backlinks.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub(crate) fn target(&self, scope: &str, bucket: u32) -> Result<Option<TargetRow>> {
        let range = openrefs_model::KeyRange {
            start: scope.to_owned(),
            end: format!("{scope}\0"),
        };
        for entry in self.entries(TableName::Targets, bucket) {
            let file = self.files.open(entry)?;
            let rows = file.rows_of_keys(std::slice::from_ref(&range))?;
            for rows in rows {
                for piece in TARGETS.pieces_of(rows) {
                    let batch = self.files.pieces().one(&file, TARGETS, piece)?;
                    let batch = TargetsBatch::of(&batch).map_err(|what| file.damaged(what))?;
                    let row = partition(batch.len(), |row| batch.scope(row) < scope);
                    if row < batch.len() && batch.scope(row) == scope {
                        return Ok(Some(batch.row(row)));
                    }
                }
            }
        }
        Ok(None)
    }

    /// The files of a bucket of a table, open.
    ///
    /// # Errors
    /// When one cannot be opened.
    pub(crate) fn parts(&self, table: TableName, bucket: u32) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        let mut rows_before = 0;
        for entry in self.entries(table, bucket) {
            let file = self.files.open(entry)?;
            let rows = file.rows();
            parts.push(Part { file, rows_before });
            rows_before += rows;
        }
        Ok(parts)
    }
}
