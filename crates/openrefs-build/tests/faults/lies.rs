//! Files that are whole and say what is not so, as a mistake in the program would write them: verification names them.

use openrefs_build::{Quiet, verify};
use openrefs_model::{Backlink, Visit};
use openrefs_store::domains::{self, DomainsBatch, DomainsWriter};
use openrefs_store::pairs::{self, PairsBatch, PairsWriter};
use openrefs_store::refdomains::{self, RatingsWriter, RefdomainRow, RefdomainsWriter};
use openrefs_store::table::{Kind, integers, longs, strings};
use openrefs_store::targets::{self, TargetRow, TargetsBatch, TargetsWriter};
use openrefs_store::{
    FileEntry, Index, LinkRow, LinksBatch, LinksWriter, Manifest, TableFile, TableName, TableReader,
    VisitsBatch, VisitsWriter, Written, links, visits,
};

use crate::crawl::{MEMORY_BYTES, crawls, folder, is_well, made};

/// A published snapshot in which one file is replaced.
struct Lie<'a> {
    index: &'a Index,
    manifest: &'a Manifest,
}

impl Lie<'_> {
    /// Publishes with another first file of a table, given its reader and a name to write at. Verification must say one of
    /// some things of it.
    fn told(
        &self,
        table: TableName,
        columns: &[&str],
        write: impl FnOnce(TableReader, &str) -> Written,
        expected: &[&str],
    ) {
        let mut manifest = self.manifest.clone();
        let lock = self.index.lock().unwrap();
        manifest.snapshot = self.index.published().unwrap().snapshot + 1;
        let place = manifest
            .files
            .iter()
            .position(|file| file.table == table)
            .unwrap();
        let old = manifest.files[place].clone();
        let reader = TableFile::open(self.index.folder(), &old.file)
            .unwrap()
            .all(columns)
            .unwrap();
        let name = format!("data/{}/lie.parquet", manifest.snapshot);
        let written = write(reader, &name);
        manifest.files[place] = FileEntry::of(table, old.bucket, old.part, written);
        self.index.publish(&manifest, &lock).unwrap();
        let findings = verify(self.index, MEMORY_BYTES, &Quiet).unwrap().findings;
        for expected in expected {
            assert!(
                findings
                    .iter()
                    .any(|finding| finding.file == name && finding.what.contains(expected)),
                "{table:?} {expected}: {findings:?}"
            );
        }
    }

    fn links(&self, change: impl FnOnce(&mut Vec<Backlink>), expected: &str) {
        let write = |mut reader: TableReader, name: &str| {
            let mut rows = Vec::new();
            while let Some(batch) = LinksBatch::next(&mut reader).unwrap() {
                rows.extend((0..batch.len()).map(|row| batch.backlink(row)));
            }
            change(&mut rows);
            let mut writer = LinksWriter::create(self.index.folder(), name, Kind::Published).unwrap();
            for row in &rows {
                writer.push(&LinkRow::of(row), &row.sighting).unwrap();
            }
            writer.finish().unwrap()
        };
        self.told(TableName::Links, &links::COLUMNS, write, &[expected]);
    }

    fn visits(&self, change: impl FnOnce(&mut Vec<Visit>), expected: &str) {
        let write = |mut reader: TableReader, name: &str| {
            let mut rows = Vec::new();
            while let Some(batch) = VisitsBatch::next(&mut reader).unwrap() {
                rows.extend((0..batch.len()).map(|row| batch.visit(row)));
            }
            change(&mut rows);
            let mut writer = VisitsWriter::create(self.index.folder(), name, Kind::Published).unwrap();
            rows.iter().for_each(|row| writer.push(row).unwrap());
            writer.finish().unwrap()
        };
        self.told(TableName::Visits, &visits::COLUMNS, write, &[expected]);
    }

    fn targets(&self, change: impl FnOnce(&mut Vec<TargetRow>), expected: &str) {
        let write = |mut reader: TableReader, name: &str| {
            let mut rows = Vec::new();
            while let Some(batch) = reader.next_as(TargetsBatch::of).unwrap() {
                rows.extend((0..batch.len()).map(|row| batch.row(row)));
            }
            change(&mut rows);
            let mut writer = TargetsWriter::create(self.index.folder(), name).unwrap();
            rows.iter().for_each(|row| writer.push(row).unwrap());
            writer.finish().unwrap()
        };
        self.told(TableName::Targets, &targets::COLUMNS, write, &[expected]);
    }

    /// The roll-up with the first row's backlinks raised, or its first two rows swapped.
    fn refdomains(&self, swap: bool, expected: &[&str]) {
        let write = |mut reader: TableReader, name: &str| {
            let batch = reader.next().unwrap().unwrap();
            let mut order: Vec<usize> = (0..batch.num_rows()).collect();
            if swap {
                order.swap(0, 1);
            }
            let mut writer = RefdomainsWriter::create(self.index.folder(), name).unwrap();
            for (place, row) in order.into_iter().enumerate() {
                let text = |name| strings(&batch, name).unwrap().value(row);
                let count = |name| u64::try_from(longs(&batch, name).unwrap().value(row)).unwrap();
                let time = |name| longs(&batch, name).unwrap().value(row);
                let row = RefdomainRow {
                    scope: text("scope"),
                    refdomain: text("refdomain"),
                    backlinks: count("backlinks") + u64::from(!swap && place == 0),
                    refpages: count("refpages"),
                    first_seen: time("first_seen"),
                    last_visited: time("last_visited"),
                };
                writer.push(&row).unwrap();
            }
            writer.finish().unwrap()
        };
        self.told(TableName::Refdomains, &refdomains::COLUMNS, write, expected);
    }

    fn ratings(&self) {
        let write = |mut reader: TableReader, name: &str| {
            let read = |batch: &_| integers(batch, refdomains::RATING).cloned();
            let mut writer = RatingsWriter::create(self.index.folder(), name).unwrap();
            while let Some(ratings) = reader.next_as(read).unwrap() {
                let other = |rating: &i32| u8::try_from(*rating).unwrap() ^ 1;
                ratings
                    .values()
                    .iter()
                    .for_each(|rating| writer.push(other(rating)).unwrap());
            }
            writer.finish().unwrap()
        };
        self.told(
            TableName::Ratings,
            &[refdomains::RATING],
            write,
            &["row 0 is not the rating of "],
        );
    }

    fn pairs(&self) {
        let write = |mut reader: TableReader, name: &str| {
            let mut writer = PairsWriter::create(self.index.folder(), name).unwrap();
            while let Some(batch) = reader.next_as(PairsBatch::of).unwrap() {
                for row in 0..batch.len() {
                    let (target, source) = (batch.target_domain(row), batch.refdomain(row));
                    let followed = batch.followed(row) ^ (row == 1);
                    writer
                        .push(target, source, batch.backlinks(row), followed)
                        .unwrap();
                }
            }
            writer.finish().unwrap()
        };
        let expected = ["row 1 of its bucket is another one when made again"];
        self.told(TableName::Pairs, &pairs::COLUMNS, write, &expected);
    }

    fn domains(&self) {
        let write = |mut reader: TableReader, name: &str| {
            let mut writer = DomainsWriter::create(self.index.folder(), name).unwrap();
            while let Some(batch) = reader.next_as(DomainsBatch::of).unwrap() {
                for place in 0..batch.len() {
                    let mut row = batch.row(place);
                    row.score += 0.001;
                    writer.push(batch.domain(place), &row).unwrap();
                }
            }
            writer.finish().unwrap()
        };
        let expected = ["row 0 of its bucket is another one when made again"];
        self.told(TableName::Domains, &domains::COLUMNS, write, &expected);
    }
}

#[test]
fn what_does_not_follow_from_the_backlinks_is_named() {
    let folder = folder();
    let crawls = crawls(folder.path());
    let index = made(folder.path().join("index"), &[&crawls]);
    let manifest = index.published().unwrap();
    is_well(&index, "as built");
    let lie = Lie {
        index: &index,
        manifest: &manifest,
    };
    lie.links(|rows| rows.swap(3, 4), "does not come after the one before it");
    lie.links(
        |rows| rows.push(rows.last().unwrap().clone()),
        "does not come after",
    );
    let foreign = |rows: &mut Vec<Backlink>| {
        // One of twenty names is in another bucket.
        let mut more: Vec<Backlink> = (0..20).map(|_| rows.last().unwrap().clone()).collect();
        for (number, row) in more.iter_mut().enumerate() {
            row.target_key = format!("zz,name{number:02})/").into();
        }
        rows.append(&mut more);
    };
    lie.links(foreign, "belongs to another bucket");
    lie.visits(|rows| rows.swap(0, 1), "does not come after the one before it");
    lie.targets(
        |rows| rows[0].ips += 1,
        "row 0 of its bucket is another one when made again",
    );
    lie.targets(
        |rows| drop(rows.remove(1)),
        "rows in its bucket, made again there are",
    );
    lie.targets(|rows| rows.swap(0, 1), "does not come after the one before it");
    lie.refdomains(false, &["row 0 of its bucket is another one when made again"]);
    lie.refdomains(
        true,
        &["row 1 of the bucket does not come after the one before it"],
    );
    lie.ratings();
    lie.pairs();
    lie.domains();
    let mut other = manifest.clone();
    other.snapshot = index.published().unwrap().snapshot + 1;
    other.rating.arcs += 1;
    index.publish(&other, &index.lock().unwrap()).unwrap();
    let findings = verify(&index, MEMORY_BYTES, &Quiet).unwrap().findings;
    assert_eq!(findings.len(), 1, "{findings:?}");
}
