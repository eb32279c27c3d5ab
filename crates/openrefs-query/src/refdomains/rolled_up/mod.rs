//! Answers from the roll-up: its rows are the groups, ascending by referring domain.
//!
//! In the default order the first rows are the answer; with conditions, rows are looked through until there are enough. For
//! another order the columns that it and the conditions need are looked through for all groups, the best are chosen
//! by row number, and only these rows are read whole.

mod best;
mod scan;
mod table;

use std::ops::Range;

use openrefs_store::TableName;
use openrefs_store::targets::TargetRow;
use rayon::prelude::*;

use self::best::Best;
use self::scan::Scan;
use self::table::RollUp;
use super::Refdomain;
use crate::Column;
use crate::error::{Error, Result};
use crate::request::{OrderKey, RefdomainsRequest};
use crate::snapshot::Snapshot;

/// Rows that are looked through first for an answer that needs not all of them.
const FIRST_ROWS: usize = 8 << 10;
/// So much more each time.
const GROWTH: usize = 4;

/// The rows of the answer to a request whose `where` names the referring domain at the most.
pub fn rows(
    snapshot: &Snapshot,
    bucket: u32,
    target: &TargetRow,
    request: &RefdomainsRequest,
) -> Result<Vec<Refdomain>> {
    let (first, count) = (as_usize(target.first_row), as_usize(target.refdomains));
    let (offset, limit) = (as_usize(request.offset), as_usize(request.limit));
    let table = RollUp {
        pieces: snapshot.files().pieces(),
        rows: snapshot.parts(TableName::Refdomains, bucket)?,
        ratings: snapshot.parts(TableName::Ratings, bucket)?,
    };
    table.must_hold(first.saturating_add(count))?;
    let in_row_order = in_row_order(&request.order_by);
    if request.where_.is_empty() && request.having.is_empty() && in_row_order {
        let start = first + offset.min(count);
        return table.read(start..start + limit.min(first + count - start));
    }
    let wanted = offset.saturating_add(limit).min(count);
    if wanted > snapshot.effort().groups_max {
        return Err(Error::TooLarge);
    }
    let scan = Scan::new(&table, request, snapshot.effort().scan_rows);
    let chosen = if in_row_order {
        first_rows(&scan, first..first + count, wanted)?
    } else {
        best_rows(&scan, first..first + count, wanted)?
    };
    table.read_scattered(chosen.get(offset..).unwrap_or_default())
}

fn as_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// Rows come ascending by referring domain, so that order needs no choosing.
fn in_row_order(order_by: &[OrderKey]) -> bool {
    order_by
        .first()
        .is_none_or(|key| key.column == Column::Refdomain && !key.descending)
}

/// The numbers of the first rows for which the conditions hold.
fn first_rows(scan: &Scan<'_>, rows: Range<usize>, wanted: usize) -> Result<Vec<usize>> {
    let mut found = Vec::new();
    let (mut start, mut length) = (rows.start, FIRST_ROWS.min(scan.task_rows));
    while start < rows.end && found.len() < wanted {
        let part = start..rows.end.min(start + length);
        let parts: Vec<Vec<usize>> = match scan.tasks(part.clone()).as_slice() {
            [task] => vec![scan.passing(task.clone())?],
            tasks => tasks
                .par_iter()
                .map(|task| scan.passing(task.clone()))
                .collect::<Result<_>>()?,
        };
        parts.iter().for_each(|part| found.extend_from_slice(part));
        start = part.end;
        length = (length * GROWTH).min(scan.task_rows * rayon::current_num_threads());
    }
    found.truncate(wanted);
    Ok(found)
}

/// The numbers of the first rows of the order for which the conditions hold.
fn best_rows(scan: &Scan<'_>, rows: Range<usize>, wanted: usize) -> Result<Vec<usize>> {
    // Most orders have one key, and what is not held need not be moved.
    match scan.order.len() {
        0 | 1 => best_by::<1>(scan, rows, wanted),
        2 => best_by::<2>(scan, rows, wanted),
        _ => best_by::<{ Column::ALL.len() }>(scan, rows, wanted),
    }
}

fn best_by<const KEYS: usize>(scan: &Scan<'_>, rows: Range<usize>, wanted: usize) -> Result<Vec<usize>> {
    if wanted == 0 {
        return Ok(Vec::new());
    }
    let best: Best<KEYS> = match scan.tasks(rows).as_slice() {
        [task] => scan.best(task.clone(), wanted)?,
        tasks => tasks
            .par_iter()
            .map(|task| scan.best(task.clone(), wanted))
            .try_reduce(|| Best::new(wanted), |a, b| Ok(a.joined(b)))?,
    };
    Ok(best.rows())
}
