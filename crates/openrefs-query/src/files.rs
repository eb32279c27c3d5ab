//! Open files of tables: footers and page indexes, and the ratings of domains, in caches of bounded size. Data files never
//! change, so what is cached stays right, also when a new snapshot takes over.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, RecordBatch, StringArray};
use openrefs_store::table::{integers, partition, strings};
use openrefs_store::{FileEntry, Folder, Manifest, TableFile};
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::Result;

/// Memory for footers and page indexes, bytes.
const FOOTERS_BYTES_MAX: u64 = 512 << 20;
/// Memory for names and ratings of domains, bytes.
const RATINGS_BYTES_MAX: u64 = 256 << 20;
/// Entries that the caches are made for; they take more and fewer.
const ENTRIES: usize = 4_096;

/// The open files of an index.
pub struct Files {
    folder: Folder,
    tables: Cache<String, TableFile, TableWeight>,
    ratings: Cache<(String, Range<usize>), Arc<RatingsPage>, PageWeight>,
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

impl Weighter<(String, Range<usize>), Arc<RatingsPage>> for PageWeight {
    fn weight(&self, _place: &(String, Range<usize>), page: &Arc<RatingsPage>) -> u64 {
        (page.names.get_array_memory_size() + page.ratings.len()) as u64
    }
}

/// The names and ratings of a page of `domains`.
pub struct RatingsPage {
    names: StringArray,
    ratings: Vec<u8>,
}

impl RatingsPage {
    fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let ratings = integers(batch, "domain_rating")?.values();
        Ok(Self {
            names: strings(batch, "domain")?.clone(),
            ratings: ratings
                .iter()
                .map(|rating| u8::try_from(*rating).unwrap_or(0))
                .collect(),
        })
    }

    /// Whether the names of the page reach around one.
    pub fn reaches_around(&self, name: &str) -> bool {
        let last = self.names.len().checked_sub(1);
        last.is_some_and(|last| self.names.value(0) <= name && name <= self.names.value(last))
    }

    /// The rating of a domain, if it is here.
    pub fn rating(&self, name: &str) -> Option<u8> {
        let row = partition(self.names.len(), |row| self.names.value(row) < name);
        let found = row < self.names.len() && self.names.value(row) == name;
        found.then(|| self.ratings[row])
    }
}

impl Files {
    /// Those of an index folder, none open yet.
    pub fn new(folder: &Folder) -> Self {
        Self {
            folder: folder.clone(),
            tables: Cache::with_weighter(ENTRIES, FOOTERS_BYTES_MAX, TableWeight),
            ratings: Cache::with_weighter(ENTRIES, RATINGS_BYTES_MAX, PageWeight),
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
        self.ratings.retain(|(name, _), _| named.contains(name.as_str()));
    }

    /// The names and ratings of some rows of `domains`, a page.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn ratings_page(
        &self,
        entry: &FileEntry,
        file: &TableFile,
        rows: Range<usize>,
    ) -> Result<Arc<RatingsPage>> {
        let place = (entry.file.name.clone(), rows.clone());
        if let Some(page) = self.ratings.get(&place) {
            return Ok(page);
        }
        let mut reader = file.rows_in(&["domain", "domain_rating"], &[rows])?;
        let page = reader.next_as(RatingsPage::of)?;
        let page = Arc::new(page.ok_or_else(|| reader.damaged("a page is empty"))?);
        self.ratings.insert(place, Arc::clone(&page));
        Ok(page)
    }
}
