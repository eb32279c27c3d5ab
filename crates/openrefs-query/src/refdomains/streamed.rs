//! Answers from the backlinks of a scope, read in the order of the table and grouped in bounded memory.
//!
//! For one URL the table's own order is that of the answer, and nothing is held. For more, records of referring domain and
//! page are sorted, so that a page that links to two URLs counts once; what does not fit into memory is sorted on disk. A
//! large scope is read in chunks by all cores; a pair of target key and referring domain belongs to the chunk in which
//! it begins.

use std::ops::Range;

use arrow_array::Array;
use openrefs_model::address::{NetworkCount, sort_form};
use openrefs_model::{KeyRange, Mode, Scope};
use openrefs_sort::{Sorter, Space};
use openrefs_store::TableFile;
use openrefs_store::table::{partition, strings};
use rayon::prelude::*;

use super::pairs::{Columns, Links, Needs, Pair, RefdomainOnly};
use super::{Refdomain, Totals};
use crate::effort::Effort;
use crate::error::{Error, Result};
use crate::filter::{Filter, FilterColumn};
use crate::request::RefdomainsRequest;
use crate::snapshot::Snapshot;

/// The groups of a request, ascending by referring domain, their ratings 0; and the totals, unless they are known.
pub fn groups(
    snapshot: &Snapshot,
    request: &RefdomainsRequest,
    known: Option<Totals>,
) -> Result<(Vec<Refdomain>, Totals)> {
    let files = snapshot.links_of(&request.scope)?;
    let effort = snapshot.effort();
    let work = Work::new(request, known.is_none(), effort);
    let mut chunks = Vec::new();
    for file in &files {
        for rows in work.rows_of(file)? {
            chunks.extend(rows.clone().step_by(effort.chunk_rows).map(|start| Chunk {
                file,
                rows: start..rows.end.min(start + effort.chunk_rows),
                within: rows.clone(),
            }));
        }
    }
    let gathered = work.all(&chunks)?;
    work.finish(gathered, known)
}

/// Rows that one task reads.
struct Chunk<'a> {
    file: &'a TableFile,
    rows: Range<usize>,
    /// The rows around it that may be in the scope.
    within: Range<usize>,
}

/// What a request wants of backlinks.
struct Work<'a> {
    scope: &'a Scope,
    filter: &'a Filter,
    plan: Plan,
    /// The scope is one URL.
    one_key: bool,
    needs_totals: bool,
    groups_max: usize,
    space: Space,
}

/// How much of a pair `where` looks at.
#[derive(Clone, Copy, PartialEq)]
enum Plan {
    /// There is no condition.
    All,
    /// Its referring domain.
    ByRefdomain,
    /// Its rows before grouping.
    ByBaseRow,
}

/// What a thread has found.
struct Gathered {
    /// The groups themselves, when the scope is one URL.
    groups: Vec<Refdomain>,
    last_page: String,
    pages: Sorter<Links>,
    addresses: Sorter<()>,
    last_ip: String,
    /// All referring domains, when conditions leave some out of the groups.
    refdomains: Sorter<()>,
    pairs: u64,
    /// The conditions let the pair at hand through, as far as they look at its referring domain only.
    lets_through: bool,
}

impl<'a> Work<'a> {
    fn new(request: &'a RefdomainsRequest, needs_totals: bool, effort: &Effort) -> Self {
        let filter = &request.where_;
        let plan = if filter.is_empty() {
            Plan::All
        } else if filter.names_only(FilterColumn::Refdomain) {
            Plan::ByRefdomain
        } else {
            Plan::ByBaseRow
        };
        // Each thread sorts pages, addresses and names of referring domains, of which pages take the most.
        let sorters = 2 * rayon::current_num_threads().max(1);
        Self {
            scope: &request.scope,
            filter,
            plan,
            one_key: request.scope.mode == Mode::Exact,
            needs_totals,
            groups_max: effort.groups_max,
            space: Space::new(
                std::env::temp_dir(),
                effort.memory_bytes / sorters,
                effort.disk_bytes_max,
            ),
        }
    }

    fn needs(&self) -> Needs {
        Needs {
            target_key: !self.rows_are_scope(),
            ip: self.needs_totals || self.plan == Plan::ByBaseRow,
            scheme: self.filter.names(FilterColumn::Url),
        }
    }

    /// Whether target keys need not be read: the scope is one range of keys, so its first and last row bound it, and
    /// nothing is asked of single target keys.
    fn rows_are_scope(&self) -> bool {
        self.plan != Plan::ByBaseRow && !self.one_key && self.scope.mode != Mode::Subdomains
    }

    /// The rows of a file to read: the pages that may hold keys of the scope, or exactly its rows.
    fn rows_of(&self, file: &TableFile) -> Result<Vec<Range<usize>>> {
        let pages = file.rows_of_keys(&self.scope.ranges)?;
        let ([pages], [keys], true) = (
            pages.as_slice(),
            self.scope.ranges.as_slice(),
            self.rows_are_scope(),
        ) else {
            return Ok(pages);
        };
        let start = first_row(file, pages, &keys.start)?;
        let end = first_row(file, pages, &keys.end)?;
        Ok(std::iter::once(start..end).collect())
    }

    fn gathered(&self) -> Gathered {
        Gathered {
            groups: Vec::new(),
            last_page: String::new(),
            pages: Sorter::new(&self.space),
            addresses: Sorter::new(&self.space),
            last_ip: String::new(),
            refdomains: Sorter::new(&self.space),
            pairs: 0,
            lets_through: false,
        }
    }

    /// Reads all chunks. For one URL there is a result a chunk, in their order, else one a thread.
    fn all(&self, chunks: &[Chunk<'_>]) -> Result<Vec<Gathered>> {
        let read = |chunks: &[Chunk<'_>]| {
            let mut gathered = self.gathered();
            for chunk in chunks {
                self.read(chunk, &mut gathered)?;
            }
            Ok(gathered)
        };
        if chunks.len() < 2 {
            return Ok(vec![read(chunks)?]);
        }
        let share = chunks.len().div_ceil(rayon::current_num_threads().max(1));
        chunks.par_chunks(share).map(read).collect()
    }

    fn read(&self, chunk: &Chunk<'_>, gathered: &mut Gathered) -> Result<()> {
        // The row before tells whether the first pair began there.
        let start = chunk.rows.start.saturating_sub(1).max(chunk.within.start);
        let rows = start..chunk.within.end;
        let mut reader = chunk.file.rows_in(&self.needs().columns(), &[rows])?;
        let mut walk = Walk {
            work: self,
            gathered,
            pair: Pair::default(),
            last: (String::new(), String::new()),
            wanted: false,
        };
        let mut number = start;
        while let Some(columns) = reader.next_as(Columns::of)? {
            for row in 0..columns.refdomain.len() {
                if walk.begins_pair(&columns, row) {
                    walk.end_pair()?;
                    if number >= chunk.rows.end {
                        return Ok(());
                    }
                    walk.start_pair(&columns, row, number >= chunk.rows.start)?;
                }
                if number >= chunk.rows.end && !walk.wanted {
                    return Ok(());
                }
                walk.add(&columns, row)?;
                number += 1;
            }
            walk.remember(&columns);
        }
        walk.end_pair()
    }

    fn finish(&self, mut gathered: Vec<Gathered>, known: Option<Totals>) -> Result<(Vec<Refdomain>, Totals)> {
        let mut groups = Vec::new();
        if self.one_key {
            for part in &mut gathered {
                groups.append(&mut part.groups);
            }
        } else {
            let mut pages: Vec<Sorter<Links>> = Vec::new();
            for part in &mut gathered {
                pages.push(std::mem::replace(&mut part.pages, Sorter::new(&self.space)));
            }
            let mut sorted = Sorter::merged(&mut pages)?;
            while let Some((key, links)) = sorted.next()? {
                let end = key.iter().position(|&byte| byte == 0).unwrap_or(key.len());
                add_page(&mut groups, &key[..end], &links, self.groups_max)?;
            }
        }
        let totals = match known {
            Some(totals) => totals,
            None => self.totals(gathered, groups.len() as u64)?,
        };
        Ok((groups, totals))
    }

    fn totals(&self, gathered: Vec<Gathered>, groups: u64) -> Result<Totals> {
        let pairs = gathered.iter().map(|part| part.pairs).sum();
        let (mut addresses, mut refdomains) = (Vec::new(), Vec::new());
        for part in gathered {
            addresses.push(part.addresses);
            refdomains.push(part.refdomains);
        }
        let mut count = NetworkCount::default();
        let mut sorted = Sorter::merged(&mut addresses)?;
        while let Some((address, ())) = sorted.next()? {
            count.add(address);
        }
        let refdomains = if self.one_key {
            pairs
        } else if self.plan == Plan::All {
            groups
        } else {
            let mut names = 0;
            let mut sorted = Sorter::merged(&mut refdomains)?;
            while sorted.next()?.is_some() {
                names += 1;
            }
            names
        };
        Ok(Totals {
            refdomains,
            ips: count.addresses(),
            class_c: count.networks(),
        })
    }
}

/// The first of some rows, sorted, whose key is not less than one; the row behind them if there is none.
fn first_row(file: &TableFile, rows: &Range<usize>, key: &str) -> Result<usize> {
    let pages = file.rows_of_keys_in(
        rows.clone(),
        &KeyRange {
            start: key.to_owned(),
            end: format!("{key}\0"),
        },
    )?;
    let mut row = pages.start;
    let mut reader = file.rows_in(&["target_key"], &[pages])?;
    while let Some(keys) = reader.next_as(|batch| strings(batch, "target_key").cloned())? {
        let before = partition(keys.len(), |row| keys.value(row) < key);
        row += before;
        if before < keys.len() {
            break;
        }
    }
    Ok(row)
}

/// Adds a page that is new to its group; groups come one after another.
fn add_page(groups: &mut Vec<Refdomain>, refdomain: &[u8], links: &Links, groups_max: usize) -> Result<()> {
    match groups.last_mut() {
        Some(group) if group.refdomain.as_bytes() == refdomain => {
            group.refpages += 1;
            add_links(group, links);
        }
        _ => {
            if groups.len() >= groups_max {
                return Err(Error::TooLarge);
            }
            groups.push(Refdomain {
                refdomain: String::from_utf8_lossy(refdomain).into_owned(),
                backlinks: u64::from(links.backlinks),
                refpages: 1,
                first_seen: links.first_seen,
                last_visited: links.last_visited,
                domain_rating: 0,
            });
        }
    }
    Ok(())
}

fn add_links(group: &mut Refdomain, links: &Links) {
    group.backlinks += u64::from(links.backlinks);
    group.first_seen = group.first_seen.min(links.first_seen);
    group.last_visited = group.last_visited.max(links.last_visited);
}

/// A chunk while it is read.
struct Walk<'a, 'b> {
    work: &'a Work<'a>,
    gathered: &'b mut Gathered,
    pair: Pair,
    /// Target key and referring domain of the last row of the batch before.
    last: (String, String),
    /// The rows of the pair at hand are in the scope and, as far as that is known, let through.
    wanted: bool,
}

impl Walk<'_, '_> {
    fn begins_pair(&self, columns: &Columns, row: usize) -> bool {
        let (key, refdomain) = (columns.target_key(row), columns.refdomain.value(row));
        let (last_key, last_refdomain) = match row.checked_sub(1) {
            Some(before) => (columns.target_key(before), columns.refdomain.value(before)),
            None => (self.last.0.as_str(), self.last.1.as_str()),
        };
        refdomain != last_refdomain || key != last_key
    }

    fn remember(&mut self, columns: &Columns) {
        let Some(row) = columns.refdomain.len().checked_sub(1) else {
            return;
        };
        columns.target_key(row).clone_into(&mut self.last.0);
        columns.refdomain.value(row).clone_into(&mut self.last.1);
    }

    /// A pair begins; `own` unless it is the one before the chunk.
    fn start_pair(&mut self, columns: &Columns, row: usize, own: bool) -> Result<()> {
        let (key, refdomain) = (columns.target_key(row), columns.refdomain.value(row));
        // Without a key the row is in the scope.
        self.wanted = own && (key.is_empty() || self.work.scope.holds(key));
        if !self.wanted {
            return Ok(());
        }
        if self.work.needs_totals {
            self.gathered.pairs += 1;
            if !self.work.one_key && self.work.plan != Plan::All {
                self.gathered.refdomains.push(&[refdomain], ())?;
            }
        }
        match self.work.plan {
            Plan::All => {}
            Plan::ByRefdomain => {
                let holds = self.work.filter.holds(&RefdomainOnly(refdomain));
                // Addresses count whatever the conditions say.
                if !holds && !self.work.needs_totals {
                    self.wanted = false;
                }
                self.gathered.lets_through = holds;
            }
            Plan::ByBaseRow => self.pair.start(key, refdomain),
        }
        Ok(())
    }

    fn add(&mut self, columns: &Columns, row: usize) -> Result<()> {
        if !self.wanted {
            return Ok(());
        }
        if self.work.needs_totals {
            self.gathered.address(columns.ip(row))?;
        }
        match self.work.plan {
            Plan::ByBaseRow => self.pair.add(columns, row),
            Plan::ByRefdomain if !self.gathered.lets_through => Ok(()),
            _ => {
                let (refdomain, page) = (columns.refdomain.value(row), columns.source_key(row));
                self.gathered.page(self.work, refdomain, page, columns.links(row))
            }
        }
    }

    fn end_pair(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.wanted) || self.work.plan != Plan::ByBaseRow {
            return Ok(());
        }
        let (gathered, work) = (&mut *self.gathered, self.work);
        self.pair.filtered(work.filter, |refdomain, page, links| {
            gathered.page(work, refdomain, page, links)
        })
    }
}

impl Gathered {
    fn address(&mut self, ip: &str) -> Result<()> {
        if !ip.is_empty() && ip != self.last_ip {
            ip.clone_into(&mut self.last_ip);
            if let Some(address) = sort_form(ip) {
                self.addresses.push_bytes(address.as_ref(), ())?;
            }
        }
        Ok(())
    }

    /// Adds a backlink of a page. Pages of one pair come in ascending order.
    fn page(&mut self, work: &Work<'_>, refdomain: &str, page: &str, links: Links) -> Result<()> {
        if !work.one_key {
            return Ok(self.pages.push(&[refdomain, page], links)?);
        }
        match self.groups.last_mut() {
            Some(group) if group.refdomain == refdomain && self.last_page == page => {
                add_links(group, &links);
                Ok(())
            }
            _ => {
                page.clone_into(&mut self.last_page);
                add_page(&mut self.groups, refdomain.as_bytes(), &links, work.groups_max)
            }
        }
    }
}
