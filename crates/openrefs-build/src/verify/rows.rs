//! What rows say by themselves: that they are as many as listed, in order, and in their bucket; that the scopes of a
//! roll-up have the rows that `targets` says, ascending, with the ratings of `domains`.

use std::collections::HashMap;

use openrefs_model::{bucket, key};
use openrefs_store::domains::DomainsBatch;
use openrefs_store::refdomains::RATING;
use openrefs_store::table::{integers, strings};
use openrefs_store::targets::{TargetRow, TargetsBatch};
use openrefs_store::{FileEntry, Index, LinksBatch, TableFile, VisitsBatch};
use openrefs_store::{domains, links, targets, visits};

use super::Findings;
use super::compare::columns;
use crate::error::Result;
use crate::rank::Domains;

/// Hosts whose bucket is remembered.
const HOSTS_REMEMBERED_MAX: usize = 1 << 16;

/// Compares the rows of a file with what its manifest says: how many, and the keys of the first and the last.
pub fn as_listed(file: &TableFile, entry: &FileEntry) -> Result<Findings> {
    let mut findings = Findings::default();
    let rows = file.rows();
    if rows as u64 != entry.rows {
        findings.add(
            &entry.file.name,
            format!("it has {rows} rows, its manifest says {}", entry.rows),
        );
        return Ok(findings);
    }
    let column = columns(entry.table)[0];
    // The side file of ratings has no key.
    if column == RATING || rows == 0 {
        return Ok(findings);
    }
    for (row, listed) in [(0, &entry.first_key), (rows - 1, &entry.last_key)] {
        let mut reader = file.rows_in(&[column], std::slice::from_ref(&(row..row + 1)))?;
        let found = reader.next_as(|batch| Ok(strings(batch, column)?.value(0).to_owned()))?;
        if found.as_ref() != Some(listed) {
            findings.add(
                &entry.file.name,
                format!("row {row} has not the key that its manifest says"),
            );
        }
    }
    Ok(findings)
}

/// Buckets of keys, remembered by host.
struct Buckets<'a> {
    index: &'a Index,
    by_host: HashMap<String, u32>,
}

impl<'a> Buckets<'a> {
    fn new(index: &'a Index) -> Self {
        Self {
            index,
            by_host: HashMap::new(),
        }
    }

    fn of(&mut self, key: &str) -> u32 {
        let (host, _) = key::split(key);
        if let Some(&known) = self.by_host.get(host) {
            return known;
        }
        if self.by_host.len() >= HOSTS_REMEMBERED_MAX {
            self.by_host.clear();
        }
        let bucket = bucket::of_key(self.index.suffix_list(), key, self.index.settings().buckets);
        self.by_host.insert(host.to_owned(), bucket);
        bucket
    }
}

/// Files of `links` of one bucket: each row greater than the one before it, and in its bucket.
pub fn links(index: &Index, number: u32, files: &[(&FileEntry, TableFile)]) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut buckets = Buckets::new(index);
    let mut before: Option<(LinksBatch, usize)> = None;
    for (entry, file) in files {
        let mut row = 0;
        let mut reader = file.all(&links::COLUMNS)?;
        while let Some(batch) = LinksBatch::next(&mut reader)? {
            for at in 0..batch.len() {
                let link = batch.row(at);
                let last = match (at.checked_sub(1), &before) {
                    (Some(last), _) => Some(batch.row(last)),
                    (None, Some((last, at))) => Some(last.row(*at)),
                    (None, None) => None,
                };
                let sorted = last.is_none_or(|last| last.order(&link).is_lt());
                if !checked(
                    &mut findings,
                    entry,
                    row + at,
                    sorted,
                    buckets.of(link.target_key) == number,
                ) {
                    return Ok(findings);
                }
            }
            row += batch.len();
            if let Some(last) = batch.len().checked_sub(1) {
                before = Some((batch, last));
            }
        }
    }
    Ok(findings)
}

/// Files of `visits` of one bucket: as those of `links`.
pub fn visits(index: &Index, number: u32, files: &[(&FileEntry, TableFile)]) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut buckets = Buckets::new(index);
    let mut before: Option<(VisitsBatch, usize)> = None;
    for (entry, file) in files {
        let mut row = 0;
        let mut reader = file.all(&visits::COLUMNS)?;
        while let Some(batch) = VisitsBatch::next(&mut reader)? {
            for at in 0..batch.len() {
                let visit = batch.row(at);
                let last = match (at.checked_sub(1), &before) {
                    (Some(last), _) => Some(batch.row(last)),
                    (None, Some((last, at))) => Some(last.row(*at)),
                    (None, None) => None,
                };
                let sorted = last.is_none_or(|last| last < visit);
                if !checked(
                    &mut findings,
                    entry,
                    row + at,
                    sorted,
                    buckets.of(visit.source_key) == number,
                ) {
                    return Ok(findings);
                }
            }
            row += batch.len();
            if let Some(last) = batch.len().checked_sub(1) {
                before = Some((batch, last));
            }
        }
    }
    Ok(findings)
}

/// Notes what is wrong with a row; false when something is.
fn checked(findings: &mut Findings, entry: &FileEntry, row: usize, sorted: bool, in_bucket: bool) -> bool {
    if !sorted {
        findings.add(
            &entry.file.name,
            format!("row {row} does not come after the one before it"),
        );
    }
    if !in_bucket {
        findings.add(&entry.file.name, format!("row {row} belongs to another bucket"));
    }
    sorted && in_bucket
}

/// Files of `domains`: each name greater than the one before it.
pub fn domains(index: &Index, files: &[&FileEntry]) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut last: Option<String> = None;
    for entry in files {
        let mut row = 0;
        let mut reader = TableFile::open(index.folder(), &entry.file)?.all(&domains::COLUMNS)?;
        while let Some(batch) = reader.next_as(DomainsBatch::of)? {
            for at in 0..batch.len() {
                let name = batch.domain(at);
                if !checked(
                    &mut findings,
                    entry,
                    row,
                    last.as_deref().is_none_or(|last| last < name),
                    true,
                ) {
                    return Ok(findings);
                }
                row += 1;
                last = Some(name.to_owned());
            }
        }
    }
    Ok(findings)
}

/// The scopes of a bucket, from its `targets`: each greater than the one before it.
pub fn targets(files: &[(&FileEntry, TableFile)], findings: &mut Findings) -> Result<Vec<TargetRow>> {
    let mut rows: Vec<TargetRow> = Vec::new();
    for (entry, file) in files {
        let mut reader = file.all(&targets::COLUMNS)?;
        while let Some(batch) = reader.next_as(TargetsBatch::of)? {
            for at in 0..batch.len() {
                let sorted = rows.last().is_none_or(|last| *last.scope < *batch.scope(at));
                if !checked(findings, entry, rows.len(), sorted, true) {
                    return Ok(rows);
                }
                rows.push(batch.row(at));
            }
        }
    }
    Ok(rows)
}

/// The rows of a roll-up, in the files of one bucket: they are those of the scopes of `targets`, one after another without
/// a gap, ascending by referring domain within each; scopes without rows of their own share those of one that has.
pub fn tiling(
    targets: &[TargetRow],
    files: &[(&FileEntry, TableFile)],
    findings: &mut Findings,
) -> Result<()> {
    let mut own: Vec<&TargetRow> = targets.iter().filter(|row| row.rows_of == row.scope).collect();
    own.sort_by_key(|row| row.first_row);
    let mut row = 0u64;
    let mut last: Option<(String, String)> = None;
    let mut scopes = own.iter();
    let mut at_hand: Option<&TargetRow> = None;
    for (entry, file) in files {
        let name = &entry.file.name;
        let mut reader = file.all(&["scope", "refdomain"])?;
        let both = |batch: &_| {
            Ok((
                strings(batch, "scope")?.clone(),
                strings(batch, "refdomain")?.clone(),
            ))
        };
        while let Some((scope, refdomain)) = reader.next_as(both)? {
            for (scope, refdomain) in scope.iter().flatten().zip(refdomain.iter().flatten()) {
                if last.as_ref().is_none_or(|(of, _)| of != scope) {
                    let ended = at_hand.is_none_or(|target| target.first_row + target.refdomains == row);
                    at_hand = scopes.next().copied();
                    let begins =
                        at_hand.is_some_and(|target| target.scope == scope && target.first_row == row);
                    if !ended || !begins {
                        findings.add(name, format!("row {row} of the bucket is not where targets says"));
                        return Ok(());
                    }
                } else if last
                    .as_ref()
                    .is_some_and(|(_, before)| before.as_str() >= refdomain)
                {
                    findings.add(
                        name,
                        format!("row {row} of the bucket does not come after the one before it"),
                    );
                    return Ok(());
                }
                last = Some((scope.to_owned(), refdomain.to_owned()));
                row += 1;
            }
        }
    }
    let end = at_hand.map_or(0, |target| target.first_row + target.refdomains);
    let by_scope: HashMap<&str, &TargetRow> = own.iter().map(|row| (row.scope.as_str(), *row)).collect();
    let shared = |row: &TargetRow| {
        let of = by_scope.get(row.rows_of.as_str());
        of.is_some_and(|of| (of.first_row, of.refdomains) == (row.first_row, row.refdomains))
    };
    let fits = (end, scopes.next()) == (row, None) && targets.iter().all(shared);
    if let (false, Some((entry, _))) = (fits, files.last()) {
        findings.add(&entry.file.name, "its rows are not those that targets says");
    }
    Ok(())
}

/// The side file of one file of a roll-up: as many rows, each the rating that `domains` has.
pub fn ratings(
    refdomains: (&FileEntry, &TableFile),
    side: (&FileEntry, &TableFile),
    domains: &Domains,
) -> Result<Findings> {
    let mut findings = Findings::default();
    let name = &side.0.file.name;
    if side.1.rows() != refdomains.1.rows() {
        let what = format!(
            "it has {} rows, its roll-up {}",
            side.1.rows(),
            refdomains.1.rows()
        );
        findings.add(name, what);
        return Ok(findings);
    }
    let mut reader = side.1.all(&[RATING])?;
    let mut row = 0;
    let (mut batch, mut at) = (None, 0);
    let mut names = refdomains.1.all(&["refdomain"])?;
    while let Some(refdomains) = names.next_as(|batch| strings(batch, "refdomain").cloned())? {
        for refdomain in refdomains.iter().flatten() {
            if batch
                .as_ref()
                .is_none_or(|batch: &arrow_array::Int32Array| at >= batch.len())
            {
                (batch, at) = (reader.next_as(|batch| integers(batch, RATING).cloned())?, 0);
            }
            let rating = batch.as_ref().map(|batch| batch.value(at));
            if rating != Some(i32::from(domains.rating(refdomain))) {
                findings.add(name, format!("row {row} is not the rating of {refdomain}"));
                return Ok(findings);
            }
            (row, at) = (row + 1, at + 1);
        }
    }
    Ok(findings)
}
