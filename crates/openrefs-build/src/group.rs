//! Groups of archives that are read together and staged together.
//!
//! A group is staged whole or not at all: its folder counts from the moment it holds `group.json`, which lists its
//! archives and runs.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use openrefs_archive::Input;
use openrefs_store::{Archive, DataFile, Folder, Manifest, TableName, claim, layout, lists};
use serde::{Deserialize, Serialize};
use twox_hash::XxHash64;

use crate::error::Result;

/// Archives of one group hold at most this together, unless a single one is larger.
const GROUP_BYTES_MAX: u64 = 256 << 20;
/// Places of damage that a group keeps by name; the others are only counted.
pub const DAMAGES_KEPT_MAX: usize = 1_000;

/// Archives to be read together.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name, a hash of its archives.
    pub name: String,
    /// What to read.
    pub inputs: Vec<(Input, Archive)>,
    /// Bytes of all its archives.
    pub bytes: u64,
}

/// A finished group as its folder lists it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StagedGroup {
    /// What was read.
    pub archives: Vec<Archive>,
    /// Its runs, by number.
    pub runs: Vec<StagedRun>,
    /// Bytes of the archives after decompression.
    pub bytes_decoded: u64,
    /// What reading counted.
    pub counts: BTreeMap<String, u64>,
    /// Damaged places, at most [`DAMAGES_KEPT_MAX`] of them.
    pub damages: Vec<DamagedPlace>,
}

/// The files of a run, and which of their rows belong to which bucket.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StagedRun {
    /// Backlinks; None if there are none.
    pub links: Option<StagedFile>,
    /// Visits.
    pub visits: Option<StagedFile>,
}

/// One file of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct StagedFile {
    /// Where it is.
    pub file: DataFile,
    /// Bucket -> its first row, the row after its last.
    pub rows: BTreeMap<u32, (usize, usize)>,
}

/// Where an archive is damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DamagedPlace {
    /// The archive, and after it the member of a WACZ file.
    pub archive: String,
    /// Byte offset in it.
    pub offset: u64,
    /// What is wrong there.
    pub what: String,
}

impl StagedGroup {
    /// All its archives are published: a publishing that was killed left it, or somebody staged what is known.
    pub fn is_published(&self, published: &BTreeSet<&Archive>) -> bool {
        self.archives.iter().all(|archive| published.contains(archive))
    }
}

impl StagedRun {
    /// Its file of a table that has runs, if there is one.
    pub fn file(&self, table: TableName) -> Option<&StagedFile> {
        match table {
            TableName::Links => self.links.as_ref(),
            TableName::Visits => self.visits.as_ref(),
            _ => None,
        }
    }
}

/// What tells an archive from another one, and from an earlier state of itself.
pub fn identify(input: &Input) -> Archive {
    let nanoseconds = |time: SystemTime| {
        time.duration_since(UNIX_EPOCH)
            .map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX))
    };
    match input {
        // Standard input is another archive each time.
        Input::Stdin => Archive {
            name: "-".to_owned(),
            bytes: 0,
            modified: nanoseconds(SystemTime::now()),
        },
        Input::File(path) => {
            let metadata = std::fs::metadata(path).ok();
            Archive {
                name: absolute(path),
                bytes: metadata.as_ref().map_or(0, std::fs::Metadata::len),
                modified: metadata.and_then(|m| m.modified().ok()).map_or(0, nanoseconds),
            }
        }
    }
}

fn absolute(path: &Path) -> String {
    std::fs::canonicalize(path)
        .unwrap_or_else(|_| path.to_owned())
        .to_string_lossy()
        .into_owned()
}

/// Splits inputs into groups, the largest first, so that the last ones to be read are small and all cores end together.
pub fn plan(mut inputs: Vec<(Input, Archive)>, workers: usize) -> Vec<Group> {
    inputs.sort_by(|(_, a), (_, b)| b.bytes.cmp(&a.bytes).then_with(|| a.cmp(b)));
    let total: u64 = inputs.iter().map(|(_, archive)| archive.bytes).sum();
    // A few groups per worker, so that none waits long for another.
    let bytes_max = (total / (4 * workers.max(1) as u64)).clamp(1, GROUP_BYTES_MAX);
    let mut groups: Vec<Vec<(Input, Archive)>> = Vec::new();
    let mut bytes = 0;
    for input in inputs {
        bytes += input.1.bytes;
        match groups.last_mut() {
            Some(group) if bytes <= bytes_max => group.push(input),
            _ => {
                bytes = input.1.bytes;
                groups.push(vec![input]);
            }
        }
    }
    groups.into_iter().map(Group::of).collect()
}

impl Group {
    fn of(inputs: Vec<(Input, Archive)>) -> Self {
        let mut hash = XxHash64::with_seed(0);
        for (_, archive) in &inputs {
            hash.write(format!("{}\0{}\0{}\0", archive.name, archive.bytes, archive.modified).as_bytes());
        }
        let bytes = inputs.iter().map(|(_, archive)| archive.bytes).sum();
        Self {
            name: format!("{:016x}", hash.finish()),
            inputs,
            bytes,
        }
    }
}

/// Finishes a group: from now on its runs count.
///
/// # Errors
/// When the list cannot be written.
pub fn finish(folder: &Folder, name: &str, group: &StagedGroup) -> Result<()> {
    Ok(lists::write(folder, &layout::staged_list(name), group)?)
}

/// The finished groups that are staged, by name.
///
/// # Errors
/// When the folder cannot be read.
pub fn staged(folder: &Folder) -> Result<BTreeMap<String, StagedGroup>> {
    let mut groups = BTreeMap::new();
    for name in folder.list(layout::STAGING)? {
        if claim::is_lock(&name) {
            continue;
        }
        if let Some(group) = read(folder, &name)? {
            groups.insert(name, group);
        }
    }
    Ok(groups)
}

/// A staged group; None if there is none, or it is not finished.
///
/// # Errors
/// When its list cannot be read.
pub fn read(folder: &Folder, name: &str) -> Result<Option<StagedGroup>> {
    Ok(lists::read(folder, &layout::staged_list(name))?)
}

/// The archives that a snapshot holds.
pub(crate) fn published(last: Option<&Manifest>) -> BTreeSet<&Archive> {
    last.iter().flat_map(|manifest| &manifest.archives).collect()
}

/// The finished groups that are staged and not all published, by name: what the next snapshot takes in.
///
/// # Errors
/// When the folder cannot be read.
pub fn unpublished(folder: &Folder, last: Option<&Manifest>) -> Result<BTreeMap<String, StagedGroup>> {
    let published = published(last);
    let mut groups = staged(folder)?;
    groups.retain(|_, group| !group.is_published(&published));
    Ok(groups)
}

/// Removes what is staged and of no use: groups that somebody began and did not finish, and groups whose archives are all
/// published.
///
/// # Errors
/// When the folder cannot be read or changed.
pub fn tidy(folder: &Folder, last: Option<&Manifest>) -> Result<()> {
    let published = published(last);
    let keep = |name: &str| {
        let group: Option<StagedGroup> = lists::read(folder, &layout::staged_list(name))?;
        Ok(group.is_some_and(|group| !group.is_published(&published)))
    };
    Ok(claim::clear(folder, layout::STAGING, keep)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(name: &str, bytes: u64) -> (Input, Archive) {
        (
            Input::File(name.into()),
            Archive {
                name: name.to_owned(),
                bytes,
                modified: 0,
            },
        )
    }

    #[test]
    fn every_archive_is_in_one_group() {
        let inputs: Vec<_> = (0..50).map(|n| archive(&n.to_string(), n * 1_000)).collect();
        let groups = plan(inputs.clone(), 2);
        let mut names: Vec<String> = groups
            .iter()
            .flat_map(|g| g.inputs.iter().map(|(_, a)| a.name.clone()))
            .collect();
        names.sort();
        let mut expected: Vec<String> = inputs.into_iter().map(|(_, a)| a.name).collect();
        expected.sort();
        assert_eq!(names, expected);
        assert!(groups.len() > 2);
        assert_eq!(groups[0].inputs[0].1.bytes, 49_000, "the largest is read first");
    }

    #[test]
    fn a_large_archive_is_a_group_by_itself() {
        let groups = plan(
            vec![archive("large", 10 * GROUP_BYTES_MAX), archive("small", 1)],
            1,
        );
        assert_eq!(groups[0].inputs.len(), 1);
    }
}
