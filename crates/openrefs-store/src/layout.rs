//! The names of the files of an index.
//!
//! ```text
//! openrefs.json                              settings, fixed when the index is created
//! public_suffix_list.dat                     the list it keeps
//! CURRENT                                    number of the published snapshot, and the checksum of its manifest
//! LOCK                                       held by the one writer
//! snapshots/<n>.json                         manifests; whoever reads a snapshot holds a shared lock on it
//! data/<n>/<table>-<bucket>-<part>.parquet   tables written by snapshot n; later ones may go on using them
//! data/<n>/lists/<step>-<bucket>             what single steps made for the snapshot n that is not published yet
//! staging/<group>/...                        runs of archives that are read but not merged yet
//! temporary/<k>/                             where one process sorts
//! */<x>.lock                                 held by the process that works in <x>
//! ```

use crate::manifest::TableName;

/// Settings of the index.
pub const SETTINGS: &str = "openrefs.json";
/// The Public Suffix List it keeps.
pub const SUFFIX_LIST: &str = "public_suffix_list.dat";
/// The published snapshot.
pub const CURRENT: &str = "CURRENT";
/// The writer's lock.
pub const LOCK: &str = "LOCK";
/// Folder of the manifests.
pub const SNAPSHOTS: &str = "snapshots";
/// Folder of the tables.
pub const DATA: &str = "data";
/// Folder of the staged runs.
pub const STAGING: &str = "staging";
/// Folder of temporary files.
pub const TEMPORARY: &str = "temporary";

/// What the names of tables end with.
pub const TABLE: &str = ".parquet";

/// A manifest.
pub fn manifest(snapshot: u64) -> String {
    format!("{SNAPSHOTS}/{snapshot}.json")
}

/// The number of a snapshot, from the name of its manifest in its folder.
pub fn snapshot_of(manifest: &str) -> Option<u64> {
    manifest.strip_suffix(".json")?.parse().ok()
}

/// The folder of the tables that a snapshot wrote.
pub fn data_folder(snapshot: u64) -> String {
    format!("{DATA}/{snapshot}")
}

/// One part of one bucket of a table.
pub fn table(snapshot: u64, table: TableName, bucket: u32, part: u32) -> String {
    format!("{DATA}/{snapshot}/{}-{bucket:04}-{part:03}{TABLE}", table.name())
}

/// The folder of what single steps list.
pub fn lists_folder(snapshot: u64) -> String {
    format!("{DATA}/{snapshot}/lists")
}

/// What a step made of a bucket; 0 for a step without buckets.
pub fn step_list(snapshot: u64, step: &str, bucket: u32) -> String {
    format!("{DATA}/{snapshot}/lists/{step}-{bucket:04}")
}

/// The folder of the runs of one group of archives.
pub fn staged_group(group: &str) -> String {
    format!("{STAGING}/{group}")
}

/// One run of a group: all buckets of a table, one after another.
pub fn staged_run(group: &str, run: u32, table: TableName) -> String {
    format!("{STAGING}/{group}/{run:05}-{}.parquet", table.name())
}

/// The list of a group's runs; a group without it is not finished and counts for nothing.
pub fn staged_list(group: &str) -> String {
    format!("{STAGING}/{group}/list")
}
