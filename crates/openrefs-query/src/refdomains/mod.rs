//! The `refdomains` report: the backlinks of a scope grouped by referring domain, and the totals of the scope.

use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use arrow_array::{Array, RecordBatch};
use openrefs_model::Address;
use openrefs_model::address::Network;
use openrefs_store::table::{longs, strings};

use crate::column::Column;
use crate::error::{Error, Result};
use crate::links::{ScopeRows, damaged};
use crate::request::{OrderKey, RefdomainsRequest};
use crate::snapshot::Snapshot;

/// Distinct pages of a scope that a query holds in memory to count them exactly; about 100 bytes each.
const PAGES_HELD_MAX: u64 = 20_000_000;

/// One row of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refdomain {
    /// The referring domain.
    pub refdomain: String,
    /// Distinct backlinks from it into the scope.
    pub backlinks: u64,
    /// Distinct pages of it that hold them.
    pub refpages: u64,
    /// Earliest visit that held one, seconds since 1970.
    pub first_seen: i64,
    /// Latest visit that held one, seconds since 1970.
    pub last_visited: i64,
    /// Its rating, 0 to 100; 0 for every domain as long as an index holds no ratings.
    pub domain_rating: u8,
}

/// Totals of a whole scope, whatever an answer's limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Distinct referring domains.
    pub refdomains: u64,
    /// Distinct known addresses.
    pub ips: u64,
    /// Distinct networks of them, IPv4 /24 and IPv6 /48.
    pub class_c: u64,
}

/// The rows asked for, in order, and the totals.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// At most `limit` rows.
    pub rows: Vec<Refdomain>,
    /// Of the whole scope.
    pub totals: Totals,
}

/// Answers a request.
///
/// # Errors
/// [`Error::TooLarge`]; [`Error::Store`] when the index cannot be read.
pub fn refdomains(snapshot: &Snapshot, request: &RefdomainsRequest) -> Result<Answer> {
    let Some(file) = snapshot.links_of(&request.scope)? else {
        return Ok(Answer::default());
    };
    let mut groups = Groups::default();
    let columns = [
        "target_key",
        "refdomain",
        "source_key",
        "first_seen",
        "last_visited",
        "ip",
    ];
    ScopeRows::new(&file, &request.scope, &columns)?.for_each(|batch, rows| groups.add(batch, rows))?;
    let totals = groups.totals();
    let mut rows = groups.into_rows();
    sort(&mut rows, &request.order_by);
    let offset = usize::try_from(request.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let rows = rows.into_iter().skip(offset).take(limit).collect();
    Ok(Answer { rows, totals })
}

/// Groups by referring domain while rows come in the order of the table.
#[derive(Default)]
struct Groups {
    by_refdomain: HashMap<String, Group>,
    /// Every page once. A page has one referring domain, so a page that is new here is new for its group.
    pages: HashSet<Box<str>>,
    ips: HashSet<Address>,
}

struct Group {
    backlinks: u64,
    refpages: u64,
    first_seen: i64,
    last_visited: i64,
}

impl Groups {
    fn add(&mut self, batch: &RecordBatch, rows: &mut dyn Iterator<Item = usize>) -> Result<ControlFlow<()>> {
        let text = |name| strings(batch, name).map_err(|what| damaged(&what));
        let date = |name| longs(batch, name).map_err(|what| damaged(&what));
        let (refdomains, pages, ips) = (text("refdomain")?, text("source_key")?, text("ip")?);
        let (first_seen, last_visited) = (date("first_seen")?, date("last_visited")?);
        for row in rows {
            let new_page =
                !self.pages.contains(pages.value(row)) && self.pages.insert(pages.value(row).into());
            if !ips.is_null(row) {
                self.ips.extend(Address::from_canonical(ips.value(row)));
            }
            let group = self.group(refdomains.value(row));
            group.backlinks += 1;
            group.refpages += u64::from(new_page);
            group.first_seen = group.first_seen.min(first_seen.value(row));
            group.last_visited = group.last_visited.max(last_visited.value(row));
        }
        if self.pages.len() as u64 > PAGES_HELD_MAX {
            return Err(Error::TooLarge {
                backlinks_max: PAGES_HELD_MAX,
            });
        }
        Ok(ControlFlow::Continue(()))
    }

    fn group(&mut self, refdomain: &str) -> &mut Group {
        if !self.by_refdomain.contains_key(refdomain) {
            let empty = Group {
                backlinks: 0,
                refpages: 0,
                first_seen: i64::MAX,
                last_visited: i64::MIN,
            };
            return self.by_refdomain.entry(refdomain.to_owned()).or_insert(empty);
        }
        match self.by_refdomain.get_mut(refdomain) {
            Some(group) => group,
            None => unreachable!("it was found just now"),
        }
    }

    fn totals(&self) -> Totals {
        let networks: HashSet<Network> = self.ips.iter().filter_map(Address::network).collect();
        Totals {
            refdomains: self.by_refdomain.len() as u64,
            ips: self.ips.len() as u64,
            class_c: networks.len() as u64,
        }
    }

    fn into_rows(self) -> Vec<Refdomain> {
        let row = |(refdomain, group): (String, Group)| Refdomain {
            refdomain,
            backlinks: group.backlinks,
            refpages: group.refpages,
            first_seen: group.first_seen,
            last_visited: group.last_visited,
            domain_rating: 0,
        };
        self.by_refdomain.into_iter().map(row).collect()
    }
}

fn sort(rows: &mut [Refdomain], order_by: &[OrderKey]) {
    rows.sort_unstable_by(|a, b| {
        let by_keys = order_by.iter().map(|key| {
            let order = compare(key.column, a, b);
            if key.descending { order.reverse() } else { order }
        });
        by_keys
            .fold(Ordering::Equal, Ordering::then)
            .then_with(|| a.refdomain.cmp(&b.refdomain))
    });
}

fn compare(column: Column, a: &Refdomain, b: &Refdomain) -> Ordering {
    match column {
        Column::Refdomain => a.refdomain.cmp(&b.refdomain),
        Column::Backlinks => a.backlinks.cmp(&b.backlinks),
        Column::Refpages => a.refpages.cmp(&b.refpages),
        Column::FirstSeen => a.first_seen.cmp(&b.first_seen),
        Column::LastVisited => a.last_visited.cmp(&b.last_visited),
        Column::DomainRating => a.domain_rating.cmp(&b.domain_rating),
    }
}
