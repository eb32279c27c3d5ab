//! The steps from staged runs to a published snapshot: merge, roll up, rank, rate, publish. Each is a function from
//! immutable files to immutable files, on all cores; an ingest runs them one after another, a cluster each by itself.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use openrefs_sort::Space;
use openrefs_store::manifest::RatingSummary;
use openrefs_store::{
    Archive, FileEntry, Index, Manifest, TableFile, TableName, Temporary, WriteLock, layout,
};
use rayon::prelude::*;

use crate::error::Result;
use crate::group::{self, StagedGroup};
use crate::merge::{self, PIECE_ROWS, Part, Piece};
use crate::progress::{Phase, Progress};
use crate::rank::{Domains, rank};
use crate::rate::rate;
use crate::rollup::{self, LARGE_HOST_ROWS, SEGMENT_ROWS};

/// The tables that one pass over the backlinks of a bucket gives.
pub(crate) const ROLLED_UP: [TableName; 3] = [TableName::Pairs, TableName::Refdomains, TableName::Targets];

/// A staged file of a table, open, and which of its rows belong to which bucket.
type Run = (TableName, TableFile, BTreeMap<u32, (usize, usize)>);

/// The snapshot that is being made.
pub struct Next<'a> {
    index: &'a Index,
    last: Option<Manifest>,
    staged: BTreeMap<String, StagedGroup>,
    snapshot: u64,
    temporary: Temporary,
    memory_bytes: usize,
    piece_rows: usize,
}

/// Ratings, and how they came about.
pub struct Ranked {
    /// The table `domains`.
    pub files: Vec<FileEntry>,
    /// How they came about.
    pub summary: RatingSummary,
    /// The ratings, in memory.
    pub domains: Domains,
}

impl<'a> Next<'a> {
    /// The next snapshot of an index: the published one, and all that is staged.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn new(index: &'a Index, memory_bytes: usize) -> Result<Self> {
        let last = index.manifest()?;
        let snapshot = last.as_ref().map_or(0, |manifest| manifest.snapshot) + 1;
        index.folder().create_folder(&layout::data_folder(snapshot))?;
        // A publishing that was killed may have left what it took in; taken in again, it would be counted twice.
        let staged = group::unpublished(index.folder(), last.as_ref())?;
        Ok(Self {
            index,
            last,
            staged,
            snapshot,
            temporary: Temporary::new(index.folder())?,
            memory_bytes,
            piece_rows: PIECE_ROWS,
        })
    }

    /// Cuts buckets at so many rows, for tests of what large ones take.
    #[must_use]
    pub fn with_piece_rows(self, piece_rows: usize) -> Self {
        Self { piece_rows, ..self }
    }

    /// Its number.
    pub fn snapshot(&self) -> u64 {
        self.snapshot
    }

    /// All buckets.
    pub fn buckets(&self) -> Vec<u32> {
        (0..self.index.settings().buckets).collect()
    }

    /// What is staged.
    pub fn staged(&self) -> &BTreeMap<String, StagedGroup> {
        &self.staged
    }

    /// Takes in these staged groups alone; false if one of them is not there.
    pub(crate) fn take_only(&mut self, groups: &[String]) -> bool {
        self.staged.retain(|name, _| groups.contains(name));
        self.staged.len() == groups.len()
    }

    /// Memory for one of the tasks that run at a time.
    fn task_bytes(&self) -> usize {
        self.memory_bytes / (2 * rayon::current_num_threads().max(1))
    }

    /// Room for each of the sorts of a task.
    fn space(&self) -> Space {
        let folder = self.index.folder().path(self.temporary.name());
        Space::new(folder, self.task_bytes() / 6, u64::MAX)
    }

    /// Merges the staged runs of buckets with the last snapshot. Buckets without new rows carry over. Returns their
    /// files of `links` and `visits`.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn merge(&self, buckets: &[u32], progress: &dyn Progress) -> Result<Vec<FileEntry>> {
        let runs = self.open_runs()?;
        let mut carried = Vec::new();
        let mut work = Vec::new();
        for table in [TableName::Links, TableName::Visits] {
            for &bucket in buckets {
                match self.parts(&runs, table, bucket)? {
                    None => carried.extend(self.carried(table, bucket)),
                    Some(parts) => work.push((table, bucket, parts)),
                }
            }
        }
        let mut pieces = Vec::new();
        let mut rows = 0;
        for (table, bucket, parts) in &work {
            let bucket_rows: usize = parts.iter().map(|part| part.rows.len()).sum();
            let ranges = merge::pieces(parts, self.piece_rows)?;
            let share = bucket_rows / ranges.len().max(1);
            rows += bucket_rows as u64;
            for (number, keys) in (0..).zip(ranges) {
                let (table, bucket) = (*table, *bucket);
                let piece = Piece {
                    table,
                    bucket,
                    number,
                    keys,
                    parts,
                    temporary: self.temporary.name(),
                };
                pieces.push((share, piece));
            }
        }
        // The largest first, so that all cores end together.
        pieces.sort_by_key(|(share, _)| std::cmp::Reverse(*share));
        progress.start(Phase::Merge, rows);
        let merge_one = |(share, piece): &(usize, Piece<'_>)| {
            let merged = merge::merge(self.index.folder(), self.snapshot, piece, self.task_bytes());
            progress.advance(*share as u64);
            merged
        };
        let merged = in_parallel(&pieces, merge_one)?;
        progress.end();
        let mut files = carried;
        files.extend(merged.into_iter().flatten());
        files.sort_by_key(place);
        Ok(files)
    }

    /// Rolls up buckets, given their files of `links`. Buckets whose links carried over do so too. Returns their files
    /// of `pairs`, `refdomains` and `targets`.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn roll_up(
        &self,
        buckets: &[u32],
        merged: &[FileEntry],
        progress: &dyn Progress,
    ) -> Result<Vec<FileEntry>> {
        let mut files = Vec::new();
        let mut work = Vec::new();
        let mut rows = 0;
        for &bucket in buckets {
            let links: Vec<&FileEntry> = merged
                .iter()
                .filter(|file| file.table == TableName::Links && file.bucket == bucket)
                .collect();
            let before: Vec<&FileEntry> = self.carried_of(TableName::Links, bucket).collect();
            if !links.is_empty() && links == before {
                files.extend(ROLLED_UP.iter().flat_map(|table| self.carried(*table, bucket)));
                continue;
            }
            let open = |entry: &&FileEntry| TableFile::open(self.index.folder(), &entry.file);
            let links: Vec<TableFile> = links.iter().map(open).collect::<std::result::Result<_, _>>()?;
            let bucket_rows: usize = links.iter().map(TableFile::rows).sum();
            rows += bucket_rows as u64;
            let segment_rows = self.piece_rows.min(SEGMENT_ROWS);
            let ranges = rollup::segments(self.index.suffix_list(), &links, segment_rows)?;
            work.push((bucket, links, bucket_rows, ranges));
        }
        let mut segments = Vec::new();
        for (bucket, links, bucket_rows, ranges) in &work {
            let share = bucket_rows / ranges.len().max(1);
            for (number, keys) in (0u32..).zip(ranges) {
                segments.push((share, *bucket, number, links, keys.as_ref()));
            }
        }
        segments.sort_by_key(|(share, ..)| std::cmp::Reverse(*share));
        progress.start(Phase::RollUp, rows);
        let space = self.space();
        let list = self.index.suffix_list();
        let rolled = in_parallel(&segments, |&(share, bucket, number, links, keys)| {
            let work = rollup::Work {
                snapshot: self.snapshot,
                bucket,
                number,
                links,
                keys,
                large_host_rows: self.piece_rows.min(LARGE_HOST_ROWS),
            };
            let segment = rollup::segment(self.index.folder(), list, &work, &space);
            progress.advance(share as u64);
            segment.map(|segment| ((bucket, number), segment))
        })?;
        let mut by_bucket: BTreeMap<u32, BTreeMap<u32, rollup::Segment>> = BTreeMap::new();
        for ((bucket, number), segment) in rolled {
            by_bucket.entry(bucket).or_default().insert(number, segment);
        }
        for (bucket, segments) in by_bucket {
            let segments = segments.into_values().collect();
            files.extend(rollup::targets(
                self.index.folder(),
                self.snapshot,
                bucket,
                segments,
            )?);
        }
        progress.end();
        files.sort_by_key(place);
        Ok(files)
    }

    /// Rates all domains, given the files of `pairs` of all buckets.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn rank(&self, rolled_up: &[FileEntry], progress: &dyn Progress) -> Result<Ranked> {
        let pairs: Vec<FileEntry> = of_table(rolled_up, TableName::Pairs).cloned().collect();
        let folder = self.index.folder();
        let (files, summary, domains) = rank(folder, self.snapshot, &pairs, &self.space(), progress)?;
        Ok(Ranked {
            files,
            summary,
            domains,
        })
    }

    /// Writes the ratings beside roll-ups, given files of `refdomains`.
    ///
    /// # Errors
    /// When a file cannot be read or written.
    pub fn rate(
        &self,
        rolled_up: &[FileEntry],
        domains: &Domains,
        progress: &dyn Progress,
    ) -> Result<Vec<FileEntry>> {
        let mut refdomains: Vec<&FileEntry> = of_table(rolled_up, TableName::Refdomains).collect();
        refdomains.sort_by_key(|file| std::cmp::Reverse(file.rows));
        progress.start(Phase::Rate, refdomains.iter().map(|file| file.rows).sum());
        let mut files = in_parallel(&refdomains, |entry| {
            let rated = rate(self.index.folder(), self.snapshot, entry, domains);
            progress.advance(entry.rows);
            rated
        })?;
        progress.end();
        files.sort_by_key(place);
        Ok(files)
    }

    /// Makes all files of the snapshot durable and the snapshot the published one.
    ///
    /// # Errors
    /// When the index cannot be written; the last snapshot is then still the published one.
    pub fn publish(self, files: Vec<FileEntry>, rating: RatingSummary, lock: &WriteLock) -> Result<Manifest> {
        let folder = self.index.folder();
        folder.sync(&layout::data_folder(self.snapshot))?;
        folder.sync(layout::DATA)?;
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let (archives, counts) = history(self.last.clone(), &self.staged);
        let mut manifest = self.index.new_manifest(self.snapshot);
        manifest.published =
            openrefs_model::time::format(now.map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(0)));
        manifest.files = files;
        manifest.files.sort_by_key(place);
        manifest.rating = rating;
        manifest.archives = archives;
        manifest.counts = counts;
        self.index.publish(&manifest, lock)?;
        // It is published; what cannot be removed now is removed by the next ingest.
        let _ = self.remove_inputs();
        Ok(manifest)
    }

    /// Removes what went into the snapshot, and nothing that was staged since.
    fn remove_inputs(&self) -> Result<()> {
        let folder = self.index.folder();
        for name in self.staged.keys() {
            folder.remove(&layout::staged_group(name))?;
        }
        folder.remove_if_empty(layout::STAGING)?;
        Ok(folder.remove(&layout::lists_folder(self.snapshot))?)
    }

    fn open_runs(&self) -> Result<Vec<Run>> {
        let mut runs = Vec::new();
        for group in self.staged.values() {
            for run in &group.runs {
                for table in [TableName::Links, TableName::Visits] {
                    if let Some(staged) = run.file(table) {
                        let file = TableFile::open(self.index.folder(), &staged.file)?;
                        runs.push((table, file, staged.rows.clone()));
                    }
                }
            }
        }
        Ok(runs)
    }

    /// The inputs of a bucket; None when no run has rows for it.
    fn parts(&self, runs: &[Run], table: TableName, bucket: u32) -> Result<Option<Vec<Part>>> {
        let mut parts: Vec<Part> = Vec::new();
        for (_, file, rows) in runs.iter().filter(|(of, ..)| *of == table) {
            if let Some(&(start, end)) = rows.get(&bucket) {
                let (file, rows) = (file.clone(), start..end);
                parts.push(Part { file, rows });
            }
        }
        if parts.is_empty() {
            return Ok(None);
        }
        for entry in self.carried_of(table, bucket) {
            let file = TableFile::open(self.index.folder(), &entry.file)?;
            let rows = 0..file.rows();
            parts.push(Part { file, rows });
        }
        Ok(Some(parts))
    }

    fn carried(&self, table: TableName, bucket: u32) -> Vec<FileEntry> {
        self.carried_of(table, bucket).cloned().collect()
    }

    fn carried_of(&self, table: TableName, bucket: u32) -> impl Iterator<Item = &FileEntry> {
        self.last
            .iter()
            .flat_map(move |last| last.files_of(table, bucket))
    }
}

fn place(file: &FileEntry) -> (TableName, u32, u32) {
    (file.table, file.bucket, file.part)
}

fn of_table(files: &[FileEntry], table: TableName) -> impl Iterator<Item = &FileEntry> {
    files.iter().filter(move |file| file.table == table)
}

/// Runs tasks on all threads, in their order, each thread one at a time; the first error ends the others.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    tasks: &[T],
    run: impl Fn(&T) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let next = AtomicU64::new(0);
    let take = |_| {
        let place = next.fetch_add(1, Ordering::Relaxed);
        run(&tasks[usize::try_from(place).unwrap_or(0)])
    };
    // Splitting would hand each thread a part of the list; this way each takes the next task.
    (0..tasks.len())
        .into_par_iter()
        .with_max_len(1)
        .map(take)
        .collect()
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
