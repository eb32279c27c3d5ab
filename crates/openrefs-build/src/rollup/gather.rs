//! Backlinks of a scope, gathered: those of a host one by one or, when there are many, by all threads at a time; those of
//! a tree from its hosts.

use std::ops::Range;

use openrefs_model::KeyRange;
use openrefs_model::address::sort_form;
use openrefs_sort::{Sorter, Space};
use openrefs_store::TableFile;

use super::columns::{self, Columns};
use super::fold::Links;
use crate::error::Result;

/// The most parts that a host is gathered in at a time. Writing its rows is left to one thread, so more do not help.
const PARTS_MAX: usize = 8;

/// The backlinks of a scope, grouped: referring domain and page -> what they add up to, and the addresses.
pub struct Gathered {
    pub pages: Sorter<Links>,
    pub addresses: Sorter<()>,
    last_ip: String,
}

impl Gathered {
    pub fn new(space: &Space) -> Self {
        Self {
            pages: Sorter::new(space),
            addresses: Sorter::new(space),
            last_ip: String::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.pages.is_empty()
    }

    pub fn clear(&mut self) {
        self.pages.clear();
        self.addresses.clear();
        self.last_ip.clear();
    }

    /// About how much memory it takes, bytes.
    pub fn memory_bytes(&self) -> usize {
        self.pages.memory_bytes() + self.addresses.memory_bytes()
    }

    /// Adds a backlink.
    pub fn add(&mut self, columns: &Columns, row: usize) -> Result<()> {
        self.pages.push(&columns.page(row), columns.links(row))?;
        let ip = columns.ip(row);
        if !ip.is_empty() && ip != self.last_ip {
            ip.clone_into(&mut self.last_ip);
            if let Some(address) = sort_form(ip) {
                self.addresses.push_bytes(address.as_ref(), ())?;
            }
        }
        Ok(())
    }

    /// Adds all that another one holds.
    pub fn absorb(&mut self, other: &mut Self) -> Result<()> {
        self.pages.absorb(&mut other.pages)?;
        self.addresses.absorb(&mut other.addresses)?;
        other.clear();
        Ok(())
    }

    /// Adds the backlinks with keys of a range, read and sorted on all threads within the memory of one.
    pub fn add_in_parts(&mut self, links: &[TableFile], keys: &KeyRange, space: &Space) -> Result<()> {
        let parts = rayon::current_num_threads().clamp(1, PARTS_MAX);
        let share = space.share(parts);
        let gather = |part: Vec<Rows<'_>>| -> Result<Self> {
            let mut gathered = Self::new(&share);
            for (file, rows) in part {
                columns::read(file, &[rows], Some(keys), |columns, row| {
                    gathered.add(columns, row)
                })?;
            }
            // What is on disk is taken over as it is.
            gathered.pages.spill()?;
            gathered.addresses.spill()?;
            Ok(gathered)
        };
        let parts = divide(links, keys, parts)?;
        // Threads of their own: one of the pool that waits would begin another segment, and hold the memory of both.
        let gathered: Vec<Result<Self>> = std::thread::scope(|scope| {
            let threads: Vec<_> = parts
                .into_iter()
                .map(|part| scope.spawn(|| gather(part)))
                .collect();
            let joined = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
            joined
                .map(|part| part.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        });
        for part in gathered {
            self.absorb(&mut part?)?;
        }
        Ok(())
    }
}

/// Rows of a file.
type Rows<'a> = (&'a TableFile, Range<usize>);

/// The rows of the pages that can hold keys of a range, in parts of about the same number of rows.
fn divide<'a>(links: &'a [TableFile], keys: &KeyRange, parts: usize) -> Result<Vec<Vec<Rows<'a>>>> {
    let mut all = Vec::new();
    for file in links {
        let rows = file.rows_of_keys(std::slice::from_ref(keys))?;
        all.extend(rows.into_iter().map(|rows| (file, rows)));
    }
    let part_rows = all
        .iter()
        .map(|(_, rows)| rows.len())
        .sum::<usize>()
        .div_ceil(parts);
    let mut divided = vec![Vec::new()];
    let mut room = part_rows;
    for (file, mut rows) in all {
        while !rows.is_empty() {
            if room == 0 {
                divided.push(Vec::new());
                room = part_rows;
            }
            let end = rows.end.min(rows.start + room);
            room -= end - rows.start;
            if let Some(part) = divided.last_mut() {
                part.push((file, rows.start..end));
            }
            rows.start = end;
        }
    }
    Ok(divided)
}
