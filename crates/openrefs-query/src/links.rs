//! The backlinks of a scope, in the order of the table: only the pages that can hold them are decoded.

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use openrefs_model::{KeyRange, Scope};
use openrefs_store::table::{partition, strings};
use openrefs_store::{TableFile, TableReader};

use crate::error::Result;

/// Goes through the rows of a scope batch by batch.
pub struct ScopeRows<'a> {
    scope: &'a Scope,
    reader: TableReader,
}

impl<'a> ScopeRows<'a> {
    /// Reads some columns of a scope's rows; `target_key` must be one of them.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn new(file: &TableFile, scope: &'a Scope, columns: &[&str]) -> Result<Self> {
        Ok(Self {
            scope,
            reader: file.rows_in(columns, &file.rows_of_keys(&scope.ranges)?)?,
        })
    }

    /// Calls `each` with every batch and the numbers of the rows in it that are in the scope, ascending, until it
    /// breaks off.
    ///
    /// # Errors
    /// When the file cannot be read, or what `each` returns.
    pub fn for_each(
        self,
        mut each: impl FnMut(&RecordBatch, &mut dyn Iterator<Item = usize>) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let (scope, mut reader) = (self.scope, self.reader);
        while let Some(batch) = reader.next() {
            let batch = batch?;
            let keys = strings(&batch, "target_key").map_err(|what| reader.damaged(what))?;
            let first_at_least = |key: &str| partition(batch.num_rows(), |row| keys.value(row) < key);
            let in_ranges = scope
                .ranges
                .iter()
                .flat_map(|KeyRange { start, end }| first_at_least(start)..first_at_least(end));
            let mut rows = in_ranges.filter(|&row| scope.holds_port_of(keys.value(row)));
            if each(&batch, &mut rows)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}
