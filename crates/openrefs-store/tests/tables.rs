//! Tables written and read back: whole, by row group and by key range, and damaged.

#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::BTreeMap;

use openrefs_model::{Address, Flags, KeyRange, Sighting, Visit};
use openrefs_store::links::{self, LinksBatch};
use openrefs_store::table::Kind;
use openrefs_store::visits::{self, VisitsBatch};
use openrefs_store::{Folder, LinkRow, LinksWriter, TableFile, VisitsWriter};
use proptest::prelude::*;

type Row = (String, String, String, String, bool, i64);

fn row() -> impl Strategy<Value = Row> {
    let key = "com,[a-c]{1,2}\\)/[a-c]{0,3}";
    (
        key,
        "[a-z]{1,3}\\.org",
        "org,[a-z]{1,3}\\)/[a-d]{0,2}",
        "\\PC{0,12}",
        any::<bool>(),
        0..2_000_000_000i64,
    )
}

fn sighting(time: i64) -> Sighting {
    let ip = (time % 3 != 0)
        .then(|| Address::parse(&format!("192.0.2.{}", time % 200 + 1)))
        .flatten();
    Sighting {
        first_seen: time,
        last_visited: time + 7,
        ip,
        source_https: time % 2 == 0,
        target_https: true,
    }
}

fn link(row: &Row) -> LinkRow<'_> {
    let flags = Flags {
        nofollow: row.4,
        ..Flags::default()
    };
    LinkRow {
        target_key: &row.0,
        refdomain: &row.1,
        source_key: &row.2,
        link_type: "href",
        anchor: &row.3,
        flags,
    }
}

fn write_links(folder: &Folder, rows: &[Row]) {
    let mut writer = LinksWriter::create(folder, "links", Kind::Published).unwrap();
    for row in rows {
        writer.push(&link(row), &sighting(row.5)).unwrap();
    }
    let (count, written) = writer.finish().unwrap();
    assert_eq!(count, rows.len() as u64);
    assert_eq!(
        written.bytes,
        std::fs::metadata(folder.path("links")).unwrap().len()
    );
}

/// Rows in the order of the table, each identity once.
fn sorted(rows: Vec<Row>) -> Vec<Row> {
    let by_identity: BTreeMap<_, _> = rows
        .into_iter()
        .map(|r| ((r.0.clone(), r.1.clone(), r.2.clone(), r.3.clone(), r.4), r))
        .collect();
    by_identity.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn links_come_back_as_they_went_in(rows in prop::collection::vec(row(), 1..300)) {
        let temporary = tempfile::tempdir().unwrap();
        let folder = Folder::new(temporary.path());
        let rows = sorted(rows);
        write_links(&folder, &rows);
        let mut reader = links::read(&folder, "links", None).unwrap();
        let mut count = 0;
        while let Some(batch) = LinksBatch::next(&mut reader).unwrap() {
            for index in 0..batch.len() {
                prop_assert_eq!(batch.row(index), link(&rows[count]));
                prop_assert_eq!(batch.sighting(index), sighting(rows[count].5));
                count += 1;
            }
        }
        prop_assert_eq!(count, rows.len());
    }
}

#[test]
fn a_key_range_reads_its_pages_and_few_others() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path());
    let rows: Vec<Row> = (0..300_000)
        .map(|n| {
            (
                format!("com,site{:05})/", n / 10),
                format!("d{:03}.org", n % 10),
                "org,x)/".into(),
                String::new(),
                false,
                n,
            )
        })
        .collect();
    write_links(&folder, &rows);
    let file = TableFile::open(&folder, "links").unwrap();
    assert_eq!(file.rows(), 300_000);
    for site in [0, 409, 410, 13_107, 13_108, 29_999, 30_000] {
        let prefix = format!("com,site{site:05})/");
        let range = KeyRange {
            end: format!("{prefix}\u{7f}"),
            start: prefix.clone(),
        };
        let (mut read, mut found) = (0, 0);
        for batch in file.pages_of(&["target_key"], &[range]).unwrap() {
            let batch = batch.unwrap();
            let keys = openrefs_store::table::strings(&batch, "target_key").unwrap();
            read += keys.iter().count();
            found += keys.iter().flatten().filter(|key| **key == prefix).count();
        }
        assert_eq!(found, if site < 30_000 { 10 } else { 0 }, "{prefix}");
        assert!(
            read <= 2 * openrefs_store::table::PAGE_ROWS,
            "{read} rows read for {prefix}"
        );
    }
}

#[test]
fn visits_come_back_as_they_went_in() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path());
    let visits: Vec<Visit> = (0..20_000u32)
        .map(|n| Visit {
            source_key: format!("com,example)/{:05}", n / 2).into(),
            time: i64::from(n),
            links_external: n % 7,
            links_internal: n % 11,
            ip: Address::parse(if n % 2 == 0 { "2001:db8::1" } else { "" }),
            https: n % 3 == 0,
        })
        .collect();
    let mut writer = VisitsWriter::create(&folder, "visits", Kind::Staged).unwrap();
    for visit in &visits {
        writer.push(visit).unwrap();
    }
    writer.finish().unwrap();
    let mut reader = visits::read(&folder, "visits", None).unwrap();
    let mut read = Vec::new();
    while let Some(batch) = VisitsBatch::next(&mut reader).unwrap() {
        read.extend((0..batch.len()).map(|index| batch.visit(index)));
    }
    assert_eq!(read, visits);
}

#[test]
fn a_cut_or_foreign_file_is_an_error_that_names_it() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path());
    write_links(
        &folder,
        &[(
            "com,a)/".into(),
            "b.org".into(),
            "org,b)/".into(),
            String::new(),
            false,
            1,
        )],
    );
    let whole = folder.read("links").unwrap().unwrap();
    for length in 0..whole.len() {
        folder.write_atomically("cut", &whole[..length]).unwrap();
        let error = links::read(&folder, "cut", None)
            .err()
            .expect("a cut file was opened");
        assert!(error.to_string().contains("cut is damaged"), "{error}");
    }
    let mut writer = VisitsWriter::create(&folder, "other", Kind::Staged).unwrap();
    let visit = Visit {
        source_key: "a".into(),
        time: 0,
        links_external: 0,
        links_internal: 0,
        ip: None,
        https: false,
    };
    writer.push(&visit).unwrap();
    writer.finish().unwrap();
    let error = links::read(&folder, "other", None)
        .err()
        .expect("a file of another table was opened");
    assert!(
        error.to_string().contains("column target_key is missing"),
        "{error}"
    );
}
