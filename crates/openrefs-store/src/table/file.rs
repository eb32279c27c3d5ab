//! Open files, and reading some rows of some columns.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection,
};
use parquet::file::metadata::PageIndexPolicy;

use super::BLOCKS;
use super::reader::TableReader;
use crate::checked::{Blob, DataFile, Tail};
use crate::error::{Error, Result};
use crate::folder::Folder;

/// Rows decoded at a time.
const BATCH_ROWS: usize = 4_096;
/// Files that this process has opened.
static OPENED: AtomicU64 = AtomicU64::new(0);

/// One file of a table, with its footer and page index in memory. Cheap to clone.
#[derive(Clone)]
pub struct TableFile {
    blob: Blob,
    pub(super) metadata: ArrowReaderMetadata,
    number: u64,
    /// First row of every row group, and the number of all rows.
    pub(super) group_starts: Arc<[usize]>,
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
