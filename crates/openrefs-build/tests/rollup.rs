//! Roll-ups of domains that are large in one way or another.

#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use openrefs_build::rollup::{Work, segment, targets};
use openrefs_model::{Address, Flags, KeyRange, Sighting, SuffixList};
use openrefs_sort::Space;
use openrefs_store::table::Kind;
use openrefs_store::targets::{COLUMNS, TargetRow, TargetsBatch};
use openrefs_store::{FileEntry, Folder, LinkRow, LinksWriter, TableFile, TableName};

/// Target key, referring domain, source key.
type Link = (String, String, String);

/// How to roll up.
#[derive(Clone, Copy)]
struct How {
    threads: usize,
    large_host_rows: usize,
    memory_bytes: usize,
}

const PLAIN: How = How {
    threads: 1,
    large_host_rows: usize::MAX,
    memory_bytes: 64 << 20,
};

/// Files of so many rows.
fn written(folder: &Folder, links: &[Link], file_rows: usize) -> Vec<TableFile> {
    assert!(links.is_sorted());
    let write = |(number, links): (usize, &[Link])| {
        let name = format!("{number}.parquet");
        let mut writer = LinksWriter::create(folder, &name, Kind::Published).unwrap();
        for (target_key, refdomain, source_key) in links {
            let row = LinkRow {
                target_key,
                refdomain,
                source_key,
                link_type: "href",
                anchor: "",
                flags: Flags::default(),
            };
            let seen = 1_700_000_000 + target_key.len() as i64;
            let sighting = Sighting {
                first_seen: seen,
                last_visited: seen + source_key.len() as i64,
                ip: Address::parse(&format!("192.0.{}.1", refdomain.len() + source_key.len() % 7)),
                source_https: true,
                target_https: false,
            };
            writer.push(&row, &sighting).unwrap();
        }
        TableFile::open(folder, &writer.finish().unwrap().file).unwrap()
    };
    links.chunks(file_rows).enumerate().map(write).collect()
}

fn roll_up(folder: &Folder, links: &[TableFile], keys: Option<&KeyRange>, how: How) -> Vec<FileEntry> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(how.threads);
    let list = Arc::new(SuffixList::bundled());
    let space = Space::new(folder.root(), how.memory_bytes, u64::MAX);
    let work = Work {
        snapshot: 1,
        bucket: 0,
        number: 0,
        links,
        keys,
        large_host_rows: how.large_host_rows,
    };
    let rolled = pool
        .build()
        .unwrap()
        .install(|| segment(folder, &list, &work, &space));
    targets(folder, 1, 0, vec![rolled.unwrap()]).unwrap()
}

/// The totals of all scopes.
fn totals(folder: &Folder, files: &[FileEntry]) -> BTreeMap<String, TargetRow> {
    let file = files
        .iter()
        .find(|file| file.table == TableName::Targets)
        .unwrap();
    let mut reader = TableFile::open(folder, &file.file)
        .unwrap()
        .all(&COLUMNS)
        .unwrap();
    let mut rows = BTreeMap::new();
    while let Some(batch) = reader.next_as(TargetsBatch::of).unwrap() {
        rows.extend((0..batch.len()).map(|row| (batch.row(row).scope.clone(), batch.row(row))));
    }
    rows
}

/// So many links to a host, some of them from one page to several of its URLs.
fn links_to(host: &str, count: usize) -> impl Iterator<Item = Link> {
    (0..count).map(move |number| {
        let (url, site, page) = (number % 97, number % 53, number % 1_009);
        (
            format!("{host})/{url:02}"),
            format!("site{site}.org"),
            format!("org,site{site})/{page}"),
        )
    })
}

/// Backlinks, pages and referring domains of the links for which something holds.
fn counted(links: &[Link], holds: impl Fn(&str) -> bool) -> [u64; 3] {
    let found: Vec<&Link> = links.iter().filter(|(key, ..)| holds(key)).collect();
    let pages: BTreeSet<&str> = found.iter().map(|(_, _, page)| page.as_str()).collect();
    let refdomains: BTreeSet<&str> = found.iter().map(|(_, refdomain, _)| refdomain.as_str()).collect();
    [found.len() as u64, pages.len() as u64, refdomains.len() as u64]
}

#[test]
fn a_large_host_is_rolled_up_the_same_on_all_threads() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path());
    let hosts = [
        ("com,example)", 300),
        ("com,example,a)", 9_000),
        ("com,example,b)", 20_000),
        ("com,example,b:81)", 5_000),
        ("com,example,c)", 40),
        ("com,example:81)", 7_000),
        ("io,github,a)", 6_000),
        ("io,github,b,www)", 10),
    ];
    let links: BTreeSet<Link> = hosts
        .into_iter()
        .flat_map(|(host, count)| links_to(host.trim_end_matches(')'), count))
        .collect();
    let links: Vec<Link> = links.into_iter().collect();
    let middle = KeyRange {
        start: "com,example,a:".to_owned(),
        end: "io".to_owned(),
    };
    for file_rows in [7_000, usize::MAX] {
        let files = written(&folder, &links, file_rows);
        for keys in [None, Some(&middle)] {
            let expected = roll_up(&folder, &files, keys, PLAIN);
            let row = &totals(&folder, &expected)["com,example,b)"];
            let found = [row.backlinks, row.refpages, row.refdomains];
            assert_eq!(found, counted(&links, |key| key.starts_with("com,example,b)")));
            for (threads, large_host_rows, memory_bytes) in [
                (2, 4_096, 1 << 20),
                (4, 4_096, 20_000),
                (3, 1, 4_000),
                (20, 1, 1 << 20),
            ] {
                let how = How {
                    threads,
                    large_host_rows,
                    memory_bytes,
                };
                assert_eq!(
                    roll_up(&folder, &files, keys, how),
                    expected,
                    "{threads} {memory_bytes}"
                );
            }
        }
    }
}

#[test]
fn thousands_of_ports_of_one_domain_need_few_files_and_little_memory() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = Folder::new(temporary.path());
    let mut links = BTreeSet::new();
    // The trees of all ports stay open until the last host below has come; `blogspot.com` is one around others.
    for host in [
        "com,example,a",
        "com,example,b",
        "com,example",
        "com,blogspot,a",
        "com,blogspot,a,www",
    ] {
        for port in 1..=4_000 {
            let pages = 1 + port % 3;
            links.extend(links_to(&format!("{host}:{port}"), pages));
        }
    }
    let links: Vec<Link> = links.into_iter().collect();
    let files = written(&folder, &links, usize::MAX);
    let expected = roll_up(&folder, &files, None, PLAIN);
    let totals = totals(&folder, &expected);
    for port in [1, 2, 80, 999, 4_000] {
        let row = &totals[&format!("com,example,:{port}")];
        let expected = counted(&links, |key| {
            key.starts_with("com,example") && key.contains(&format!(":{port})"))
        });
        assert_eq!([row.backlinks, row.refpages, row.refdomains], expected, "{port}");
    }
    assert_eq!(
        totals.keys().filter(|scope| scope.contains(",:")).count(),
        3 * 4_000
    );
    for memory_bytes in [20_000, 1 << 20] {
        let how = How {
            memory_bytes,
            ..PLAIN
        };
        assert_eq!(roll_up(&folder, &files, None, how), expected, "{memory_bytes}");
    }
}
