//! The `refdomains` report: the backlinks of a scope grouped by referring domain, and the totals of the scope.

mod base_rows;
mod groups;
mod order;

use crate::error::Result;
use crate::links::ScopeRows;
use crate::request::RefdomainsRequest;
use crate::snapshot::Snapshot;

use base_rows::FilteredGroups;
use groups::Groups;

/// The columns of `links` that the report is made of.
const COLUMNS: [&str; 7] = [
    "target_key",
    "refdomain",
    "source_key",
    "first_seen",
    "last_visited",
    "ip",
    "target_https",
];

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
    let files = snapshot.links_of(&request.scope)?;
    let links = files
        .iter()
        .map(|file| ScopeRows::new(file, &request.scope, &COLUMNS));
    let (mut rows, totals) = if request.where_.is_empty() {
        let mut groups = Groups::default();
        for links in links {
            links?.for_each(|batch, rows| groups.add(batch, rows))?;
        }
        groups.finish()
    } else {
        let mut groups = FilteredGroups::new(&request.where_);
        for links in links {
            links?.for_each(|batch, rows| groups.add(batch, rows))?;
        }
        groups.finish()?
    };
    rows.retain(|row| request.having.holds(row));
    order::sort(&mut rows, &request.order_by);
    let offset = usize::try_from(request.offset).unwrap_or(usize::MAX);
    let limit = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let rows = rows.into_iter().skip(offset).take(limit).collect();
    Ok(Answer { rows, totals })
}
