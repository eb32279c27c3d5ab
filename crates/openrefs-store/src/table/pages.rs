//! Finding rows by key through the page index, without reading any.

use std::ops::Range;

use openrefs_model::KeyRange;
use parquet::file::page_index::column_index::{ByteArrayColumnIndex, ColumnIndexMetaData};
use parquet::file::page_index::offset_index::PageLocation;
use parquet::file::statistics::Statistics;

use super::file::TableFile;
use crate::error::Result;

impl TableFile {
    /// The rows of the pages that can hold keys of the ranges (ascending, disjoint), for a table that is sorted by its
    /// first column. The pages at their edges hold other keys too.
    ///
    /// # Errors
    /// [`crate::Error::Damaged`] when the page index does not fit the file.
    pub fn rows_of_keys(&self, ranges: &[KeyRange]) -> Result<Vec<Range<usize>>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for range in ranges {
            let start = self.rows_before(&range.start)?;
            let end = self.rows_up_to(&range.end)?;
            match found.last_mut() {
                Some(last) if start <= last.end => last.end = last.end.max(end),
                _ if start < end => found.push(start..end),
                _ => {}
            }
        }
        Ok(found)
    }

    /// The rows of the pages among some rows that can hold keys of a range, when those rows are sorted by the first
    /// column. The pages at the edges hold other keys too.
    ///
    /// # Errors
    /// As [`TableFile::rows_of_keys`].
    pub fn rows_of_keys_in(&self, rows: Range<usize>, range: &KeyRange) -> Result<Range<usize>> {
        let mut found = rows.start..rows.start;
        self.each_page(rows.clone(), |page, min, max| {
            let whole = page.start >= rows.start && page.end <= rows.end;
            let before = whole && max < range.start.as_bytes();
            let after = whole && min >= range.end.as_bytes();
            if before {
                found = page.end..page.end;
            } else if !after {
                found.end = page.end.min(rows.end);
            }
        })?;
        Ok(found)
    }

    /// The rows of the pages that can hold a key, in a table that is not sorted by it.
    ///
    /// # Errors
    /// As [`TableFile::rows_of_keys`].
    pub fn rows_that_may_hold(&self, key: &str) -> Result<Vec<Range<usize>>> {
        let mut found = Vec::new();
        self.each_page(0..self.rows(), |page, min, max| {
            if min <= key.as_bytes() && key.as_bytes() <= max {
                found.push(page);
            }
        })?;
        Ok(found)
    }

    /// The least key of every page that begins among some rows, and the page's rows. A long key may be cut.
    ///
    /// # Errors
    /// As [`TableFile::rows_of_keys`].
    pub fn page_keys(&self, rows: Range<usize>) -> Result<Vec<(String, usize)>> {
        let mut keys = Vec::new();
        self.each_page(rows.clone(), |page, min, _| {
            if rows.contains(&page.start) {
                keys.push((String::from_utf8_lossy(min).into_owned(), page.len()));
            }
        })?;
        Ok(keys)
    }

    /// Calls `each` with every page that holds some of the rows: its rows, and its least and greatest key.
    fn each_page(&self, rows: Range<usize>, mut each: impl FnMut(Range<usize>, &[u8], &[u8])) -> Result<()> {
        for (group, bounds) in self.group_starts.windows(2).enumerate() {
            let (start, end) = (bounds[0], bounds[1]);
            if start >= rows.end || end <= rows.start {
                continue;
            }
            self.with_page_index(group, |keys, pages| {
                let first = |page: usize| match pages.get(page) {
                    Some(page) => start + usize::try_from(page.first_row_index).unwrap_or(0),
                    None => end,
                };
                for number in 0..pages.len() {
                    let page = first(number)..first(number + 1);
                    if page.start < rows.end && page.end > rows.start {
                        let (min, max) = (keys.min_value(number), keys.max_value(number));
                        each(page, min.unwrap_or_default(), max.unwrap_or(&[0xff]));
                    }
                }
            })?;
        }
        Ok(())
    }

    /// Rows of the pages whose keys all lie before a key, which is where the page begins that can hold it.
    ///
    /// # Errors
    /// As [`TableFile::rows_of_keys`].
    pub fn rows_before(&self, key: &str) -> Result<usize> {
        let before = |_: &[u8], max: &[u8]| max < key.as_bytes();
        self.first_row(self.groups_while(before), before)
    }

    /// Rows of the pages that begin before a key.
    fn rows_up_to(&self, key: &str) -> Result<usize> {
        let before = |min: &[u8], _: &[u8]| min < key.as_bytes();
        // Of the last row group that begins before the key, only the first pages may do so.
        match self.groups_while(before).checked_sub(1) {
            Some(group) => self.first_row(group, before),
            None => Ok(0),
        }
    }

    /// How many row groups, from the first, have a least and a greatest key for which `before` holds.
    fn groups_while(&self, before: impl Fn(&[u8], &[u8]) -> bool) -> usize {
        let groups = self.metadata.metadata().row_groups();
        groups.partition_point(|group| match group.column(0).statistics() {
            Some(Statistics::ByteArray(statistics)) => match (statistics.min_opt(), statistics.max_opt()) {
                (Some(min), Some(max)) => before(min.data(), max.data()),
                _ => false,
            },
            _ => false,
        })
    }

    /// Calls `read` with the least and greatest keys of the pages of a row group, and with where the pages begin.
    fn with_page_index<T>(
        &self,
        group: usize,
        read: impl FnOnce(&ByteArrayColumnIndex, &[PageLocation]) -> T,
    ) -> Result<T> {
        let index = self.metadata.metadata().page_index_for_row_group(group);
        match (index.column_index(0), index.offset_index(0)) {
            (Some(ColumnIndexMetaData::BYTE_ARRAY(keys)), Some(offsets)) => {
                Ok(read(keys, offsets.page_locations()))
            }
            _ => Err(self.damaged("its page index is missing")),
        }
    }

    /// First row of the first page of a row group for which `before` does not hold; the row after the group's last if it
    /// holds for all.
    fn first_row(&self, group: usize, before: impl Fn(&[u8], &[u8]) -> bool) -> Result<usize> {
        if group + 1 >= self.group_starts.len() {
            return Ok(self.rows());
        }
        self.with_page_index(group, |keys, pages| {
            let holds = |page: usize| match (keys.min_value(page), keys.max_value(page)) {
                (Some(min), Some(max)) => before(min, max),
                _ => false,
            };
            let page = partition(pages.len(), holds);
            match pages.get(page) {
                Some(page) => self.group_starts[group] + usize::try_from(page.first_row_index).unwrap_or(0),
                None => self.group_starts[group + 1],
            }
        })
    }
}

/// The first of `length` numbers for which a condition, true for a first part of them, is false.
pub fn partition(length: usize, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, length);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1
        } else {
            high = middle
        }
    }
    low
}
