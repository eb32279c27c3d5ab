//! One published state of an index, opened for reading.

use std::sync::{Arc, OnceLock};

use openrefs_model::{Mode, Scope, SuffixList, bucket};
use openrefs_store::{FileEntry, Index, Manifest, TableFile, TableName};

use crate::error::Result;

/// A snapshot of an index. Shared by all threads that answer; its files never change.
pub struct Snapshot {
    index: Index,
    manifest: Manifest,
    links: Vec<Bucket>,
}

/// One bucket of a table: its file, opened when it is first needed.
struct Bucket {
    entry: Option<FileEntry>,
    file: OnceLock<TableFile>,
}

impl Snapshot {
    /// Opens the published snapshot of an index.
    ///
    /// # Errors
    /// When there is none, or its manifest cannot be read.
    pub fn open(index: &Index) -> Result<Self> {
        let manifest = index.published()?;
        let bucket = |number| Bucket {
            entry: manifest.file(TableName::Links, number).cloned(),
            file: OnceLock::new(),
        };
        let links = (0..index.settings().buckets).map(bucket).collect();
        Ok(Self {
            index: index.clone(),
            manifest,
            links,
        })
    }

    /// What it consists of.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The Public Suffix List of its index.
    pub fn suffix_list(&self) -> &Arc<SuffixList> {
        self.index.suffix_list()
    }

    /// The files of `links` that hold the backlinks of a scope: one, or all for a target with public suffixes below it,
    /// since its hosts are then in many buckets.
    ///
    /// # Errors
    /// When a file cannot be opened.
    pub fn links_of(&self, scope: &Scope) -> Result<Vec<TableFile>> {
        let list = self.suffix_list();
        let buckets = if scope.mode == Mode::Subdomains && list.has_icann_suffix_below(&scope.host) {
            0..self.index.settings().buckets
        } else {
            let domain = bucket::domain_of_host(list, &scope.host);
            let number = bucket::of_domain(domain, self.index.settings().buckets);
            number..number + 1
        };
        buckets
            .filter_map(|number| self.bucket(number).transpose())
            .collect()
    }

    fn bucket(&self, number: u32) -> Result<Option<TableFile>> {
        let Some(bucket) = self.links.get(number as usize) else {
            return Ok(None);
        };
        let Some(entry) = &bucket.entry else {
            return Ok(None);
        };
        if let Some(file) = bucket.file.get() {
            return Ok(Some(file.clone()));
        }
        let file = TableFile::open(self.index.folder(), &entry.name)?;
        Ok(Some(bucket.file.get_or_init(|| file).clone()))
    }
}
