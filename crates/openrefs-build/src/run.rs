//! A run: the rows of a buffer, sorted by bucket and table order, folded, as one file a table. Every bucket has row
//! groups of its own, so a merge reads its part alone.

use std::collections::BTreeMap;

use openrefs_store::table::Kind;
use openrefs_store::{Folder, LinkRow, LinksWriter, TableName, VisitsWriter, layout};

use crate::buffer::Buffer;
use crate::error::Result;
use crate::group::StagedRun;

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

fn write_links(folder: &Folder, name: &str, buffer: &mut Buffer) -> Result<BTreeMap<u32, (usize, usize)>> {
    let rows = &mut buffer.links;
    rows.sort_unstable_by(|(p, a), (q, b)| p.cmp(q).then_with(|| a.order(b)));
    rows.dedup_by(|(_, later), (_, kept)| {
        let same = later.order(kept).is_eq();
        if same {
            kept.sighting.fold(&later.sighting);
        }
        same
    });
    let mut writer = LinksWriter::create(folder, name, Kind::Staged)?;
    let mut parts = Parts::default();
    for (bucket, backlink) in rows.iter() {
        if parts.starts(*bucket) {
            parts.end(writer.end_row_group()?);
        }
        parts.current = Some(*bucket);
        writer.push(&LinkRow::of(backlink), &backlink.sighting)?;
    }
    parts.end(writer.end_row_group()?);
    writer.finish()?;
    Ok(parts.by_bucket)
}

fn write_visits(folder: &Folder, name: &str, buffer: &mut Buffer) -> Result<BTreeMap<u32, (usize, usize)>> {
    let rows = &mut buffer.visits;
    rows.sort_unstable_by(|(p, a), (q, b)| p.cmp(q).then_with(|| a.order(b)));
    rows.dedup_by(|(_, later), (_, kept)| {
        let same = later.order(kept).is_eq();
        if same {
            kept.fold(later);
        }
        same
    });
    let mut writer = VisitsWriter::create(folder, name, Kind::Staged)?;
    let mut parts = Parts::default();
    for (bucket, visit) in rows.iter() {
        if parts.starts(*bucket) {
            parts.end(writer.end_row_group()?);
        }
        parts.current = Some(*bucket);
        writer.push(visit)?;
    }
    parts.end(writer.end_row_group()?);
    writer.finish()?;
    Ok(parts.by_bucket)
}

/// Which row groups hold which bucket, found out while rows are written in the order of buckets.
#[derive(Default)]
struct Parts {
    current: Option<u32>,
    row_groups: usize,
    by_bucket: BTreeMap<u32, (usize, usize)>,
}

impl Parts {
    /// Whether a row of this bucket begins a new part after another one.
    fn starts(&self, bucket: u32) -> bool {
        self.current.is_some_and(|current| current != bucket)
    }

    /// The current part ends; the file has so many row groups now.
    fn end(&mut self, row_groups: usize) {
        if let Some(bucket) = self.current.take() {
            self.by_bucket.insert(bucket, (self.row_groups, row_groups));
        }
        self.row_groups = row_groups;
    }
}
