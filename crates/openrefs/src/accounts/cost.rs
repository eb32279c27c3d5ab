//! What an answer costs, in rows.

use openrefs_query::RefdomainsRequest;

/// Every answer.
pub const REQUEST: u64 = 1;
/// Every row in it.
pub const ROW: u64 = 1;
/// Conditions in `where`.
pub const WHERE: u64 = 5;
/// Conditions in `having`.
pub const HAVING: u64 = 5;

/// An answer of the table `domain_rating`, whatever is in it.
pub const DOMAIN_RATING: u64 = REQUEST;

/// The price of an answer with so many rows. A list of conditions without a condition is none.
pub fn refdomains(request: &RefdomainsRequest, rows: usize) -> u64 {
    let rows = u64::try_from(rows).unwrap_or(u64::MAX);
    let where_ = if request.where_.is_empty() { 0 } else { WHERE };
    let having = if request.having.is_empty() { 0 } else { HAVING };
    (REQUEST + where_ + having).saturating_add(rows.saturating_mul(ROW))
}
