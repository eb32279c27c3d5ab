//! The rows before grouping, one per target key, referring domain and source address, for requests with `where`.
//!
//! The table is sorted by target key and referring domain, so the rows of one such pair are complete when the next pair
//! begins; only that pair's rows are held.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use openrefs_model::{Address, key};

use super::groups::{Columns, Group, PAGES_HELD_MAX, Pages, group, rows, totals};
use super::{Refdomain, Totals};
use crate::error::{Error, Result};
use crate::filter::{Fields, Filter, FilterColumn};

/// The groups of the rows that conditions let through, and the totals of all rows.
pub struct FilteredGroups<'a> {
    filter: &'a Filter,
    pair: Pair,
    by_refdomain: HashMap<String, Group>,
    pages: Pages,
    all_refdomains: HashSet<String>,
    all_ips: HashSet<Address>,
}

/// One target key and one referring domain.
#[derive(Default)]
struct Pair {
    target_key: String,
    refdomain: String,
    /// Pages in all its rows.
    pages_held: u64,
    /// By source address, the empty text if unknown.
    by_ip: HashMap<Box<str>, BaseRow>,
}

/// The backlinks of a pair that have one source address.
struct BaseRow {
    /// Distinct pages, ascending.
    pages: Vec<Box<str>>,
    backlinks: u64,
    first_seen: i64,
    last_visited: i64,
    /// Scheme of the target's URL in the latest backlink, https before http in the same second.
    target_https: bool,
}

impl<'a> FilteredGroups<'a> {
    pub fn new(filter: &'a Filter) -> Self {
        Self {
            filter,
            pair: Pair::default(),
            by_refdomain: HashMap::new(),
            pages: Pages::default(),
            all_refdomains: HashSet::new(),
            all_ips: HashSet::new(),
        }
    }

    pub fn add(
        &mut self,
        batch: &RecordBatch,
        rows: &mut dyn Iterator<Item = usize>,
    ) -> Result<ControlFlow<()>> {
        let columns = Columns::of(batch)?;
        for row in rows {
            let (target_key, refdomain) = (columns.target_key.value(row), columns.refdomain.value(row));
            if self.pair.target_key != target_key || self.pair.refdomain != refdomain {
                self.end_pair()?;
                self.pair.target_key.push_str(target_key);
                self.pair.refdomain.push_str(refdomain);
            }
            self.pair.add(&columns, row);
            if self.pair.pages_held > PAGES_HELD_MAX {
                return Err(Error::TooLarge {
                    pages_max: PAGES_HELD_MAX,
                });
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    pub fn finish(mut self) -> Result<(Vec<Refdomain>, Totals)> {
        self.end_pair()?;
        Ok((
            rows(self.by_refdomain),
            totals(self.all_refdomains.len() as u64, &self.all_ips),
        ))
    }

    fn end_pair(&mut self) -> Result<()> {
        let pair = std::mem::take(&mut self.pair);
        if pair.by_ip.is_empty() {
            return Ok(());
        }
        for (ip, row) in &pair.by_ip {
            self.all_ips
                .extend(Address::from_canonical(ip).filter(|_| !ip.is_empty()));
            if !self.filter.holds(&PairRow { pair: &pair, ip, row }) {
                continue;
            }
            let group = group(&mut self.by_refdomain, &pair.refdomain);
            group.backlinks += row.backlinks;
            group.first_seen = group.first_seen.min(row.first_seen);
            group.last_visited = group.last_visited.max(row.last_visited);
            for page in &row.pages {
                group.refpages += u64::from(self.pages.add(page)?);
            }
        }
        self.all_refdomains.insert(pair.refdomain);
        Ok(())
    }
}

impl Pair {
    fn add(&mut self, columns: &Columns<'_>, row: usize) {
        let (ip, page) = (columns.ip(row), columns.source_key.value(row));
        let (first, last) = (columns.first_seen.value(row), columns.last_visited.value(row));
        let https = columns.target_https.value(row);
        let Some(known) = self.by_ip.get_mut(ip) else {
            let (pages, target_https) = (vec![page.into()], https);
            self.pages_held += 1;
            let new = BaseRow {
                pages,
                backlinks: 1,
                first_seen: first,
                last_visited: last,
                target_https,
            };
            self.by_ip.insert(ip.into(), new);
            return;
        };
        known.backlinks += 1;
        known.first_seen = known.first_seen.min(first);
        if last >= known.last_visited {
            known.target_https = https || (last == known.last_visited && known.target_https);
            known.last_visited = last;
        }
        // Pages come in ascending order within a pair.
        if known.pages.last().is_none_or(|last| **last != *page) {
            known.pages.push(page.into());
            self.pages_held += 1;
        }
    }
}

/// A base row as conditions see it.
struct PairRow<'a> {
    pair: &'a Pair,
    ip: &'a str,
    row: &'a BaseRow,
}

impl Fields for PairRow<'_> {
    fn text(&self, column: FilterColumn) -> Cow<'_, str> {
        match column {
            FilterColumn::Url => Cow::Owned(key::to_url(&self.pair.target_key, self.row.target_https)),
            FilterColumn::Ip => Cow::Borrowed(self.ip),
            _ => Cow::Borrowed(&self.pair.refdomain),
        }
    }

    fn number(&self, column: FilterColumn) -> i64 {
        match column {
            FilterColumn::Backlinks => i64::try_from(self.row.backlinks).unwrap_or(i64::MAX),
            FilterColumn::Refpages => i64::try_from(self.row.pages.len()).unwrap_or(i64::MAX),
            FilterColumn::FirstSeen => self.row.first_seen,
            FilterColumn::LastVisited => self.row.last_visited,
            _ => 0,
        }
    }

    fn target_key(&self) -> &str {
        &self.pair.target_key
    }
}
