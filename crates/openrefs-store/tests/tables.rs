//! Tables written and read back: whole, by row group and by key range, and damaged.

#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::BTreeMap;

use openrefs_model::{Address, Flags, KeyRange, Sighting, Visit};
use openrefs_store::links::{self, LinksBatch};
use openrefs_store::table::Kind;
use openrefs_store::visits::{self, VisitsBatch};
use openrefs_store::{DataFile, Folder, LinkRow, LinksWriter, TableFile, VisitsWriter};
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

fn write_links(folder: &Folder, rows: &[Row]) -> DataFile {
    let mut writer = LinksWriter::create(folder, "links", Kind::Published).unwrap();
    for row in rows {
        writer.push(&link(row), &sighting(row.5)).unwrap();
    }
    let written = writer.finish().unwrap();
    assert_eq!(written.rows, rows.len() as u64);
    let (first, last) = (rows.first().unwrap(), rows.last().unwrap());
    assert_eq!(
        (written.first_key.as_str(), written.last_key.as_str()),
        (first.0.as_str(), last.0.as_str())
    );
    let length = std::fs::metadata(folder.path("links")).unwrap().len();
    assert_eq!(written.file.bytes, length);
    written.file
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
        let file = write_links(&folder, &rows);
        let mut reader = TableFile::open(&folder, &file).unwrap().all(&links::COLUMNS).unwrap();
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
    let file = TableFile::open(&folder, &write_links(&folder, &rows)).unwrap();
    assert_eq!(file.rows(), 300_000);
    for site in [0, 409, 410, 13_107, 13_108, 29_999, 30_000] {
        let prefix = format!("com,site{site:05})/");
        let range = KeyRange {
            end: format!("{prefix}\u{7f}"),
            start: prefix.clone(),
        };
        let (mut read, mut found) = (0, 0);
        let rows = file.rows_of_keys(std::slice::from_ref(&range)).unwrap();
        assert_eq!(
            rows.first().cloned().unwrap_or(300_000..300_000),
            file.rows_of_keys_in(0..300_000, &range).unwrap()
        );
        for batch in file.rows_in(&["target_key"], &rows).unwrap() {
            let batch = batch.unwrap();
            let keys = openrefs_store::table::strings(&batch, "target_key").unwrap();
            read += keys.iter().count();
            found += keys.iter().flatten().filter(|key| **key == prefix).count();
        }
        assert_eq!(found, if site < 30_000 { 10 } else { 0 }, "{prefix}");
        assert!(read <= 2 * 2_048, "{read} rows read for {prefix}");
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
    let file = writer.finish().unwrap().file;
    let mut reader = TableFile::open(&folder, &file)
        .unwrap()
        .all(&visits::COLUMNS)
        .unwrap();
    let mut read = Vec::new();
    while let Some(batch) = VisitsBatch::next(&mut reader).unwrap() {
        read.extend((0..batch.len()).map(|index| batch.visit(index)));
    }
    assert_eq!(read, visits);
}

#[test]
fn rows_by_number() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path());
    let rows: Vec<Row> = (0..200_000)
        .map(|n| {
            (
                format!("com,a)/{n:06}"),
                "b.org".into(),
                "org,b)/".into(),
                String::new(),
                false,
                n,
            )
        })
        .collect();
    let file = TableFile::open(&folder, &write_links(&folder, &rows)).unwrap();
    let ranges = [0..1, 5..7, 4_095..4_097, 131_071..131_074, 199_999..200_000];
    let mut found = Vec::new();
    for batch in file.rows_in(&["first_seen"], &ranges).unwrap() {
        let batch = batch.unwrap();
        let dates = openrefs_store::table::longs(&batch, "first_seen").unwrap();
        found.extend(dates.values().iter().map(|date| *date as usize));
    }
    assert_eq!(found, ranges.into_iter().flatten().collect::<Vec<_>>());
    let behind = 199_999..200_001;
    assert!(
        file.rows_in(&["first_seen"], std::slice::from_ref(&behind))
            .is_err()
    );
}

#[test]
fn every_damage_is_an_error_that_names_the_file() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path());
    let rows: Vec<Row> = (0..30_000)
        .map(|n| {
            let noise = (n as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            (
                format!("com,a)/{n:06}"),
                "b.org".into(),
                format!("org,b)/{noise:x}"),
                String::new(),
                false,
                n,
            )
        })
        .collect();
    let file = write_links(&folder, &rows);
    let whole = folder.read("links").unwrap().unwrap();
    assert!(whole.len() > 3 * openrefs_store::checked::BLOCK_BYTES);
    let read = || -> openrefs_store::Result<usize> {
        let mut reader = TableFile::open(&folder, &file)?.all(&links::COLUMNS)?;
        let mut count = 0;
        while let Some(batch) = LinksBatch::next(&mut reader)? {
            count += batch.len();
        }
        Ok(count)
    };
    assert_eq!(read().unwrap(), rows.len());
    for length in (0..whole.len()).step_by(997) {
        folder.write_atomically("links", &whole[..length]).unwrap();
        assert!(read().unwrap_err().to_string().contains("links is damaged"));
    }
    for place in (0..whole.len())
        .step_by(1_009)
        .chain(whole.len() - 20..whole.len())
    {
        let mut flipped = whole.clone();
        flipped[place] ^= 1 << (place % 8);
        folder.write_atomically("links", &flipped).unwrap();
        // The first bytes are a mark that no reader of ours looks at.
        match read() {
            Ok(count) => assert!(place < 4 && count == rows.len(), "byte {place}"),
            Err(error) => assert!(error.to_string().contains("links is damaged"), "{error}"),
        }
        if let Ok(file) = TableFile::open(&folder, &file) {
            assert!(file.check_all(&|_| ()).is_err(), "byte {place}");
        }
    }
}

#[test]
fn a_file_of_another_table_is_an_error() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path());
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
    let file = writer.finish().unwrap().file;
    let error = TableFile::open(&folder, &file).unwrap().all(&links::COLUMNS);
    let error = error.err().expect("a file of another table was opened");
    assert!(
        error.to_string().contains("column target_key is missing"),
        "{error}"
    );
}
