//! All steps from archives to a published snapshot, on all cores, resumable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use openrefs_archive::Input;
use openrefs_store::{Archive, FileEntry, Index, Manifest, TableName, WriteLock, layout};
use rayon::prelude::*;

use crate::error::Result;
use crate::extract::extract;
use crate::group::{DAMAGES_KEPT_MAX, DamagedPlace, Group, StagedGroup, identify, plan, staged};
use crate::merge::{Part, merge};
use crate::progress::{Phase, Progress};

/// How to ingest.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Archives read at a time.
    pub workers: usize,
    /// Memory for rows that are not written yet, all workers together, bytes.
    pub buffer_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            workers,
            buffer_bytes: 256 << 20,
        }
    }
}

/// What an ingest did.
#[derive(Clone, Debug, Default)]
pub struct Ingest {
    /// Archives read now.
    pub archives_read: usize,
    /// Archives that the index held already, unchanged.
    pub archives_known: usize,
    /// Archives that an interrupted ingest had read, now added.
    pub archives_resumed: usize,
    /// Their bytes after decompression.
    pub bytes_decoded: u64,
    /// What reading them counted.
    pub counts: BTreeMap<String, u64>,
    /// Damaged places, at most [`DAMAGES_KEPT_MAX`] of them.
    pub damages: Vec<DamagedPlace>,
    /// The published snapshot.
    pub snapshot: u64,
    /// Backlinks in it.
    pub backlinks: u64,
    /// Visits in it.
    pub visits: u64,
}

/// Reads archives into an index and publishes a snapshot that holds them too. Archives that it holds already are passed
/// over; what an interrupted ingest had staged is taken in.
///
/// # Errors
/// When an archive cannot be opened or the index cannot be read or written. What was staged stays for the next try, and
/// the published snapshot is untouched.
pub fn ingest(
    index: &Index,
    inputs: Vec<Input>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Ingest> {
    let lock = index.lock()?;
    let last = index.manifest()?;
    clean(index, last.as_ref())?;
    let resumed = staged(index.folder())?;
    let (fresh, known) = sort_out(inputs, last.as_ref(), &resumed);
    let mut done = Ingest {
        archives_read: fresh.len(),
        archives_known: known,
        archives_resumed: resumed.values().map(|group| group.archives.len()).sum(),
        ..Ingest::default()
    };
    let groups = plan(fresh, options.workers);
    let mut all_staged = resumed;
    all_staged.extend(extract_all(index, groups, options, progress)?);
    for group in all_staged.values() {
        for (name, count) in &group.counts {
            *done.counts.entry(name.clone()).or_default() += count;
        }
        done.bytes_decoded += group.bytes_decoded;
        done.damages.extend(group.damages.iter().cloned());
    }
    done.damages.truncate(DAMAGES_KEPT_MAX);
    let manifest = match last {
        Some(last) if all_staged.is_empty() => last,
        last => publish(index, last, &all_staged, progress, &lock)?,
    };
    index.folder().remove(layout::STAGING)?;
    done.snapshot = manifest.snapshot;
    done.backlinks = manifest.rows(TableName::Links);
    done.visits = manifest.rows(TableName::Visits);
    Ok(done)
}

/// Removes what a killed ingest left: tables of a snapshot that was never published, and groups that were staged before
/// and published since.
fn clean(index: &Index, last: Option<&Manifest>) -> Result<()> {
    let folder = index.folder();
    let current = last.map_or(0, |manifest| manifest.snapshot);
    for name in folder.list(layout::DATA)? {
        if name.parse::<u64>().is_ok_and(|snapshot| snapshot > current) {
            folder.remove(&format!("{}/{name}", layout::DATA))?;
        }
    }
    for name in folder.list(layout::SNAPSHOTS)? {
        let number = name.split('.').next().and_then(|stem| stem.parse::<u64>().ok());
        if number.is_none_or(|snapshot| snapshot > current) {
            folder.remove(&format!("{}/{name}", layout::SNAPSHOTS))?;
        }
    }
    let published: BTreeSet<&Archive> = last.iter().flat_map(|manifest| &manifest.archives).collect();
    for (name, group) in staged(folder)? {
        if group.archives.iter().all(|archive| published.contains(archive)) {
            folder.remove(&layout::staged_group(&name))?;
        }
    }
    Ok(())
}

/// The inputs that are neither published nor staged, and how many others there were.
fn sort_out(
    inputs: Vec<Input>,
    last: Option<&Manifest>,
    staged: &BTreeMap<String, StagedGroup>,
) -> (Vec<(Input, Archive)>, usize) {
    let published: BTreeSet<&Archive> = last.iter().flat_map(|manifest| &manifest.archives).collect();
    let staged: BTreeSet<&Archive> = staged.values().flat_map(|group| &group.archives).collect();
    let mut known = 0;
    let mut fresh = Vec::new();
    for input in inputs {
        let archive = identify(&input);
        if published.contains(&archive) {
            known += 1;
        } else if !staged.contains(&archive) {
            fresh.push((input, archive));
        }
    }
    (fresh, known)
}

/// Extracts all groups, each by one worker at a time, in their order.
fn extract_all(
    index: &Index,
    groups: Vec<Group>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<BTreeMap<String, StagedGroup>> {
    if groups.is_empty() {
        return Ok(BTreeMap::new());
    }
    let workers = options.workers.clamp(1, groups.len());
    let buffer_bytes = options.buffer_bytes / workers;
    progress.start(Phase::Read, groups.iter().map(|group| group.bytes).sum());
    let next = AtomicUsize::new(0);
    let stop = AtomicBool::new(false);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let Some(group) = groups.get(next.fetch_add(1, Ordering::Relaxed)) else {
                        break;
                    };
                    let staged = extract(index, group, buffer_bytes, progress);
                    stop.fetch_or(staged.is_err(), Ordering::Relaxed);
                    let named = staged.map(|staged| (group.name.clone(), staged));
                    results
                        .lock()
                        .unwrap_or_else(std::sync::PoisonError::into_inner)
                        .push(named);
                }
            });
        }
    });
    progress.end();
    results
        .into_inner()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .into_iter()
        .collect()
}

/// Merges the staged groups with the last snapshot and publishes the result. Buckets without new rows carry over.
fn publish(
    index: &Index,
    last: Option<Manifest>,
    groups: &BTreeMap<String, StagedGroup>,
    progress: &dyn Progress,
    lock: &WriteLock,
) -> Result<Manifest> {
    let snapshot = last.as_ref().map_or(0, |manifest| manifest.snapshot) + 1;
    let buckets = 0..index.settings().buckets;
    let tasks: Vec<(TableName, u32)> = [TableName::Links, TableName::Visits]
        .into_iter()
        .flat_map(|t| buckets.clone().map(move |b| (t, b)))
        .collect();
    progress.start(Phase::Merge, tasks.len() as u64);
    index.folder().create_folder(&layout::data_folder(snapshot))?;
    let files: Vec<Option<FileEntry>> = tasks
        .into_par_iter()
        .map(|(table, bucket)| {
            let file = merge_bucket(index, last.as_ref(), groups, table, bucket, snapshot);
            progress.advance(1);
            file
        })
        .collect::<Result<_>>()?;
    index.folder().sync(&layout::data_folder(snapshot))?;
    index.folder().sync(layout::DATA)?;
    progress.end();
    let (archives, counts) = history(last, groups);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let manifest = Manifest {
        snapshot,
        published: openrefs_model::time::format(now.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0))),
        files: files.into_iter().flatten().collect(),
        archives,
        counts,
    };
    index.publish(&manifest, lock)?;
    Ok(manifest)
}

fn merge_bucket(
    index: &Index,
    last: Option<&Manifest>,
    groups: &BTreeMap<String, StagedGroup>,
    table: TableName,
    bucket: u32,
    snapshot: u64,
) -> Result<Option<FileEntry>> {
    let before = last.and_then(|manifest| manifest.file(table, bucket));
    let mut parts: Vec<Part> = Vec::new();
    for (name, group) in groups {
        for (number, run) in group.runs.iter().enumerate() {
            if let Some((start, end)) = run.row_groups(table, bucket) {
                let file = layout::staged_run(name, u32::try_from(number).unwrap_or(u32::MAX), table);
                parts.push(Part {
                    file,
                    row_groups: Some(start..end),
                });
            }
        }
    }
    if parts.is_empty() {
        return Ok(before.cloned());
    }
    parts.extend(before.map(|file| Part {
        file: file.name.clone(),
        row_groups: None,
    }));
    merge(index.folder(), table, bucket, snapshot, &parts).map(Some)
}

/// The archives and counts of the last snapshot and of the staged groups together. Of an archive that was read in
/// several states, the latest is kept.
fn history(
    last: Option<Manifest>,
    groups: &BTreeMap<String, StagedGroup>,
) -> (Vec<Archive>, BTreeMap<String, u64>) {
    let (archives, mut counts) = last
        .map(|manifest| (manifest.archives, manifest.counts))
        .unwrap_or_default();
    let mut by_name: BTreeMap<String, Archive> = archives.into_iter().map(|a| (a.name.clone(), a)).collect();
    for group in groups.values() {
        for archive in &group.archives {
            let known = by_name
                .entry(archive.name.clone())
                .or_insert_with(|| archive.clone());
            if known.modified <= archive.modified {
                known.clone_from(archive);
            }
        }
        for (name, count) in &group.counts {
            *counts.entry(name.clone()).or_default() += count;
        }
    }
    (by_name.into_values().collect(), counts)
}
