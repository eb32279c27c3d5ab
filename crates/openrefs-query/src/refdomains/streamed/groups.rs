//! Backlinks grouped by referring domain, each page of it counted once.
//!
//! While backlinks are read they are only put down, in shards by the hash of the referring domain. In the end each shard, which
//! fits into a core's cache, is grouped in hash tables, all of them side by side. What does not fit into memory goes to
//! disk, sorted; then a merge brings the pages of a referring domain together.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use openrefs_sort::{Sorter, Space};

use super::columns::Links;
use super::shards::{joined, shard_of};
use crate::Refdomain;
use crate::error::{Error, Result};

/// Shards of the backlinks.
const SHARDS: usize = 128;

/// What one thread has found.
pub struct Groups {
    hasher: DefaultHashBuilder,
    shards: Vec<Shard>,
    /// The referring domain of the last page, and where it was put down.
    last: (String, Place),
    bytes: usize,
    memory_bytes: usize,
    groups_max: usize,
    overflow: Sorter<Links>,
}

/// Where a referring domain was put down.
#[derive(Clone, Copy, Default)]
struct Place {
    shard: usize,
    hash: u64,
    start: u32,
}

/// Pages of some referring domains.
#[derive(Default)]
struct Shard {
    seen: Vec<Seen>,
    /// Their texts.
    bytes: Vec<u8>,
}

/// A page as it was seen, perhaps one of several times.
struct Seen {
    refdomain_hash: u64,
    page_hash: u64,
    refdomain: Text,
    page: Text,
    links: Links,
}

/// Where a text stands in the bytes of a shard.
#[derive(Clone, Copy)]
struct Text {
    start: u32,
    length: u32,
}

impl Shard {
    fn put(&mut self, text: &str) -> Text {
        // Memory is bounded long before a shard has 4 GiB.
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let start = number(self.bytes.len());
        self.bytes.extend_from_slice(text.as_bytes());
        Text {
            start,
            length: number(text.len()),
        }
    }

    fn text(&self, text: Text) -> &[u8] {
        &self.bytes[text.start as usize..][..text.length as usize]
    }
}

impl Groups {
    /// None yet. Those that will be joined share a hasher.
    pub fn new(hasher: &DefaultHashBuilder, memory_bytes: usize, groups_max: usize, space: &Space) -> Self {
        Self {
            hasher: hasher.clone(),
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            last: (String::new(), Place::default()),
            bytes: 0,
            memory_bytes,
            groups_max,
            overflow: Sorter::new(space),
        }
    }

    /// Adds backlinks of a page.
    pub fn add(&mut self, refdomain: &str, page: &str, links: &Links) -> Result<()> {
        if self.last.0 != refdomain || refdomain.is_empty() {
            self.put_refdomain(refdomain);
        }
        let place = self.last.1;
        let shard = &mut self.shards[place.shard];
        let seen = Seen {
            refdomain_hash: place.hash,
            page_hash: self.hasher.hash_one(page.as_bytes()),
            refdomain: Text {
                start: place.start,
                length: u32::try_from(refdomain.len()).unwrap_or(u32::MAX),
            },
            page: shard.put(page),
            links: *links,
        };
        shard.seen.push(seen);
        self.bytes += page.len() + size_of::<Seen>();
        // Buffers grow to twice what is in them.
        if self.bytes > self.memory_bytes / 2 {
            self.spill()
        } else {
            Ok(())
        }
    }

    fn put_refdomain(&mut self, refdomain: &str) {
        let hash = self.hasher.hash_one(refdomain.as_bytes());
        let shard = shard_of(hash, SHARDS);
        let start = self.shards[shard].put(refdomain).start;
        self.bytes += refdomain.len();
        refdomain.clone_into(&mut self.last.0);
        self.last.1 = Place { shard, hash, start };
    }

    /// Writes out what is in memory.
    fn spill(&mut self) -> Result<()> {
        for shard in &mut self.shards {
            for seen in &shard.seen {
                let key = [shard.text(seen.refdomain), shard.text(seen.page)].join(&0);
                self.overflow.push_bytes(&key, seen.links)?;
            }
            *shard = Shard::default();
        }
        self.last.0.clear();
        self.bytes = 0;
        Ok(())
    }

    /// The groups of all threads, in parts and in no order, their ratings 0.
    pub fn joined(mut all: Vec<Self>) -> Result<Vec<Vec<Refdomain>>> {
        let groups_max = all.first().map_or(0, |groups| groups.groups_max);
        if all.iter().any(|groups| !groups.overflow.is_empty()) {
            all.iter_mut().try_for_each(Self::spill)?;
            let mut overflows: Vec<Sorter<Links>> = all.into_iter().map(|groups| groups.overflow).collect();
            return Ok(vec![merged(&mut overflows, groups_max)?]);
        }
        let several = all.len() > 1;
        let threads = all.into_iter().map(|groups| groups.shards).collect();
        let mut rows = joined(threads, |shards| grouped(&shards));
        if !several {
            // Few groups, as a rule, which are better chosen from in one go.
            rows = vec![rows.concat()];
        }
        if rows.iter().map(Vec::len).sum::<usize>() > groups_max {
            return Err(Error::TooLarge);
        }
        Ok(rows)
    }
}

/// The groups of one shard, as several threads have found it.
fn grouped(shards: &[Shard]) -> Vec<Refdomain> {
    let count = shards.iter().map(|shard| shard.seen.len()).sum();
    let mut rows: Vec<Refdomain> = Vec::new();
    let mut by_refdomain: HashTable<(u64, usize)> = HashTable::new();
    // A page that was seen: by whom, and in which place there.
    let mut pages: HashTable<(u64, usize, usize)> = HashTable::with_capacity(count);
    for (thread, shard) in shards.iter().enumerate() {
        let mut last: Option<(Text, usize)> = None;
        for (place, seen) in shard.seen.iter().enumerate() {
            let row = match last {
                Some((text, row)) if text.start == seen.refdomain.start => row,
                _ => number_of(
                    &mut by_refdomain,
                    &mut rows,
                    seen.refdomain_hash,
                    shard.text(seen.refdomain),
                ),
            };
            last = Some((seen.refdomain, row));
            let group = &mut rows[row];
            group.backlinks += u64::from(seen.links.backlinks);
            group.first_seen = group.first_seen.min(seen.links.first_seen);
            group.last_visited = group.last_visited.max(seen.links.last_visited);
            // A page of two referring domains is two pages.
            let hash = seen.page_hash ^ seen.refdomain_hash;
            let is_it = |known: &(u64, usize, usize)| {
                let (known_hash, other) = (known.0, &shards[known.1]);
                let known = &other.seen[known.2];
                known_hash == hash
                    && other.text(known.page) == shard.text(seen.page)
                    && other.text(known.refdomain) == shard.text(seen.refdomain)
            };
            if pages.find(hash, is_it).is_none() {
                pages.insert_unique(hash, (hash, thread, place), |known| known.0);
                group.refpages += 1;
            }
        }
    }
    rows
}

/// The row of a referring domain, which is added if it is new.
fn number_of(
    by_refdomain: &mut HashTable<(u64, usize)>,
    rows: &mut Vec<Refdomain>,
    hash: u64,
    refdomain: &[u8],
) -> usize {
    let is_it = |known: &(u64, usize)| known.0 == hash && rows[known.1].refdomain.as_bytes() == refdomain;
    if let Some((_, row)) = by_refdomain.find(hash, is_it) {
        return *row;
    }
    by_refdomain.insert_unique(hash, (hash, rows.len()), |known| known.0);
    rows.push(new_row(refdomain));
    rows.len() - 1
}

fn new_row(refdomain: &[u8]) -> Refdomain {
    Refdomain {
        refdomain: String::from_utf8_lossy(refdomain).into_owned(),
        first_seen: i64::MAX,
        last_visited: i64::MIN,
        ..Refdomain::default()
    }
}

/// The groups of what was written out, ascending by referring domain.
fn merged(overflows: &mut [Sorter<Links>], groups_max: usize) -> Result<Vec<Refdomain>> {
    let mut rows: Vec<Refdomain> = Vec::new();
    let mut sorted = Sorter::merged(overflows)?;
    while let Some((key, links)) = sorted.next()? {
        let end = key.iter().position(|&byte| byte == 0).unwrap_or(key.len());
        if rows
            .last()
            .is_none_or(|row| row.refdomain.as_bytes() != &key[..end])
        {
            if rows.len() >= groups_max {
                return Err(Error::TooLarge);
            }
            rows.push(new_row(&key[..end]));
        }
        if let Some(row) = rows.last_mut() {
            row.refpages += 1;
            row.backlinks += u64::from(links.backlinks);
            row.first_seen = row.first_seen.min(links.first_seen);
            row.last_visited = row.last_visited.max(links.last_visited);
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn groups_are_the_same_in_memory_and_on_disk(
            pages in prop::collection::vec(("[a-c]{1,2}", "[x-z]{0,2}", 0..9i64, 0..3usize), 0..200),
            memory_bytes in prop::sample::select(vec![0, 2_000, 1 << 20]),
        ) {
            let hasher = DefaultHashBuilder::default();
            let space = Space::new(std::env::temp_dir(), 10_000, u64::MAX);
            let new = || Groups::new(&hasher, memory_bytes, usize::MAX, &space);
            let mut threads = vec![new(), new(), new()];
            let mut model: BTreeMap<String, (BTreeSet<String>, Refdomain)> = BTreeMap::new();
            for (refdomain, page, date, thread) in &pages {
                let links = Links { first_seen: *date, last_visited: *date, backlinks: 2 };
                threads[*thread].add(refdomain, page, &links).unwrap();
                let (known, row) = model
                    .entry(refdomain.clone())
                    .or_insert_with(|| (BTreeSet::new(), new_row(refdomain.as_bytes())));
                known.insert(page.clone());
                row.refpages = known.len() as u64;
                row.backlinks += 2;
                row.first_seen = row.first_seen.min(*date);
                row.last_visited = row.last_visited.max(*date);
            }
            let mut rows = Groups::joined(threads).unwrap().concat();
            rows.sort_by(|a, b| a.refdomain.cmp(&b.refdomain));
            let model: Vec<Refdomain> = model.into_values().map(|(_, row)| row).collect();
            prop_assert_eq!(rows, model);
        }
    }

    #[test]
    fn too_many_groups_are_refused() {
        let (hasher, space) = (
            DefaultHashBuilder::default(),
            Space::new(std::env::temp_dir(), 10_000, u64::MAX),
        );
        for memory_bytes in [0, 1 << 20] {
            let mut groups = Groups::new(&hasher, memory_bytes, 2, &space);
            let links = Links {
                first_seen: 0,
                last_visited: 0,
                backlinks: 1,
            };
            for refdomain in ["a", "b", "c"] {
                groups.add(refdomain, "page", &links).unwrap();
            }
            assert!(matches!(Groups::joined(vec![groups]), Err(Error::TooLarge)));
        }
    }
}
