//! Removing what no snapshot needs any more.
//!
//! A snapshot goes when it is none of the last few and nobody reads it: readers hold a shared lock on its manifest, which
//! the operating system frees when they end, however they end. First its manifest goes, then the files that no manifest
//! names, so that a crash in between leaves files that the next run removes. What the steps of a build have made for the next
//! snapshot stays, as do staged archives: it is work that goes on.

use std::collections::BTreeSet;

use crate::claim;
use crate::error::Result;
use crate::index::{Index, WriteLock};
use crate::{layout, lists};

/// What was removed and kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Snapshots that are gone.
    pub snapshots: Vec<u64>,
    /// Older snapshots that stay because somebody reads them.
    pub in_use: Vec<u64>,
    /// Data files that are gone.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Keeps the published snapshot, the last `keep` ones and those in use, and removes all else: other snapshots, data files
/// that no snapshot names, and temporary files.
///
/// # Errors
/// [`crate::Error::Damaged`] when a manifest that stays cannot be read: nothing is removed then. [`crate::Error::Io`].
pub fn gc(index: &Index, keep: usize, _lock: &WriteLock) -> Result<Removed> {
    let folder = index.folder();
    let current = index.current()?;
    let snapshots = index.snapshots()?;
    // One behind the published one was never published: its publishing was killed.
    let published = snapshots.partition_point(|snapshot| Some(*snapshot) <= current);
    let kept_from = published.saturating_sub(keep.max(1));
    let mut removed = Removed::default();
    let mut staying = Vec::new();
    let mut going = Vec::new();
    for (place, &snapshot) in snapshots.iter().enumerate() {
        if (kept_from..published).contains(&place) || Some(snapshot) == current {
            staying.push(snapshot);
            continue;
        }
        match folder.lock(&layout::manifest(snapshot))? {
            Some(lock) => going.push((snapshot, lock)),
            None => {
                staying.push(snapshot);
                removed.in_use.push(snapshot);
            }
        }
    }
    let mut named = BTreeSet::new();
    for snapshot in staying {
        let manifest = index.manifest_of(snapshot)?;
        named.extend(manifest.files.into_iter().map(|file| file.file.name));
    }
    for (snapshot, _lock) in going {
        folder.remove(&layout::manifest(snapshot))?;
        removed.snapshots.push(snapshot);
    }
    let next = current.unwrap_or(0) + 1;
    for outcome in lists::outcomes(folder, next)?.into_values() {
        named.extend(outcome.files.into_iter().map(|file| file.file.name));
        named.insert(layout::lists_folder(next));
    }
    remove_files(index, &named, &mut removed)?;
    claim::clear(folder, layout::TEMPORARY, |_| Ok(false))?;
    Ok(removed)
}

fn remove_files(index: &Index, named: &BTreeSet<String>, removed: &mut Removed) -> Result<()> {
    let folder = index.folder();
    for snapshot in folder.list(layout::DATA)? {
        let data = format!("{}/{snapshot}", layout::DATA);
        let mut left = 0;
        for file in folder.list(&data)? {
            let name = format!("{data}/{file}");
            if named.contains(&name) {
                left += 1;
                continue;
            }
            if file.ends_with(layout::TABLE) {
                removed.bytes += folder.open(&name)?.bytes();
                removed.files += 1;
            }
            folder.remove(&name)?;
        }
        if left == 0 {
            folder.remove(&data)?;
        }
    }
    Ok(())
}
