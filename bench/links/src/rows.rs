//! The neutral files: rows as crawled, in Parquet with its default encodings, the columns of the table `links`.
//!
//! Columns and their meaning are those of `openrefs-store/src/links.rs`, but the rows are neither sorted nor folded, and
//! `first_seen` = `last_visited`. `universe.json` beside them is written last, when all of them are complete.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use arrow_array::builder::{ArrayBuilder, BooleanBuilder, Int64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, BooleanArray, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::arrow::{ArrowWriter, ProjectionMask};
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use crate::site::Row;

/// Texts, in their order: target key, referring domain, source key, link type, anchor; and the address.
const TEXTS: [&str; 5] = ["target_key", "refdomain", "source_key", "link_type", "anchor"];
const FLAGS: [&str; 4] = ["nofollow", "ugc", "sponsored", "image"];
const DATES: [&str; 2] = ["first_seen", "last_visited"];
const SCHEMES: [&str; 2] = ["source_https", "target_https"];

const BATCH_ROWS: usize = 16_384;
/// Row groups of this size are read in parallel by every engine.
const ROW_GROUP_ROWS: usize = 1 << 17;

/// The description of a folder of rows.
pub const DESCRIPTION: &str = "universe.json";

fn schema() -> SchemaRef {
    let field = |kind: DataType, null| move |name: &&str| Field::new(*name, kind.clone(), null);
    let mut fields: Vec<Field> = TEXTS.iter().map(field(DataType::Utf8, false)).collect();
    fields.extend(FLAGS.iter().map(field(DataType::Boolean, false)));
    fields.extend(DATES.iter().map(field(DataType::Int64, false)));
    fields.push(Field::new("ip", DataType::Utf8, true));
    fields.extend(SCHEMES.iter().map(field(DataType::Boolean, false)));
    Arc::new(Schema::new(fields))
}

/// Writes a file of rows.
pub struct RowsWriter {
    writer: ArrowWriter<File>,
    texts: [StringBuilder; 5],
    flags: [BooleanBuilder; 4],
    time: Int64Builder,
    ip: StringBuilder,
    schemes: [BooleanBuilder; 2],
}

impl RowsWriter {
    /// Starts a file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| path.display().to_string())?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?))
            .set_max_row_group_row_count(Some(ROW_GROUP_ROWS))
            .build();
        Ok(Self {
            writer: ArrowWriter::try_new(file, schema(), Some(properties))?,
            texts: Default::default(),
            flags: Default::default(),
            time: Int64Builder::new(),
            ip: StringBuilder::new(),
            schemes: Default::default(),
        })
    }

    /// Appends a row.
    ///
    /// # Errors
    /// The operating system's.
    pub fn push(&mut self, row: &Row<'_>) -> Result<()> {
        let texts = [
            row.target_key,
            row.refdomain,
            row.source_key,
            row.link_type.name(),
            row.anchor,
        ];
        for (column, text) in self.texts.iter_mut().zip(texts) {
            column.append_value(text);
        }
        let flags = row.flags;
        let values = [flags.nofollow, flags.ugc, flags.sponsored, flags.image];
        for (column, flag) in self.flags.iter_mut().zip(values) {
            column.append_value(flag);
        }
        self.time.append_value(row.time);
        self.ip.append_option(row.ip);
        self.schemes[0].append_value(row.source_https);
        self.schemes[1].append_value(row.target_https);
        if self.time.len() >= BATCH_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    /// Completes the file.
    ///
    /// # Errors
    /// The operating system's.
    pub fn finish(mut self) -> Result<()> {
        self.flush()?;
        self.writer.close()?;
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(14);
        columns.extend(self.texts.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        columns.extend(self.flags.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        let time: ArrayRef = Arc::new(self.time.finish());
        columns.extend([Arc::clone(&time), time]);
        columns.push(Arc::new(self.ip.finish()));
        columns.extend(self.schemes.iter_mut().map(|b| Arc::new(b.finish()) as ArrayRef));
        self.writer.write(&RecordBatch::try_new(schema(), columns)?)?;
        Ok(())
    }
}

/// The files of a folder, in the order of their names.
///
/// # Errors
/// When the folder cannot be read or is not complete.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    if !folder.join(DESCRIPTION).exists() {
        return Err(anyhow!("{}: no complete rows, run generate", folder.display()));
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "parquet") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads some columns of a file, all if none are named.
///
/// # Errors
/// When it is no file of rows.
pub fn read(path: &Path, columns: &[&str]) -> Result<ParquetRecordBatchReader> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut builder = ParquetRecordBatchReaderBuilder::try_new(file)?.with_batch_size(BATCH_ROWS);
    if !columns.is_empty() {
        let mask = ProjectionMask::columns(builder.parquet_schema(), columns.iter().copied());
        builder = builder.with_projection(mask);
    }
    Ok(builder.build()?)
}

fn column<'a, T: Array + 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_any().downcast_ref())
        .ok_or_else(|| anyhow!("no column {name} of its type"))
}

/// A column of texts.
///
/// # Errors
/// When there is none.
pub fn texts<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a StringArray> {
    column(batch, name)
}

/// A column of numbers.
///
/// # Errors
/// When there is none.
pub fn numbers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array> {
    column(batch, name)
}

/// A column of flags.
///
/// # Errors
/// When there is none.
pub fn flags<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a BooleanArray> {
    column(batch, name)
}
