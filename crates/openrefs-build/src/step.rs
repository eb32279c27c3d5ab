//! The steps one by one, for a cluster's scheduler: what an ingest does in one process, as many that share a folder.
//!
//! A step of a bucket leaves a list of its files beside them, which the next one reads, and publishing collects all of
//! them. Steps of different buckets may run at the same time, on many machines; the same step of the same bucket may not.
//! A list names the groups of archives that are in its files; only what is made of the same ones goes together, and groups
//! that are staged later wait for the next snapshot. The outcome is the bytes of an ingest.

use std::collections::BTreeMap;

use openrefs_archive::Input;
use openrefs_store::lists::{self, Outcome};
use openrefs_store::{FileEntry, Index, Manifest, layout};

use crate::error::{Error, Result};
use crate::group::{StagedGroup, plan, staged};
use crate::ingest::{Options, extract_all, sort_out};
use crate::progress::Progress;
use crate::rank::Domains;
use crate::steps::Next;

/// The names of the steps that leave lists.
const MERGE: &str = "merge";
const ROLL_UP: &str = "rollup";
const RANK: &str = "rank";
const RATE: &str = "rate";

/// What a step of extraction did.
#[derive(Debug, Default)]
pub struct Extracted {
    /// The groups that it staged, by name.
    pub groups: BTreeMap<String, StagedGroup>,
    /// Archives that were staged or published already, unchanged.
    pub known: usize,
}

/// What a step made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Made {
    /// The snapshot it is for.
    pub snapshot: u64,
    /// Files, those included that carried over.
    pub files: usize,
    /// Their rows.
    pub rows: u64,
}

/// Reads archives and stages them; what is staged or published already is passed over.
///
/// # Errors
/// When an archive cannot be opened or is being read by another process, or the index cannot be written.
pub fn extract(
    index: &Index,
    inputs: Vec<Input>,
    options: &Options,
    progress: &dyn Progress,
) -> Result<Extracted> {
    let pinned = match index.pin() {
        Err(openrefs_store::Error::NoSnapshot { .. }) => None,
        pinned => Some(pinned?),
    };
    let last = pinned.as_ref().map(|pinned| &pinned.manifest);
    let named = inputs.len();
    let (fresh, _) = sort_out(inputs, last, &staged(index.folder())?);
    let known = named - fresh.len();
    let groups = extract_all(index, plan(fresh, options.workers), options, progress)?;
    Ok(Extracted { groups, known })
}

/// Merges what is staged into buckets of `links` and `visits`.
///
/// # Errors
/// When a file cannot be read or written.
pub fn merge(index: &Index, buckets: &[u32], memory_bytes: usize, progress: &dyn Progress) -> Result<Made> {
    let _lock = index.lock_for_step()?;
    check(index, buckets)?;
    let next = Next::new(index, memory_bytes)?;
    let files = next.merge(buckets, progress)?;
    let groups: Vec<String> = next.staged().keys().cloned().collect();
    let groups = buckets.iter().map(|&bucket| (bucket, groups.clone())).collect();
    leave(index, next.snapshot(), MERGE, &groups, files)
}

/// Rolls up buckets that are merged.
///
/// # Errors
/// [`Error::StepMissing`]; when a file cannot be read or written.
pub fn roll_up(index: &Index, buckets: &[u32], memory_bytes: usize, progress: &dyn Progress) -> Result<Made> {
    let _lock = index.lock_for_step()?;
    check(index, buckets)?;
    let next = Next::new(index, memory_bytes)?;
    let merged = found(index, next.snapshot(), MERGE, buckets)?;
    let files = next.roll_up(buckets, &files_of(&merged), progress)?;
    let groups = merged.into_iter().map(|(bucket, of)| (bucket, of.groups));
    leave(index, next.snapshot(), ROLL_UP, &groups.collect(), files)
}

/// Rates all domains, once all buckets are rolled up.
///
/// # Errors
/// [`Error::StepMissing`], [`Error::StepMixed`]; when a file cannot be read or written.
pub fn rank(index: &Index, memory_bytes: usize, progress: &dyn Progress) -> Result<Made> {
    let _lock = index.lock_for_step()?;
    let next = Next::new(index, memory_bytes)?;
    let rolled_up = found(index, next.snapshot(), ROLL_UP, &next.buckets())?;
    let groups = same_groups(&rolled_up)?;
    let ranked = next.rank(&files_of(&rolled_up), progress)?;
    let made = Made {
        snapshot: next.snapshot(),
        files: ranked.files.len(),
        rows: ranked.files.iter().map(|file| file.rows).sum(),
    };
    let outcome = Outcome {
        groups,
        files: ranked.files,
        rating: ranked.summary,
    };
    let name = layout::step_list(next.snapshot(), RANK, 0);
    lists::write(index.folder(), &name, &outcome)?;
    Ok(made)
}

/// Writes the ratings beside the roll-ups of buckets.
///
/// # Errors
/// [`Error::StepMissing`]; when a file cannot be read or written.
pub fn rate(index: &Index, buckets: &[u32], memory_bytes: usize, progress: &dyn Progress) -> Result<Made> {
    let _lock = index.lock_for_step()?;
    check(index, buckets)?;
    let next = Next::new(index, memory_bytes)?;
    let rolled_up = found(index, next.snapshot(), ROLL_UP, buckets)?;
    let ranked = ranked(index, next.snapshot(), &rolled_up)?;
    let domains = Domains::load(index.folder(), &ranked.files)?;
    let files = next.rate(&files_of(&rolled_up), &domains, progress)?;
    let groups = rolled_up.into_iter().map(|(bucket, of)| (bucket, of.groups));
    leave(index, next.snapshot(), RATE, &groups.collect(), files)
}

/// Publishes what the steps have made of all buckets, and removes the groups that are in it. Without a new group the
/// published snapshot stays.
///
/// # Errors
/// [`Error::StepMissing`], [`Error::StepMixed`]; when the index cannot be written.
pub fn publish(index: &Index) -> Result<Manifest> {
    let lock = index.lock()?;
    let mut next = Next::new(index, 0)?;
    let (snapshot, buckets) = (next.snapshot(), next.buckets());
    let merged = found(index, snapshot, MERGE, &buckets)?;
    let rolled_up = found(index, snapshot, ROLL_UP, &buckets)?;
    let ranked = ranked(index, snapshot, &rolled_up)?;
    let rated = found(index, snapshot, RATE, &buckets)?;
    let groups = same_groups(&merged)?;
    for (step, outcomes) in [(ROLL_UP, &rolled_up), (RATE, &rated)] {
        if let Some((&bucket, _)) = outcomes.iter().find(|(_, outcome)| outcome.groups != groups) {
            return Err(Error::StepMissing { step, bucket });
        }
    }
    if let (true, Some(last)) = (groups.is_empty(), index.manifest()?) {
        index.folder().remove(&layout::data_folder(snapshot))?;
        return Ok(last);
    }
    if !next.take_only(&groups) {
        return Err(Error::StepMissing {
            step: MERGE,
            bucket: 0,
        });
    }
    let mut files = Vec::new();
    for outcomes in [&merged, &rolled_up, &rated] {
        files.extend(files_of(outcomes));
    }
    files.extend(ranked.files);
    next.publish(files, ranked.rating, &lock)
}

fn check(index: &Index, buckets: &[u32]) -> Result<()> {
    let count = index.settings().buckets;
    match buckets.iter().find(|bucket| **bucket >= count) {
        Some(&bucket) => Err(Error::NoBucket {
            bucket,
            buckets: count,
        }),
        None => Ok(()),
    }
}

/// Writes the lists of a step: each bucket's own files, with the groups that are in them.
fn leave(
    index: &Index,
    snapshot: u64,
    step: &str,
    groups: &BTreeMap<u32, Vec<String>>,
    files: Vec<FileEntry>,
) -> Result<Made> {
    let made = Made {
        snapshot,
        files: files.len(),
        rows: files.iter().map(|file| file.rows).sum(),
    };
    index.folder().sync(&layout::data_folder(snapshot))?;
    for (&bucket, groups) in groups {
        let outcome = Outcome {
            groups: groups.clone(),
            files: files
                .iter()
                .filter(|file| file.bucket == bucket)
                .cloned()
                .collect(),
            ..Outcome::default()
        };
        let name = layout::step_list(snapshot, step, bucket);
        lists::write(index.folder(), &name, &outcome)?;
    }
    Ok(made)
}

/// What a step made of buckets.
fn found(
    index: &Index,
    snapshot: u64,
    step: &'static str,
    buckets: &[u32],
) -> Result<BTreeMap<u32, Outcome>> {
    let mut outcomes = BTreeMap::new();
    for &bucket in buckets {
        let name = layout::step_list(snapshot, step, bucket);
        let outcome = lists::read(index.folder(), &name)?;
        outcomes.insert(bucket, outcome.ok_or(Error::StepMissing { step, bucket })?);
    }
    Ok(outcomes)
}

/// The ratings, if they are of these roll-ups.
fn ranked(index: &Index, snapshot: u64, rolled_up: &BTreeMap<u32, Outcome>) -> Result<Outcome> {
    let mut of = found(index, snapshot, RANK, &[0])?;
    let outcome = of.remove(&0).unwrap_or_default();
    if rolled_up
        .values()
        .any(|rolled_up| rolled_up.groups != outcome.groups)
    {
        return Err(Error::StepMissing {
            step: RANK,
            bucket: 0,
        });
    }
    Ok(outcome)
}

/// The groups that are in all buckets alike.
fn same_groups(outcomes: &BTreeMap<u32, Outcome>) -> Result<Vec<String>> {
    let mut groups: Option<(u32, &Vec<String>)> = None;
    for (&bucket, outcome) in outcomes {
        match groups {
            Some((other, groups)) if *groups != outcome.groups => {
                return Err(Error::StepMixed { bucket, other });
            }
            _ => groups = Some((bucket, &outcome.groups)),
        }
    }
    Ok(groups.map(|(_, groups)| groups.clone()).unwrap_or_default())
}

fn files_of(outcomes: &BTreeMap<u32, Outcome>) -> Vec<FileEntry> {
    outcomes
        .values()
        .flat_map(|outcome| outcome.files.iter().cloned())
        .collect()
}
