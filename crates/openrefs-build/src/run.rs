//! A run: the rows of a buffer, sorted by bucket and table order, folded, as one file a table. The list of its group says
//! which rows belong to which bucket, so a merge reads its part alone.

use std::collections::BTreeMap;

use openrefs_model::Backlink;
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

fn write_links(folder: &Folder, name: &str, buffer: &Buffer) -> Result<Option<StagedFile>> {
    let rows = &buffer.links;
    if rows.is_empty() {
        return Ok(None);
    }
    let order = order_of_links(rows);
    let mut writer = LinksWriter::create(folder, name, Kind::Staged)?;
    let mut buckets = Vec::with_capacity(order.len());
    let mut numbers = order.into_iter().peekable();
    while let Some(number) = numbers.next() {
        let (bucket, backlink) = &rows[number];
        let mut sighting = backlink.sighting;
        while let Some(again) = numbers.next_if(|&other| rows[other].1.order(backlink).is_eq()) {
            sighting.fold(&rows[again].1.sighting);
        }
        writer.push(&LinkRow::of(backlink), &sighting)?;
        buckets.push(*bucket);
    }
    let rows = rows_by_bucket(buckets.into_iter());
    let file = writer.finish()?.file;
    Ok(Some(StagedFile { file, rows }))
}

/// The numbers of rows in the order of a run. What is moved and mostly compared is a number each, not the rows.
fn order_of_links(rows: &[(u32, Backlink)]) -> Vec<usize> {
    let place = |(number, (bucket, backlink)): (usize, &(u32, Backlink))| {
        (place_of(*bucket, &backlink.target_key), number)
    };
    let mut order: Vec<(u128, usize)> = rows.iter().enumerate().map(place).collect();
    order.sort_unstable_by(|(p, a), (q, b)| p.cmp(q).then_with(|| rows[*a].1.order(&rows[*b].1)));
    order.into_iter().map(|(_, number)| number).collect()
}

/// A bucket and the first 14 bytes of a key as one number that compares like them.
fn place_of(bucket: u32, key: &str) -> u128 {
    let mut bytes = [0; 16];
    bytes[..2].copy_from_slice(&u16::try_from(bucket).unwrap_or(u16::MAX).to_be_bytes());
    for (to, from) in bytes[2..].iter_mut().zip(key.bytes()) {
        *to = from;
    }
    u128::from_be_bytes(bytes)
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
