//! Indexes created, opened, refused and published.

#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::BTreeMap;

use openrefs_model::SuffixList;
use openrefs_store::{Error, Index, Manifest, layout};

fn manifest(snapshot: u64) -> Manifest {
    Manifest {
        snapshot,
        published: String::new(),
        files: Vec::new(),
        archives: Vec::new(),
        counts: BTreeMap::new(),
    }
}

#[test]
fn an_index_keeps_what_it_was_created_with() {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("new/index");
    let list = SuffixList::from_text("// ===BEGIN ICANN DOMAINS===\ncom\n").unwrap();
    Index::open_or_create(&path, Some(8), Some(&list)).unwrap();
    let again = Index::open_or_create(&path, None, None).unwrap();
    assert_eq!(again.settings().buckets, 8);
    assert_eq!(again.suffix_list().text(), list.text());
    assert!(matches!(
        Index::open_or_create(&path, Some(9), None),
        Err(Error::Fixed { .. })
    ));
    let bundled = SuffixList::bundled();
    assert!(matches!(
        Index::open_or_create(&path, None, Some(&bundled)),
        Err(Error::Fixed { .. })
    ));
}

#[test]
fn what_is_no_index_is_said_so() {
    let temporary = tempfile::tempdir().unwrap();
    assert!(matches!(
        Index::open(temporary.path()),
        Err(Error::NoIndex { .. })
    ));
    std::fs::write(temporary.path().join("holiday.jpg"), "x").unwrap();
    assert!(matches!(
        Index::open_or_create(temporary.path(), None, None),
        Err(Error::NotAnIndex { .. })
    ));
}

#[test]
fn another_format_is_refused() {
    let temporary = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(temporary.path(), None, None).unwrap();
    index
        .folder()
        .write_atomically(layout::SETTINGS, br#"{"format":99,"shards":3}"#)
        .unwrap();
    assert!(matches!(
        Index::open(temporary.path()),
        Err(Error::Format { found: 99, .. })
    ));
}

#[test]
fn a_crash_during_creation_can_be_continued() {
    let temporary = tempfile::tempdir().unwrap();
    Index::open_or_create(temporary.path(), None, None).unwrap();
    std::fs::remove_file(temporary.path().join(layout::SETTINGS)).unwrap();
    assert!(matches!(
        Index::open(temporary.path()),
        Err(Error::NoIndex { .. })
    ));
    Index::open_or_create(temporary.path(), None, None).unwrap();
}

#[test]
fn publishing_swaps_snapshots() {
    let temporary = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(temporary.path(), None, None).unwrap();
    assert!(matches!(index.published(), Err(Error::NoSnapshot { .. })));
    let lock = index.lock().unwrap();
    assert!(matches!(index.lock(), Err(Error::Locked { .. })));
    index.publish(&manifest(1), &lock).unwrap();
    index.publish(&manifest(2), &lock).unwrap();
    assert_eq!(index.published().unwrap(), manifest(2));
    index.folder().write_atomically(layout::CURRENT, b"two").unwrap();
    assert!(matches!(index.published(), Err(Error::Damaged { .. })));
}
