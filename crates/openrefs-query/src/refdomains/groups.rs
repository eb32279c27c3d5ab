//! Grouping by referring domain while rows come in the order of the table.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use openrefs_model::Address;
use openrefs_model::address::Network;
use openrefs_store::table::{flags, longs, strings};

use super::{Refdomain, Totals};
use crate::error::{Error, Result};
use crate::links::damaged;

/// Distinct pages of a scope that a query holds in memory to count them exactly; about 100 bytes each.
pub const PAGES_HELD_MAX: u64 = 20_000_000;

/// The columns of a batch that the report is made of.
pub struct Columns<'a> {
    pub target_key: &'a StringArray,
    pub refdomain: &'a StringArray,
    pub source_key: &'a StringArray,
    pub first_seen: &'a Int64Array,
    pub last_visited: &'a Int64Array,
    ip: &'a StringArray,
    pub target_https: &'a BooleanArray,
}

impl<'a> Columns<'a> {
    pub fn of(batch: &'a RecordBatch) -> Result<Self> {
        let text = |name| strings(batch, name).map_err(|what| damaged(&what));
        let date = |name| longs(batch, name).map_err(|what| damaged(&what));
        Ok(Self {
            target_key: text("target_key")?,
            refdomain: text("refdomain")?,
            source_key: text("source_key")?,
            first_seen: date("first_seen")?,
            last_visited: date("last_visited")?,
            ip: text("ip")?,
            target_https: flags(batch, "target_https").map_err(|what| damaged(&what))?,
        })
    }

    /// The source's address as text, empty if unknown.
    pub fn ip(&self, row: usize) -> &'a str {
        if self.ip.is_null(row) {
            ""
        } else {
            self.ip.value(row)
        }
    }
}

/// The groups of all rows.
#[derive(Default)]
pub struct Groups {
    by_refdomain: HashMap<String, Group>,
    pages: Pages,
    ips: HashSet<Address>,
}

/// What a group adds up.
pub struct Group {
    pub backlinks: u64,
    pub refpages: u64,
    pub first_seen: i64,
    pub last_visited: i64,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            backlinks: 0,
            refpages: 0,
            first_seen: i64::MAX,
            last_visited: i64::MIN,
        }
    }
}

impl Groups {
    pub fn add(
        &mut self,
        batch: &RecordBatch,
        rows: &mut dyn Iterator<Item = usize>,
    ) -> Result<ControlFlow<()>> {
        let columns = Columns::of(batch)?;
        for row in rows {
            let new_page = self.pages.add(columns.source_key.value(row))?;
            self.ips
                .extend(Address::from_canonical(columns.ip(row)).filter(|ip| !ip.as_str().is_empty()));
            let group = group(&mut self.by_refdomain, columns.refdomain.value(row));
            group.backlinks += 1;
            group.refpages += u64::from(new_page);
            group.first_seen = group.first_seen.min(columns.first_seen.value(row));
            group.last_visited = group.last_visited.max(columns.last_visited.value(row));
        }
        Ok(ControlFlow::Continue(()))
    }

    pub fn finish(self) -> (Vec<Refdomain>, Totals) {
        let totals = totals(self.by_refdomain.len() as u64, &self.ips);
        (rows(self.by_refdomain), totals)
    }
}

/// The pages met so far. A page has one referring domain, so a page that is new here is new for its group too.
#[derive(Default)]
pub struct Pages(HashSet<Box<str>>);

impl Pages {
    /// Adds a page; whether it is new.
    pub fn add(&mut self, page: &str) -> Result<bool> {
        if self.0.contains(page) {
            return Ok(false);
        }
        if self.0.len() as u64 >= PAGES_HELD_MAX {
            return Err(Error::TooLarge {
                pages_max: PAGES_HELD_MAX,
            });
        }
        Ok(self.0.insert(page.into()))
    }
}

/// The group of a referring domain, without making its name anew for every row.
pub fn group<'a>(groups: &'a mut HashMap<String, Group>, refdomain: &str) -> &'a mut Group {
    if !groups.contains_key(refdomain) {
        groups.insert(refdomain.to_owned(), Group::default());
    }
    match groups.get_mut(refdomain) {
        Some(group) => group,
        None => unreachable!("it was put there just now"),
    }
}

pub fn totals(refdomains: u64, ips: &HashSet<Address>) -> Totals {
    let networks: HashSet<Network> = ips.iter().filter_map(Address::network).collect();
    Totals {
        refdomains,
        ips: ips.len() as u64,
        class_c: networks.len() as u64,
    }
}

pub fn rows(groups: HashMap<String, Group>) -> Vec<Refdomain> {
    let row = |(refdomain, group): (String, Group)| Refdomain {
        refdomain,
        backlinks: group.backlinks,
        refpages: group.refpages,
        first_seen: group.first_seen,
        last_visited: group.last_visited,
        domain_rating: 0,
    };
    groups.into_iter().map(row).collect()
}
