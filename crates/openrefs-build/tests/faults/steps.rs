//! Steps one by one, in any order that a scheduler may choose, against one ingest.

use openrefs_archive::Input;
use openrefs_build::{Error, Quiet, step};
use openrefs_store::gc::gc;
use openrefs_store::{Folder, Index};

use crate::crawl::{
    BUCKETS, MEMORY_BYTES, add, answers, crawls, files, folder, index, is_well, made, nothing_else, options,
    write,
};

/// All steps of archives, each bucket by itself and two at a time.
fn step_by_step(index: &Index, archives: &[Input]) {
    std::thread::scope(|scope| {
        for archive in archives {
            scope.spawn(|| step::extract(index, vec![archive.clone()], &options(), &Quiet).unwrap());
        }
    });
    type Step =
        fn(&Index, &[u32], usize, &dyn openrefs_build::Progress) -> openrefs_build::Result<step::Made>;
    let each = |run: Step| {
        std::thread::scope(|scope| {
            for buckets in [&[1][..], &[0, 2]] {
                scope.spawn(move || run(index, buckets, MEMORY_BYTES, &Quiet).unwrap());
            }
        });
    };
    each(step::merge);
    each(step::roll_up);
    step::rank(index, MEMORY_BYTES, &Quiet).unwrap();
    each(step::rate);
    step::publish(index).unwrap();
}

#[test]
fn steps_make_what_an_ingest_makes() {
    let folder = folder();
    let crawls = crawls(folder.path());
    let whole = made(folder.path().join("whole"), &[&crawls[..1], &crawls]);
    let stepped = index(Folder::new(folder.path().join("stepped"))).unwrap();
    step_by_step(&stepped, &crawls[..1]);
    step_by_step(&stepped, &crawls);
    let (a, b) = (whole.published().unwrap(), stepped.published().unwrap());
    assert_eq!(files(&a), files(&b));
    assert_eq!((a.rating, a.counts, a.archives), (b.rating, b.counts, b.archives));
    is_well(&stepped, "step by step");
    assert_eq!(answers(&whole).unwrap(), answers(&stepped).unwrap());
    gc(&stepped, 1, &stepped.lock().unwrap()).unwrap();
    nothing_else(&stepped, "step by step");
    // Nothing new is no new snapshot.
    step_by_step(&stepped, &crawls);
    assert_eq!(stepped.published().unwrap().snapshot, 2);
}

#[test]
fn a_missing_step_is_named() {
    let folder = folder();
    let crawls = crawls(folder.path());
    let index = index(Folder::new(folder.path().join("index"))).unwrap();
    let all: Vec<u32> = (0..BUCKETS).collect();
    let missing = |made: openrefs_build::Result<step::Made>, expected: &str| match made {
        Err(error) => assert!(error.to_string().starts_with(expected), "{error}"),
        Ok(made) => panic!("{made:?} without {expected}"),
    };
    step::extract(&index, crawls[..1].to_vec(), &options(), &Quiet).unwrap();
    missing(
        step::roll_up(&index, &[1], MEMORY_BYTES, &Quiet),
        "merge of bucket 1 is missing",
    );
    step::merge(&index, &[0, 1], MEMORY_BYTES, &Quiet).unwrap();
    missing(
        step::roll_up(&index, &all, MEMORY_BYTES, &Quiet),
        "merge of bucket 2 is missing",
    );
    step::merge(&index, &[2], MEMORY_BYTES, &Quiet).unwrap();
    missing(
        step::rank(&index, MEMORY_BYTES, &Quiet),
        "rollup of bucket 0 is missing",
    );
    step::roll_up(&index, &all, MEMORY_BYTES, &Quiet).unwrap();
    missing(
        step::rate(&index, &all, MEMORY_BYTES, &Quiet),
        "rank of bucket 0 is missing",
    );
    step::rank(&index, MEMORY_BYTES, &Quiet).unwrap();
    let published = step::publish(&index).map(|_| step::Made::default());
    missing(published, "rate of bucket 0 is missing");
    missing(
        step::merge(&index, &[3], MEMORY_BYTES, &Quiet),
        "there is no bucket 3",
    );
    // What the steps have made outlives a gc.
    gc(&index, 1, &index.lock().unwrap()).unwrap();
    step::rate(&index, &all, MEMORY_BYTES, &Quiet).unwrap();
    step::publish(&index).unwrap();
    is_well(&index, "after a gc");
}

#[test]
fn what_is_staged_meanwhile_waits_for_the_next_snapshot() {
    let folder = folder();
    let crawls = crawls(folder.path());
    let index = index(Folder::new(folder.path().join("index"))).unwrap();
    let all: Vec<u32> = (0..BUCKETS).collect();
    step::extract(&index, crawls[..1].to_vec(), &options(), &Quiet).unwrap();
    step::merge(&index, &all, MEMORY_BYTES, &Quiet).unwrap();
    step::extract(&index, crawls[1..].to_vec(), &options(), &Quiet).unwrap();
    // A bucket that is merged again has more archives in it than the others.
    step::merge(&index, &[1], MEMORY_BYTES, &Quiet).unwrap();
    step::roll_up(&index, &all, MEMORY_BYTES, &Quiet).unwrap();
    let mixed = step::rank(&index, MEMORY_BYTES, &Quiet);
    assert!(matches!(mixed, Err(Error::StepMixed { .. })), "{mixed:?}");
    step::merge(&index, &all, MEMORY_BYTES, &Quiet).unwrap();
    let third = write(&folder.path().join("three.warc"), 6, &["a.com/", "c.com/9"]);
    step::extract(&index, vec![third.clone()], &options(), &Quiet).unwrap();
    step::roll_up(&index, &all, MEMORY_BYTES, &Quiet).unwrap();
    step::rank(&index, MEMORY_BYTES, &Quiet).unwrap();
    step::rate(&index, &all, MEMORY_BYTES, &Quiet).unwrap();
    let first = step::publish(&index).unwrap();
    assert_eq!(first.archives.len(), 2);
    is_well(&index, "with a group staged");
    let whole = made(folder.path().join("whole"), &[&crawls]);
    assert_eq!(files(&first), files(&whole.published().unwrap()));
    // An ingest takes in what is staged.
    add(Folder::new(index.folder().root()), &[]).unwrap();
    assert_eq!(index.published().unwrap().archives.len(), 3);
    add(Folder::new(whole.folder().root()), &[third]).unwrap();
    assert_eq!(
        files(&index.published().unwrap()),
        files(&whole.published().unwrap())
    );
}
