//! Decoded batches, and their columns by name.

use arrow_array::{Array, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use crate::checked::Blob;
use crate::error::{Error, Result};

/// Decodes a file batch by batch.
pub struct TableReader {
    pub(super) batches: ParquetRecordBatchReader,
    pub(super) file: Blob,
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
