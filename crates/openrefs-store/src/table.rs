//! Parquet as the index uses it: one set of writer settings, and reading by key range through the page index.
//!
//! Every table is sorted by its first column, a key, bytewise. Settings, with the reasons in the design: pages of 4,096
//! rows in row groups of 128 k rows, so that a look-up decodes one page per column; page index and page-header
//! statistics; no dictionary but for columns of a few values, since a dictionary page must be decoded before any look-up;
//! delta encodings; always zstd; signed integers only, because other engines turn unsigned ones into decimals.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, BooleanArray, Int32Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, SchemaRef};
use openrefs_model::KeyRange;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
    RowSelection,
};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::metadata::{PageIndexPolicy, SortingColumn};
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnPath;

use crate::error::{Error, Result};
use crate::folder::{Blob, Folder, NewFile, Written};

/// Rows of a data page.
pub const PAGE_ROWS: usize = 4_096;
/// Rows of a row group.
const ROW_GROUP_ROWS: usize = 128 << 10;
/// Rows decoded at a time.
const BATCH_ROWS: usize = 8_192;
/// A page is closed at this size even if it has few rows; long keys and anchors stay below it.
const PAGE_BYTES_MAX: usize = 16 << 20;

/// How hard a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Read once by a merge and then removed.
    Staged,
    /// Part of snapshots.
    Published,
}

/// Writes the rows of one table, sorted, into one file.
pub(crate) struct TableWriter {
    writer: ArrowWriter<NewFile>,
    rows: u64,
}

impl TableWriter {
    /// Starts a file. Columns named in `few_values` get a dictionary; `sorted_by` counts the leading sort columns.
    pub(crate) fn create(
        folder: &Folder,
        name: &str,
        schema: &SchemaRef,
        few_values: &[&str],
        sorted_by: usize,
        kind: Kind,
    ) -> Result<Self> {
        let file = folder.create(name)?;
        let properties = writer_properties(schema, few_values, sorted_by, kind);
        let writer = ArrowWriter::try_new(file, Arc::clone(schema), Some(properties))
            .map_err(Error::parquet("write", &folder.path(name)))?;
        Ok(Self { writer, rows: 0 })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<()> {
        self.rows += batch.num_rows() as u64;
        self.writer
            .write(batch)
            .map_err(|error| Error::parquet("write", self.writer.inner().path())(error))
    }

    /// Ends the row group; the next row starts another. Returns how many row groups there are then.
    pub(crate) fn end_row_group(&mut self) -> Result<usize> {
        self.writer
            .flush()
            .map_err(|error| Error::parquet("write", self.writer.inner().path())(error))?;
        Ok(self.writer.flushed_row_groups().len())
    }

    /// Completes the file and makes it durable.
    pub(crate) fn finish(self) -> Result<(u64, Written)> {
        let path = self.writer.inner().path().to_owned();
        let file = self.writer.into_inner().map_err(Error::parquet("write", &path))?;
        Ok((self.rows, file.finish()?))
    }
}

fn writer_properties(
    schema: &SchemaRef,
    few_values: &[&str],
    sorted_by: usize,
    kind: Kind,
) -> WriterProperties {
    // Staged files live for minutes: speed counts more than size.
    let level = ZstdLevel::try_new(if kind == Kind::Staged { 1 } else { 3 }).unwrap_or_default();
    let order = (0..sorted_by).map(|column| SortingColumn {
        column_idx: i32::try_from(column).unwrap_or(0),
        descending: false,
        nulls_first: true,
    });
    let mut properties = WriterProperties::builder()
        .set_writer_version(WriterVersion::PARQUET_2_0)
        .set_created_by(concat!("openrefs ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(level))
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_write_page_header_statistics(true)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_write_batch_size(PAGE_ROWS)
        .set_data_page_size_limit(PAGE_BYTES_MAX)
        .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
        .set_sorting_columns(Some(order.collect()));
    for field in schema.fields() {
        let path = ColumnPath::from(field.name().as_str());
        if few_values.contains(&field.name().as_str()) {
            properties = properties.set_column_dictionary_enabled(path, true);
            continue;
        }
        let encoding = match field.data_type() {
            DataType::Utf8 => Encoding::DELTA_BYTE_ARRAY,
            DataType::Int32 | DataType::Int64 => Encoding::DELTA_BINARY_PACKED,
            _ => Encoding::RLE,
        };
        properties = properties.set_column_encoding(path, encoding);
    }
    properties.build()
}

/// One file of a table, with its footer and page index in memory. Cheap to clone.
#[derive(Clone)]
pub struct TableFile {
    blob: Blob,
    metadata: ArrowReaderMetadata,
}

impl TableFile {
    /// Opens a file of a table.
    ///
    /// # Errors
    /// [`Error::Io`]; [`Error::Damaged`] when its footer or page index cannot be read.
    pub fn open(folder: &Folder, name: &str) -> Result<Self> {
        let blob = folder.open(name)?;
        let options = ArrowReaderOptions::new().with_page_index_policy(PageIndexPolicy::Required);
        let metadata =
            ArrowReaderMetadata::load(&blob, options).map_err(Error::parquet("read", blob.path()))?;
        Ok(Self { blob, metadata })
    }

    /// Its rows.
    pub fn rows(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Reads some columns of some row groups whole.
    ///
    /// # Errors
    /// [`Error::Damaged`] when the file lacks a column or a row group.
    pub fn row_groups(&self, columns: &[&str], row_groups: Range<usize>) -> Result<TableReader> {
        if row_groups.end > self.metadata.metadata().num_row_groups() {
            return Err(Error::damaged(
                self.blob.path(),
                format!("row groups {row_groups:?} are missing"),
            ));
        }
        self.reader(columns, row_groups.collect(), None)
    }

    /// Reads some columns of all rows.
    ///
    /// # Errors
    /// As [`TableFile::row_groups`].
    pub fn all(&self, columns: &[&str]) -> Result<TableReader> {
        self.row_groups(columns, 0..self.metadata.metadata().num_row_groups())
    }

    /// Reads some columns of the pages that can hold keys of the ranges (ascending, disjoint), and no others. The pages
    /// at their edges hold other keys too.
    ///
    /// # Errors
    /// As [`TableFile::row_groups`].
    pub fn pages_of(&self, columns: &[&str], ranges: &[KeyRange]) -> Result<TableReader> {
        let mut row_groups = Vec::new();
        let mut selected: Vec<Range<usize>> = Vec::new();
        let mut rows_before = 0;
        for index in 0..self.metadata.metadata().num_row_groups() {
            let pages = self.pages_in_row_group(index, ranges)?;
            if pages.is_empty() {
                continue;
            }
            row_groups.push(index);
            selected.extend(
                pages
                    .into_iter()
                    .map(|rows| rows.start + rows_before..rows.end + rows_before),
            );
            rows_before += self.rows_of_group(index);
        }
        let selection = RowSelection::from_consecutive_ranges(selected.into_iter(), rows_before);
        self.reader(columns, row_groups, Some(selection))
    }

    fn rows_of_group(&self, index: usize) -> usize {
        usize::try_from(self.metadata.metadata().row_group(index).num_rows()).unwrap_or(0)
    }

    /// The row ranges, one a page, within a row group whose pages can hold keys of the ranges.
    fn pages_in_row_group(&self, index: usize, ranges: &[KeyRange]) -> Result<Vec<Range<usize>>> {
        let metadata = self.metadata.metadata();
        if let Some(Statistics::ByteArray(statistics)) = metadata.row_group(index).column(0).statistics()
            && let (Some(min), Some(max)) = (statistics.min_opt(), statistics.max_opt())
            && !touches(ranges, min.data(), max.data())
        {
            return Ok(Vec::new());
        }
        let page_index = metadata.page_index_for_row_group(index);
        let (Some(ColumnIndexMetaData::BYTE_ARRAY(keys)), Some(offsets)) =
            (page_index.column_index(0), page_index.offset_index(0))
        else {
            return Err(Error::damaged(self.blob.path(), "its page index is missing"));
        };
        let starts: Vec<usize> = offsets
            .page_locations()
            .iter()
            .map(|p| usize::try_from(p.first_row_index).unwrap_or(0))
            .collect();
        let mut pages = Vec::new();
        for (page, &start) in starts.iter().enumerate() {
            let end = starts
                .get(page + 1)
                .copied()
                .unwrap_or_else(|| self.rows_of_group(index));
            if let (Some(min), Some(max)) = (keys.min_value(page), keys.max_value(page))
                && touches(ranges, min, max)
            {
                pages.push(start..end);
            }
        }
        Ok(pages)
    }

    fn reader(
        &self,
        columns: &[&str],
        row_groups: Vec<usize>,
        selection: Option<RowSelection>,
    ) -> Result<TableReader> {
        let schema = self.metadata.schema();
        if let Some(missing) = columns.iter().find(|c| schema.index_of(c).is_err()) {
            return Err(Error::damaged(
                self.blob.path(),
                format!("column {missing} is missing"),
            ));
        }
        let mask = ProjectionMask::columns(self.metadata.parquet_schema(), columns.iter().copied());
        let mut builder =
            ParquetRecordBatchReaderBuilder::new_with_metadata(self.blob.clone(), self.metadata.clone())
                .with_batch_size(BATCH_ROWS)
                .with_projection(mask)
                .with_row_groups(row_groups);
        if let Some(selection) = selection {
            builder = builder.with_row_selection(selection);
        }
        let batches = builder
            .build()
            .map_err(Error::parquet("read", self.blob.path()))?;
        Ok(TableReader {
            batches,
            file: self.blob.clone(),
        })
    }
}

/// Whether a page with these extremes can hold keys of a range.
fn touches(ranges: &[KeyRange], min: &[u8], max: &[u8]) -> bool {
    ranges
        .iter()
        .any(|range| max >= range.start.as_bytes() && min < range.end.as_bytes())
}

/// Decodes a file batch by batch.
pub struct TableReader {
    batches: ParquetRecordBatchReader,
    file: Blob,
}

impl TableReader {
    /// The error of a batch that does not hold what the table must.
    pub(crate) fn damaged(&self, what: impl ToString) -> Error {
        Error::damaged(self.file.path(), what)
    }
}

impl Iterator for TableReader {
    type Item = Result<RecordBatch>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = self.batches.next()?;
        Some(batch.map_err(|error| Error::damaged(self.file.path(), error)))
    }
}

/// A column of a batch by name, as strings.
///
/// # Errors
/// What is wrong, if there is none of that name and type.
pub fn strings<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a StringArray, String> {
    column(batch, name)
}

/// A column of a batch by name, as 64-bit integers.
///
/// # Errors
/// As [`strings`].
pub fn longs<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a Int64Array, String> {
    column(batch, name)
}

/// A column of a batch by name, as 32-bit integers.
///
/// # Errors
/// As [`strings`].
pub fn integers<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a Int32Array, String> {
    column(batch, name)
}

/// A column of a batch by name, as truth values.
///
/// # Errors
/// As [`strings`].
pub fn flags<'a>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a BooleanArray, String> {
    column(batch, name)
}

fn column<'a, T: Array + 'static>(batch: &'a RecordBatch, name: &str) -> std::result::Result<&'a T, String> {
    let column = batch
        .column_by_name(name)
        .and_then(|c| c.as_any().downcast_ref::<T>());
    column.ok_or_else(|| format!("column {name} is missing or of another type"))
}
