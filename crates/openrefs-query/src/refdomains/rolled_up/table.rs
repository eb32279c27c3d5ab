//! The rows of a bucket's roll-up with their ratings: some in a row, or here and there.

use std::ops::{Range, RangeInclusive};
use std::path::Path;

use arrow_array::{Array, Int32Array, Int64Array, RecordBatch, StringArray};
use openrefs_store::refdomains::{NUMBERS_PAGE_ROWS, PAGE_ROWS, RATING, RATINGS_PAGE_ROWS};
use openrefs_store::table::{integers, longs, strings};
use openrefs_store::{Error, TableReader, refdomains};
use rayon::prelude::*;

use super::super::Refdomain;
use crate::Column;
use crate::error::Result;
use crate::filter::Numbers;
use crate::pieces::{PagedColumns, Pieces};
use crate::snapshot::Part;

/// Rows here and there that one task reads: enough to be worth a thread, and few enough to hold all pieces they are in.
const SCATTERED_ROWS: RangeInclusive<usize> = 64..=4_096;

/// The roll-up of a bucket.
pub struct RollUp<'a> {
    pub pieces: &'a Pieces,
    pub rows: Vec<Part>,
    pub ratings: Vec<Part>,
}

/// A decoded piece of a column.
pub struct Piece<T> {
    /// The numbers of its rows in the bucket.
    pub rows: Range<usize>,
    pub values: T,
}

/// The numbers of a piece.
pub enum NumbersOf {
    Long(Int64Array),
    Integer(Int32Array),
}

impl NumbersOf {
    /// Some of them.
    pub fn slice(&self, range: Range<usize>) -> Numbers<'_> {
        match self {
            Self::Long(array) => Numbers::Long(&array.values()[range]),
            Self::Integer(array) => Numbers::Integer(&array.values()[range]),
        }
    }
}

fn columns(column: Column) -> PagedColumns {
    let (names, rows): (&'static [&'static str], usize) = match column {
        Column::Refdomain => (&["refdomain"], PAGE_ROWS),
        Column::Backlinks => (&["backlinks"], NUMBERS_PAGE_ROWS),
        Column::Refpages => (&["refpages"], NUMBERS_PAGE_ROWS),
        Column::FirstSeen => (&["first_seen"], NUMBERS_PAGE_ROWS),
        Column::LastVisited => (&["last_visited"], NUMBERS_PAGE_ROWS),
        Column::DomainRating => (&[RATING], RATINGS_PAGE_ROWS),
    };
    PagedColumns {
        names,
        rows,
        narrow: true,
    }
}

impl RollUp<'_> {
    /// Checks that there are so many rows.
    ///
    /// # Errors
    /// That there are not.
    pub fn must_hold(&self, rows: usize) -> Result<()> {
        for parts in [&self.rows, &self.ratings] {
            let last = parts.last();
            if last.map_or(0, |part| part.rows_before + part.file.rows()) < rows {
                return Err(missing(parts));
            }
        }
        Ok(())
    }

    /// The pieces of the column of referring domains that hold some rows.
    pub fn names(&self, rows: &Rows<'_>) -> Result<Vec<Piece<StringArray>>> {
        self.read_pieces(Column::Refdomain, rows, |batch| {
            strings(batch, "refdomain").cloned()
        })
    }

    /// The pieces of a column of numbers that hold some rows.
    pub fn numbers(&self, column: Column, rows: &Rows<'_>) -> Result<Vec<Piece<NumbersOf>>> {
        self.read_pieces(column, rows, |batch| {
            let small = integers(batch, column.name()).cloned().map(NumbersOf::Integer);
            small.or_else(|_| longs(batch, column.name()).cloned().map(NumbersOf::Long))
        })
    }

    fn read_pieces<T>(
        &self,
        column: Column,
        rows: &Rows<'_>,
        read: impl Fn(&RecordBatch) -> std::result::Result<T, String>,
    ) -> Result<Vec<Piece<T>>> {
        let columns = columns(column);
        let parts = if column == Column::DomainRating {
            &self.ratings
        } else {
            &self.rows
        };
        let mut found = Vec::new();
        for part in parts {
            let numbers = rows.pieces(columns, part);
            for (&number, batch) in numbers
                .iter()
                .zip(self.pieces.some(&part.file, columns, &numbers)?)
            {
                let within = columns.rows_of(number, &part.file);
                found.push(Piece {
                    rows: part.rows_before + within.start..part.rows_before + within.end,
                    values: read(&batch).map_err(|what| part.file.damaged(what))?,
                });
            }
        }
        Ok(found)
    }

    /// Whole rows, one after another. They are not kept: an answer in the default order needs no more than it says.
    pub fn read(&self, rows: Range<usize>) -> Result<Vec<Refdomain>> {
        let mut found = Vec::with_capacity(rows.len());
        for mut reader in readers(&self.rows, &refdomains::COLUMNS[1..], &rows)? {
            while let Some(batch) = reader.next_as(WholeRows::of)? {
                found.extend((0..batch.refdomain.len()).map(|row| batch.row(row)));
            }
        }
        if found.len() != rows.len() {
            return Err(missing(&self.rows));
        }
        let mut places = found.iter_mut();
        for mut reader in readers(&self.ratings, &[RATING], &rows)? {
            while let Some(ratings) = reader.next_as(|batch| integers(batch, RATING).cloned())? {
                for (rating, row) in ratings.values().iter().zip(places.by_ref()) {
                    row.domain_rating = u8::try_from(*rating).unwrap_or(0);
                }
            }
        }
        if places.next().is_some() {
            return Err(missing(&self.ratings));
        }
        Ok(found)
    }

    /// Whole rows by their numbers, in any order.
    pub fn read_scattered(&self, wanted: &[usize]) -> Result<Vec<Refdomain>> {
        let mut places: Vec<(usize, usize)> =
            wanted.iter().copied().enumerate().map(|(a, b)| (b, a)).collect();
        places.sort_unstable();
        let sorted: Vec<usize> = places.iter().map(|(row, _)| *row).collect();
        let share = sorted
            .len()
            .div_ceil(rayon::current_num_threads())
            .clamp(*SCATTERED_ROWS.start(), *SCATTERED_ROWS.end());
        let tasks: Vec<&[usize]> = sorted.chunks(share).collect();
        let read: Vec<Vec<Refdomain>> = match tasks.as_slice() {
            [] => Vec::new(),
            [one] => vec![self.read_sorted(one)?],
            several => several
                .par_iter()
                .map(|rows| self.read_sorted(rows))
                .collect::<Result<_>>()?,
        };
        let mut rows = vec![Refdomain::default(); wanted.len()];
        for (row, (_, place)) in read.into_iter().flatten().zip(places) {
            rows[place] = row;
        }
        Ok(rows)
    }

    fn read_sorted(&self, wanted: &[usize]) -> Result<Vec<Refdomain>> {
        let mut rows = vec![Refdomain::default(); wanted.len()];
        let names = self.names(&Rows::Numbers(wanted))?;
        each_value(wanted, &names, |place, names, row| {
            names.value(row).clone_into(&mut rows[place].refdomain);
        });
        for column in &Column::ALL[1..] {
            let numbers = self.numbers(*column, &Rows::Numbers(wanted))?;
            each_value(wanted, &numbers, |place, numbers, row| {
                set(&mut rows[place], *column, numbers.slice(row..row + 1).value(0));
            });
        }
        Ok(rows)
    }
}

/// That a table has fewer rows than it must.
pub fn missing(parts: &[Part]) -> crate::Error {
    let error = match parts.last() {
        Some(part) => part.file.damaged("rows are missing"),
        None => Error::damaged(Path::new("the roll-up"), "its files are missing"),
    };
    error.into()
}

/// Calls `each` with the place of every row, the piece that holds it, and its number there; both are ascending.
fn each_value<T>(rows: &[usize], pieces: &[Piece<T>], mut each: impl FnMut(usize, &T, usize)) {
    let mut pieces = pieces.iter().peekable();
    for (place, row) in rows.iter().enumerate() {
        while pieces.next_if(|piece| piece.rows.end <= *row).is_some() {}
        if let Some(piece) = pieces.peek() {
            each(place, &piece.values, row - piece.rows.start);
        }
    }
}

fn set(row: &mut Refdomain, column: Column, value: i64) {
    let count = u64::try_from(value).unwrap_or(0);
    match column {
        Column::Refdomain => {}
        Column::Backlinks => row.backlinks = count,
        Column::Refpages => row.refpages = count,
        Column::FirstSeen => row.first_seen = value,
        Column::LastVisited => row.last_visited = value,
        Column::DomainRating => row.domain_rating = u8::try_from(value).unwrap_or(0),
    }
}

/// Rows of a bucket, ascending.
pub enum Rows<'a> {
    Range(Range<usize>),
    Numbers(&'a [usize]),
}

impl Rows<'_> {
    /// The numbers of the pieces of a file that hold some of them.
    fn pieces(&self, columns: PagedColumns, part: &Part) -> Vec<usize> {
        let (start, end) = (part.rows_before, part.rows_before + part.file.rows());
        match self {
            Self::Range(rows) => columns.pieces_of(within(rows, part)).collect(),
            Self::Numbers(rows) => {
                let from = rows.partition_point(|row| *row < start);
                let to = rows.partition_point(|row| *row < end);
                let mut pieces: Vec<usize> = rows[from..to]
                    .iter()
                    .map(|row| (row - start) / columns.rows)
                    .collect();
                pieces.dedup();
                pieces
            }
        }
    }
}

/// The rows of a file among some of its bucket, by their numbers in the file.
fn within(rows: &Range<usize>, part: &Part) -> Range<usize> {
    let (start, end) = (part.rows_before, part.rows_before + part.file.rows());
    let (from, to) = (rows.start.max(start), rows.end.min(end));
    if from < to { from - start..to - start } else { 0..0 }
}

/// A reader of some rows of a file, for each file that has some.
fn readers(parts: &[Part], columns: &[&str], rows: &Range<usize>) -> Result<Vec<TableReader>> {
    let mut readers = Vec::new();
    for part in parts {
        let own = within(rows, part);
        if !own.is_empty() {
            readers.push(part.file.rows_in(columns, &[own])?);
        }
    }
    Ok(readers)
}

/// Rows read whole, but for their ratings.
struct WholeRows {
    refdomain: StringArray,
    counts: [Int64Array; 4],
}

impl WholeRows {
    fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let count = |column: Column| longs(batch, column.name()).cloned();
        Ok(Self {
            refdomain: strings(batch, "refdomain")?.clone(),
            counts: [
                count(Column::Backlinks)?,
                count(Column::Refpages)?,
                count(Column::FirstSeen)?,
                count(Column::LastVisited)?,
            ],
        })
    }

    fn row(&self, row: usize) -> Refdomain {
        let mut whole = Refdomain {
            refdomain: self.refdomain.value(row).to_owned(),
            ..Refdomain::default()
        };
        for (column, counts) in Column::ALL[1..].iter().zip(&self.counts) {
            set(&mut whole, *column, counts.value(row));
        }
        whole
    }
}
