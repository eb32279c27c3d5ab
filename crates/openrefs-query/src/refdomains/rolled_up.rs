//! Answers from the roll-up: its rows are the groups, ascending by referring domain.
//!
//! In the default order the first rows are the answer. For another order, or with `having`, the columns that these need are
//! read for all groups, the best are chosen by row number, and only these rows are read whole.

use std::borrow::Cow;
use std::ops::Range;

use arrow_array::{Array, Int32Array, Int64Array, RecordBatch, StringArray};
use openrefs_store::refdomains::RATING;
use openrefs_store::table::{integers, longs, strings};
use openrefs_store::targets::TargetRow;
use openrefs_store::{TableName, TableReader};
use rayon::prelude::*;

use super::{Refdomain, names};
use crate::Column;
use crate::error::{Error, Result};
use crate::filter::{Fields, FilterColumn};
use crate::request::{OrderKey, RefdomainsRequest};
use crate::snapshot::{Part, Snapshot};

/// The rows of the answer to a request without `where`.
pub fn rows(
    snapshot: &Snapshot,
    bucket: u32,
    target: &TargetRow,
    request: &RefdomainsRequest,
) -> Result<Vec<Refdomain>> {
    let (first, count) = (as_usize(target.first_row), as_usize(target.refdomains));
    let (offset, limit) = (as_usize(request.offset), as_usize(request.limit));
    let table = RollUp {
        rows: snapshot.parts(TableName::Refdomains, bucket)?,
        ratings: snapshot.parts(TableName::Ratings, bucket)?,
    };
    if request.having.is_empty() && in_row_order(&request.order_by) {
        let start = first + offset.min(count);
        let end = start + limit.min(first + count - start);
        return table.read(std::iter::once(start..end).collect(), end - start);
    }
    let effort = snapshot.effort();
    if offset.saturating_add(limit).min(count) > effort.groups_max {
        return Err(Error::TooLarge);
    }
    let count_and_task = (offset.saturating_add(limit), effort.scan_rows);
    let chosen = choose(&table, first..first + count, request, count_and_task)?;
    let wanted: Vec<usize> = chosen.into_iter().skip(offset).collect();
    let mut sorted = wanted.clone();
    sorted.sort_unstable();
    let rows = table.read_scattered(&sorted)?;
    let place = |row: &usize| sorted.binary_search(row).unwrap_or(0);
    let mut rows: Vec<Option<Refdomain>> = rows.into_iter().map(Some).collect();
    let take = |row: usize| {
        rows.get_mut(place(&row))
            .and_then(Option::take)
            .unwrap_or_default()
    };
    Ok(wanted.into_iter().map(take).collect())
}

fn as_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Rows come ascending by referring domain, so that order needs no choosing.
fn in_row_order(order_by: &[OrderKey]) -> bool {
    order_by
        .first()
        .is_none_or(|key| key.column == Column::Refdomain && !key.descending)
}

/// The roll-up of a bucket, and its ratings.
struct RollUp {
    rows: Vec<Part>,
    ratings: Vec<Part>,
}

impl RollUp {
    /// A reader of some rows of a file, for each file that has some; ranges are ascending.
    fn readers(parts: &[Part], columns: &[&str], ranges: &[Range<usize>]) -> Result<Vec<TableReader>> {
        let mut readers = Vec::new();
        for part in parts {
            let (start, end) = (part.rows_before, part.rows_before + part.file.rows());
            let within = |range: &Range<usize>| {
                let (from, to) = (range.start.max(start), range.end.min(end));
                (from < to).then(|| from - start..to - start)
            };
            let own: Vec<Range<usize>> = ranges.iter().filter_map(within).collect();
            if !own.is_empty() {
                readers.push(part.file.rows_in(columns, &own)?);
            }
        }
        Ok(readers)
    }

    /// Whole rows, by ranges of row numbers, ascending.
    fn read(&self, ranges: Vec<Range<usize>>, count: usize) -> Result<Vec<Refdomain>> {
        let mut rows = Vec::with_capacity(count);
        if count == 0 {
            return Ok(rows);
        }
        let columns = ["refdomain", "backlinks", "refpages", "first_seen", "last_visited"];
        for mut reader in Self::readers(&self.rows, &columns, &ranges)? {
            while let Some(batch) = reader.next_as(WholeRows::of)? {
                rows.extend((0..batch.refdomain.len()).map(|row| batch.row(row)));
            }
        }
        let mut places = rows.iter_mut();
        for mut reader in Self::readers(&self.ratings, &[RATING], &ranges)? {
            while let Some(ratings) = reader.next_as(|batch| integers(batch, RATING).cloned())? {
                for (row, rating) in places.by_ref().zip(ratings.values()) {
                    row.domain_rating = u8::try_from(*rating).unwrap_or(0);
                }
            }
        }
        Ok(rows)
    }

    /// Whole rows, by row numbers, ascending.
    fn read_scattered(&self, rows: &[usize]) -> Result<Vec<Refdomain>> {
        let tasks: Vec<&[usize]> = rows
            .chunks(rows.len().div_ceil(rayon::current_num_threads()).max(64))
            .collect();
        let read = |rows: &&[usize]| {
            let mut ranges: Vec<Range<usize>> = Vec::new();
            for &row in *rows {
                match ranges.last_mut() {
                    Some(last) if last.end == row => last.end = row + 1,
                    _ => ranges.push(row..row + 1),
                }
            }
            self.read(ranges, rows.len())
        };
        let read: Vec<Vec<Refdomain>> = match tasks.as_slice() {
            [] => Vec::new(),
            [one] => vec![read(one)?],
            several => several.par_iter().map(read).collect::<Result<_>>()?,
        };
        Ok(read.concat())
    }
}

/// Rows read whole, but for their ratings.
struct WholeRows {
    refdomain: StringArray,
    counts: [Int64Array; 4],
}

impl WholeRows {
    fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let count = |name| longs(batch, name).cloned();
        Ok(Self {
            refdomain: strings(batch, "refdomain")?.clone(),
            counts: [
                count("backlinks")?,
                count("refpages")?,
                count("first_seen")?,
                count("last_visited")?,
            ],
        })
    }

    fn row(&self, row: usize) -> Refdomain {
        let [backlinks, refpages, first_seen, last_visited] =
            self.counts.each_ref().map(|count| count.value(row));
        Refdomain {
            refdomain: self.refdomain.value(row).to_owned(),
            backlinks: u64::try_from(backlinks).unwrap_or(0),
            refpages: u64::try_from(refpages).unwrap_or(0),
            first_seen,
            last_visited,
            domain_rating: 0,
        }
    }
}

/// The most columns an order can usefully name.
const KEYS_MAX: usize = Column::ALL.len();

/// A group that may be in the answer: its place in an order of so many keys, and its row.
type Candidate<const KEYS: usize> = ([i64; KEYS], usize);

/// The row numbers of the first `count` groups of the order for which `having` holds; a task scans `scan_rows`.
fn choose(
    table: &RollUp,
    rows: Range<usize>,
    request: &RefdomainsRequest,
    bounds: (usize, usize),
) -> Result<Vec<usize>> {
    // Most orders have one key, and what is not held need not be moved.
    match request.order_by.len() {
        0 | 1 => choose_by::<1>(table, rows, request, bounds),
        2 => choose_by::<2>(table, rows, request, bounds),
        _ => choose_by::<KEYS_MAX>(table, rows, request, bounds),
    }
}

fn choose_by<const KEYS: usize>(
    table: &RollUp,
    rows: Range<usize>,
    request: &RefdomainsRequest,
    (count, scan_rows): (usize, usize),
) -> Result<Vec<usize>> {
    let starts: Vec<usize> = rows.clone().step_by(scan_rows).collect();
    let scan = |&start: &usize| scan::<KEYS>(table, start..rows.end.min(start + scan_rows), request, count);
    let best = match starts.as_slice() {
        [one] => scan(one)?,
        several => several
            .par_iter()
            .map(scan)
            .try_reduce(|| Best::new(count), |a, b| Ok(a.joined(b)))?,
    };
    let mut candidates = best.candidates;
    candidates.sort_unstable();
    candidates.truncate(count);
    Ok(candidates.into_iter().map(|(_, row)| row).collect())
}

/// The best candidates so far, in no order.
struct Best<const KEYS: usize> {
    count: usize,
    candidates: Vec<Candidate<KEYS>>,
    /// The last of the best, once there are enough: what comes behind it is out.
    last: Option<Candidate<KEYS>>,
}

impl<const KEYS: usize> Best<KEYS> {
    fn new(count: usize) -> Self {
        Self {
            count,
            candidates: Vec::new(),
            last: None,
        }
    }

    fn add(&mut self, candidate: Candidate<KEYS>) {
        if self.last.is_some_and(|last| candidate > last) {
            return;
        }
        self.candidates.push(candidate);
        if self.candidates.len() >= self.count.saturating_mul(2).max(1_024) {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        if self.count > 0 && self.candidates.len() > self.count {
            let (_, last, _) = self.candidates.select_nth_unstable(self.count - 1);
            self.last = Some(*last);
            self.candidates.truncate(self.count);
        }
    }

    fn joined(mut self, mut other: Self) -> Self {
        self.candidates.append(&mut other.candidates);
        self.shrink();
        self
    }
}

fn scan<const KEYS: usize>(
    table: &RollUp,
    rows: Range<usize>,
    request: &RefdomainsRequest,
    count: usize,
) -> Result<Best<KEYS>> {
    let mut needed = Needed::of(request);
    needed.read(table, rows.clone())?;
    let mut best = Best::new(count);
    if count == 0 {
        return Ok(best);
    }
    for place in 0..rows.len() {
        let group = Group {
            needed: &needed,
            place,
        };
        if !request.having.holds(&group) {
            continue;
        }
        let row = rows.start + place;
        let mut keys = [0; KEYS];
        for (key, order) in keys.iter_mut().zip(&needed.order) {
            let value = match order.column {
                Column::Refdomain => i64::try_from(row).unwrap_or(i64::MAX),
                column => needed.number(filter_column(column), place),
            };
            *key = if order.descending { !value } else { value };
        }
        best.add((keys, row));
    }
    best.shrink();
    Ok(best)
}

/// The columns that conditions and order need, of some rows.
struct Needed {
    columns: Vec<(FilterColumn, Column, Vec<i64>)>,
    refdomain: Option<Vec<StringArray>>,
    /// Where each array of `refdomain` begins.
    starts: Vec<usize>,
    order: Vec<OrderKey>,
}

impl Needed {
    fn of(request: &RefdomainsRequest) -> Self {
        let mut order: Vec<OrderKey> = Vec::new();
        for key in &request.order_by {
            if !names(&order, key.column) {
                order.push(*key);
            }
        }
        let numbers = Column::ALL
            .into_iter()
            .filter(|column| *column != Column::Refdomain);
        let columns = numbers
            .filter(|column| names(&order, *column) || request.having.names(filter_column(*column)))
            .map(|column| (filter_column(column), column, Vec::new()))
            .collect();
        let text = request.having.names(FilterColumn::Refdomain);
        Self {
            columns,
            refdomain: text.then(Vec::new),
            starts: Vec::new(),
            order,
        }
    }

    fn read(&mut self, table: &RollUp, rows: Range<usize>) -> Result<()> {
        let ranges = [rows.clone()];
        for (_, column, values) in &mut self.columns {
            values.reserve(rows.len());
            if *column == Column::DomainRating {
                for mut reader in RollUp::readers(&table.ratings, &[RATING], &ranges)? {
                    let ratings = |batch: &RecordBatch| integers(batch, RATING).cloned();
                    while let Some(ratings) = reader.next_as::<Int32Array>(ratings)? {
                        values.extend(ratings.values().iter().map(|rating| i64::from(*rating)));
                    }
                }
                continue;
            }
            for mut reader in RollUp::readers(&table.rows, &[column.name()], &ranges)? {
                while let Some(numbers) = reader.next_as(|batch| longs(batch, column.name()).cloned())? {
                    values.extend_from_slice(numbers.values());
                }
            }
        }
        if let Some(arrays) = &mut self.refdomain {
            let mut start = 0;
            for mut reader in RollUp::readers(&table.rows, &["refdomain"], &ranges)? {
                while let Some(names) = reader.next_as(|batch| strings(batch, "refdomain").cloned())? {
                    self.starts.push(start);
                    start += names.len();
                    arrays.push(names);
                }
            }
        }
        Ok(())
    }

    fn number(&self, column: FilterColumn, place: usize) -> i64 {
        let found = self.columns.iter().find(|(of, ..)| *of == column);
        found
            .and_then(|(.., values)| values.get(place).copied())
            .unwrap_or(0)
    }
}

fn filter_column(column: Column) -> FilterColumn {
    match column {
        Column::Refdomain => FilterColumn::Refdomain,
        Column::Backlinks => FilterColumn::Backlinks,
        Column::Refpages => FilterColumn::Refpages,
        Column::FirstSeen => FilterColumn::FirstSeen,
        Column::LastVisited => FilterColumn::LastVisited,
        Column::DomainRating => FilterColumn::DomainRating,
    }
}

/// A group as conditions see it.
struct Group<'a> {
    needed: &'a Needed,
    place: usize,
}

impl Fields for Group<'_> {
    fn text(&self, _column: FilterColumn) -> Cow<'_, str> {
        // `having` allows no other text column.
        let array = self.needed.starts.partition_point(|start| *start <= self.place);
        let name = array.checked_sub(1).and_then(|array| {
            let names = self.needed.refdomain.as_ref()?.get(array)?;
            Some(names.value(self.place - self.needed.starts[array]))
        });
        Cow::Borrowed(name.unwrap_or_default())
    }

    fn number(&self, column: FilterColumn) -> i64 {
        self.needed.number(column, self.place)
    }

    fn target_key(&self) -> &str {
        ""
    }
}
