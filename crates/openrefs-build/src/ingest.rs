//! All steps from archives to a published snapshot, on all cores, resumable.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use openrefs_archive::Input;
use openrefs_store::{Archive, Index, Manifest, TableName, WriteLock, claim, layout};

use crate::error::Result;
use crate::extract::extract;
use crate::group::{self, DAMAGES_KEPT_MAX, DamagedPlace, Group, StagedGroup, identify, plan, staged};
use crate::progress::{Phase, Progress};
use crate::steps::Next;

/// How to ingest.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Archives read at a time.
    pub workers: usize,
    /// Memory for all that is not on disk yet, all workers together, about, bytes.
    pub memory_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            workers,
            memory_bytes: 1 << 30,
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
        _ => publish(index, options.memory_bytes, progress, &lock)?,
    };
    done.snapshot = manifest.snapshot;
    done.backlinks = manifest.rows(TableName::Links);
    done.visits = manifest.rows(TableName::Visits);
    Ok(done)
}

/// Removes what a killed ingest left: tables of a snapshot that was never published, also those of single steps, groups that
/// were not finished, and groups that were staged before and published since.
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
    claim::clear(folder, layout::TEMPORARY, |_| Ok(false))?;
    group::tidy(folder, last)
}

/// The inputs that are neither published nor staged, and how many others there were.
pub(crate) fn sort_out(
    inputs: Vec<Input>,
    last: Option<&Manifest>,
    staged: &BTreeMap<String, StagedGroup>,
) -> (Vec<(Input, Archive)>, usize) {
    let published = group::published(last);
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
pub(crate) fn extract_all(
    index: &Index,
    groups: Vec<Group>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<BTreeMap<String, StagedGroup>> {
    if groups.is_empty() {
        return Ok(BTreeMap::new());
    }
    let workers = options.workers.clamp(1, groups.len());
    // Sorting and writing a run needs as much again as its rows.
    let buffer_bytes = options.memory_bytes / (2 * workers);
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

/// Runs the steps from what is staged to a published snapshot.
fn publish(
    index: &Index,
    memory_bytes: usize,
    progress: &dyn Progress,
    lock: &WriteLock,
) -> Result<Manifest> {
    let next = Next::new(index, memory_bytes)?;
    let buckets = next.buckets();
    let mut files = next.merge(&buckets, progress)?;
    let rolled_up = next.roll_up(&buckets, &files, progress)?;
    let ranked = next.rank(&rolled_up, progress)?;
    files.extend(next.rate(&rolled_up, &ranked.domains, progress)?);
    files.extend(rolled_up);
    files.extend(ranked.files);
    next.publish(files, ranked.summary, lock)
}
