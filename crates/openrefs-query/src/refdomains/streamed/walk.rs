//! Going through backlinks, pair by pair.

use std::ops::Range;

use super::columns::{Columns, Links};
use super::pair::{BaseRow, Pair, limits};
use super::{Gathered, Plan, Work};
use crate::error::Result;

/// Rows while they are read; the first of them begins a pair.
pub struct Walk<'a, 'b> {
    work: &'a Work<'a>,
    gathered: &'b mut Gathered,
    /// The pair at hand, when `where` looks into it and its rows come in several batches.
    pair: Pair,
    /// Target key and referring domain of the last row of the batch before.
    last: (String, String),
    /// The pair at hand counts for something.
    wanted: bool,
    /// The conditions let it through, as far as they look at its referring domain only.
    lets_through: bool,
    /// `pair` holds rows.
    held: bool,
}

impl<'a, 'b> Walk<'a, 'b> {
    /// Before the first row.
    pub fn new(work: &'a Work<'a>, gathered: &'b mut Gathered) -> Self {
        Self {
            work,
            gathered,
            pair: Pair::new(work.pair_bytes_max),
            last: (String::new(), String::new()),
            wanted: false,
            lets_through: false,
            held: false,
        }
    }

    /// Takes the next rows.
    pub fn batch(&mut self, columns: &Columns) -> Result<()> {
        let mut row = 0;
        let mut begins = columns.len() > 0 && self.begins_pair(columns);
        while row < columns.len() {
            let mut end = row + 1;
            while end < columns.len() && !columns.begins_pair(end) {
                end += 1;
            }
            if begins {
                self.end_pair()?;
                self.start_pair(columns, row)?;
            }
            if self.wanted {
                let whole = begins && end < columns.len();
                self.rows(columns, row..end, whole)?;
            }
            (row, begins) = (end, true);
        }
        self.remember(columns);
        Ok(())
    }

    /// The rows have ended.
    pub fn end(mut self) -> Result<()> {
        self.end_pair()
    }

    /// Whether the first of some rows begins a pair.
    fn begins_pair(&self, columns: &Columns) -> bool {
        columns.refdomain(0) != self.last.1 || columns.target_key(0) != self.last.0
    }

    fn remember(&mut self, columns: &Columns) {
        let Some(row) = columns.len().checked_sub(1) else {
            return;
        };
        columns.target_key(row).clone_into(&mut self.last.0);
        columns.refdomain(row).clone_into(&mut self.last.1);
    }

    fn start_pair(&mut self, columns: &Columns, row: usize) -> Result<()> {
        let (key, refdomain) = (columns.target_key(row), columns.refdomain(row));
        // Without a key the row is in the scope.
        self.wanted = key.is_empty() || self.work.scope.holds(key);
        if !self.wanted {
            return Ok(());
        }
        if self.work.needs_totals {
            self.gathered.pairs += 1;
            if !self.work.one_key && self.work.plan != Plan::All {
                self.gathered.refdomains.add(refdomain.as_bytes())?;
            }
        }
        self.lets_through = self.work.filter.holds_for_refdomain(refdomain);
        // Addresses count whatever the conditions say.
        self.wanted = self.lets_through || self.work.needs_totals;
        Ok(())
    }

    /// Takes rows of the pair at hand, which may be all there are.
    fn rows(&mut self, columns: &Columns, rows: Range<usize>, whole: bool) -> Result<()> {
        if self.work.needs_totals {
            for row in rows.clone() {
                self.gathered.address(columns.ip(row))?;
            }
        }
        if !self.lets_through {
            return Ok(());
        }
        if self.work.plan != Plan::ByBaseRow {
            return self.pages(columns, rows);
        }
        if whole {
            if !self.work.filter.can_hold_within(&limits(columns, rows.clone())) {
                return Ok(());
            }
            if let Some(row) = BaseRow::of(columns, rows.clone()) {
                return if self.work.filter.holds(&row) {
                    self.pages(columns, rows)
                } else {
                    Ok(())
                };
            }
        }
        if !self.held {
            self.held = true;
            self.pair
                .start(columns.target_key(rows.start), columns.refdomain(rows.start));
        }
        rows.into_iter().try_for_each(|row| self.pair.add(columns, row))
    }

    fn pages(&mut self, columns: &Columns, rows: Range<usize>) -> Result<()> {
        let refdomain = columns.refdomain(rows.start);
        let mut start = rows.start;
        while start < rows.end {
            // Pages come in ascending order within a pair.
            let page = columns.source_key(start);
            let mut links: Links = columns.links(start);
            let mut end = start + 1;
            while end < rows.end && columns.source_key(end) == page {
                links.add(&columns.links(end));
                end += 1;
            }
            self.gathered.page(self.work, refdomain, page, &links)?;
            start = end;
        }
        Ok(())
    }

    fn end_pair(&mut self) -> Result<()> {
        self.wanted = false;
        if !std::mem::take(&mut self.held) {
            return Ok(());
        }
        let (gathered, work) = (&mut *self.gathered, self.work);
        self.pair.filtered(work.filter, |refdomain, page, links| {
            gathered.page(work, refdomain, page, links)
        })
    }
}
