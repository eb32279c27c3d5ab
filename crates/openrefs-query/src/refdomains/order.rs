//! The order of an answer's rows, and conditions on them.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Refdomain;
use crate::column::Column;
use crate::filter::{Fields, FilterColumn};
use crate::request::OrderKey;

/// Sorts rows by keys, ties by referring domain, ascending by bytes.
pub fn sort(rows: &mut [Refdomain], order_by: &[OrderKey]) {
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

impl Fields for Refdomain {
    fn text(&self, _column: FilterColumn) -> Cow<'_, str> {
        // `having` allows no other text column.
        Cow::Borrowed(&self.refdomain)
    }

    fn number(&self, column: FilterColumn) -> i64 {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        match column {
            FilterColumn::Backlinks => count(self.backlinks),
            FilterColumn::Refpages => count(self.refpages),
            FilterColumn::FirstSeen => self.first_seen,
            FilterColumn::LastVisited => self.last_visited,
            FilterColumn::DomainRating => i64::from(self.domain_rating),
            FilterColumn::Url | FilterColumn::Ip | FilterColumn::Refdomain | FilterColumn::AhrefsTop => 0,
        }
    }

    fn target_key(&self) -> &str {
        ""
    }
}
