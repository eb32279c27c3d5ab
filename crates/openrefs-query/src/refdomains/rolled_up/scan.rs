//! Looking through rows of the roll-up: which ones the conditions let through, and where they stand in an order.
//!
//! Numbers are looked at block by block, a column at a time; names only of the rows that are left.

use std::ops::Range;

use super::best::Best;
use super::table::{NumbersOf, Piece, RollUp, Rows, missing};
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
    /// Whether the conditions hold, as far as they were looked at.
    marks: Vec<bool>,
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
        let mut blocks = Blocks::new(self, rows)?;
        while let Some(mut block) = blocks.next()? {
            self.mark_by_names(&mut block)?;
            found.extend(block.passing().map(|place| block.start + place));
        }
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
        let mut blocks = Blocks::new(self, rows)?;
        while let Some(mut block) = blocks.next()? {
            if let (Some(key), Some((Some(column), descending))) = (best.first_key_max(), keys.first()) {
                let range = if *descending {
                    !key..=i64::MAX
                } else {
                    i64::MIN..=key
                };
                block.numbers[*column].mark_within(&mut block.marks, range);
            }
            self.mark_by_names(&mut block)?;
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
        }
        Ok(best)
    }

    /// Clears the marks of rows whose referring domain does not pass.
    fn mark_by_names(&self, block: &mut Block<'_>) -> Result<()> {
        let marked = |mark: &bool| *mark;
        let marks = &mut block.marks;
        let (Some(first), Some(last)) = (marks.iter().position(marked), marks.iter().rposition(marked))
        else {
            return Ok(());
        };
        if !self.names {
            return Ok(());
        }
        let start = block.start;
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

/// The blocks of some rows, one after another, marked by the conditions on numbers.
struct Blocks<'s, 'a> {
    scan: &'s Scan<'a>,
    /// The columns of the scan.
    columns: Vec<Walked>,
    rows: Range<usize>,
}

impl<'s, 'a> Blocks<'s, 'a> {
    fn new(scan: &'s Scan<'a>, rows: Range<usize>) -> Result<Self> {
        let mut columns = Vec::new();
        for column in &scan.columns {
            let pieces = scan.table.numbers(*column, &Rows::Range(rows.clone()))?;
            columns.push(Walked { pieces, at: 0 });
        }
        Ok(Self { scan, columns, rows })
    }

    /// The next one, which ends where a piece of any column does; None at the end.
    fn next(&mut self) -> Result<Option<Block<'_>>> {
        let start = self.rows.start;
        if start >= self.rows.end {
            return Ok(None);
        }
        let mut end = self.rows.end.min(start + BLOCK_ROWS);
        for column in &mut self.columns {
            end = end.min(
                column
                    .end_at(start)
                    .ok_or_else(|| missing(&self.scan.table.rows))?,
            );
        }
        self.rows.start = end;
        let slices = self.columns.iter().map(|column| column.slice(start..end));
        let mut block = Block {
            start,
            marks: vec![true; end - start],
            numbers: slices.collect(),
        };
        let place = |of| {
            self.scan
                .columns
                .iter()
                .position(|column| filter_column(*column) == of)
        };
        for filter in self.scan.filters {
            filter.mark(&mut block.marks, |of| Some(block.numbers[place(of)?]));
        }
        Ok(Some(block))
    }
}

/// The pieces of a column, walked from the first to the last.
struct Walked {
    pieces: Vec<Piece<NumbersOf>>,
    at: usize,
}

impl Walked {
    /// Goes to the piece that holds a row; the end of its rows, None if there is no such piece.
    fn end_at(&mut self, row: usize) -> Option<usize> {
        while self.pieces.get(self.at)?.rows.end <= row {
            self.at += 1;
        }
        Some(self.pieces[self.at].rows.end)
    }

    /// Some rows of the piece at hand.
    fn slice(&self, rows: Range<usize>) -> Numbers<'_> {
        let piece = &self.pieces[self.at];
        piece
            .values
            .slice(rows.start - piece.rows.start..rows.end - piece.rows.start)
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
