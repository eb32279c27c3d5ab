//! Open files of tables: their footers and page indexes in a cache of bounded size, and decoded pieces of some columns in
//! another. Data files never change, so what is cached stays right, also when a new snapshot takes over.

use std::collections::HashSet;

use openrefs_store::{FileEntry, Folder, Manifest, TableFile};
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::error::Result;
use crate::pieces::Pieces;

/// Memory for footers and page indexes, bytes.
const FOOTERS_BYTES_MAX: u64 = 512 << 20;
/// Open files that the cache is made for; it takes more and fewer.
const FILES: usize = 4_096;
/// The cache is in so many parts, each with its share of the memory, which the footer of a giant file must fit into.
const SHARDS: usize = 2;

/// The open files of an index.
pub struct Files {
    folder: Folder,
    tables: Cache<String, TableFile, TableWeight>,
    pieces: Pieces,
}

#[derive(Clone)]
struct TableWeight;

impl Weighter<String, TableFile> for TableWeight {
    fn weight(&self, name: &String, file: &TableFile) -> u64 {
        (name.len() + file.memory_bytes()) as u64
    }
}

impl Files {
    /// Those of an index folder, none open yet.
    pub fn new(folder: &Folder) -> Self {
        let options = OptionsBuilder::new()
            .estimated_items_capacity(FILES)
            .weight_capacity(FOOTERS_BYTES_MAX)
            .shards(SHARDS)
            .build();
        let options = match options {
            Ok(options) => options,
            Err(error) => unreachable!("both capacities are given: {error:?}"),
        };
        let tables = Cache::with_options(
            options,
            TableWeight,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        );
        Self {
            folder: folder.clone(),
            tables,
            pieces: Pieces::new(),
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

    /// Decoded pieces of open files.
    pub(crate) fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// Closes the files that a snapshot does not name, and forgets their pieces.
    pub fn keep(&self, manifest: &Manifest) {
        let named: HashSet<&str> = manifest
            .files
            .iter()
            .map(|entry| entry.file.name.as_str())
            .collect();
        self.tables.retain(|name, _| named.contains(name.as_str()));
        let open: HashSet<u64> = self.tables.iter().map(|(_, file)| file.number()).collect();
        self.pieces.keep(&open);
    }
}
