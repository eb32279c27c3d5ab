//! The `refdomains` report: the backlinks of a scope grouped by referring domain, and the totals of the scope.
//!
//! Two plans: `rolled_up` for a whole host or domain, which reads rows that the build has counted; and `streamed`, which
//! reads the backlinks of the scope, for other scopes and for a `where` that looks into the groups.

mod order;
mod rolled_up;
mod streamed;

use rayon::prelude::*;

use crate::domains::Domains;
use crate::error::Result;
use crate::request::{OrderKey, RefdomainsRequest};
use crate::snapshot::Snapshot;
use crate::{Column, filter::FilterColumn};

/// One row of the report.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
    /// Its rating, 0 to 100.
    pub domain_rating: u8,
}

/// Totals of a whole scope, whatever an answer's conditions and limit.
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
/// [`crate::Error::TooLarge`]; [`crate::Error::Store`] when the index cannot be read.
pub fn refdomains(snapshot: &Snapshot, request: &RefdomainsRequest) -> Result<Answer> {
    let target = match snapshot.rolled_up_as(&request.scope) {
        None => None,
        Some(scope) => {
            let bucket = snapshot.bucket_of(&request.scope.host);
            match snapshot.target(&scope, bucket)? {
                None => return Ok(Answer::default()),
                Some(target) => Some((bucket, target)),
            }
        }
    };
    let totals = target.as_ref().map(|(_, target)| Totals {
        refdomains: target.refdomains,
        ips: target.ips,
        class_c: target.class_c,
    });
    // A condition on the referring domain lets through all backlinks of a group or none.
    let whole_groups = request.where_.names_only(FilterColumn::Refdomain);
    if let (Some((bucket, target)), Some(totals), true) = (&target, totals, whole_groups) {
        let rows = rolled_up::rows(snapshot, *bucket, target, request)?;
        return Ok(Answer { rows, totals });
    }
    let (groups, totals) = streamed::groups(snapshot, request, totals)?;
    let rows = choose(snapshot, groups, request)?;
    Ok(Answer { rows, totals })
}

/// Ratings that one task looks up.
const RATED_ROWS: usize = 4_096;

/// The rows that an answer has of all groups, which come in parts and in no order.
fn choose(
    snapshot: &Snapshot,
    mut parts: Vec<Vec<Refdomain>>,
    request: &RefdomainsRequest,
) -> Result<Vec<Refdomain>> {
    let needs_ratings =
        request.having.names(FilterColumn::DomainRating) || names(&request.order_by, Column::DomainRating);
    let offset = usize::try_from(request.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let wanted = offset.saturating_add(limit);
    if needs_ratings {
        let mut groups: Vec<Refdomain> = parts.into_iter().flatten().collect();
        let rating = FilterColumn::DomainRating;
        groups.retain(|row| request.having.holds_apart_from(rating, row));
        add_ratings(snapshot, &mut groups)?;
        parts = vec![groups];
    }
    let best = |groups: &mut Vec<Refdomain>| {
        groups.retain(|row| request.having.holds(row));
        order::leave_first(groups, &request.order_by, wanted);
    };
    match parts.as_mut_slice() {
        // Waking other threads takes longer than most answers.
        [one] => best(one),
        several => several.par_iter_mut().for_each(best),
    }
    let mut rows = parts.into_iter().flatten().collect();
    order::leave_first(&mut rows, &request.order_by, wanted);
    order::sort(&mut rows, &request.order_by);
    rows.drain(..offset.min(rows.len()));
    if !needs_ratings {
        add_ratings(snapshot, &mut rows)?;
    }
    Ok(rows)
}

fn add_ratings(snapshot: &Snapshot, rows: &mut [Refdomain]) -> Result<()> {
    // Names that come in ascending order cost least.
    let mut by_name: Vec<&mut Refdomain> = rows.iter_mut().collect();
    by_name.par_sort_unstable_by(|a, b| a.refdomain.cmp(&b.refdomain));
    let add = |rows: &mut [&mut Refdomain]| {
        let mut domains = Domains::new(snapshot);
        for row in rows {
            row.domain_rating = domains.rating(&row.refdomain)?;
        }
        Ok(())
    };
    if by_name.len() <= RATED_ROWS {
        return add(&mut by_name);
    }
    by_name.par_chunks_mut(RATED_ROWS).try_for_each(add)
}

fn names(order_by: &[OrderKey], column: Column) -> bool {
    order_by.iter().any(|key| key.column == column)
}
