//! All records in order, each key once: a merge of what sorters hold in memory and on disk.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;

use crate::error::Result;
use crate::run::RunReader;
use crate::sorter::{Records, Sorter};
use crate::value::Value;

/// Gives the records of sorters one after another.
pub struct Sorted<'a, V> {
    sources: BinaryHeap<Reverse<Source<'a, V>>>,
    key: Vec<u8>,
}

enum Source<'a, V> {
    Memory { records: &'a Records<V>, at: usize },
    Run(Box<RunReader<'a, V>>),
}

impl<'a, V: Value> Sorted<'a, V> {
    /// The records of sorters whose records in memory are sorted.
    pub(crate) fn new(sorters: &'a [Sorter<V>]) -> Result<Self> {
        let mut sources = BinaryHeap::new();
        for sorter in sorters {
            if !sorter.records.entries.is_empty() {
                let records = &sorter.records;
                sources.push(Reverse(Source::Memory { records, at: 0 }));
            }
            for run in &sorter.runs {
                if let Some(reader) = RunReader::open(run)? {
                    sources.push(Reverse(Source::Run(Box::new(reader))));
                }
            }
        }
        Ok(Self {
            sources,
            key: Vec::new(),
        })
    }

    /// The next record; None at the end.
    ///
    /// # Errors
    /// When a run cannot be read.
    #[allow(clippy::should_implement_trait)] // a key is borrowed until the next call
    pub fn next(&mut self) -> Result<Option<(&[u8], V)>> {
        let Some(mut top) = self.sources.peek_mut() else {
            return Ok(None);
        };
        let Reverse(source) = &mut *top;
        self.key.clear();
        self.key.extend_from_slice(source.key());
        let mut value = source.value();
        advance(top)?;
        while let Some(top) = self.sources.peek_mut() {
            if top.0.key() != self.key {
                break;
            }
            value.fold(&top.0.value());
            advance(top)?;
        }
        Ok(Some((&self.key, value)))
    }
}

/// Moves the first source on; it leaves when it has ended.
fn advance<V: Value>(mut top: PeekMut<'_, Reverse<Source<'_, V>>>) -> Result<()> {
    if !top.0.advance()? {
        PeekMut::pop(top);
    }
    Ok(())
}

impl<V: Value> Source<'_, V> {
    fn key(&self) -> &[u8] {
        match self {
            Self::Memory { records, at } => records.key(&records.entries[*at]),
            Self::Run(reader) => &reader.key,
        }
    }

    fn value(&self) -> V {
        match self {
            Self::Memory { records, at } => records.entries[*at].value,
            Self::Run(reader) => reader.value,
        }
    }

    fn advance(&mut self) -> Result<bool> {
        match self {
            Self::Memory { records, at } => {
                *at += 1;
                Ok(*at < records.entries.len())
            }
            Self::Run(reader) => reader.advance(),
        }
    }
}

impl<V: Value> Ord for Source<'_, V> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.key().cmp(other.key())
    }
}

impl<V: Value> PartialOrd for Source<'_, V> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<V: Value> PartialEq for Source<'_, V> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<V: Value> Eq for Source<'_, V> {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use crate::run::Run;
    use crate::space::RUNS_MAX;
    use crate::{Error, Overflow, Sorter, Space, Value};

    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Sum(u64);

    impl Value for Sum {
        const BYTES: usize = 8;

        fn fold(&mut self, other: &Self) {
            self.0 += other.0;
        }

        fn write(&self, to: &mut [u8]) {
            to.copy_from_slice(&self.0.to_le_bytes());
        }

        fn read(from: &[u8]) -> Self {
            Self(u64::from_le_bytes(from.try_into().unwrap()))
        }
    }

    fn drain(mut sorted: super::Sorted<'_, Sum>) -> Vec<(Vec<u8>, u64)> {
        let mut records = Vec::new();
        while let Some((key, value)) = sorted.next().unwrap() {
            records.push((key.to_vec(), value.0));
        }
        records
    }

    proptest! {
        #[test]
        fn records_come_in_order_each_key_once(
            records in prop::collection::vec(("[ab]{0,10}", "[ab]{0,2}"), 0..400),
            memory_bytes in 0..8_000usize,
            split in 0..400usize,
        ) {
            let space = Space::new(std::env::temp_dir(), memory_bytes, u64::MAX);
            let mut sorters = [Sorter::new(&space), Sorter::new(&space.share(40))];
            let mut one = Sorter::new(&space);
            let mut model = BTreeMap::new();
            for (number, (a, b)) in records.iter().enumerate() {
                let value = number as u64;
                one.push(&[a, b], Sum(value)).unwrap();
                sorters[usize::from(number < split)].push(&[a, b], Sum(value)).unwrap();
                *model.entry(format!("{a}\0{b}").into_bytes()).or_insert(0) += value;
            }
            let model: Vec<_> = model.into_iter().collect();
            prop_assert_eq!(&drain(one.sorted().unwrap()), &model);
            // Reading them does not use them up.
            prop_assert_eq!(&drain(one.sorted().unwrap()), &model);
            prop_assert_eq!(&drain(Sorter::merged(&mut sorters).unwrap()), &model);
            let [a, b] = &mut sorters;
            a.absorb(b).unwrap();
            prop_assert!(b.is_empty() && b.runs.is_empty());
            prop_assert_eq!(&drain(a.sorted().unwrap()), &model);
            one.clear();
            prop_assert!(one.is_empty() && drain(one.sorted().unwrap()).is_empty());
        }
    }

    #[test]
    fn many_sorters_share_a_file() {
        let space = Space::new(std::env::temp_dir(), 1 << 20, u64::MAX);
        let mut sorters: Vec<Sorter<Sum>> = (0..300).map(|_| Sorter::new(&space)).collect();
        let mut overflow = Overflow::new(&space);
        let times = 2 * RUNS_MAX;
        for time in 0..times {
            for (number, sorter) in sorters.iter_mut().enumerate().skip(time % 2) {
                sorter.push(&[&format!("{}", number + time)], Sum(1)).unwrap();
                sorter.push(&["x"], Sum(1)).unwrap();
            }
            overflow.spill(sorters.iter_mut()).unwrap();
            assert!(sorters.iter().all(|sorter| sorter.memory_bytes() == 0));
            assert!(sorters.iter().all(|sorter| sorter.runs.len() <= RUNS_MAX));
        }
        overflow.clear();
        for (number, sorter) in sorters.iter_mut().enumerate() {
            let first = if number == 0 { times / 2 } else { times };
            let records = drain(sorter.sorted().unwrap());
            assert_eq!(records.len(), first + 1);
            assert_eq!(records[first], (b"x".to_vec(), first as u64));
        }
    }

    #[test]
    fn runs_are_merged_with_those_of_their_size() {
        let space = Space::new(std::env::temp_dir(), 0, u64::MAX);
        let mut sorter = Sorter::new(&space);
        for number in 0..4_000u32 {
            // Without memory each record is a run.
            sorter.push(&[&format!("{number:04}")], Sum(1)).unwrap();
            assert!(sorter.runs.len() <= RUNS_MAX);
        }
        let bytes = sorter.runs.iter().map(Run::bytes);
        let (all, largest): (u64, _) = (bytes.clone().sum(), bytes.max().unwrap());
        assert!(largest * 3 < all, "{largest} of {all} would be written again");
        assert_eq!(drain(sorter.sorted().unwrap()).len(), 4_000);
    }

    #[test]
    fn memory_is_bounded_and_so_is_the_disk() {
        let space = Space::new(std::env::temp_dir(), 100_000, 1_000_000);
        let mut sorter = Sorter::new(&space);
        let mut failed = None;
        for number in 0..200_000u64 {
            let key = format!("{}", number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
            if let Err(error) = sorter.push(&[&key], Sum(1)) {
                failed = Some(error);
                break;
            }
            assert!(sorter.records.bytes.capacity() < 200_000);
        }
        assert!(matches!(failed, Some(Error::TooLarge { .. })), "{failed:?}");
        sorter.clear();
        sorter.push(&["a"], Sum(1)).unwrap();
        assert_eq!(drain(sorter.sorted().unwrap()), [(b"a".to_vec(), 1)]);
    }
}
