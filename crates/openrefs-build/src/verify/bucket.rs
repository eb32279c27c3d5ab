//! One bucket of the published snapshot.

use std::collections::BTreeSet;

use openrefs_sort::Space;
use openrefs_store::{FileEntry, Folder, Index, Manifest, TableFile, TableName, layout};

use super::{Findings, compare, rows};
use crate::error::Result;
use crate::rank::Domains;
use crate::rollup::{self, LARGE_HOST_ROWS, SEGMENT_ROWS, Work};
use crate::steps::ROLLED_UP;

/// What to check, and where to make things once more.
pub struct Bucket<'a> {
    pub index: &'a Index,
    pub manifest: &'a Manifest,
    pub number: u32,
    pub scratch: &'a Folder,
    pub space: &'a Space,
    /// Files whose bytes are not whole.
    pub damaged: &'a BTreeSet<String>,
    /// The published ratings, unless they are damaged.
    pub domains: Option<&'a Domains>,
}

type Open<'a> = Vec<(&'a FileEntry, TableFile)>;

impl<'a> Bucket<'a> {
    /// What is wrong, and the pairs made once more; None if they cannot be.
    pub fn check(&self) -> Result<(Findings, Option<Vec<FileEntry>>)> {
        let mut findings = Findings::default();
        let links = self.open(TableName::Links)?;
        if let Some(links) = &links {
            findings.take(self.index, rows::links(self.index, self.number, links))?;
        }
        let rolls_up = links.filter(|_| findings.0.is_empty());
        if let Some(visits) = self.open(TableName::Visits)? {
            findings.take(self.index, rows::visits(self.index, self.number, &visits))?;
        }
        self.check_scopes(&mut findings)?;
        let made = match rolls_up {
            Some(links) => Some(self.roll_up(links, &mut findings)?),
            None => None,
        };
        Ok((findings, made))
    }

    /// The files of a table, open; None if one is damaged.
    fn open(&self, table: TableName) -> Result<Option<Open<'a>>> {
        let mut open = Vec::new();
        for entry in self.manifest.files_of(table, self.number) {
            if self.damaged.contains(&entry.file.name) {
                return Ok(None);
            }
            open.push((entry, TableFile::open(self.index.folder(), &entry.file)?));
        }
        Ok(Some(open))
    }

    fn check_scopes(&self, findings: &mut Findings) -> Result<()> {
        let Some(refdomains) = self.open(TableName::Refdomains)? else {
            return Ok(());
        };
        if let Some(targets) = self.open(TableName::Targets)? {
            let targets = rows::targets(&targets, findings)?;
            rows::tiling(&targets, &refdomains, findings)?;
        }
        let (Some(ratings), Some(domains)) = (self.open(TableName::Ratings)?, self.domains) else {
            return Ok(());
        };
        let parts = |open: &Open<'_>| open.iter().map(|(entry, _)| entry.part).collect::<Vec<_>>();
        if parts(&refdomains) != parts(&ratings) {
            let manifest = layout::manifest(self.manifest.snapshot);
            let what = format!(
                "bucket {} has not a file of ratings for each of its roll-up",
                self.number
            );
            findings.add(&manifest, what);
            return Ok(());
        }
        for ((entry, file), (side, side_file)) in refdomains.iter().zip(&ratings) {
            let compared = rows::ratings((entry, file), (side, side_file), domains);
            findings.take(self.index, compared)?;
        }
        Ok(())
    }

    /// Rolls up the links once more, compares, and keeps the pairs.
    fn roll_up(&self, links: Open<'a>, findings: &mut Findings) -> Result<Vec<FileEntry>> {
        let links: Vec<TableFile> = links.into_iter().map(|(_, file)| file).collect();
        let mut made = Vec::new();
        if !links.is_empty() {
            let list = self.index.suffix_list();
            let mut segments = Vec::new();
            for (number, keys) in (0..).zip(rollup::segments(list, &links, SEGMENT_ROWS)?) {
                let work = Work {
                    snapshot: self.manifest.snapshot,
                    bucket: self.number,
                    number,
                    links: &links,
                    keys: keys.as_ref(),
                    large_host_rows: LARGE_HOST_ROWS,
                };
                segments.push(rollup::segment(self.scratch, list, &work, self.space)?);
            }
            made = rollup::targets(self.scratch, self.manifest.snapshot, self.number, segments)?;
        }
        for table in ROLLED_UP {
            let published: Vec<&FileEntry> = self.manifest.files_of(table, self.number).collect();
            if published
                .iter()
                .any(|file| self.damaged.contains(&file.file.name))
            {
                continue;
            }
            let of_table = |file: &&FileEntry| file.table == table;
            let again: Vec<FileEntry> = made.iter().filter(of_table).cloned().collect();
            let instead = layout::manifest(self.manifest.snapshot);
            let compared = compare::tables(self.index, &published, self.scratch, &again, &instead);
            findings.take(self.index, compared)?;
        }
        let (pairs, others): (Vec<_>, Vec<_>) =
            made.into_iter().partition(|file| file.table == TableName::Pairs);
        for other in others {
            self.scratch.remove(&other.file.name)?;
        }
        Ok(pairs)
    }
}
