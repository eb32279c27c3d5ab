//! Scopes that are complete, written out.

use openrefs_model::address::NetworkCount;
use openrefs_sort::{Sorter, Value};
use openrefs_store::pairs::PairsWriter;
use openrefs_store::refdomains::{RefdomainRow, RefdomainsWriter};
use openrefs_store::targets::TargetRow;

use super::fold::{Links, Pair, eight};
use super::gather::Gathered;
use crate::error::Result;

/// What the pass has written so far.
pub struct Emitted {
    pub refdomains: RefdomainsWriter,
    pub pairs: PairsWriter,
    pub targets: Sorter<TargetValue>,
}

/// Where the rows of a scope are, and its totals.
#[derive(Clone, Debug)]
pub struct Rows {
    pub of: String,
    pub totals: TargetValue,
}

/// A row of `targets` without its texts.
#[derive(Clone, Copy, Debug, Default)]
pub struct TargetValue {
    first_row: u64,
    refdomains: u64,
    backlinks: u64,
    refpages: u64,
    ips: u64,
    class_c: u64,
}

impl Emitted {
    /// Writes the rows of a scope. `each` gets every referring domain with its backlinks.
    pub fn scope(
        &mut self,
        scope: &str,
        gathered: &mut Gathered,
        mut each: impl FnMut(&str, Pair) -> Result<()>,
    ) -> Result<Rows> {
        let mut totals = TargetValue {
            first_row: self.refdomains.rows(),
            ..TargetValue::default()
        };
        let mut group = Group::default();
        let mut pages = gathered.pages.sorted()?;
        while let Some((key, links)) = pages.next()? {
            let refdomain = refdomain_of(key);
            if group.refdomain.as_bytes() != refdomain {
                self.group(scope, &group, &mut totals, &mut each)?;
                group.start(refdomain);
            }
            group.add(&links);
        }
        self.group(scope, &group, &mut totals, &mut each)?;
        let mut networks = NetworkCount::default();
        let mut addresses = gathered.addresses.sorted()?;
        while let Some((key, ())) = addresses.next()? {
            networks.add(key);
        }
        (totals.ips, totals.class_c) = (networks.addresses(), networks.networks());
        let rows = Rows {
            of: scope.to_owned(),
            totals,
        };
        self.target(scope, &rows)?;
        Ok(rows)
    }

    /// Writes the totals of a scope whose rows are there.
    pub fn target(&mut self, scope: &str, rows: &Rows) -> Result<()> {
        Ok(self.targets.push(&[scope, &rows.of], rows.totals)?)
    }

    fn group(
        &mut self,
        scope: &str,
        group: &Group,
        totals: &mut TargetValue,
        each: &mut impl FnMut(&str, Pair) -> Result<()>,
    ) -> Result<()> {
        if group.refpages == 0 {
            return Ok(());
        }
        self.refdomains.push(&RefdomainRow {
            scope,
            refdomain: &group.refdomain,
            backlinks: group.backlinks,
            refpages: group.refpages,
            first_seen: group.first_seen,
            last_visited: group.last_visited,
        })?;
        totals.refdomains += 1;
        totals.backlinks += group.backlinks;
        totals.refpages += group.refpages;
        let (backlinks, followed) = (group.backlinks, group.followed);
        each(&group.refdomain, Pair { backlinks, followed })
    }
}

/// One referring domain while its pages come.
#[derive(Default)]
struct Group {
    refdomain: String,
    backlinks: u64,
    refpages: u64,
    first_seen: i64,
    last_visited: i64,
    followed: bool,
}

impl Group {
    fn start(&mut self, refdomain: &[u8]) {
        let mut name = std::mem::take(&mut self.refdomain);
        name.clear();
        name.push_str(&String::from_utf8_lossy(refdomain));
        *self = Self {
            refdomain: name,
            first_seen: i64::MAX,
            last_visited: i64::MIN,
            ..Self::default()
        };
    }

    fn add(&mut self, links: &Links) {
        self.backlinks += u64::from(links.backlinks);
        self.refpages += 1;
        self.first_seen = self.first_seen.min(links.first_seen);
        self.last_visited = self.last_visited.max(links.last_visited);
        self.followed |= links.followed;
    }
}

/// The first part of a key of two.
fn refdomain_of(key: &[u8]) -> &[u8] {
    let end = key.iter().position(|&byte| byte == 0).unwrap_or(key.len());
    &key[..end]
}

impl TargetValue {
    /// The row, given the scope and the scope of its rows joined by NUL.
    pub fn row(&self, key: &[u8]) -> TargetRow {
        let text = String::from_utf8_lossy(key);
        let (scope, rows_of) = text.split_once('\0').unwrap_or((&text, ""));
        TargetRow {
            scope: scope.to_owned(),
            rows_of: rows_of.to_owned(),
            first_row: self.first_row,
            refdomains: self.refdomains,
            backlinks: self.backlinks,
            refpages: self.refpages,
            ips: self.ips,
            class_c: self.class_c,
        }
    }
}

impl Value for TargetValue {
    const BYTES: usize = 48;

    /// Each scope comes once.
    fn fold(&mut self, _other: &Self) {}

    fn write(&self, to: &mut [u8]) {
        let numbers = [
            self.first_row,
            self.refdomains,
            self.backlinks,
            self.refpages,
            self.ips,
            self.class_c,
        ];
        for (place, number) in to.chunks_exact_mut(8).zip(numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
    }

    fn read(from: &[u8]) -> Self {
        let number = |place: usize| u64::from_le_bytes(eight(from, place * 8));
        Self {
            first_row: number(0),
            refdomains: number(1),
            backlinks: number(2),
            refpages: number(3),
            ips: number(4),
            class_c: number(5),
        }
    }
}
