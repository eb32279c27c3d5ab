//! The ratings of a roll-up's rows, as a side file that is written anew whenever ratings move.

use openrefs_store::refdomains::RatingsWriter;
use openrefs_store::table::strings;
use openrefs_store::{FileEntry, Folder, TableFile, TableName, layout};

use crate::error::Result;
use crate::rank::Domains;

/// Writes the side file of one file of `refdomains`.
///
/// # Errors
/// When a file cannot be read or written.
pub fn rate(folder: &Folder, snapshot: u64, refdomains: &FileEntry, domains: &Domains) -> Result<FileEntry> {
    let (bucket, part) = (refdomains.bucket, refdomains.part);
    let name = layout::table(snapshot, TableName::Ratings, bucket, part);
    let mut writer = RatingsWriter::create(folder, &name)?;
    let mut reader = TableFile::open(folder, &refdomains.file)?.all(&["refdomain"])?;
    while let Some(names) = reader.next_as(|batch| strings(batch, "refdomain").cloned())? {
        for name in names.iter().flatten() {
            writer.push(domains.rating(name))?;
        }
    }
    Ok(FileEntry::of(TableName::Ratings, bucket, part, writer.finish()?))
}
