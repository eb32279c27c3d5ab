//! Answers from the backlinks of a scope, read in the order of the table and grouped in bounded memory.
//!
//! For one URL the groups stand one after another in the table. For more, pages are put down and then grouped, so that a page
//! that links to two URLs counts once; what does not fit into memory is sorted on disk. A large scope is read in chunks
//! by all cores.

mod chunks;
mod columns;
mod distinct;
mod groups;
mod pair;
mod rows;
mod shards;
mod walk;

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};

use hashbrown::DefaultHashBuilder;
use openrefs_model::address::{network_of, sort_form};
use openrefs_model::{Mode, Scope};
use openrefs_sort::Space;
use openrefs_store::TableFile;
use rayon::prelude::*;

use self::chunks::Chunk;
use self::columns::{Columns, Links, Needs};
use self::distinct::Distinct;
use self::groups::Groups;
use self::walk::Walk;
use super::{Refdomain, Totals};
use crate::effort::Effort;
use crate::error::{Error, Result};
use crate::filter::{Filter, FilterColumn};
use crate::request::RefdomainsRequest;
use crate::snapshot::Snapshot;

/// The groups of a request, in parts and in no order, their ratings 0; and the totals, unless they are known.
pub fn groups(
    snapshot: &Snapshot,
    request: &RefdomainsRequest,
    known: Option<Totals>,
) -> Result<(Vec<Vec<Refdomain>>, Totals)> {
    let files = snapshot.links_of(&request.scope)?;
    let effort = snapshot.effort();
    let work = Work::new(request, known.is_none(), effort);
    let mut parts = Vec::new();
    for file in &files {
        parts.extend(work.rows_of(file)?.into_iter().map(|rows| Chunk { file, rows }));
    }
    let chunks = chunks::cut(parts, effort.chunk_rows, work.needs().target_key)?;
    let gathered = work.all(&chunks)?;
    work.finish(gathered, known)
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
    pair_bytes_max: usize,
    /// Groups of all threads so far, when the scope is one URL.
    complete: AtomicUsize,
    /// Memory of one thread, bytes.
    memory_bytes: usize,
    space: Space,
    hasher: DefaultHashBuilder,
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
    complete: Vec<Refdomain>,
    last_page: String,
    groups: Groups,
    addresses: Distinct,
    last_ip: String,
    /// All referring domains, when conditions leave some out of the groups.
    refdomains: Distinct,
    pairs: u64,
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
        let memory_bytes = effort.memory_bytes / rayon::current_num_threads().max(1);
        Self {
            scope: &request.scope,
            filter,
            plan,
            one_key: request.scope.mode == Mode::Exact,
            needs_totals,
            groups_max: effort.groups_max,
            pair_bytes_max: effort.pair_bytes_max,
            complete: AtomicUsize::new(0),
            memory_bytes,
            // There are three sorters a thread; tables in memory take the rest.
            space: Space::new(std::env::temp_dir(), memory_bytes / 8, effort.disk_bytes_max),
            hasher: DefaultHashBuilder::default(),
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
        self.plan != Plan::ByBaseRow && self.scope.mode != Mode::Subdomains
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
        Ok(vec![rows::of_keys(file, pages, keys)?])
    }

    fn gathered(&self) -> Gathered {
        let distinct = || Distinct::new(&self.hasher, self.memory_bytes / 16, &self.space);
        let pages_bytes = self.memory_bytes / 8 * 5;
        Gathered {
            complete: Vec::new(),
            last_page: String::new(),
            groups: Groups::new(&self.hasher, pages_bytes, self.groups_max, &self.space),
            addresses: distinct(),
            last_ip: String::new(),
            refdomains: distinct(),
            pairs: 0,
        }
    }

    /// Reads all chunks; a result a thread.
    fn all(&self, chunks: &[Chunk<'_>]) -> Result<Vec<Gathered>> {
        let next = AtomicUsize::new(0);
        let some = |_| {
            let mut gathered = self.gathered();
            while let Some(chunk) = chunks.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.read(chunk, &mut gathered)?;
            }
            Ok(gathered)
        };
        if chunks.len() < 2 {
            return Ok(vec![some(0)?]);
        }
        let threads = rayon::current_num_threads().min(chunks.len());
        (0..threads).into_par_iter().map(some).collect()
    }

    fn read(&self, chunk: &Chunk<'_>, gathered: &mut Gathered) -> Result<()> {
        let mut reader = chunk
            .file
            .rows_in(&self.needs().columns(), std::slice::from_ref(&chunk.rows))?;
        let mut walk = Walk::new(self, gathered);
        while let Some(columns) = reader.next_as(Columns::of)? {
            walk.batch(&columns)?;
        }
        walk.end()
    }

    fn finish(
        &self,
        gathered: Vec<Gathered>,
        known: Option<Totals>,
    ) -> Result<(Vec<Vec<Refdomain>>, Totals)> {
        let several = gathered.len() > 1;
        let pairs = gathered.iter().map(|part| part.pairs).sum();
        let (mut complete, mut groups) = (Vec::new(), Vec::new());
        let (mut addresses, mut refdomains) = (Vec::new(), Vec::new());
        for part in gathered {
            complete.push(part.complete);
            groups.push(part.groups);
            addresses.push(part.addresses);
            refdomains.push(part.refdomains);
        }
        let join = || {
            if self.one_key {
                Ok(complete)
            } else {
                Groups::joined(groups)
            }
        };
        if let Some(totals) = known {
            return Ok((join()?, totals));
        }
        let count = || self.addresses(addresses);
        // Waking other threads takes longer than most answers.
        let (groups, counts) = if several {
            rayon::join(join, count)
        } else {
            (join(), count())
        };
        let (groups, (ips, class_c)) = (groups?, counts?);
        let refdomains = match self.plan {
            _ if self.one_key => pairs,
            Plan::All => groups.iter().map(|part| part.len() as u64).sum(),
            _ => Distinct::count(refdomains)?,
        };
        let totals = Totals {
            refdomains,
            ips,
            class_c,
        };
        Ok((groups, totals))
    }

    /// How many addresses there are, and how many networks.
    fn addresses(&self, found: Vec<Distinct>) -> Result<(u64, u64)> {
        let none = || {
            (
                0,
                Distinct::new(&self.hasher, self.memory_bytes / 16, &self.space),
            )
        };
        let parts = Distinct::fold(
            found,
            none,
            |(ips, networks), address| match std::str::from_utf8(address).ok().and_then(sort_form) {
                Some(address) => {
                    *ips += 1;
                    networks.add(network_of(address.as_ref()))
                }
                None => Ok(()),
            },
        )?;
        let (ips, networks): (Vec<u64>, Vec<Distinct>) = parts.into_iter().unzip();
        Ok((ips.into_iter().sum(), Distinct::count(networks)?))
    }
}

impl Gathered {
    fn address(&mut self, ip: &str) -> Result<()> {
        if !ip.is_empty() && ip != self.last_ip {
            ip.clone_into(&mut self.last_ip);
            self.addresses.add(ip.as_bytes())?;
        }
        Ok(())
    }

    /// Adds backlinks of a page. Pages of one pair come in ascending order.
    fn page(&mut self, work: &Work<'_>, refdomain: &str, page: &str, links: &Links) -> Result<()> {
        if !work.one_key {
            return self.groups.add(refdomain, page, links);
        }
        match self.complete.last_mut() {
            Some(group) if group.refdomain == refdomain => {
                group.refpages += u64::from(self.last_page != page);
                group.backlinks += u64::from(links.backlinks);
                group.first_seen = group.first_seen.min(links.first_seen);
                group.last_visited = group.last_visited.max(links.last_visited);
            }
            _ => {
                if work.complete.fetch_add(1, Ordering::Relaxed) >= work.groups_max {
                    return Err(Error::TooLarge);
                }
                self.complete.push(Refdomain {
                    refdomain: refdomain.to_owned(),
                    backlinks: u64::from(links.backlinks),
                    refpages: 1,
                    first_seen: links.first_seen,
                    last_visited: links.last_visited,
                    domain_rating: 0,
                });
            }
        }
        page.clone_into(&mut self.last_page);
        Ok(())
    }
}
