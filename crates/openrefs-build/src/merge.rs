//! The merge of one bucket: the parts of all runs and the last snapshot's file, sorted inputs all, into one sorted file,
//! folding rows of the same identity. It holds one batch of rows per input, whatever their length.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;

use openrefs_model::{Flags, Sighting, Visit};
use openrefs_store::table::Kind;
use openrefs_store::{
    FileEntry, Folder, LinkRow, LinksBatch, LinksWriter, TableFile, TableName, TableReader, VisitRow,
    VisitsBatch, VisitsWriter, layout, links, visits,
};

use crate::error::Result;

/// A sorted input: a file, and which of its row groups (None = all).
#[derive(Clone, Debug)]
pub struct Part {
    /// Name in the index folder.
    pub file: String,
    /// Row groups.
    pub row_groups: Option<Range<usize>>,
}

/// Merges the parts of one bucket of a table into a file of a snapshot.
///
/// # Errors
/// When a file cannot be read or written, or an input is not sorted.
pub fn merge(
    folder: &Folder,
    table: TableName,
    bucket: u32,
    snapshot: u64,
    parts: &[Part],
) -> Result<FileEntry> {
    let name = layout::table(snapshot, table, bucket);
    match table {
        TableName::Links => merge_into::<LinksTable>(folder, table, bucket, name, parts),
        TableName::Visits => merge_into::<VisitsTable>(folder, table, bucket, name, parts),
    }
}

/// What a merge needs to know of a table.
trait Table {
    const COLUMNS: &'static [&'static str];
    type Batch;
    type Writer;
    /// The row that is being folded, in memory of its own that is used again for the next one.
    type Pending: Default;

    fn next(reader: &mut TableReader) -> openrefs_store::Result<Option<Self::Batch>>;
    fn rows(batch: &Self::Batch) -> usize;
    fn order(a: &Self::Batch, row_a: usize, b: &Self::Batch, row_b: usize) -> Ordering;

    fn set(pending: &mut Self::Pending, batch: &Self::Batch, row: usize);
    fn fold(pending: &mut Self::Pending, batch: &Self::Batch, row: usize);
    fn compare(batch: &Self::Batch, row: usize, pending: &Self::Pending) -> Ordering;
    fn key(pending: &Self::Pending) -> &str;

    fn create(folder: &Folder, name: &str) -> openrefs_store::Result<Self::Writer>;
    fn push(writer: &mut Self::Writer, pending: &Self::Pending) -> openrefs_store::Result<()>;
    fn finish(writer: Self::Writer) -> openrefs_store::Result<(u64, openrefs_store::folder::Written)>;
}

fn merge_into<T: Table>(
    folder: &Folder,
    table: TableName,
    bucket: u32,
    name: String,
    parts: &[Part],
) -> Result<FileEntry> {
    let mut heap = BinaryHeap::with_capacity(parts.len());
    for part in parts {
        heap.extend(Cursor::<T>::open(folder, part)?.map(Reverse));
    }
    let mut writer = T::create(folder, &name)?;
    let mut pending = T::Pending::default();
    let mut first_key = None;
    while let Some(mut top) = heap.peek_mut() {
        let Reverse(cursor) = &mut *top;
        match first_key {
            None => {
                T::set(&mut pending, &cursor.batch, cursor.row);
                first_key = Some(T::key(&pending).to_owned());
            }
            Some(_) => match T::compare(&cursor.batch, cursor.row, &pending) {
                Ordering::Equal => T::fold(&mut pending, &cursor.batch, cursor.row),
                Ordering::Greater => {
                    T::push(&mut writer, &pending)?;
                    T::set(&mut pending, &cursor.batch, cursor.row);
                }
                Ordering::Less => {
                    let path = folder.path(&cursor.file);
                    return Err(openrefs_store::Error::damaged(&path, "its rows are not sorted").into());
                }
            },
        }
        if !cursor.advance()? {
            PeekMut::pop(top);
        }
    }
    if first_key.is_some() {
        T::push(&mut writer, &pending)?;
    }
    let (rows, written) = T::finish(writer)?;
    Ok(FileEntry {
        table,
        bucket,
        name,
        rows,
        bytes: written.bytes,
        checksum: format!("{:016x}", written.checksum),
        first_key: first_key.unwrap_or_default(),
        last_key: T::key(&pending).to_owned(),
    })
}

/// A place in one input.
struct Cursor<T: Table> {
    file: String,
    reader: TableReader,
    batch: T::Batch,
    row: usize,
}

impl<T: Table> Cursor<T> {
    /// At the first row of a part; None if it has none.
    fn open(folder: &Folder, part: &Part) -> Result<Option<Self>> {
        let file = TableFile::open(folder, &part.file)?;
        let mut reader = match &part.row_groups {
            Some(row_groups) => file.row_groups(T::COLUMNS, row_groups.clone())?,
            None => file.all(T::COLUMNS)?,
        };
        let batch = T::next(&mut reader)?;
        Ok(batch.map(|batch| Self {
            file: part.file.clone(),
            reader,
            batch,
            row: 0,
        }))
    }

    /// Goes to the next row; false at the end.
    fn advance(&mut self) -> Result<bool> {
        self.row += 1;
        while self.row >= T::rows(&self.batch) {
            let Some(batch) = T::next(&mut self.reader)? else {
                return Ok(false);
            };
            self.batch = batch;
            self.row = 0;
        }
        Ok(true)
    }
}

impl<T: Table> Ord for Cursor<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        T::order(&self.batch, self.row, &other.batch, other.row)
    }
}

impl<T: Table> PartialOrd for Cursor<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Table> PartialEq for Cursor<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<T: Table> Eq for Cursor<T> {}

/// The table `links`.
struct LinksTable;

#[derive(Default)]
struct PendingLink {
    /// Target key, referring domain, source key, link type, anchor.
    texts: [String; 5],
    flags: Flags,
    sighting: Option<Sighting>,
}

impl PendingLink {
    fn row(&self) -> LinkRow<'_> {
        let [target_key, refdomain, source_key, link_type, anchor] = &self.texts;
        LinkRow {
            target_key,
            refdomain,
            source_key,
            link_type,
            anchor,
            flags: self.flags,
        }
    }
}

impl Table for LinksTable {
    const COLUMNS: &'static [&'static str] = &links::COLUMNS;
    type Batch = LinksBatch;
    type Writer = LinksWriter;
    type Pending = PendingLink;

    fn next(reader: &mut TableReader) -> openrefs_store::Result<Option<LinksBatch>> {
        LinksBatch::next(reader)
    }

    fn rows(batch: &LinksBatch) -> usize {
        batch.len()
    }

    fn order(a: &LinksBatch, row_a: usize, b: &LinksBatch, row_b: usize) -> Ordering {
        a.row(row_a).order(&b.row(row_b))
    }

    fn set(pending: &mut PendingLink, batch: &LinksBatch, row: usize) {
        let LinkRow {
            target_key,
            refdomain,
            source_key,
            link_type,
            anchor,
            flags,
        } = batch.row(row);
        for (own, text) in pending
            .texts
            .iter_mut()
            .zip([target_key, refdomain, source_key, link_type, anchor])
        {
            own.clear();
            own.push_str(text);
        }
        pending.flags = flags;
        pending.sighting = Some(batch.sighting(row));
    }

    fn fold(pending: &mut PendingLink, batch: &LinksBatch, row: usize) {
        if let Some(sighting) = &mut pending.sighting {
            sighting.fold(&batch.sighting(row));
        }
    }

    fn compare(batch: &LinksBatch, row: usize, pending: &PendingLink) -> Ordering {
        batch.row(row).order(&pending.row())
    }

    fn key(pending: &PendingLink) -> &str {
        &pending.texts[0]
    }

    fn create(folder: &Folder, name: &str) -> openrefs_store::Result<LinksWriter> {
        LinksWriter::create(folder, name, Kind::Published)
    }

    fn push(writer: &mut LinksWriter, pending: &PendingLink) -> openrefs_store::Result<()> {
        pending
            .sighting
            .map_or(Ok(()), |sighting| writer.push(&pending.row(), &sighting))
    }

    fn finish(writer: LinksWriter) -> openrefs_store::Result<(u64, openrefs_store::folder::Written)> {
        writer.finish()
    }
}

/// The table `visits`.
struct VisitsTable;

impl Table for VisitsTable {
    const COLUMNS: &'static [&'static str] = &visits::COLUMNS;
    type Batch = VisitsBatch;
    type Writer = VisitsWriter;
    type Pending = Option<Visit>;

    fn next(reader: &mut TableReader) -> openrefs_store::Result<Option<VisitsBatch>> {
        VisitsBatch::next(reader)
    }

    fn rows(batch: &VisitsBatch) -> usize {
        batch.len()
    }

    fn order(a: &VisitsBatch, row_a: usize, b: &VisitsBatch, row_b: usize) -> Ordering {
        a.row(row_a).cmp(&b.row(row_b))
    }

    fn set(pending: &mut Option<Visit>, batch: &VisitsBatch, row: usize) {
        *pending = Some(batch.visit(row));
    }

    fn fold(pending: &mut Option<Visit>, batch: &VisitsBatch, row: usize) {
        if let Some(visit) = pending {
            visit.fold(&batch.visit(row));
        }
    }

    fn compare(batch: &VisitsBatch, row: usize, pending: &Option<Visit>) -> Ordering {
        let pending = pending.as_ref().map(|v| VisitRow {
            source_key: &v.source_key,
            time: v.time,
        });
        Some(batch.row(row)).cmp(&pending)
    }

    fn key(pending: &Option<Visit>) -> &str {
        pending.as_ref().map_or("", |visit| &visit.source_key)
    }

    fn create(folder: &Folder, name: &str) -> openrefs_store::Result<VisitsWriter> {
        VisitsWriter::create(folder, name, Kind::Published)
    }

    fn push(writer: &mut VisitsWriter, pending: &Option<Visit>) -> openrefs_store::Result<()> {
        pending.as_ref().map_or(Ok(()), |visit| writer.push(visit))
    }

    fn finish(writer: VisitsWriter) -> openrefs_store::Result<(u64, openrefs_store::folder::Written)> {
        writer.finish()
    }
}
