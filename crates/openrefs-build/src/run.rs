//! A run: the rows of a buffer, sorted by bucket and table order, folded, as one file a table. The list of its group says
//! which rows belong to which bucket, so a merge reads its part alone.

use std::collections::BTreeMap;

use openrefs_store::table::Kind;
use openrefs_store::{Folder, LinkRow, LinksWriter, TableName, VisitsWriter, layout};

use crate::buffer::Buffer;
use crate::error::Result;
use crate::group::{StagedFile, StagedRun};

/// Writes the rows of a buffer as one run of a group.
///
/// # Errors
/// When the files cannot be written.
pub fn write(folder: &Folder, group: &str, run: u32, buffer: &mut Buffer) -> Result<StagedRun> {
    let name = |table| layout::staged_run(group, run, table);
    Ok(StagedRun {
        links: write_links(folder, &name(TableName::Links), buffer)?,
        visits: write_visits(folder, &name(TableName::Visits), buffer)?,
    })
}

fn write_links(folder: &Folder, name: &str, buffer: &mut Buffer) -> Result<Option<StagedFile>> {
    let rows = &mut buffer.links;
    if rows.is_empty() {
        return Ok(None);
    }
    rows.sort_unstable_by(|(p, a), (q, b)| p.cmp(q).then_with(|| a.order(b)));
    rows.dedup_by(|(_, later), (_, kept)| {
        let same = later.order(kept).is_eq();
        if same {
            kept.sighting.fold(&later.sighting);
        }
        same
    });
    let mut writer = LinksWriter::create(folder, name, Kind::Staged)?;
    for (_, backlink) in rows.iter() {
        writer.push(&LinkRow::of(backlink), &backlink.sighting)?;
    }
    let rows = rows_by_bucket(rows.iter().map(|(bucket, _)| *bucket));
    let file = writer.finish()?.file;
    Ok(Some(StagedFile { file, rows }))
}

fn write_visits(folder: &Folder, name: &str, buffer: &mut Buffer) -> Result<Option<StagedFile>> {
    let rows = &mut buffer.visits;
    if rows.is_empty() {
        return Ok(None);
    }
    rows.sort_unstable_by(|(p, a), (q, b)| p.cmp(q).then_with(|| a.order(b)));
    rows.dedup_by(|(_, later), (_, kept)| {
        let same = later.order(kept).is_eq();
        if same {
            kept.fold(later);
        }
        same
    });
    let mut writer = VisitsWriter::create(folder, name, Kind::Staged)?;
    for (_, visit) in rows.iter() {
        writer.push(visit)?;
    }
    let rows = rows_by_bucket(rows.iter().map(|(bucket, _)| *bucket));
    let file = writer.finish()?.file;
    Ok(Some(StagedFile { file, rows }))
}

/// First row and row after the last of every bucket, of rows in the order of buckets.
fn rows_by_bucket(buckets: impl Iterator<Item = u32>) -> BTreeMap<u32, (usize, usize)> {
    let mut rows: BTreeMap<u32, (usize, usize)> = BTreeMap::new();
    for (row, bucket) in buckets.enumerate() {
        rows.entry(bucket).or_insert((row, row)).1 = row + 1;
    }
    rows
}
