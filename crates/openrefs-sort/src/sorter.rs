//! The records in memory, and runs when they do not fit.

use std::cmp::{Ordering, Reverse};
use std::mem;

use crate::error::Result;
use crate::run::{Run, RunWriter};
use crate::sorted::Sorted;
use crate::space::Space;
use crate::value::Value;

/// The longest key, bytes; what is longer is cut.
pub const KEY_BYTES_MAX: usize = u16::MAX as usize;
/// The most memory that a sorter takes, whatever its space allows: places in it are 32-bit numbers.
const MEMORY_BYTES_MAX: usize = 4 << 30;
/// An empty sorter keeps no more memory than this for its next records.
const KEPT_BYTES_MAX: usize = 1 << 20;

/// Takes records in any order.
pub struct Sorter<V> {
    space: Space,
    pub(crate) records: Records<V>,
    pub(crate) runs: Vec<Run>,
}

/// A file for what sorters hold in memory when there are so many that they cannot have files of their own. Its room on disk
/// is free again when it is cleared or dropped and their records are gone.
pub struct Overflow<V> {
    space: Space,
    file: Option<RunWriter<V>>,
}

impl<V: Value> Overflow<V> {
    /// An empty one.
    pub fn new(space: &Space) -> Self {
        let space = space.clone();
        Self { space, file: None }
    }

    /// Writes out what sorters hold in memory.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn spill<'a>(&mut self, sorters: impl Iterator<Item = &'a mut Sorter<V>>) -> Result<()>
    where
        V: 'a,
    {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(RunWriter::create(&self.space)?),
        };
        for sorter in sorters {
            sorter.spill_into(file)?;
        }
        Ok(())
    }

    /// Begins another file the next time.
    pub fn clear(&mut self) {
        self.file = None;
    }
}

/// Records in memory.
pub(crate) struct Records<V> {
    pub(crate) entries: Vec<Entry<V>>,
    /// Keys, one after another.
    pub(crate) bytes: Vec<u8>,
    sorted: bool,
}

#[derive(Clone, Copy)]
pub(crate) struct Entry<V> {
    /// The first eight bytes of the key, so that most comparisons need no more.
    prefix: u64,
    start: u32,
    length: u32,
    pub(crate) value: V,
}

impl<V: Value> Sorter<V> {
    /// An empty one.
    pub fn new(space: &Space) -> Self {
        Self {
            space: space.clone(),
            records: Records {
                entries: Vec::new(),
                bytes: Vec::new(),
                sorted: true,
            },
            runs: Vec::new(),
        }
    }

    /// There is no record.
    pub fn is_empty(&self) -> bool {
        self.records.entries.is_empty() && self.runs.is_empty()
    }

    /// Adds a record whose key is the parts joined by NUL. A key that is greater than the one before it costs least.
    ///
    /// # Errors
    /// When a run cannot be written.
    pub fn push(&mut self, key: &[&str], value: V) -> Result<()> {
        let parts = key.iter().map(|part| part.as_bytes());
        self.records.push(parts, value);
        self.bound()
    }

    /// Adds a record whose key is some bytes.
    ///
    /// # Errors
    /// As [`Sorter::push`].
    pub fn push_bytes(&mut self, key: &[u8], value: V) -> Result<()> {
        self.records.push(std::iter::once(key), value);
        self.bound()
    }

    /// All records in order, each key once. More may be added afterwards.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub fn sorted(&mut self) -> Result<Sorted<'_, V>> {
        self.records.sort();
        Sorted::new(std::slice::from_ref(self))
    }

    /// The records of several sorters in order, each key once.
    ///
    /// # Errors
    /// When a run cannot be read.
    pub fn merged(sorters: &mut [Self]) -> Result<Sorted<'_, V>> {
        for sorter in sorters.iter_mut() {
            sorter.records.sort();
        }
        Sorted::new(sorters)
    }

    /// Forgets all records.
    pub fn clear(&mut self) {
        self.runs.clear();
        let records = &mut self.records;
        records.entries.clear();
        records.bytes.clear();
        records.sorted = true;
        if records.bytes_held() > KEPT_BYTES_MAX {
            records.entries = Vec::new();
            records.bytes = Vec::new();
        }
    }

    /// Keeps memory bounded: folds what is there, and writes it out if that does not help enough. What is allocated is up
    /// to twice what is used.
    fn bound(&mut self) -> Result<()> {
        let memory_bytes = self.space.memory_bytes.min(MEMORY_BYTES_MAX);
        if self.records.bytes_used() <= memory_bytes / 3 * 2 {
            return Ok(());
        }
        self.records.compact();
        if self.records.bytes_used() <= memory_bytes / 3 {
            return Ok(());
        }
        self.spill()
    }

    /// About how much memory the records take that are not on disk, bytes.
    pub fn memory_bytes(&self) -> usize {
        self.records.bytes_held()
    }

    /// Writes out what is in memory, for a sorter that waits for others.
    ///
    /// # Errors
    /// When a run cannot be written.
    pub fn spill(&mut self) -> Result<()> {
        if self.records.entries.is_empty() {
            return Ok(());
        }
        self.spill_into(&mut RunWriter::create(&self.space)?)
    }

    fn spill_into(&mut self, file: &mut RunWriter<V>) -> Result<()> {
        self.records.compact();
        if !self.records.entries.is_empty() {
            for entry in &self.records.entries {
                file.push(self.records.key(entry), &entry.value)?;
            }
            self.runs.push(file.end_run()?);
        }
        self.records.entries = Vec::new();
        self.records.bytes = Vec::new();
        if self.runs.len() > self.space.runs_max {
            self.merge_runs(file)?;
        }
        Ok(())
    }

    /// Takes over all records of another sorter. What that one has on disk is not copied.
    ///
    /// # Errors
    /// When a run cannot be read or written.
    pub fn absorb(&mut self, other: &mut Self) -> Result<()> {
        self.runs.append(&mut other.runs);
        if self.runs.len() > self.space.runs_max {
            self.merge_runs(&mut RunWriter::create(&self.space)?)?;
        }
        other.records.sort();
        for entry in &other.records.entries {
            self.push_bytes(other.records.key(entry), entry.value)?;
        }
        other.clear();
        Ok(())
    }

    /// Merges the smallest runs, so that about half as many are left. The large ones wait for others of their size, so a
    /// record is not written again for every few that follow it.
    fn merge_runs(&mut self, file: &mut RunWriter<V>) -> Result<()> {
        self.runs.sort_by_key(|run| Reverse(run.bytes()));
        let mut small = Self::new(&self.space);
        small.runs = self.runs.split_off(self.space.runs_max / 2);
        let mut sorted = small.sorted()?;
        while let Some((key, value)) = sorted.next()? {
            file.push(key, &value)?;
        }
        self.runs.push(file.end_run()?);
        Ok(())
    }
}

impl<V: Value> Records<V> {
    pub(crate) fn key(&self, entry: &Entry<V>) -> &[u8] {
        let start = entry.start as usize;
        &self.bytes[start..start + entry.length as usize]
    }

    fn bytes_held(&self) -> usize {
        // Sorting needs half of the entries' room again.
        self.bytes.capacity() + self.entries.capacity() * mem::size_of::<Entry<V>>() * 3 / 2
    }

    fn bytes_used(&self) -> usize {
        self.bytes.len() + self.entries.len() * mem::size_of::<Entry<V>>() * 3 / 2
    }

    fn push<'a>(&mut self, parts: impl Iterator<Item = &'a [u8]>, value: V) {
        let start = self.bytes.len();
        for (number, part) in parts.enumerate() {
            if number > 0 {
                self.bytes.push(0);
            }
            self.bytes.extend_from_slice(part);
        }
        self.bytes.truncate(start + KEY_BYTES_MAX);
        let entry = Entry {
            prefix: prefix(&self.bytes[start..]),
            // A sorter writes its records out long before it holds 4 GiB.
            start: u32::try_from(start).unwrap_or(u32::MAX),
            length: u32::try_from(self.bytes.len() - start).unwrap_or(u32::MAX),
            value,
        };
        match self.entries.last().map(|last| self.compare(last, &entry)) {
            None | Some(Ordering::Less) => {}
            Some(Ordering::Greater) => self.sorted = false,
            Some(Ordering::Equal) => {
                self.bytes.truncate(start);
                if let Some(last) = self.entries.last_mut() {
                    last.value.fold(&value);
                }
                return;
            }
        }
        self.entries.push(entry);
    }

    fn compare(&self, a: &Entry<V>, b: &Entry<V>) -> Ordering {
        a.prefix.cmp(&b.prefix).then_with(|| self.key(a).cmp(self.key(b)))
    }

    /// Sorts and folds. Records come as a few ascending sequences, which a stable sort makes use of.
    fn sort(&mut self) {
        if self.sorted {
            return;
        }
        let mut entries = mem::take(&mut self.entries);
        entries.sort_by(|a, b| self.compare(a, b));
        entries.dedup_by(|later, kept| {
            let same = later.prefix == kept.prefix && self.key(later) == self.key(kept);
            if same {
                kept.value.fold(&later.value);
            }
            same
        });
        self.entries = entries;
        self.sorted = true;
    }

    /// Sorts, folds, and lets go of the keys that folding made superfluous.
    fn compact(&mut self) {
        self.sort();
        let used: usize = self.entries.iter().map(|entry| entry.length as usize).sum();
        if used == self.bytes.len() {
            return;
        }
        let mut bytes = Vec::with_capacity(used);
        let mut entries = mem::take(&mut self.entries);
        for entry in &mut entries {
            let start = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            bytes.extend_from_slice(self.key(entry));
            entry.start = start;
        }
        self.entries = entries;
        self.bytes = bytes;
    }
}

/// The first eight bytes of a key as a number that compares like them; bytes that are missing count as 0, which no key
/// that differs there can hold but as a separator, and then the whole keys decide.
fn prefix(key: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    let length = key.len().min(8);
    bytes[..length].copy_from_slice(&key[..length]);
    u64::from_be_bytes(bytes)
}
