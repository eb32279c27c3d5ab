//! The merge: the parts of all runs and the last snapshot's files of one bucket, sorted inputs all, into one sorted file,
//! folding rows of the same identity. It holds one batch of rows per input, whatever their length. A large bucket is
//! merged in pieces, one a range of keys, so that all cores have work.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::ops::Range;

use openrefs_model::{Flags, KeyRange, Sighting, Visit};
use openrefs_store::table::Kind;
use openrefs_store::{
    FileEntry, Folder, LinkRow, LinksBatch, LinksWriter, TableFile, TableName, TableReader, VisitRow,
    VisitsBatch, VisitsWriter, Written, layout, links, visits,
};

use crate::error::Result;

/// A bucket with more rows than this is merged in pieces of about so many.
pub const PIECE_ROWS: usize = 4 << 20;
/// What an input of a merge takes while it is read, about, bytes: a page and a batch of every column.
const INPUT_BYTES: usize = 3 << 20;
/// The most and the fewest inputs of one merge, whatever the memory.
const INPUTS: Range<usize> = 8..1_024;

/// A sorted input: a file, and which of its rows.
#[derive(Clone)]
pub struct Part {
    /// The file.
    pub file: TableFile,
    /// Rows, sorted.
    pub rows: Range<usize>,
}

/// What to merge.
pub struct Piece<'a> {
    /// Of which table.
    pub table: TableName,
    /// Of which bucket.
    pub bucket: u32,
    /// Number of the piece in its bucket.
    pub number: u32,
    /// Its keys; None = all.
    pub keys: Option<KeyRange>,
    /// All inputs of the bucket.
    pub parts: &'a [Part],
    /// A folder for files that are gone when it is done.
    pub temporary: &'a str,
}

/// Merges one piece of a bucket into a file of a snapshot, within about so much memory; None when it has no rows.
///
/// # Errors
/// When a file cannot be read or written, or an input is not sorted.
pub fn merge(
    folder: &Folder,
    snapshot: u64,
    piece: &Piece<'_>,
    memory_bytes: usize,
) -> Result<Option<FileEntry>> {
    match piece.table {
        TableName::Visits => merge_piece::<VisitsTable>(folder, snapshot, piece, memory_bytes),
        _ => merge_piece::<LinksTable>(folder, snapshot, piece, memory_bytes),
    }
}

/// The ranges of keys of the pieces that a bucket is merged in.
///
/// # Errors
/// When an input cannot be read.
pub fn pieces(parts: &[Part], piece_rows: usize) -> Result<Vec<Option<KeyRange>>> {
    let rows: usize = parts.iter().map(|part| part.rows.len()).sum();
    let count = rows.div_ceil(piece_rows.max(1));
    if count < 2 {
        return Ok(vec![None]);
    }
    let mut keys: Vec<(String, usize)> = Vec::new();
    for part in parts {
        keys.extend(part.file.page_keys(part.rows.clone())?);
    }
    keys.sort_unstable();
    let mut bounds = vec![String::new()];
    let mut passed = 0;
    for (key, rows_of_page) in keys {
        if passed >= bounds.len() * rows / count && bounds.last() < Some(&key) {
            bounds.push(key);
        }
        passed += rows_of_page;
    }
    Ok(ranges_between(bounds))
}

/// The ranges of keys that begin at some bounds, ascending, the last one open to all keys behind it.
pub fn ranges_between(mut bounds: Vec<String>) -> Vec<Option<KeyRange>> {
    // No key begins with the last character there is.
    bounds.push(char::MAX.to_string());
    let ranges = bounds.windows(2).map(|pair| {
        Some(KeyRange {
            start: pair[0].clone(),
            end: pair[1].clone(),
        })
    });
    ranges.collect()
}

fn merge_piece<T: Table>(
    folder: &Folder,
    snapshot: u64,
    piece: &Piece<'_>,
    memory_bytes: usize,
) -> Result<Option<FileEntry>> {
    let inputs_max = (memory_bytes / INPUT_BYTES).clamp(INPUTS.start, INPUTS.end);
    let mut parts = piece.parts.to_vec();
    let mut temporary = Vec::new();
    // More inputs than can be held are merged into fewer first.
    while parts.len() > inputs_max {
        let name = format!(
            "{}/{}-{}-{}-{}.parquet",
            piece.temporary,
            piece.table.name(),
            piece.bucket,
            piece.number,
            temporary.len()
        );
        let rest = parts.split_off(inputs_max);
        let written = merge_into::<T>(folder, &name, Kind::Staged, &parts, piece.keys.as_ref())?;
        parts = rest;
        let file = TableFile::open(folder, &written.file)?;
        let rows = 0..file.rows();
        parts.push(Part { file, rows });
        temporary.push(name);
    }
    let name = layout::table(snapshot, piece.table, piece.bucket, piece.number);
    let written = merge_into::<T>(folder, &name, Kind::Published, &parts, piece.keys.as_ref())?;
    for name in temporary {
        folder.remove(&name)?;
    }
    if written.rows == 0 {
        folder.remove(&name)?;
        return Ok(None);
    }
    Ok(Some(FileEntry::of(
        piece.table,
        piece.bucket,
        piece.number,
        written,
    )))
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
    fn key_at(batch: &Self::Batch, row: usize) -> &str;

    fn create(folder: &Folder, name: &str, kind: Kind) -> openrefs_store::Result<Self::Writer>;
    fn push(writer: &mut Self::Writer, pending: &Self::Pending) -> openrefs_store::Result<()>;
    fn finish(writer: Self::Writer) -> openrefs_store::Result<Written>;
}

fn merge_into<T: Table>(
    folder: &Folder,
    name: &str,
    kind: Kind,
    parts: &[Part],
    keys: Option<&KeyRange>,
) -> Result<Written> {
    let mut heap = BinaryHeap::with_capacity(parts.len());
    for part in parts {
        heap.extend(Cursor::<T>::open(part, keys)?.map(Reverse));
    }
    let mut writer = T::create(folder, name, kind)?;
    let mut pending = T::Pending::default();
    let mut any = false;
    while let Some(mut top) = heap.peek_mut() {
        let Reverse(cursor) = &mut *top;
        let order = if any {
            T::compare(&cursor.batch, cursor.row, &pending)
        } else {
            any = true;
            T::set(&mut pending, &cursor.batch, cursor.row);
            Ordering::Equal
        };
        match order {
            Ordering::Equal => T::fold(&mut pending, &cursor.batch, cursor.row),
            Ordering::Greater => {
                T::push(&mut writer, &pending)?;
                T::set(&mut pending, &cursor.batch, cursor.row);
            }
            Ordering::Less => {
                return Err(cursor.reader.damaged("its rows are not sorted").into());
            }
        }
        if !cursor.advance()? {
            PeekMut::pop(top);
        }
    }
    if any {
        T::push(&mut writer, &pending)?;
    }
    Ok(T::finish(writer)?)
}

/// A place in one input.
struct Cursor<T: Table> {
    reader: TableReader,
    batch: T::Batch,
    row: usize,
    /// First key that is not wanted any more.
    end: Option<String>,
}

impl<T: Table> Cursor<T> {
    /// At the first row of a part in a range of keys; None if it has none.
    fn open(part: &Part, keys: Option<&KeyRange>) -> Result<Option<Self>> {
        let rows = match keys {
            Some(keys) => part.file.rows_of_keys_in(part.rows.clone(), keys)?,
            None => part.rows.clone(),
        };
        let mut reader = part.file.rows_in(T::COLUMNS, &[rows])?;
        let Some(batch) = T::next(&mut reader)? else {
            return Ok(None);
        };
        let mut cursor = Self {
            reader,
            batch,
            row: 0,
            end: keys.map(|keys| keys.end.clone()),
        };
        let start = keys.map_or("", |keys| keys.start.as_str());
        let mut found = cursor.is_wanted();
        while found && T::key_at(&cursor.batch, cursor.row) < start {
            found = cursor.advance()?;
        }
        Ok(found.then_some(cursor))
    }

    /// Goes to the next row; false at the end.
    fn advance(&mut self) -> Result<bool> {
        self.row += 1;
        while self.row >= T::rows(&self.batch) {
            // Whatever comes, the row at hand is one of the batch: a cursor that is left behind is still compared.
            self.row = 0;
            let Some(batch) = T::next(&mut self.reader)? else {
                return Ok(false);
            };
            self.batch = batch;
        }
        Ok(self.is_wanted())
    }

    fn is_wanted(&self) -> bool {
        self.end
            .as_deref()
            .is_none_or(|end| T::key_at(&self.batch, self.row) < end)
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

    fn key_at(batch: &LinksBatch, row: usize) -> &str {
        batch.row(row).target_key
    }

    fn create(folder: &Folder, name: &str, kind: Kind) -> openrefs_store::Result<LinksWriter> {
        LinksWriter::create(folder, name, kind)
    }

    fn push(writer: &mut LinksWriter, pending: &PendingLink) -> openrefs_store::Result<()> {
        pending
            .sighting
            .map_or(Ok(()), |sighting| writer.push(&pending.row(), &sighting))
    }

    fn finish(writer: LinksWriter) -> openrefs_store::Result<Written> {
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

    fn key_at(batch: &VisitsBatch, row: usize) -> &str {
        batch.row(row).source_key
    }

    fn create(folder: &Folder, name: &str, kind: Kind) -> openrefs_store::Result<VisitsWriter> {
        VisitsWriter::create(folder, name, kind)
    }

    fn push(writer: &mut VisitsWriter, pending: &Option<Visit>) -> openrefs_store::Result<()> {
        pending.as_ref().map_or(Ok(()), |visit| writer.push(visit))
    }

    fn finish(writer: VisitsWriter) -> openrefs_store::Result<Written> {
        writer.finish()
    }
}
