//! The roll-up of one bucket: one pass over its backlinks gives the rows per scope and referring domain, the totals per
//! scope, and the pairs of domains.
//!
//! Backlinks come by target key, so a host's stand together, and a domain's nearly so. A host's are grouped by referring
//! domain and page; a tree takes over what its hosts have when they end, and ends itself when the pass has left its
//! keys. What does not fit into memory is sorted on disk, so a target with any number of referring domains costs time, not
//! memory. A large bucket is rolled up in segments that no domain lies across, and a large host within one is gathered
//! by all threads.

mod columns;
mod emit;
mod fold;
mod gather;
mod pass;
mod segments;
mod stretches;
mod trees;

use std::sync::Arc;

use openrefs_model::{KeyRange, SuffixList};
use openrefs_sort::{Sorter, Space};
use openrefs_store::pairs::PairsWriter;
use openrefs_store::refdomains::RefdomainsWriter;
use openrefs_store::targets::{TargetRow, TargetsWriter};
use openrefs_store::{FileEntry, Folder, TableFile, TableName, layout};

use crate::error::Result;
use emit::{Emitted, TargetValue};
use pass::Pass;
pub use segments::{SEGMENT_ROWS, segments};
pub use stretches::LARGE_HOST_ROWS;
use stretches::stretches;

/// What to roll up.
pub struct Work<'a> {
    /// For which snapshot.
    pub snapshot: u64,
    /// Of which bucket.
    pub bucket: u32,
    /// Number of the segment in its bucket.
    pub number: u32,
    /// The files of the bucket, in the order of keys.
    pub links: &'a [TableFile],
    /// The keys of the segment; None = all.
    pub keys: Option<&'a KeyRange>,
    /// A host with so many backlinks is gathered by all threads.
    pub large_host_rows: usize,
}

/// What the roll-up of a segment leaves for its bucket.
pub struct Segment {
    files: Vec<FileEntry>,
    rows: u64,
    targets: Sorter<TargetValue>,
}

/// Rolls up a segment.
///
/// # Errors
/// When a file cannot be read or written.
pub fn segment(folder: &Folder, list: &Arc<SuffixList>, work: &Work<'_>, space: &Space) -> Result<Segment> {
    let (bucket, number) = (work.bucket, work.number);
    let name = |table| layout::table(work.snapshot, table, bucket, number);
    let emitted = Emitted {
        refdomains: RefdomainsWriter::create(folder, &name(TableName::Refdomains))?,
        pairs: PairsWriter::create(folder, &name(TableName::Pairs))?,
        targets: Sorter::new(space),
    };
    let mut pass = Pass::new(Arc::clone(list), emitted, space);
    for stretch in stretches(work.links, work.keys, work.large_host_rows)? {
        pass.read(work.links, &stretch)?;
    }
    let mut emitted = pass.finish()?;
    // Its bucket's other segments may be far from done.
    emitted.targets.spill()?;
    let refdomains = emitted.refdomains.finish()?;
    let pairs = emitted.pairs.finish()?;
    let rows = refdomains.rows;
    let mut files = Vec::new();
    for (table, written) in [(TableName::Refdomains, refdomains), (TableName::Pairs, pairs)] {
        if written.rows == 0 {
            folder.remove(&name(table))?;
        } else {
            files.push(FileEntry::of(table, bucket, number, written));
        }
    }
    Ok(Segment {
        files,
        rows,
        targets: emitted.targets,
    })
}

/// Writes the table `targets` of a bucket, given its segments in their order: all files of its roll-up.
///
/// # Errors
/// When a file cannot be written.
pub fn targets(
    folder: &Folder,
    snapshot: u64,
    bucket: u32,
    segments: Vec<Segment>,
) -> Result<Vec<FileEntry>> {
    let mut files = Vec::new();
    let mut rows_before = Vec::new();
    let mut sorters = Vec::new();
    let mut rows = 0;
    for mut segment in segments {
        files.append(&mut segment.files);
        rows_before.push(rows);
        rows += segment.rows;
        sorters.push(segment.targets);
    }
    if rows == 0 {
        return Ok(files);
    }
    // A scope is in one segment, so the segments' rows only have to be numbered on.
    let mut writer = TargetsWriter::create(folder, &layout::table(snapshot, TableName::Targets, bucket, 0))?;
    let mut places: Vec<(usize, _)> = Vec::new();
    for (number, sorter) in sorters.iter_mut().enumerate() {
        places.push((number, sorter.sorted()?));
    }
    let mut heads: Vec<Option<TargetRow>> = Vec::new();
    for (number, sorted) in &mut places {
        heads.push(next_target(sorted, rows_before[*number])?);
    }
    while let Some(least) = least(&heads) {
        if let Some(row) = heads[least].take() {
            writer.push(&row)?;
        }
        heads[least] = next_target(&mut places[least].1, rows_before[least])?;
    }
    files.push(FileEntry::of(TableName::Targets, bucket, 0, writer.finish()?));
    Ok(files)
}

fn next_target(
    sorted: &mut openrefs_sort::Sorted<'_, TargetValue>,
    rows_before: u64,
) -> Result<Option<TargetRow>> {
    let Some((key, value)) = sorted.next()? else {
        return Ok(None);
    };
    let mut row = value.row(key);
    row.first_row += rows_before;
    Ok(Some(row))
}

fn least(heads: &[Option<TargetRow>]) -> Option<usize> {
    let present = heads
        .iter()
        .enumerate()
        .filter_map(|(number, head)| Some((&head.as_ref()?.scope, number)));
    present.min().map(|(_, number)| number)
}
