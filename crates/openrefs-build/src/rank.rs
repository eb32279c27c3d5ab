//! The rating of all domains: pairs of domains -> table `domains`.
//!
//! Names become numbers in their order, which is what ties go by. Names, and the graph, are held in memory: about 70 bytes a
//! domain and 4 an arc, beside what the iteration takes.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use openrefs_rating::{Graph, GraphBuilder, ratings, scores};
use openrefs_sort::{Sorter, Space, Value};
use openrefs_store::domains::{DomainRow, DomainsBatch, DomainsWriter};
use openrefs_store::manifest::RatingSummary;
use openrefs_store::pairs::{self, PairsBatch};
use openrefs_store::{FileEntry, Folder, TableFile, TableName, domains, layout};
use twox_hash::XxHash3_64;

use crate::error::{Error, Result};
use crate::progress::{Phase, Progress};

/// Domains that a worker counts in memory before it hands them to its sorter.
const COUNTED_MAX: usize = 1 << 20;

/// Every domain of a snapshot by name, with its rating.
pub struct Domains {
    names: String,
    /// Where each name starts, and where the last one ends.
    starts: Vec<usize>,
    /// Hash of a name -> its number.
    by_hash: HashTable<(u64, u32)>,
    seed: u64,
    rating: Vec<u8>,
}

/// Rates all domains and writes the table.
///
/// # Errors
/// When a file cannot be read or written, or there are more than 2^32 domains.
pub fn rank(
    folder: &Folder,
    snapshot: u64,
    pairs: &[FileEntry],
    space: &Space,
    progress: &dyn Progress,
) -> Result<(Vec<FileEntry>, RatingSummary, Domains)> {
    let (mut domains, counts) = name_all(folder, pairs, space)?;
    let graph = graph(folder, pairs, &domains)?;
    let bound = u64::from(openrefs_rating::scores::ROUNDS_MAX);
    progress.start(Phase::Rank, bound);
    let scores = scores(&graph, &mut |_| progress.advance(1));
    progress.end();
    let ratings = ratings(&graph, &scores.scores);
    let mut files = Vec::new();
    if !domains.is_empty() {
        let name = layout::table(snapshot, TableName::Domains, 0, 0);
        let mut writer = DomainsWriter::create(folder, &name)?;
        for (node, counts) in (0..).zip(&counts) {
            let place = node as usize;
            let row = DomainRow {
                domain: String::new(),
                rating: ratings.rating[place],
                score: scores.scores[place],
                rank: u64::from(ratings.rank[place]),
                refdomains: u64::from(counts.refdomains),
                linked_domains: u64::from(counts.linked_domains),
                linked_domains_followed: u64::from(graph.out_degree(node)),
                backlinks: counts.backlinks,
            };
            writer.push(domains.name(node), &row)?;
        }
        files.push(FileEntry::of(TableName::Domains, 0, 0, writer.finish()?));
    }
    let summary = RatingSummary {
        domains: domains.len() as u64,
        arcs: graph.arcs(),
        rounds: scores.rounds,
        change: scores.change,
    };
    domains.rating = ratings.rating;
    Ok((files, summary, domains))
}

/// The names of all domains and what pairs say of each, by number.
fn name_all(folder: &Folder, pairs: &[FileEntry], space: &Space) -> Result<(Domains, Vec<Counts>)> {
    let workers = rayon::current_num_threads();
    let next = AtomicUsize::new(0);
    let counted: Vec<Result<Sorter<Counts>>> = std::thread::scope(|scope| {
        let count = || count_some(folder, pairs, &next, space);
        let threads: Vec<_> = (0..workers).map(|_| scope.spawn(count)).collect();
        let join = |thread: std::thread::ScopedJoinHandle<'_, _>| {
            thread
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        threads.into_iter().map(join).collect()
    });
    let mut sorters = counted.into_iter().collect::<Result<Vec<_>>>()?;
    let mut names = Domains::new();
    let mut counts = Vec::new();
    let mut sorted = Sorter::merged(&mut sorters)?;
    while let Some((name, count)) = sorted.next()? {
        names.push(&String::from_utf8_lossy(name))?;
        counts.push(count);
    }
    names.index();
    Ok((names, counts))
}

/// Counts the domains of files until none is left.
fn count_some(
    folder: &Folder,
    pairs: &[FileEntry],
    next: &AtomicUsize,
    space: &Space,
) -> Result<Sorter<Counts>> {
    let mut sorter = Sorter::new(space);
    let mut counted = Counted::default();
    while let Some(entry) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
        let mut reader = TableFile::open(folder, &entry.file)?.all(&pairs::COLUMNS)?;
        while let Some(batch) = reader.next_as(PairsBatch::of)? {
            let mut row = 0;
            while row < batch.len() {
                let target_domain = batch.target_domain(row);
                let mut target = Counts::default();
                while row < batch.len() && batch.target_domain(row) == target_domain {
                    target.fold(&Counts {
                        refdomains: 1,
                        linked_domains: 0,
                        backlinks: batch.backlinks(row),
                    });
                    counted.add(batch.refdomain(row), &SOURCE);
                    row += 1;
                }
                counted.add(target_domain, &target);
            }
            if counted.names.len() >= COUNTED_MAX {
                counted.drain_into(&mut sorter)?;
            }
        }
    }
    counted.drain_into(&mut sorter)?;
    Ok(sorter)
}

#[derive(Default)]
struct Counted {
    by_name: HashTable<u32>,
    names: Vec<(Box<str>, Counts)>,
}

impl Counted {
    fn add(&mut self, name: &str, counts: &Counts) {
        let names = &mut self.names;
        let hash = hash(name, 0);
        if let Some(&number) = self
            .by_name
            .find(hash, |&number| &*names[number as usize].0 == name)
        {
            names[number as usize].1.fold(counts);
            return;
        }
        let number = u32::try_from(names.len()).unwrap_or(u32::MAX);
        names.push((name.into(), *counts));
        self.by_name
            .insert_unique(hash, number, |&number| self::hash(&names[number as usize].0, 0));
    }

    fn drain_into(&mut self, sorter: &mut Sorter<Counts>) -> Result<()> {
        self.by_name.clear();
        for (name, counts) in self.names.drain(..) {
            sorter.push(&[&name], counts)?;
        }
        Ok(())
    }
}

/// The graph of the pairs that are arcs.
fn graph(folder: &Folder, pairs: &[FileEntry], domains: &Domains) -> Result<Graph> {
    use rayon::prelude::*;
    let nodes = u32::try_from(domains.len()).map_err(|_| Error::TooManyDomains)?;
    let builder = Mutex::new(GraphBuilder::new(nodes));
    pairs.par_iter().try_for_each(|entry| -> Result<()> {
        let mut reader = TableFile::open(folder, &entry.file)?.all(&pairs::COLUMNS)?;
        let mut sources: Vec<u32> = Vec::new();
        while let Some(batch) = reader.next_as(PairsBatch::of)? {
            let mut row = 0;
            while row < batch.len() {
                let target = batch.target_domain(row);
                sources.clear();
                while row < batch.len() && batch.target_domain(row) == target {
                    if batch.followed(row) {
                        sources.extend(domains.number(batch.refdomain(row)));
                    }
                    row += 1;
                }
                if let Some(target) = domains.number(target).filter(|_| !sources.is_empty()) {
                    let mut builder = builder.lock().unwrap_or_else(PoisonError::into_inner);
                    builder
                        .add_target(target, &sources)
                        .map_err(|_| Error::TooManyDomains)?;
                }
            }
        }
        Ok(())
    })?;
    let builder = builder.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(builder.finish())
}

impl Domains {
    fn new() -> Self {
        Self {
            names: String::new(),
            starts: vec![0],
            by_hash: HashTable::new(),
            seed: 0,
            rating: Vec::new(),
        }
    }

    /// Those of a snapshot, from its table.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn load(folder: &Folder, files: &[FileEntry]) -> Result<Self> {
        let mut names = Self::new();
        for entry in files {
            let mut reader = TableFile::open(folder, &entry.file)?.all(&domains::COLUMNS)?;
            while let Some(batch) = reader.next_as(DomainsBatch::of)? {
                for row in 0..batch.len() {
                    names.push(batch.domain(row))?;
                    names.rating.push(batch.rating(row));
                }
            }
        }
        names.index();
        Ok(names)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// There is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rating of a domain of the snapshot.
    pub fn rating(&self, name: &str) -> u8 {
        let place = self.number(name).map(|number| number as usize);
        place
            .and_then(|place| self.rating.get(place).copied())
            .unwrap_or(0)
    }

    fn push(&mut self, name: &str) -> Result<()> {
        if self.len() >= u32::MAX as usize {
            return Err(Error::TooManyDomains);
        }
        self.names.push_str(name);
        self.starts.push(self.names.len());
        Ok(())
    }

    fn name(&self, number: u32) -> &str {
        let place = number as usize;
        &self.names[self.starts[place]..self.starts[place + 1]]
    }

    /// The number of a domain. One that is not there may get another one's; every name that pairs and roll-ups hold is.
    fn number(&self, name: &str) -> Option<u32> {
        let hash = hash(name, self.seed);
        let found = self.by_hash.find(hash, |(other, _)| *other == hash);
        found.map(|(_, number)| *number)
    }

    /// Makes the table of numbers. It holds hashes alone, of which no two names have the same, so that a look-up reads
    /// one place in memory and not the name, too; should two have the same, another seed parts them.
    fn index(&mut self) {
        while !self.try_index() {
            self.seed += 1;
        }
    }

    fn try_index(&mut self) -> bool {
        let mut by_hash: HashTable<(u64, u32)> = HashTable::with_capacity(self.len());
        for number in 0..u32::try_from(self.len()).unwrap_or(u32::MAX) {
            let hash = hash(self.name(number), self.seed);
            match by_hash.entry(hash, |(other, _)| *other == hash, |(other, _)| *other) {
                Entry::Occupied(_) => return false,
                Entry::Vacant(place) => place.insert((hash, number)),
            };
        }
        self.by_hash = by_hash;
        true
    }
}

fn hash(name: &str, seed: u64) -> u64 {
    XxHash3_64::oneshot_with_seed(seed, name.as_bytes())
}

/// What a pair says of its referring domain.
const SOURCE: Counts = Counts {
    refdomains: 0,
    linked_domains: 1,
    backlinks: 0,
};

/// What pairs say of a domain.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    refdomains: u32,
    linked_domains: u32,
    backlinks: u64,
}

impl Value for Counts {
    const BYTES: usize = 16;

    fn fold(&mut self, other: &Self) {
        self.refdomains = self.refdomains.saturating_add(other.refdomains);
        self.linked_domains = self.linked_domains.saturating_add(other.linked_domains);
        self.backlinks += other.backlinks;
    }

    fn write(&self, to: &mut [u8]) {
        to[..4].copy_from_slice(&self.refdomains.to_le_bytes());
        to[4..8].copy_from_slice(&self.linked_domains.to_le_bytes());
        to[8..16].copy_from_slice(&self.backlinks.to_le_bytes());
    }

    fn read(from: &[u8]) -> Self {
        let four = |start: usize| [from[start], from[start + 1], from[start + 2], from[start + 3]];
        let mut eight = [0; 8];
        eight.copy_from_slice(&from[8..16]);
        Self {
            refdomains: u32::from_le_bytes(four(0)),
            linked_domains: u32::from_le_bytes(four(4)),
            backlinks: u64::from_le_bytes(eight),
        }
    }
}
