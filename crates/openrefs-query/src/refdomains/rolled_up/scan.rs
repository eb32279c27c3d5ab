//! Looking through rows of the roll-up: which ones the conditions let through, and where they stand in an order.
//!
//! Numbers are looked at block by block, a column at a time; names only of the rows that are left.

use std::ops::Range;

use super::best::Best;
use super::table::{NumbersOf, Piece, RollUp, Rows};
use crate::Column;
use crate::error::Result;
use crate::filter::{Filter, FilterColumn, Numbers};
use crate::request::{OrderKey, RefdomainsRequest};

/// Rows of a block at the most.
const BLOCK_ROWS: usize = 4_096;

/// What to look for in a roll-up.
pub struct Scan<'a> {
    table: &'a RollUp<'a>,
    filters: [&'a Filter; 2],
    /// The keys of the order, each column once.
    pub order: Vec<OrderKey>,
    /// The columns of numbers that conditions and order need.
    columns: Vec<Column>,
    /// Conditions look at names.
    names: bool,
    /// Rows that one task looks through.
    pub task_rows: usize,
}

/// Some rows, one after another, and what is known of them.
struct Block<'a> {
    start: usize,
    /// Whether the conditions hold.
    marks: &'a mut [bool],
    /// For each column of the scan.
    numbers: Vec<Numbers<'a>>,
}

impl Block<'_> {
    /// The places in the block of the rows for which the conditions hold.
    fn passing(&self) -> impl Iterator<Item = usize> {
        let marks = self.marks.iter().enumerate();
        marks.filter(|(_, mark)| **mark).map(|(place, _)| place)
    }
}

impl<'a> Scan<'a> {
    pub fn new(table: &'a RollUp<'a>, request: &'a RefdomainsRequest, task_rows: usize) -> Self {
        let filters = [&request.where_, &request.having];
        let mut order: Vec<OrderKey> = Vec::new();
        for key in &request.order_by {
            if order.iter().all(|other| other.column != key.column) {
                order.push(*key);
            }
        }
        let in_conditions = |column| filters.iter().any(|filter| filter.names(column));
        let needed = |column: &Column| {
            order.iter().any(|key| key.column == *column) || in_conditions(filter_column(*column))
        };
        Self {
            table,
            filters,
            columns: Column::ALL[1..].iter().copied().filter(needed).collect(),
            names: in_conditions(FilterColumn::Refdomain),
            order,
            task_rows,
        }
    }

    /// Rows in the pieces that tasks look through.
    pub fn tasks(&self, rows: Range<usize>) -> Vec<Range<usize>> {
        let starts = rows.clone().step_by(self.task_rows);
        starts
            .map(|start| start..rows.end.min(start + self.task_rows))
            .collect()
    }

    /// The numbers of the rows for which the conditions hold.
    pub fn passing(&self, rows: Range<usize>) -> Result<Vec<usize>> {
        let mut found = Vec::new();
        self.each_block(rows, |block| {
            found.extend(block.passing().map(|place| block.start + place));
        })?;
        Ok(found)
    }

    /// The first so many of the rows for which the conditions hold, in the order.
    pub fn best<const KEYS: usize>(&self, rows: Range<usize>, wanted: usize) -> Result<Best<KEYS>> {
        let mut best = Best::new(wanted);
        let place_of = |key: &OrderKey| self.columns.iter().position(|column| *column == key.column);
        let keys: Vec<(Option<usize>, bool)> = self
            .order
            .iter()
            .map(|key| (place_of(key), key.descending))
            .collect();
        self.each_block(rows, |block| {
            if let (Some(key), Some((Some(column), descending))) = (best.first_key_max(), keys.first()) {
                let range = if *descending {
                    !key..=i64::MAX
                } else {
                    i64::MIN..=key
                };
                block.numbers[*column].mark_within(block.marks, range);
            }
            for place in block.passing() {
                let row = block.start + place;
                let mut values = [0; KEYS];
                for (value, (column, descending)) in values.iter_mut().zip(&keys) {
                    // Rows come ascending by referring domain, the one column that is no number.
                    let plain = match column {
                        Some(column) => block.numbers[*column].value(place),
                        None => i64::try_from(row).unwrap_or(i64::MAX),
                    };
                    *value = if *descending { !plain } else { plain };
                }
                best.add((values, row));
            }
        })?;
        Ok(best)
    }

    fn each_block(&self, rows: Range<usize>, mut each: impl FnMut(&mut Block<'_>)) -> Result<()> {
        let mut columns = Vec::new();
        for column in &self.columns {
            let pieces = self.table.numbers(*column, &Rows::Range(rows.clone()))?;
            columns.push(Walked { pieces, at: 0 });
        }
        let mut marks = Vec::with_capacity(BLOCK_ROWS);
        let mut start = rows.start;
        while start < rows.end {
            let longest = rows.end.min(start + BLOCK_ROWS);
            let end = columns
                .iter_mut()
                .map(|column| column.end_at(start))
                .fold(longest, usize::min);
            let numbers: Vec<Numbers<'_>> = columns.iter().map(|column| column.slice(start..end)).collect();
            marks.clear();
            marks.resize(end - start, true);
            for filter in self.filters {
                filter.mark(&mut marks, |of| {
                    let place = self
                        .columns
                        .iter()
                        .position(|column| filter_column(*column) == of);
                    place.map(|place| numbers[place])
                });
            }
            if self.names {
                self.mark_by_names(start, &mut marks)?;
            }
            each(&mut Block {
                start,
                marks: &mut marks,
                numbers,
            });
            start = end;
        }
        Ok(())
    }

    /// Clears the marks of rows whose referring domain does not pass.
    fn mark_by_names(&self, start: usize, marks: &mut [bool]) -> Result<()> {
        let marked = |mark: &bool| *mark;
        let (Some(first), Some(last)) = (marks.iter().position(marked), marks.iter().rposition(marked))
        else {
            return Ok(());
        };
        for piece in self.table.names(&Rows::Range(start + first..start + last + 1))? {
            let from = piece.rows.start.max(start);
            let to = piece.rows.end.min(start + marks.len());
            for row in from..to {
                let mark = &mut marks[row - start];
                let name = piece.values.value(row - piece.rows.start);
                *mark = *mark && self.filters.iter().all(|filter| filter.holds_for_refdomain(name));
            }
        }
        Ok(())
    }
}

/// The pieces of a column, walked from the first to the last.
struct Walked {
    pieces: Vec<Piece<NumbersOf>>,
    at: usize,
}

impl Walked {
    /// Goes to the piece that holds a row; the end of its rows.
    fn end_at(&mut self, row: usize) -> usize {
        while self
            .pieces
            .get(self.at)
            .is_some_and(|piece| piece.rows.end <= row)
        {
            self.at += 1;
        }
        self.pieces.get(self.at).map_or(row, |piece| piece.rows.end)
    }

    /// Some rows of the piece at hand.
    fn slice(&self, rows: Range<usize>) -> Numbers<'_> {
        match self.pieces.get(self.at) {
            Some(piece) => piece
                .values
                .slice(rows.start - piece.rows.start..rows.end - piece.rows.start),
            None => Numbers::Long(&[]),
        }
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
