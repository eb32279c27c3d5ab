//! Indexes created, opened, refused and published.

#![allow(clippy::unwrap_used)] // a test may panic

use openrefs_model::SuffixList;
use openrefs_store::gc::gc;
use openrefs_store::{DataFile, Error, FileEntry, Index, TableName, WriteLock, Written, layout};

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
    index.publish(&index.new_manifest(1), &lock).unwrap();
    index.publish(&index.new_manifest(2), &lock).unwrap();
    let published = index.published().unwrap();
    assert_eq!((published.snapshot, published.earlier.len()), (2, 1));
    // The published snapshot vouches for the one before it.
    assert_eq!(index.manifest_of(1).unwrap(), index.new_manifest(1));
    let other = b"{\"snapshot\": 1}";
    index
        .folder()
        .write_atomically(&layout::manifest(1), other)
        .unwrap();
    assert!(matches!(index.manifest_of(1), Err(Error::Damaged { .. })));
    index.folder().write_atomically(layout::CURRENT, b"two").unwrap();
    assert!(matches!(index.published(), Err(Error::Damaged { .. })));
}

#[test]
fn a_manifest_vouches_for_the_list_and_current_for_the_manifest() {
    for name in [
        layout::SUFFIX_LIST,
        layout::CURRENT,
        "snapshots/1.json",
        layout::SETTINGS,
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(temporary.path(), None, None).unwrap();
        let lock = index.lock().unwrap();
        index.publish(&index.new_manifest(1), &lock).unwrap();
        index.publish(&index.new_manifest(11), &lock).unwrap();
        index.publish(&index.new_manifest(1), &lock).unwrap();
        let whole = index.folder().read(name).unwrap().unwrap();
        for place in 0..whole.len().min(200) {
            let mut flipped = whole.clone();
            flipped[place] ^= 1;
            index.folder().write_atomically(name, &flipped).unwrap();
            let read = Index::open(temporary.path()).and_then(|index| index.published());
            // White space and the like mean nothing in the settings.
            let harmless = name == layout::SETTINGS && read.is_ok();
            assert!(harmless || read.is_err(), "byte {place} of {name}");
        }
    }
}

#[test]
fn gc_keeps_what_is_read() {
    let temporary = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(temporary.path(), None, None).unwrap();
    let lock = index.lock().unwrap();
    publish(&index, 1, &lock);
    let reader = index.pin().unwrap();
    for number in 2..5 {
        publish(&index, number, &lock);
    }
    let removed = gc(&index, 2, &lock).unwrap();
    assert_eq!((removed.snapshots, removed.in_use), (vec![2], vec![1]));
    assert_eq!((removed.files, removed.bytes), (1, 1));
    assert!(index.folder().exists(&reader.manifest.files[0].file.name));
    drop(reader);
    let removed = gc(&index, 1, &lock).unwrap();
    assert_eq!((removed.snapshots, removed.in_use), (vec![1, 3], vec![]));
    assert_eq!(index.snapshots().unwrap(), [4]);
    assert_eq!(index.folder().list(layout::DATA).unwrap(), ["4"]);
}

/// Publishes a snapshot of one file.
fn publish(index: &Index, number: u64, lock: &WriteLock) {
    let name = layout::table(number, TableName::Links, 0, 0);
    index.folder().write_atomically(&name, b"x").unwrap();
    let file = DataFile {
        name,
        bytes: 1,
        ..Default::default()
    };
    let written = Written {
        file,
        ..Default::default()
    };
    let mut manifest = index.new_manifest(number);
    manifest
        .files
        .push(FileEntry::of(TableName::Links, 0, 0, written));
    index.publish(&manifest, lock).unwrap();
}

#[test]
fn readers_come_at_any_moment_of_publishing_and_removing() {
    let temporary = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(temporary.path(), None, None).unwrap();
    let lock = index.lock().unwrap();
    publish(&index, 1, &lock);
    let done = std::sync::atomic::AtomicBool::new(false);
    let ordering = std::sync::atomic::Ordering::Relaxed;
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut last = 0;
                while !done.load(ordering) {
                    let pinned = index.pin().unwrap();
                    assert!(pinned.manifest.snapshot >= last);
                    last = pinned.manifest.snapshot;
                    std::thread::yield_now();
                    assert!(index.folder().exists(&pinned.manifest.files[0].file.name));
                    assert!(index.is_in_use(last).unwrap());
                    let listed = index.snapshots().unwrap();
                    assert!(listed.contains(&last));
                    // Looking at one that goes away just now is no error either.
                    let _ = index.pin_snapshot(listed[0]).unwrap();
                }
            });
        }
        let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            for number in 2..150 {
                publish(&index, number, &lock);
                gc(&index, 1, &lock).unwrap();
            }
        }));
        done.store(true, ordering);
        outcome.unwrap();
    });
    gc(&index, 1, &lock).unwrap();
    assert_eq!(index.snapshots().unwrap(), [149]);
    assert_eq!(index.folder().list(layout::DATA).unwrap(), ["149"]);
}
