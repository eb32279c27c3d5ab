//! Every count of a read, by its name: what was kept, what was skipped or dropped, and why.
//!
//! Names are stable: scripts read them. Reports of parts add up to the report of the whole, in any order.

use std::collections::BTreeMap;

/// Counts by name, in the order of the names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    counts: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Adds to one count; nothing is added for 0, so that a report names only what occurred.
    pub fn add(&mut self, name: &'static str, count: u64) {
        if count > 0 {
            *self.counts.entry(name).or_default() += count;
        }
    }

    /// Takes in the report of another part.
    pub fn merge(&mut self, other: &Self) {
        for (name, count) in other.iter() {
            self.add(name, count);
        }
    }

    /// One count, 0 if it never occurred.
    pub fn get(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// All counts, ordered by name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.counts.iter().map(|(&name, &count)| (name, count))
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn parts_add_up() {
        let (mut a, mut b) = (Report::default(), Report::default());
        a.add("records", 2);
        a.add("visit: page", 0);
        b.add("records", 1);
        b.add("link: internal", 5);
        let mut sum = b.clone();
        sum.merge(&a);
        a.merge(&b);
        assert_eq!(a, sum);
        assert_eq!(
            a.iter().collect::<Vec<_>>(),
            [("link: internal", 5), ("records", 3)]
        );
        assert_eq!(a.get("visit: page"), 0);
    }
}
