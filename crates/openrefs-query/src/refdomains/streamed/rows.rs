//! Exact bounds of a range of keys.

use std::ops::Range;

use arrow_array::Array;
use openrefs_model::KeyRange;
use openrefs_store::TableFile;
use openrefs_store::table::{partition, strings};

use crate::error::Result;

/// The keys of so many rows are read in one go.
const FEW_ROWS: usize = 8 << 10;

/// Exactly the rows of a range of keys, among the pages that can hold them.
pub fn of_keys(file: &TableFile, pages: &Range<usize>, keys: &KeyRange) -> Result<Range<usize>> {
    if pages.len() > FEW_ROWS {
        let [start] = first_rows(file, edge_of(file, pages, &keys.start)?, [&keys.start])?;
        let [end] = first_rows(file, edge_of(file, pages, &keys.end)?, [&keys.end])?;
        return Ok(start..end);
    }
    let [start, end] = first_rows(file, pages.clone(), [&keys.start, &keys.end])?;
    Ok(start..end)
}

/// The rows of the pages in which a key begins.
fn edge_of(file: &TableFile, pages: &Range<usize>, key: &str) -> Result<Range<usize>> {
    let just_this = KeyRange {
        start: key.to_owned(),
        end: format!("{key}\0"),
    };
    Ok(file.rows_of_keys_in(pages.clone(), &just_this)?)
}

/// For each key, the first of some rows whose key is not less; the row behind them if there is none.
fn first_rows<const KEYS: usize>(
    file: &TableFile,
    rows: Range<usize>,
    keys: [&str; KEYS],
) -> Result<[usize; KEYS]> {
    let mut found = [rows.start; KEYS];
    let mut reader = file.rows_in(&["target_key"], &[rows])?;
    while let Some(held) = reader.next_as(|batch| strings(batch, "target_key").cloned())? {
        for (found, key) in found.iter_mut().zip(keys) {
            *found += partition(held.len(), |row| held.value(row) < key);
        }
    }
    Ok(found)
}
