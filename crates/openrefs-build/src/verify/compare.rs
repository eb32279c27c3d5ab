//! A table that is published against the same made once more.

use std::collections::VecDeque;

use arrow_array::RecordBatch;
use openrefs_store::{
    FileEntry, Folder, Index, TableFile, TableName, domains, links, pairs, refdomains, targets, visits,
};

use super::Findings;
use crate::error::Result;

/// The columns of a table.
pub fn columns(table: TableName) -> &'static [&'static str] {
    match table {
        TableName::Links => &links::COLUMNS,
        TableName::Visits => &visits::COLUMNS,
        TableName::Pairs => &pairs::COLUMNS,
        TableName::Refdomains => &refdomains::COLUMNS,
        TableName::Targets => &targets::COLUMNS,
        TableName::Ratings => &[refdomains::RATING],
        TableName::Domains => &domains::COLUMNS,
    }
}

/// Compares the published files of a bucket of a table with those made once more in another folder. Equal bytes are equal;
/// files that another release wrote, or cut elsewhere, are compared row by row. `instead` is named where there is no file.
pub fn tables(
    index: &Index,
    published: &[&FileEntry],
    scratch: &Folder,
    made: &[FileEntry],
    instead: &str,
) -> Result<Findings> {
    let mut findings = Findings::default();
    let same = |(a, b): (&&FileEntry, &FileEntry)| {
        (a.part, a.file.bytes, &a.file.checksum) == (b.part, b.file.bytes, &b.file.checksum)
    };
    if published.len() == made.len() && published.iter().zip(made).all(same) {
        return Ok(findings);
    }
    let rows: u64 = published.iter().map(|file| file.rows).sum();
    let expected: u64 = made.iter().map(|file| file.rows).sum();
    let first = published.first().map_or(instead, |file| &file.file.name);
    if rows != expected {
        findings.add(
            first,
            format!("{rows} rows in its bucket, made again there are {expected}"),
        );
        return Ok(findings);
    }
    let mut these = Rows::new(index.folder(), published.iter().copied());
    let mut those = Rows::new(scratch, made.iter());
    let mut row = 0;
    loop {
        let count = these.at_hand()?.min(those.at_hand()?);
        let (Some(a), Some(b)) = (these.take(count), those.take(count)) else {
            return Ok(findings);
        };
        if a.columns() != b.columns() {
            let differs = |at: &usize| a.slice(*at, 1).columns() != b.slice(*at, 1).columns();
            let at = (0..count).find(differs).unwrap_or(0);
            findings.add(
                &these.name,
                format!("row {} of its bucket is another one when made again", row + at),
            );
            return Ok(findings);
        }
        row += count;
    }
}

/// The rows of files one after another.
struct Rows<'a> {
    folder: &'a Folder,
    files: VecDeque<&'a FileEntry>,
    reader: Option<openrefs_store::TableReader>,
    batch: Option<RecordBatch>,
    /// The file at hand.
    name: String,
}

impl<'a> Rows<'a> {
    fn new(folder: &'a Folder, files: impl Iterator<Item = &'a FileEntry>) -> Self {
        Self {
            folder,
            files: files.collect(),
            reader: None,
            batch: None,
            name: String::new(),
        }
    }

    /// How many of the next rows are decoded; 0 at the end.
    fn at_hand(&mut self) -> Result<usize> {
        while self.batch.as_ref().is_none_or(|batch| batch.num_rows() == 0) {
            match self.reader.as_mut().and_then(Iterator::next) {
                Some(batch) => self.batch = Some(batch?),
                None => {
                    let Some(next) = self.files.pop_front() else {
                        self.batch = None;
                        return Ok(0);
                    };
                    self.name.clone_from(&next.file.name);
                    self.reader = Some(TableFile::open(self.folder, &next.file)?.all(columns(next.table))?);
                }
            }
        }
        Ok(self.batch.as_ref().map_or(0, RecordBatch::num_rows))
    }

    /// The next `count` of the decoded rows; None at the end.
    fn take(&mut self, count: usize) -> Option<RecordBatch> {
        let batch = self.batch.take()?;
        self.batch = Some(batch.slice(count, batch.num_rows() - count));
        Some(batch.slice(0, count))
    }
}
