//! Open files of tables: footers and page indexes, and pages of `domains`, in caches of bounded size. Data files never
//! change, so what is cached stays right, also when a new snapshot takes over.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use openrefs_store::domains::{COLUMNS, DomainsBatch};
use openrefs_store::{FileEntry, Folder, Manifest, TableFile};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::Result;

/// Memory for footers and page indexes, bytes.
const FOOTERS_BYTES_MAX: u64 = 512 << 20;
/// Memory for pages of `domains`, bytes.
const DOMAINS_BYTES_MAX: u64 = 256 << 20;
/// Entries that the caches are made for; they take more and fewer.
const ENTRIES: usize = 4_096;
/// What a row of a page of `domains` takes, about, bytes.
const DOMAIN_BYTES: u64 = 80;

/// The open files of an index.
pub struct Files {
    folder: Folder,
    tables: Cache<String, TableFile, TableWeight>,
    domains: Cache<(String, Range<usize>), Arc<DomainsBatch>, PageWeight>,
}

#[derive(Clone)]
struct TableWeight;

impl Weighter<String, TableFile> for TableWeight {
    fn weight(&self, name: &String, file: &TableFile) -> u64 {
        (name.len() + file.memory_bytes()) as u64
    }
}

#[derive(Clone)]
struct PageWeight;

impl Weighter<(String, Range<usize>), Arc<DomainsBatch>> for PageWeight {
    fn weight(&self, _place: &(String, Range<usize>), page: &Arc<DomainsBatch>) -> u64 {
        page.len() as u64 * DOMAIN_BYTES
    }
}

impl Files {
    /// Those of an index folder, none open yet.
    pub fn new(folder: &Folder) -> Self {
        Self {
            folder: folder.clone(),
            tables: Cache::with_weighter(ENTRIES, FOOTERS_BYTES_MAX, TableWeight),
            domains: Cache::with_weighter(ENTRIES, DOMAINS_BYTES_MAX, PageWeight),
        }
    }

    /// A file, open.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(&self, entry: &FileEntry) -> Result<TableFile> {
        let name = &entry.file.name;
        let open = || TableFile::open(&self.folder, &entry.file);
        Ok(self.tables.get_or_insert_with(name.as_str(), open)?)
    }

    /// Closes the files that a snapshot does not name, and forgets their pages.
    pub fn keep(&self, manifest: &Manifest) {
        let named: HashSet<&str> = manifest
            .files
            .iter()
            .map(|entry| entry.file.name.as_str())
            .collect();
        self.tables.retain(|name, _| named.contains(name.as_str()));
        self.domains.retain(|(name, _), _| named.contains(name.as_str()));
    }

    /// The rows of a page of `domains`.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn domains_page(
        &self,
        entry: &FileEntry,
        file: &TableFile,
        rows: Range<usize>,
    ) -> Result<Arc<DomainsBatch>> {
        let place = (entry.file.name.clone(), rows.clone());
        if let Some(page) = self.domains.get(&place) {
            return Ok(page);
        }
        let mut reader = file.rows_in(&COLUMNS, &[rows])?;
        let page = reader.next_as(DomainsBatch::of)?;
        let page = Arc::new(page.ok_or_else(|| reader.damaged("a page is empty"))?);
        self.domains.insert(place, Arc::clone(&page));
        Ok(page)
    }
}
