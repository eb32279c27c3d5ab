//! Checks a whole index and names all that is wrong.
//!
//! First every byte: each file that a snapshot or a staged group names has its length, its checksums and its rows. Then, of
//! the published snapshot, what the bytes say: the order of rows, the bucket of each, and everything derived made once more
//! from the backlinks and compared. What is derived needs room for the pairs of all buckets and the roll-ups of as many
//! buckets as there are threads, in the index's own folder for temporary files.

mod bucket;
mod compare;
mod rows;

use std::collections::{BTreeMap, BTreeSet};

use openrefs_sort::Space;
use openrefs_store::{DataFile, FileEntry, Folder, Index, Manifest, TableFile, TableName, Temporary};
use openrefs_store::{claim, layout};

use crate::error::{Error, Result};
use crate::group;
use crate::progress::{Phase, Progress};
use crate::rank::{Domains, rank};
use crate::steps::in_parallel;
use bucket::Bucket;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The file, by its name in the index folder.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

/// What was checked and found.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// The published snapshot.
    pub snapshot: u64,
    /// Older snapshots that are still there.
    pub older: u64,
    /// Data files of all of them, and of what is staged.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Backlinks in the published snapshot.
    pub backlinks: u64,
    /// All that is wrong, by file; nothing when all is well.
    pub findings: Vec<Finding>,
}

/// Checks an index, within about so much memory.
///
/// # Errors
/// When there is no published snapshot whose manifest can be read, or there is no room for what is made once more. What is
/// wrong with data files is no error but a finding.
pub fn verify(index: &Index, memory_bytes: usize, progress: &dyn Progress) -> Result<Verified> {
    let pinned = index.pin()?;
    let manifest = &pinned.manifest;
    let mut findings = Findings::default();
    if !index.settings_are_as_written()? {
        findings.add(layout::SETTINGS, "it is not what was written");
    }
    let mut files = BTreeMap::new();
    let mut older = Vec::new();
    for snapshot in index.snapshots()? {
        if snapshot >= manifest.snapshot {
            continue;
        }
        match index.pin_snapshot(snapshot) {
            Ok(pinned) => older.extend(pinned),
            Err(error) => findings.add_error(index, error.into())?,
        }
    }
    for snapshot in older.iter().map(|pinned| &pinned.manifest).chain([manifest]) {
        for entry in &snapshot.files {
            files.insert(entry.file.name.clone(), (entry.file.clone(), Some(entry.clone())));
        }
    }
    staged(index, &mut files, &mut findings)?;
    check_bytes(index, &files, &mut findings, progress)?;
    check_rows(index, manifest, memory_bytes, &mut findings, progress)?;
    findings.0.sort();
    findings.0.dedup();
    Ok(Verified {
        snapshot: manifest.snapshot,
        older: older.len() as u64,
        files: files.len() as u64,
        bytes: files.values().map(|(file, _)| file.bytes).sum(),
        backlinks: manifest.rows(TableName::Links),
        findings: findings.0,
    })
}

/// A data file, and what a manifest says of its rows.
type Named = (DataFile, Option<FileEntry>);

#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, file: &str, what: impl ToString) {
        self.0.push(Finding {
            file: file.to_owned(),
            what: what.to_string(),
        });
    }

    /// Takes an error that is about a file of the index; gives back any other.
    fn add_error(&mut self, index: &Index, error: Error) -> Result<()> {
        use openrefs_store::Error::{Damaged, Io};
        let (path, what) = match &error {
            Error::Store(Damaged { path, what }) => (path, what.clone()),
            Error::Store(Io { action, path, source }) if matches!(*action, "open" | "read") => {
                (path, format!("cannot {action} it: {source}"))
            }
            _ => return Err(error),
        };
        let Ok(name) = path.strip_prefix(index.folder().root()) else {
            return Err(error);
        };
        if name.starts_with(layout::TEMPORARY) {
            return Err(error);
        }
        self.add(&name.to_string_lossy().replace('\\', "/"), what);
        Ok(())
    }

    /// Takes what an outcome has, or its error.
    fn take(&mut self, index: &Index, outcome: Result<Self>) -> Result<()> {
        match outcome {
            Ok(mut others) => self.0.append(&mut others.0),
            Err(error) => self.add_error(index, error)?,
        }
        Ok(())
    }
}

/// Adds the files of staged groups.
fn staged(index: &Index, files: &mut BTreeMap<String, Named>, findings: &mut Findings) -> Result<()> {
    let folder = index.folder();
    for name in folder.list(layout::STAGING)? {
        if claim::is_lock(&name) {
            continue;
        }
        match group::read(folder, &name)? {
            Some(group) => {
                for run in &group.runs {
                    for staged in [&run.links, &run.visits].into_iter().flatten() {
                        files.insert(staged.file.name.clone(), (staged.file.clone(), None));
                    }
                }
            }
            None if folder.exists(&layout::staged_list(&name)) => {
                findings.add(&layout::staged_list(&name), "it is not what was written");
            }
            None => {}
        }
    }
    Ok(())
}

/// Reads all files from end to end.
fn check_bytes(
    index: &Index,
    files: &BTreeMap<String, Named>,
    findings: &mut Findings,
    progress: &dyn Progress,
) -> Result<()> {
    progress.start(Phase::Check, files.values().map(|(file, _)| file.bytes).sum());
    let mut largest_first: Vec<&Named> = files.values().collect();
    largest_first.sort_by_key(|(file, _)| std::cmp::Reverse(file.bytes));
    let checked = in_parallel(&largest_first, |(file, entry)| {
        let check = || -> Result<Findings> {
            let table = TableFile::open(index.folder(), file)?;
            table.check_all(&|bytes| progress.advance(bytes))?;
            progress.advance(file.bytes - file.data_bytes);
            match entry {
                Some(entry) => rows::as_listed(&table, entry),
                None => Ok(Findings::default()),
            }
        };
        Ok(check())
    })?;
    progress.end();
    for outcome in checked {
        findings.take(index, outcome)?;
    }
    Ok(())
}

/// Checks what the files of the published snapshot say, as far as their bytes are whole.
fn check_rows(
    index: &Index,
    manifest: &Manifest,
    memory_bytes: usize,
    findings: &mut Findings,
    progress: &dyn Progress,
) -> Result<()> {
    let damaged: BTreeSet<String> = findings.0.iter().map(|finding| finding.file.clone()).collect();
    let temporary = Temporary::new(index.folder())?;
    let scratch = Folder::new(index.folder().path(temporary.name()));
    let task_bytes = memory_bytes / (2 * rayon::current_num_threads().max(1));
    let space = Space::new(scratch.root(), task_bytes / 6, u64::MAX);
    let tables: Vec<FileEntry> = manifest.table(TableName::Domains).cloned().collect();
    let whole = |entry: &FileEntry| !damaged.contains(&entry.file.name);
    let domains = match tables.iter().all(whole) {
        true => Some(Domains::load(index.folder(), &tables)?),
        false => None,
    };
    let buckets: Vec<u32> = (0..manifest.buckets).collect();
    progress.start(Phase::Recompute, manifest.rows(TableName::Links));
    let checked = in_parallel(&buckets, |&number| {
        let bucket = Bucket {
            index,
            manifest,
            number,
            scratch: &scratch,
            space: &space,
            damaged: &damaged,
            domains: domains.as_ref(),
        };
        let checked = bucket.check();
        let links = manifest.files_of(TableName::Links, number);
        progress.advance(links.map(|file| file.rows).sum());
        Ok(checked)
    })?;
    progress.end();
    drop(domains);
    let mut pairs = Some(Vec::new());
    for outcome in checked {
        match outcome {
            Ok((mut of_bucket, made)) => {
                findings.0.append(&mut of_bucket.0);
                pairs = pairs.zip(made).map(|(mut all, made)| {
                    all.extend(made);
                    all
                });
            }
            Err(error) => {
                pairs = None;
                findings.add_error(index, error)?;
            }
        }
    }
    // Without all pairs there are no ratings to compare with.
    if let Some(pairs) = pairs.filter(|_| tables.iter().all(whole)) {
        let (made, summary, _) = rank(&scratch, manifest.snapshot, &pairs, &space, progress)?;
        let name = layout::manifest(manifest.snapshot);
        let told = &manifest.rating;
        if (told.domains, told.arcs, told.rounds) != (summary.domains, summary.arcs, summary.rounds) {
            findings.add(&name, "what it says of the ratings is not what the pairs give");
        }
        let tables: Vec<&FileEntry> = tables.iter().collect();
        let compared = compare::tables(index, &tables, &scratch, &made, &name);
        findings.take(index, compared)?;
        findings.take(index, rows::domains(index, &tables))?;
    }
    Ok(())
}
