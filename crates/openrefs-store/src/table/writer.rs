//! Writing by row.

use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, Float64Builder, Int32Builder, Int64Builder, StringBuilder,
};
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;

use super::BLOCKS;
use super::spec::{ColumnKind, Kind, TableSpec};
use crate::checked::{CheckedWriter, DataFile};
use crate::error::{Error, Result};
use crate::folder::Folder;

/// Rows collected before they are handed to the Parquet writer.
const WRITE_ROWS: usize = 8_192;

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
