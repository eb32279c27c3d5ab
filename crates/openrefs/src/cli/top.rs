//! The host that most domains link to: a target worth showing when nobody has named one.

use openrefs_model::key;
use openrefs_store::targets::{COLUMNS, TargetsBatch};
use openrefs_store::{Index, Result, TableFile, TableName};

/// Finds it in the table `targets`. None for an index without links.
///
/// # Errors
/// When the index cannot be read.
pub fn host(index: &Index) -> Result<Option<String>> {
    let manifest = index.published()?;
    let mut best: Option<(u64, String)> = None;
    for entry in manifest.table(TableName::Targets) {
        let mut reader = TableFile::open(index.folder(), &entry.file)?.all(&COLUMNS)?;
        while let Some(batch) = reader.next_as(TargetsBatch::of)? {
            for number in 0..batch.len() {
                // Other scopes are domains with all hosts below them.
                let Some(host_part) = batch.scope(number).strip_suffix(')') else {
                    continue;
                };
                let refdomains = batch.row(number).refdomains;
                if best.as_ref().is_none_or(|(most, _)| refdomains > *most) {
                    best = Some((refdomains, name_of(host_part)));
                }
            }
        }
    }
    Ok(best.map(|(_, host)| host))
}

fn name_of(host_part: &str) -> String {
    let (reversed, port) = key::split_port(host_part);
    let host = key::host_of(reversed);
    if port.is_empty() {
        host
    } else {
        format!("{host}:{port}")
    }
}
