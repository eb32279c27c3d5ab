//! Parquet as the index uses it: one set of writer settings, writing by row, and reading by key or by row number through
//! the page index.
//!
//! Settings, with the reasons in the design: pages of some thousand rows in row groups of 128 k rows, so that a look-up
//! decodes one page per column; page index for the leading columns, and page-header statistics; no dictionary but for
//! columns of a few values, since a dictionary page must be decoded before any look-up; delta encodings; always zstd; signed
//! integers only, because other engines turn unsigned ones into decimals.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use openrefs_model::KeyRange;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    RowSelection,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{KeyValue, PageIndexPolicy, SortingColumn};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnPath;

use crate::checked::{Blob, CheckedWriter, DataFile, Tail};
use crate::error::{Error, Result};
use crate::folder::Folder;

/// Rows of a row group.
const ROW_GROUP_ROWS: usize = 128 << 10;
/// Rows decoded at a time.
const BATCH_ROWS: usize = 4_096;
/// Rows collected before they are handed to the Parquet writer.
const WRITE_ROWS: usize = 8_192;
/// A page is closed at this size even if it has few rows; long keys and anchors stay below it.
const PAGE_BYTES_MAX: usize = 16 << 20;
/// So much of a key stands in the page index: enough to tell the URLs of one folder apart.
const KEY_BYTES_INDEXED: usize = 256;
/// What the footer calls the checksums of the blocks of the data part.
const BLOCKS: &str = "openrefs.blocks";
/// Files that this process has opened.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// How hard a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Read once by a merge and then removed.
    Staged,
    /// Part of snapshots.
    Published,
}

/// The columns of a table and how they are laid out.
pub(crate) struct TableSpec {
    pub columns: &'static [ColumnSpec],
    /// The leading columns that the rows are sorted by.
    pub sorted_by: usize,
    /// The leading columns that have an index of pages.
    pub indexed: usize,
    pub page_rows: usize,
}

/// One column.
pub(crate) struct ColumnSpec {
    pub name: &'static str,
    pub kind: ColumnKind,
    /// Rows of its pages, if not those of the table.
    pub page_rows: Option<usize>,
}

impl ColumnSpec {
    /// The column with pages of its own.
    pub(crate) const fn in_pages_of(self, page_rows: usize) -> Self {
        Self {
            page_rows: Some(page_rows),
            ..self
        }
    }
}

/// What a column holds.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum ColumnKind {
    Text,
    /// Null where there is none.
    OptionalText,
    /// One of a few texts: it gets a dictionary.
    Word,
    Long,
    Integer,
    /// A number from 0 to 100: it gets a dictionary, too.
    Rating,
    Double,
    Flag,
}

pub(crate) const fn column(name: &'static str, kind: ColumnKind) -> ColumnSpec {
    ColumnSpec {
        name,
        kind,
        page_rows: None,
    }
}

impl TableSpec {
    fn schema(&self) -> SchemaRef {
        let fields = self.columns.iter().map(|column| {
            let data_type = match column.kind {
                ColumnKind::Text | ColumnKind::OptionalText | ColumnKind::Word => DataType::Utf8,
                ColumnKind::Long => DataType::Int64,
                ColumnKind::Integer | ColumnKind::Rating => DataType::Int32,
                ColumnKind::Double => DataType::Float64,
                ColumnKind::Flag => DataType::Boolean,
            };
            Field::new(column.name, data_type, column.kind == ColumnKind::OptionalText)
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    fn properties(&self, kind: Kind) -> WriterProperties {
        // Staged files live for minutes: speed counts more than size.
        let level = ZstdLevel::try_new(if kind == Kind::Staged { 1 } else { 3 }).unwrap_or_default();
        let order = (0..self.sorted_by).map(|column| SortingColumn {
            column_idx: i32::try_from(column).unwrap_or(0),
            descending: false,
            nulls_first: true,
        });
        let mut properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_created_by(concat!("openrefs ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level))
            .set_dictionary_enabled(false)
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_write_page_header_statistics(true)
            .set_data_page_row_count_limit(self.page_rows)
            .set_write_batch_size(self.page_rows)
            .set_data_page_size_limit(PAGE_BYTES_MAX)
            .set_column_index_truncate_length(Some(KEY_BYTES_INDEXED))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .set_sorting_columns(Some(order.collect()));
        for (number, column) in self.columns.iter().enumerate() {
            let path = ColumnPath::from(column.name);
            if let Some(rows) = column.page_rows {
                properties = properties.set_column_data_page_row_count_limit(path.clone(), rows);
            }
            if number < self.indexed {
                properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::Page);
            }
            let encoding = match column.kind {
                ColumnKind::Word | ColumnKind::Rating => {
                    properties = properties.set_column_dictionary_enabled(path, true);
                    continue;
                }
                ColumnKind::Text | ColumnKind::OptionalText => Encoding::DELTA_BYTE_ARRAY,
                ColumnKind::Long | ColumnKind::Integer => Encoding::DELTA_BINARY_PACKED,
                ColumnKind::Double => Encoding::BYTE_STREAM_SPLIT,
                ColumnKind::Flag => Encoding::RLE,
            };
            properties = properties.set_column_encoding(path, encoding);
        }
        properties.build()
    }
}

/// A finished file of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Where it is.
    pub file: DataFile,
    /// Its rows.
    pub rows: u64,
    /// What its first row has in the first column.
    pub first_key: String,
    /// What its last row has there.
    pub last_key: String,
}

/// Writes the rows of one table into one file.
pub(crate) struct TableWriter {
    writer: ArrowWriter<CheckedWriter>,
    schema: SchemaRef,
    columns: Vec<Builder>,
    rows_held: usize,
    written: Written,
}

enum Builder {
    Text(StringBuilder),
    Long(Int64Builder),
    Integer(Int32Builder),
    Double(Float64Builder),
    Flag(BooleanBuilder),
}

impl TableWriter {
    /// Starts a file.
    pub(crate) fn create(folder: &Folder, name: &str, spec: &TableSpec, kind: Kind) -> Result<Self> {
        let file = CheckedWriter::create(folder, name)?;
        let schema = spec.schema();
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(spec.properties(kind)))
            .map_err(Error::parquet("write", &folder.path(name)))?;
        let columns = spec.columns.iter().map(|column| Builder::new(column.kind));
        Ok(Self {
            writer,
            schema,
            columns: columns.collect(),
            rows_held: 0,
            written: Written::default(),
        })
    }

    /// Rows written so far.
    pub(crate) fn rows(&self) -> u64 {
        self.written.rows + self.rows_held as u64
    }

    /// Puts a text into a column of the row at hand.
    pub(crate) fn text(&mut self, column: usize, value: &str) {
        if let Some(Builder::Text(builder)) = self.columns.get_mut(column) {
            builder.append_value(value);
        }
    }

    /// Puts a text or nothing into a column.
    pub(crate) fn optional_text(&mut self, column: usize, value: Option<&str>) {
        if let Some(Builder::Text(builder)) = self.columns.get_mut(column) {
            builder.append_option(value);
        }
    }

    /// Puts a number into a column.
    pub(crate) fn long(&mut self, column: usize, value: i64) {
        if let Some(Builder::Long(builder)) = self.columns.get_mut(column) {
            builder.append_value(value);
        }
    }

    /// Puts a count into a column.
    pub(crate) fn count(&mut self, column: usize, value: u64) {
        self.long(column, i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// Puts a small number into a column.
    pub(crate) fn integer(&mut self, column: usize, value: i32) {
        if let Some(Builder::Integer(builder)) = self.columns.get_mut(column) {
            builder.append_value(value);
        }
    }

    /// Puts a real number into a column.
    pub(crate) fn double(&mut self, column: usize, value: f64) {
        if let Some(Builder::Double(builder)) = self.columns.get_mut(column) {
            builder.append_value(value);
        }
    }

    /// Puts a truth value into a column.
    pub(crate) fn flag(&mut self, column: usize, value: bool) {
        if let Some(Builder::Flag(builder)) = self.columns.get_mut(column) {
            builder.append_value(value);
        }
    }

    /// Ends the row; every column has got its value.
    pub(crate) fn end_row(&mut self) -> Result<()> {
        self.rows_held += 1;
        if self.rows_held >= WRITE_ROWS {
            self.flush()
        } else {
            Ok(())
        }
    }

    /// Completes the file and makes it durable.
    pub(crate) fn finish(mut self) -> Result<Written> {
        self.flush()?;
        let path = self.path().to_owned();
        let error = || Error::parquet("write", &path);
        self.writer.flush().map_err(error())?;
        // Only what has left the Parquet writer's own buffer is hashed.
        self.writer.sync().map_err(Error::io("write", &path))?;
        let blocks = self.writer.inner_mut().end_data();
        self.writer
            .append_key_value_metadata(KeyValue::new(BLOCKS.to_owned(), blocks));
        let file = self.writer.into_inner().map_err(error())?;
        self.written.file = file.finish()?;
        Ok(self.written)
    }

    fn path(&self) -> &Path {
        self.writer.inner().path()
    }

    fn flush(&mut self) -> Result<()> {
        if self.rows_held == 0 {
            return Ok(());
        }
        let arrays = self.columns.iter_mut().map(Builder::finish).collect();
        let batch = match RecordBatch::try_new(Arc::clone(&self.schema), arrays) {
            Ok(batch) => batch,
            Err(error) => unreachable!("the columns follow the schema: {error}"),
        };
        self.note_keys(&batch);
        self.rows_held = 0;
        self.written.rows += batch.num_rows() as u64;
        self.writer
            .write(&batch)
            .map_err(|error| Error::parquet("write", self.path())(error))
    }

    fn note_keys(&mut self, batch: &RecordBatch) {
        if let Some(keys) = batch.column(0).as_any().downcast_ref::<StringArray>() {
            if self.written.rows == 0 {
                self.written.first_key = keys.value(0).to_owned();
            }
            self.written.last_key = keys.value(keys.len() - 1).to_owned();
        }
    }
}

impl Builder {
    fn new(kind: ColumnKind) -> Self {
        match kind {
            ColumnKind::Text | ColumnKind::OptionalText | ColumnKind::Word => {
                Self::Text(StringBuilder::new())
            }
            ColumnKind::Long => Self::Long(Int64Builder::new()),
            ColumnKind::Integer | ColumnKind::Rating => Self::Integer(Int32Builder::new()),
            ColumnKind::Double => Self::Double(Float64Builder::new()),
            ColumnKind::Flag => Self::Flag(BooleanBuilder::new()),
        }
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => ArrayBuilder::finish(builder),
            Self::Long(builder) => ArrayBuilder::finish(builder),
            Self::Integer(builder) => ArrayBuilder::finish(builder),
            Self::Double(builder) => ArrayBuilder::finish(builder),
            Self::Flag(builder) => ArrayBuilder::finish(builder),
        }
    }
}

/// One file of a table, with its footer and page index in memory. Cheap to clone.
#[derive(Clone)]
pub struct TableFile {
    blob: Blob,
    metadata: ArrowReaderMetadata,
    number: u64,
    /// First row of every row group, and the number of all rows.
    group_starts: Arc<[usize]>,
}

impl TableFile {
    /// Opens a file of a table.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Damaged`] when it is not what was written.
    pub fn open(folder: &Folder, data: &DataFile) -> Result<Self> {
        let tail = Tail::read(folder, data)?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
        let metadata =
            ArrowReaderMetadata::load(&tail, options).map_err(Error::parquet("read", tail.path()))?;
        let file_metadata = metadata.metadata().file_metadata();
        let blocks = file_metadata.key_value_metadata().and_then(|pairs| {
            let pair = pairs.iter().find(|pair| pair.key == BLOCKS)?;
            pair.value.clone()
        });
        let blob = tail.data(&blocks.unwrap_or_default())?;
        let mut group_starts = vec![0];
        for group in metadata.metadata().row_groups() {
            let rows = usize::try_from(group.num_rows()).unwrap_or(0);
            group_starts.push(group_starts.last().copied().unwrap_or(0) + rows);
        }
        Ok(Self {
            blob,
            metadata,
            number: OPENED.fetch_add(1, Ordering::Relaxed),
            group_starts: group_starts.into(),
        })
    }

    /// Tells it from the other files that this process has opened; clones share it.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        self.blob.path()
    }

    /// Its rows.
    pub fn rows(&self) -> usize {
        self.group_starts.last().copied().unwrap_or(0)
    }

    /// The error of rows that do not hold what the table must.
    pub fn damaged(&self, what: impl ToString) -> Error {
        Error::damaged(self.path(), what)
    }

    /// About how much memory its footer and page index take, bytes.
    pub fn memory_bytes(&self) -> usize {
        self.metadata.metadata().memory_size()
    }

    /// Reads its data part and checks all of it. Calls `advance` with the bytes of each block.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub fn check_all(&self, advance: &dyn Fn(u64)) -> Result<()> {
        self.blob.check_all(advance)
    }

    /// Reads some columns of all rows.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the file lacks a column.
    pub fn all(&self, columns: &[&str]) -> Result<TableReader> {
        let groups = 0..self.group_starts.len() - 1;
        self.reader(columns, groups.collect(), None, BATCH_ROWS)
    }

    /// Reads some columns of some rows, given as ranges, ascending and disjoint.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the file lacks a column or a row.
    pub fn rows_in(&self, columns: &[&str], ranges: &[Range<usize>]) -> Result<TableReader> {
        self.rows_in_batches(columns, ranges, BATCH_ROWS)
    }

    /// Reads some columns of some rows, so many at a time; the last batch may be smaller.
    ///
    /// # Errors
    /// As [`TableFile::rows_in`].
    pub fn rows_in_batches(
        &self,
        columns: &[&str],
        ranges: &[Range<usize>],
        batch_rows: usize,
    ) -> Result<TableReader> {
        if ranges.last().is_some_and(|range| range.end > self.rows()) {
            return Err(Error::damaged(self.path(), "rows are missing"));
        }
        let mut groups = Vec::new();
        let mut selected: Vec<Range<usize>> = Vec::new();
        let mut rows_before = 0;
        let mut ranges = ranges.iter().filter(|range| !range.is_empty()).cloned();
        let mut next = ranges.next();
        for (group, bounds) in self.group_starts.windows(2).enumerate() {
            let (start, end) = (bounds[0], bounds[1]);
            let selected_before = selected.len();
            while let Some(range) = next.clone().filter(|range| range.start < end) {
                let (from, to) = (range.start.max(start), range.end.min(end));
                selected.push(from - start + rows_before..to - start + rows_before);
                if range.end > end {
                    break;
                }
                next = ranges.next();
            }
            if selected.len() > selected_before {
                groups.push(group);
                rows_before += end - start;
            }
        }
        let selection = RowSelection::from_consecutive_ranges(selected.into_iter(), rows_before);
        self.reader(columns, groups, Some(selection), batch_rows)
    }

    /// The rows of the pages that can hold keys of the ranges (ascending, disjoint), for a table that is sorted by its
    /// first column. The pages at their edges hold other keys too.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the page index does not fit the file.
    pub fn rows_of_keys(&self, ranges: &[KeyRange]) -> Result<Vec<Range<usize>>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            let start = self.rows_before(&range.start)?;
            let end = self.rows_up_to(&range.end)?;
            match found.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ if start < end => found.push(start..end),
                _ => {}
            }
        }
        Ok(found)
    }

    /// The rows of the pages among some rows that can hold keys of a range, when those rows are sorted by the first
    /// column. The pages at the edges hold other keys too.
    ///
    /// # Errors
    /// As [`TableFile::rows_of_keys`].
    pub fn rows_of_keys_in(&self, rows: Range<usize>, range: &KeyRange) -> Result<Range<usize>> {
        let mut found = rows.start..rows.start;
        self.each_page(rows.clone(), |page, min, max| {
            let whole = page.start >= rows.start && page.end <= rows.end;
            let before = whole && max < range.start.as_bytes();
            let after = whole && min >= range.end.as_bytes();
            if before {
                found = page.end..page.end;
            } else if !after {
                found.end = page.end.min(rows.end);
            }
        })?;
        Ok(found)
    }

    /// The rows of the pages that can hold a key, in a table that is not sorted by it.
    ///
    /// # Errors
    /// As [`TableFile::rows_of_keys`].
    pub fn rows_that_may_hold(&self, key: &str) -> Result<Vec<Range<usize>>> {
        let mut found = Vec::new();
        self.each_page(0..self.rows(), |page, min, max| {
            if min <= key.as_bytes() && key.as_bytes() <= max {
                found.push(page);
            }
        })?;
        Ok(found)
    }

    /// The least key of every page that begins among some rows, and the page's rows. A long key may be cut.
    ///
    /// # Errors
    /// As [`TableFile::rows_of_keys`].
    pub fn page_keys(&self, rows: Range<usize>) -> Result<Vec<(String, usize)>> {
        let mut keys = Vec::new();
        self.each_page(rows.clone(), |page, min, _| {
            if rows.contains(&page.start) {
                keys.push((String::from_utf8_lossy(min).into_owned(), page.len()));
            }
        })?;
        Ok(keys)
    }

    /// Calls `each` with every page that holds some of the rows: its rows, and its least and greatest key.
    fn each_page(&self, rows: Range<usize>, mut each: impl FnMut(Range<usize>, &[u8], &[u8])) -> Result<()> {
        for (group, bounds) in self.group_starts.windows(2).enumerate() {
            let (start, end) = (bounds[0], bounds[1]);
            if start >= rows.end || end <= rows.start {
                continue;
            }
            let page_index = self.metadata.metadata().page_index_for_row_group(group);
            let (Some(ColumnIndexMetaData::BYTE_ARRAY(keys)), Some(offsets)) =
                (page_index.column_index(0), page_index.offset_index(0))
            else {
                return Err(Error::damaged(self.path(), "its page index is missing"));
            };
            let pages = offsets.page_locations();
            let first = |page: usize| match pages.get(page) {
                Some(page) => start + usize::try_from(page.first_row_index).unwrap_or(0),
                None => end,
            };
            for number in 0..pages.len() {
                let page = first(number)..first(number + 1);
                if page.start < rows.end && page.end > rows.start {
                    let (min, max) = (keys.min_value(number), keys.max_value(number));
                    each(page, min.unwrap_or_default(), max.unwrap_or(&[0xff]));
                }
            }
        }
        Ok(())
    }

    /// Rows of the pages whose keys all lie before a key.
    fn rows_before(&self, key: &str) -> Result<usize> {
        let before = |_: &[u8], max: &[u8]| max < key.as_bytes();
        self.first_row(self.groups_while(before), before)
    }

    /// Rows of the pages that begin before a key.
    fn rows_up_to(&self, key: &str) -> Result<usize> {
        let before = |min: &[u8], _: &[u8]| min < key.as_bytes();
        // Of the last row group that begins before the key, only the first pages may do so.
        match self.groups_while(before).checked_sub(1) {
            Some(group) => self.first_row(group, before),
            None => Ok(0),
        }
    }

    /// How many row groups, from the first, have a least and a greatest key for which `before` holds.
    fn groups_while(&self, before: impl Fn(&[u8], &[u8]) -> bool) -> usize {
        let groups = self.metadata.metadata().row_groups();
        groups.partition_point(|group| match group.column(0).statistics() {
            Some(Statistics::ByteArray(statistics)) => match (statistics.min_opt(), statistics.max_opt()) {
                (Some(min), Some(max)) => before(min.data(), max.data()),
                _ => false,
            },
            _ => false,
        })
    }

    /// First row of the first page of a row group for which `before` does not hold; the row after the group's last if it
    /// holds for all.
    fn first_row(&self, group: usize, before: impl Fn(&[u8], &[u8]) -> bool) -> Result<usize> {
        if group + 1 >= self.group_starts.len() {
            return Ok(self.rows());
        }
        let page_index = self.metadata.metadata().page_index_for_row_group(group);
        let (Some(ColumnIndexMetaData::BYTE_ARRAY(keys)), Some(offsets)) =
            (page_index.column_index(0), page_index.offset_index(0))
        else {
            return Err(Error::damaged(self.path(), "its page index is missing"));
        };
        let pages = offsets.page_locations();
        let holds = |page: usize| match (keys.min_value(page), keys.max_value(page)) {
            (Some(min), Some(max)) => before(min, max),
            _ => false,
        };
        let page = partition(pages.len(), holds);
        Ok(match pages.get(page) {
            Some(page) => self.group_starts[group] + usize::try_from(page.first_row_index).unwrap_or(0),
            None => self.group_starts[group + 1],
        })
    }

    fn reader(
        &self,
        columns: &[&str],
        row_groups: Vec<usize>,
        selection: Option<RowSelection>,
        batch_rows: usize,
    ) -> Result<TableReader> {
        let schema = self.metadata.schema();
        if let Some(missing) = columns.iter().find(|c| schema.index_of(c).is_err()) {
            return Err(Error::damaged(
                self.path(),
                format!("column {missing} is missing"),
            ));
        }
        let mask = ProjectionMask::columns(self.metadata.parquet_schema(), columns.iter().copied());
        let mut builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.blob.clone(), self.metadata.clone())
                .with_batch_size(batch_rows)
                .with_projection(mask)
                .with_row_groups(row_groups);
        if let Some(selection) = selection {
            builder = builder.with_row_selection(selection);
        }
        let batches = builder.build().map_err(Error::parquet("read", self.path()))?;
        Ok(TableReader {
            batches,
            file: self.blob.clone(),
        })
    }
}

/// The first of `length` numbers for which a condition, true for a first part of them, is false.
pub fn partition(length: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1
        } else {
            high = middle
        }
    }
    low
}

/// Decodes a file batch by batch.
pub struct TableReader {
    batches: ParquetRecordBatchReader,
    file: Blob,
}

impl TableReader {
    /// The error of a batch that does not hold what the table must.
    pub fn damaged(&self, what: impl ToString) -> Error {
        Error::damaged(self.file.path(), what)
    }

    /// The next batch as what a table makes of it; None at the end.
    ///
    /// # Errors
    /// [`Error::Damaged`], [`Error::Io`].
    pub fn next_as<T>(
        &mut self,
        read: impl FnOnce(&RecordBatch) -> std::result::Result<T, String>,
    ) -> Result<Option<T>> {
        match self.next() {
            None => Ok(None),
            Some(batch) => read(&batch?).map(Some).map_err(|what| self.damaged(what)),
        }
    }
}

impl Iterator for TableReader {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        Some(batch.map_err(|error| Error::arrow("read", self.file.path())(error)))
    }
}

/// A column of a batch by name, as strings.
///
/// # Errors
/// What is wrong, if there is none of that name and type.
pub fn strings<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a StringArray, String> {
    typed(batch, name)
}

/// A column of a batch by name, as 64-bit integers.
///
/// # Errors
/// As [`strings`].
pub fn longs<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a Int64Array, String> {
    typed(batch, name)
}

/// A column of a batch by name, as 32-bit integers.
///
/// # Errors
/// As [`strings`].
pub fn integers<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a Int32Array, String> {
    typed(batch, name)
}

/// A column of a batch by name, as real numbers.
///
/// # Errors
/// As [`strings`].
pub fn doubles<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a Float64Array, String> {
    typed(batch, name)
}

/// A column of a batch by name, as truth values.
///
/// # Errors
/// As [`strings`].
pub fn flags<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a BooleanArray, String> {
    typed(batch, name)
}

fn typed<'a, T: Array + 'static>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a T, String> {
    let column = batch
        .column_by_name(name)
        .and_then(|c| c.as_any().downcast_ref::<T>());
    column.ok_or_else(|| format!("column {name} is missing or of another type"))
}
