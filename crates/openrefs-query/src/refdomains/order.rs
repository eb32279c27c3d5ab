//! The order of an answer's rows, and conditions on them.

use std::borrow::Cow;
use std::cmp::Ordering;

use rayon::prelude::*;

use super::Refdomain;
use crate::column::Column;
use crate::filter::{Fields, FilterColumn};
use crate::request::OrderKey;

/// Leaves the first so many rows by keys, in no order.
pub fn leave_first(rows: &mut Vec<Refdomain>, order_by: &[OrderKey], count: usize) {
    if count > 0 && count < rows.len() {
        rows.select_nth_unstable_by(count - 1, |a, b| compare_all(order_by, a, b));
    }
    rows.truncate(count);
}

/// Sorts rows by keys.
pub fn sort(rows: &mut [Refdomain], order_by: &[OrderKey]) {
    rows.par_sort_unstable_by(|a, b| compare_all(order_by, a, b));
}

/// Ties go by referring domain, ascending by bytes.
fn compare_all(order_by: &[OrderKey], a: &Refdomain, b: &Refdomain) -> Ordering {
    let by_keys = order_by.iter().map(|key| {
        let order = compare(key.column, a, b);
        if key.descending { order.reverse() } else { order }
    });
    by_keys
        .fold(Ordering::Equal, Ordering::then)
        .then_with(|| a.refdomain.cmp(&b.refdomain))
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
