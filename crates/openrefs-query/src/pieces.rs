//! PagedColumns of data files, decoded piece by piece, in a cache of bounded size.
//!
//! A piece is a page of a column, or of several columns with pages of one size: pages lie on a grid of so many rows. What is
//! looked up at scattered places, or looked through again and again, is read like this: totals, roll-ups, ratings. Backlinks
//! are not: they are much larger, and read in one go. Data files never change, so a piece stays right.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{ArrayRef, Int32Array, RecordBatch};
use openrefs_store::TableFile;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::error::Result;

/// Memory for all pieces, bytes.
const BYTES_MAX: u64 = 256 << 20;
/// Pieces that the cache is made for; it takes more and fewer.
const PIECES: usize = 8_192;

/// PagedColumns that are decoded together, and the rows of their pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PagedColumns {
    /// Their names.
    pub names: &'static [&'static str],
    /// Rows of a piece.
    pub rows: usize,
    /// Numbers are kept as 32-bit ones where they fit: what is looked through again and again should be small.
    pub narrow: bool,
}

/// Pieces of open files.
pub(crate) struct Pieces {
    cache: Cache<Place, RecordBatch, Weight>,
}

/// Which piece of which columns of which file.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    file: u64,
    columns: PagedColumns,
    number: usize,
}

#[derive(Clone)]
struct Weight;

impl Weighter<Place, RecordBatch> for Weight {
    fn weight(&self, _place: &Place, piece: &RecordBatch) -> u64 {
        (size_of::<Place>() + piece.get_array_memory_size()) as u64
    }
}

impl PagedColumns {
    /// The numbers of the pieces that hold some rows.
    pub fn pieces_of(self, rows: Range<usize>) -> Range<usize> {
        if rows.is_empty() {
            return 0..0;
        }
        rows.start / self.rows..rows.end.div_ceil(self.rows)
    }

    /// The rows of a piece of a file.
    pub fn rows_of(self, piece: usize, file: &TableFile) -> Range<usize> {
        piece * self.rows..file.rows().min((piece + 1) * self.rows)
    }
}

impl Pieces {
    pub(crate) fn new() -> Self {
        Self {
            cache: Cache::with_weighter(PIECES, BYTES_MAX, Weight),
        }
    }

    /// One piece of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn one(&self, file: &TableFile, columns: PagedColumns, number: usize) -> Result<RecordBatch> {
        let place = Place {
            file: file.number(),
            columns,
            number,
        };
        if let Some(piece) = self.cache.get(&place) {
            return Ok(piece);
        }
        let mut pieces = self.some(file, columns, &[number])?;
        // There are as many as were asked for.
        Ok(pieces.swap_remove(0))
    }

    /// Pieces of a file by their numbers, ascending; what is not decoded yet is read in one go.
    ///
    /// # Errors
    /// When one cannot be read.
    pub fn some(
        &self,
        file: &TableFile,
        columns: PagedColumns,
        numbers: &[usize],
    ) -> Result<Vec<RecordBatch>> {
        let place = |number| Place {
            file: file.number(),
            columns,
            number,
        };
        let mut known: Vec<Option<RecordBatch>> = numbers
            .iter()
            .map(|&number| self.cache.get(&place(number)))
            .collect();
        let missing = || numbers.iter().zip(&known).filter(|(_, known)| known.is_none());
        let ranges: Vec<Range<usize>> = missing()
            .map(|(&number, _)| columns.rows_of(number, file))
            .collect();
        if !ranges.is_empty() {
            let mut reader = file.rows_in_batches(columns.names, &ranges, columns.rows)?;
            let unknown = numbers
                .iter()
                .zip(&mut known)
                .filter(|(_, known)| known.is_none());
            for ((&number, piece), range) in unknown.zip(&ranges) {
                let read = reader.next_as(|batch| Ok(batch.clone()))?;
                let read = read.filter(|batch| batch.num_rows() == range.len());
                let batch = read.ok_or_else(|| reader.damaged("rows are missing"))?;
                let batch = if columns.narrow { narrowed(&batch) } else { batch };
                self.cache.insert(place(number), batch.clone());
                *piece = Some(batch);
            }
        }
        Ok(known.into_iter().flatten().collect())
    }

    /// Forgets the pieces of other files than these.
    pub(crate) fn keep(&self, files: &HashSet<u64>) {
        self.cache.retain(|place, _| files.contains(&place.file));
    }
}

/// The same numbers in 32 bits, where all of a column fit.
fn narrowed(batch: &RecordBatch) -> RecordBatch {
    let columns = batch.schema_ref().fields().iter().zip(batch.columns());
    let narrow = columns.map(|(field, column)| {
        let numbers = column.as_primitive_opt::<Int64Type>();
        let small = numbers.and_then(|numbers| {
            let small = numbers.values().iter().map(|number| i32::try_from(*number).ok());
            small.collect::<Option<Vec<i32>>>()
        });
        let column: ArrayRef = match small {
            Some(small) => Arc::new(Int32Array::from(small)),
            None => Arc::clone(column),
        };
        (field.name(), column)
    });
    // Columns of one batch are of one length, so this cannot fail.
    RecordBatch::try_from_iter(narrow).unwrap_or_else(|_| batch.clone())
}
