//! One crawl in two forms gives the same answers: the sample as WARC and as WAT, a real crawl as ARC and as WARC.

#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use openrefs_build::{Options, Quiet, ingest};
use openrefs_model::key;
use openrefs_query::backlinks::backlinks;
use openrefs_query::refdomains::refdomains;
use openrefs_query::{Answer, BacklinksRequest, Parameters, RefdomainsRequest, Snapshot};
use openrefs_store::{Index, TableFile, TableName, links};

fn snapshot_of(archives: &[PathBuf]) -> (tempfile::TempDir, Snapshot) {
    let temporary = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(temporary.path(), Some(4), None).unwrap();
    let inputs = openrefs_archive::expand(archives).unwrap();
    ingest(&index, inputs, &Options::default(), &Quiet).unwrap();
    let snapshot = Snapshot::open(&index).unwrap();
    (temporary, snapshot)
}

/// Of every 20th target in an index the host, and of every 100th the URL.
fn targets(folder: &Path, snapshot: &Snapshot) -> BTreeSet<String> {
    let folder = openrefs_store::Folder::new(folder);
    let mut targets = BTreeSet::new();
    for entry in snapshot.manifest().table(TableName::Links) {
        let file = TableFile::open(&folder, &entry.file).unwrap();
        let mut reader = file.all(&links::COLUMNS).unwrap();
        while let Some(batch) = links::LinksBatch::next(&mut reader).unwrap() {
            for row in 0..batch.len() {
                let target = key::to_url(batch.row(row).target_key, false);
                targets.extend(
                    target
                        .split('/')
                        .nth(2)
                        .filter(|_| row % 20 == 0)
                        .map(str::to_owned),
                );
                targets.extend((row % 100 == 0).then_some(target));
            }
        }
    }
    targets
}

fn answer(snapshot: &Snapshot, target: &str, mode: &str, order_by: &str) -> Answer {
    let parameters = Parameters {
        target: target.to_owned(),
        mode: mode.to_owned(),
        order_by: order_by.to_owned(),
        limit: "1000000".to_owned(),
        ..Parameters::default()
    };
    let request = RefdomainsRequest::read(snapshot.suffix_list(), &parameters).unwrap();
    refdomains(snapshot, &request).unwrap()
}

fn assert_same_answers(a: (&Path, &Snapshot), b: (&Path, &Snapshot)) -> usize {
    let targets = targets(a.0, a.1);
    assert_eq!(targets, self::targets(b.0, b.1));
    for target in &targets {
        for mode in ["exact", "domain", "subdomains", "prefix"] {
            let order = "backlinks:desc,last_visited";
            assert_eq!(
                answer(a.1, target, mode, order),
                answer(b.1, target, mode, order),
                "{mode} {target}"
            );
        }
    }
    targets.len()
}

#[test]
fn the_sample_as_warc_and_as_wat() {
    let crawl = tempfile::tempdir().unwrap();
    let options = openrefs_sample::Options {
        domains: 2_000,
        pages: 1_500,
        seed: 7,
    };
    openrefs_sample::write(&options, crawl.path(), &|_| ()).unwrap();
    let (warc_folder, warc) = snapshot_of(&[crawl.path().join("warc")]);
    let (wat_folder, wat) = snapshot_of(&[crawl.path().join("wat")]);
    let compared = assert_same_answers((warc_folder.path(), &warc), (wat_folder.path(), &wat));
    assert!(compared > 100, "{compared} targets");
}

#[test]
fn a_real_crawl_as_arc_and_as_warc() {
    let odd = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/odd/aut");
    if !odd.exists() {
        println!("skipped: ../shared is absent");
        return;
    }
    let (arc_folder, arc) = snapshot_of(&[odd.join("example.arc.gz")]);
    let (warc_folder, warc) = snapshot_of(&[odd.join("example.warc.gz")]);
    let compared = assert_same_answers((arc_folder.path(), &arc), (warc_folder.path(), &warc));
    assert!(compared > 1, "{compared} targets");
    let target = arc
        .manifest()
        .table(TableName::Links)
        .next()
        .unwrap()
        .first_key
        .clone();
    let evidence = |snapshot: &Snapshot| {
        let scope =
            openrefs_query::request::scope(snapshot.suffix_list(), &key::to_url(&target, true), "domain")
                .unwrap();
        let mut rows = Vec::new();
        let request = BacklinksRequest {
            scope,
            refdomain: None,
            limit: 1_000,
            offset: 0,
        };
        backlinks(snapshot, &request, &mut |row| {
            rows.push(row);
            Ok(())
        })
        .unwrap();
        rows
    };
    assert!(!evidence(&arc).is_empty());
    assert_eq!(evidence(&arc), evidence(&warc));
}
