//! The evidence behind a figure: the backlinks of a scope themselves.

use std::ops::ControlFlow;

use openrefs_model::Backlink;
use openrefs_store::links::{COLUMNS, LinksBatch};

use crate::error::Result;
use crate::links::ScopeRows;
use crate::request::BacklinksRequest;
use crate::snapshot::Snapshot;

/// Calls `each` with the backlinks asked for, in the order of the table (target key, referring domain, source key, ...),
/// as they are read: nothing is held. A scope that spans several buckets comes bucket by bucket. Returns how many there
/// were.
///
/// # Errors
/// When the index cannot be read, or what `each` returns.
pub fn backlinks(
    snapshot: &Snapshot,
    request: &BacklinksRequest,
    each: &mut dyn FnMut(Backlink) -> Result<()>,
) -> Result<u64> {
    let (mut passed, mut given) = (0, 0);
    for file in snapshot.links_of(&request.scope)? {
        ScopeRows::new(&file, &request.scope, &COLUMNS)?.for_each(|batch, rows| {
            let links = LinksBatch::of(batch).map_err(|what| file.damaged(what))?;
            for row in rows {
                if given >= request.limit {
                    return Ok(ControlFlow::Break(()));
                }
                if request
                    .refdomain
                    .as_deref()
                    .is_some_and(|wanted| wanted != links.row(row).refdomain)
                {
                    continue;
                }
                passed += 1;
                if passed > request.offset {
                    given += 1;
                    each(links.backlink(row))?;
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
    }
    Ok(given)
}
