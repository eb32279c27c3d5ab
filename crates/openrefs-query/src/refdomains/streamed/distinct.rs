//! Distinct byte strings of any number: in memory as long as they fit, then sorted on disk.

use std::hash::BuildHasher;

use hashbrown::{DefaultHashBuilder, HashTable};
use openrefs_sort::{Sorter, Space};

use super::shards::{joined, shard_of};
use crate::error::Result;

/// Shards of the keys.
const SHARDS: usize = 8;

/// What one thread has found.
pub struct Distinct {
    hasher: DefaultHashBuilder,
    shards: Vec<Keys>,
    bytes: usize,
    memory_bytes: usize,
    overflow: Sorter<()>,
}

impl Distinct {
    /// None yet. Those that will be counted together share a hasher.
    pub fn new(hasher: &DefaultHashBuilder, memory_bytes: usize, space: &Space) -> Self {
        Self {
            hasher: hasher.clone(),
            shards: (0..SHARDS).map(|_| Keys::default()).collect(),
            bytes: 0,
            memory_bytes,
            overflow: Sorter::new(space),
        }
    }

    /// Adds a key.
    pub fn add(&mut self, key: &[u8]) -> Result<()> {
        let hash = self.hasher.hash_one(key);
        if self.shards[shard_of(hash, SHARDS)].insert(hash, key) {
            self.bytes += key.len() + ENTRY_BYTES;
            if self.bytes > self.memory_bytes {
                self.spill()?;
            }
        }
        Ok(())
    }

    fn spill(&mut self) -> Result<()> {
        for shard in &mut self.shards {
            for (_, key) in shard.iter() {
                self.overflow.push_bytes(key, ())?;
            }
            *shard = Keys::default();
        }
        self.bytes = 0;
        Ok(())
    }

    /// Hands every key that one of several threads has found, once and in no order, to `add`, with something of each
    /// shard; gives these things.
    pub fn fold<T: Send>(
        mut all: Vec<Self>,
        new: impl Fn() -> T + Sync + Send,
        add: impl Fn(&mut T, &[u8]) -> Result<()> + Sync + Send,
    ) -> Result<Vec<T>> {
        if all.iter().any(|found| !found.overflow.is_empty()) {
            all.iter_mut().try_for_each(Self::spill)?;
            let mut sorters: Vec<Sorter<()>> = all.into_iter().map(|found| found.overflow).collect();
            let mut sorted = Sorter::merged(&mut sorters)?;
            let mut folded = new();
            while let Some((key, ())) = sorted.next()? {
                add(&mut folded, key)?;
            }
            return Ok(vec![folded]);
        }
        let threads = all.into_iter().map(|found| found.shards).collect();
        let folded = joined(threads, |shards| {
            let mut folded = new();
            let keys = Keys::joined(shards);
            keys.iter().try_for_each(|(_, key)| add(&mut folded, key))?;
            Ok(folded)
        });
        folded.into_iter().collect()
    }

    /// How many keys several threads have found.
    pub fn count(all: Vec<Self>) -> Result<u64> {
        let counts = Self::fold(
            all,
            || 0,
            |count, _| {
                *count += 1;
                Ok(())
            },
        )?;
        Ok(counts.into_iter().sum())
    }
}

/// A set in memory.
#[derive(Default)]
struct Keys {
    table: HashTable<Entry>,
    bytes: Vec<u8>,
}

struct Entry {
    hash: u64,
    start: usize,
    length: usize,
}

/// What an entry takes: a table is half full after it has grown.
const ENTRY_BYTES: usize = 2 * size_of::<Entry>();

impl Keys {
    /// Whether a key is new.
    fn insert(&mut self, hash: u64, key: &[u8]) -> bool {
        let Self { table, bytes } = self;
        let is_it = |entry: &Entry| entry.hash == hash && &bytes[entry.start..][..entry.length] == key;
        if table.find(hash, is_it).is_some() {
            return false;
        }
        let entry = Entry {
            hash,
            start: bytes.len(),
            length: key.len(),
        };
        bytes.extend_from_slice(key);
        table.insert_unique(hash, entry, |entry| entry.hash);
        true
    }

    /// All keys and their hashes, in no order.
    fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        let key = |entry: &Entry| (entry.hash, &self.bytes[entry.start..][..entry.length]);
        self.table.iter().map(key)
    }

    /// The keys of several sets.
    fn joined(parts: Vec<Self>) -> Self {
        let mut parts = parts.into_iter();
        let mut all = parts.next().unwrap_or_default();
        for part in parts {
            part.iter().for_each(|(hash, key)| {
                all.insert(hash, key);
            });
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn each_key_comes_once(
            keys in prop::collection::vec(("[a-c]{0,3}", 0..2usize), 0..200),
            memory_bytes in prop::sample::select(vec![0, 200, 1 << 20]),
        ) {
            let hasher = DefaultHashBuilder::default();
            let space = Space::new(std::env::temp_dir(), 1_000, u64::MAX);
            let new = || Distinct::new(&hasher, memory_bytes, &space);
            let mut threads = vec![new(), new()];
            for (key, thread) in &keys {
                threads[*thread].add(key.as_bytes()).unwrap();
            }
            let add = |found: &mut Vec<Vec<u8>>, key: &[u8]| {
                found.push(key.to_vec());
                Ok(())
            };
            let mut found = Distinct::fold(threads, Vec::new, add).unwrap().concat();
            found.sort();
            let model: BTreeSet<Vec<u8>> = keys.into_iter().map(|(key, _)| key.into_bytes()).collect();
            prop_assert_eq!(found, model.into_iter().collect::<Vec<_>>());
        }
    }
}
