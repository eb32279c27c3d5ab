//! A build that adds a crawl, stopped at every operation on the index, and failing at every one.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use openrefs_archive::Input;
use openrefs_query::Answer;
use openrefs_store::folder::{Operation, Watch};
use openrefs_store::gc::gc;
use openrefs_store::{Folder, Index};

use crate::crawl::{add, answers, copy, crawls, files, folder, index, is_well, made, nothing_else};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process is dead: no operation happens any more.
    Killed,
    /// The machine is: what was not made durable is lost, or a part of it.
    PowerCut,
    /// One operation fails.
    Once,
}

/// Makes operations fail from a number on, counted from 0.
#[derive(Debug)]
pub struct Faults {
    fault: Fault,
    at: u64,
    count: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Files with bytes that are not durable.
    dirty: BTreeSet<PathBuf>,
    /// What failed first.
    failed: Option<(Operation, PathBuf)>,
    /// The new snapshot was made the published one.
    swapped: bool,
}

impl Faults {
    pub fn new(fault: Fault, at: u64) -> Arc<Self> {
        Arc::new(Self {
            fault,
            at,
            count: AtomicU64::new(0),
            state: Mutex::default(),
        })
    }

    /// What failed first.
    pub fn failed(&self) -> Option<(Operation, PathBuf)> {
        self.state.lock().unwrap().failed.clone()
    }
}

impl Watch for Faults {
    fn before(&self, operation: Operation, path: &Path) -> io::Result<()> {
        let number = self.count.fetch_add(1, Ordering::SeqCst);
        let mut state = self.state.lock().unwrap();
        let fails = match self.fault {
            Fault::Once => number == self.at,
            Fault::Killed | Fault::PowerCut => number >= self.at,
        };
        if fails {
            state.failed.get_or_insert((operation, path.to_owned()));
            return Err(match (self.fault, operation) {
                (Fault::Once, Operation::Read) => io::Error::other("input/output error"),
                (Fault::Once, _) => io::ErrorKind::StorageFull.into(),
                _ => io::Error::other("killed"),
            });
        }
        match operation {
            Operation::Create | Operation::Write => drop(state.dirty.insert(path.to_owned())),
            Operation::Sync => drop(state.dirty.remove(path)),
            Operation::Rename => state.swapped |= path.ends_with("CURRENT"),
            Operation::Read | Operation::Remove => {}
        }
        Ok(())
    }
}

/// The states that an index may be in.
struct Expected {
    crawls: [Input; 2],
    before: PathBuf,
    answers: [Vec<Answer>; 2],
    files: Vec<(String, String, u64)>,
    operations: u64,
}

impl Expected {
    fn new(folder: &Path) -> Self {
        let crawls = crawls(folder);
        let before = folder.join("before");
        let old = answers(&made(before.clone(), &[&crawls[..1]])).unwrap();
        let counted = folder.join("counted");
        copy(&before, &counted);
        let watch = Faults::new(Fault::Once, u64::MAX);
        add(Folder::new(&counted).watched(watch.clone()), &crawls).unwrap();
        let after = index(Folder::new(&counted)).unwrap();
        is_well(&after, "undisturbed");
        Self {
            answers: [old, answers(&after).unwrap()],
            files: files(&after.published().unwrap()),
            operations: watch.count.load(Ordering::SeqCst),
            crawls,
            before,
        }
    }

    /// Adds the second crawl with a fault, and looks at what is left.
    fn run(&self, at: &Path, fault: Fault, number: u64) {
        let context = format!("{fault:?} at operation {number}");
        copy(&self.before, at);
        let watch = Faults::new(fault, number);
        let done = add(Folder::new(at).watched(watch.clone()), &self.crawls);
        let state = std::mem::take(&mut *watch.state.lock().unwrap());
        let Some((operation, path)) = &state.failed else {
            // Threads take turns in another way each time, so that there may be fewer operations.
            assert!(done.is_ok(), "{context}");
            return;
        };
        let context = format!("{context}, {operation:?} {}", path.display());
        match &done {
            // What cannot be tidied up after publishing is no failure.
            Ok(_) => assert!(state.swapped || *operation == Operation::Remove, "{context}"),
            Err(error) => {
                let text = error.to_string();
                assert!(
                    !text.contains('\n') && text.contains(at.to_str().unwrap()),
                    "{context}: {text}"
                );
            }
        }
        if fault == Fault::PowerCut {
            cut(&state.dirty, number);
        }
        let left = index(Folder::new(at)).unwrap();
        let number_left = left.published().unwrap().snapshot;
        assert!(number_left == 1 || state.swapped, "{context}");
        assert!(done.is_err() || number_left == 2, "{context}");
        is_well(&left, &context);
        let place = usize::try_from(number_left).unwrap() - 1;
        assert_eq!(answers(&left).unwrap(), self.answers[place], "{context}");
        self.complete(&left, &context);
        fs::remove_dir_all(at).unwrap();
    }

    /// The same ingest again, without a fault.
    fn complete(&self, left: &Index, context: &str) {
        add(Folder::new(left.folder().root()), &self.crawls).unwrap();
        assert_eq!(files(&left.published().unwrap()), self.files, "{context}");
        assert_eq!(answers(left).unwrap(), self.answers[1], "{context}");
        gc(left, 1, &left.lock().unwrap()).unwrap();
        nothing_else(left, context);
    }

    /// Every operation, on all cores.
    fn run_all(&self, folder: &Path, fault: Fault) {
        let next = AtomicU64::new(0);
        let workers = std::thread::available_parallelism().map_or(1, usize::from);
        std::thread::scope(|scope| {
            for worker in 0..workers {
                let (next, at) = (&next, folder.join(format!("{fault:?}-{worker}")));
                scope.spawn(move || {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= self.operations {
                            break;
                        }
                        self.run(&at, fault, number);
                    }
                });
            }
        });
    }
}

/// Cuts files that were not made durable, to lengths that a number decides.
fn cut(dirty: &BTreeSet<PathBuf>, number: u64) {
    for (place, path) in (1u64..).zip(dirty) {
        let Ok(file) = fs::File::options().write(true).open(path) else {
            continue; // it is a folder, or was removed or renamed
        };
        let length = file.metadata().unwrap().len();
        let random = number.wrapping_mul(place).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
        file.set_len(random % (length + 1)).unwrap();
    }
}

#[test]
fn a_process_killed_at_any_operation_loses_nothing() {
    let folder = folder();
    let expected = Expected::new(folder.path());
    expected.run_all(folder.path(), Fault::Killed);
}

#[test]
fn a_power_cut_at_any_operation_loses_nothing() {
    let folder = folder();
    let expected = Expected::new(folder.path());
    expected.run_all(folder.path(), Fault::PowerCut);
}

#[test]
fn a_failure_of_any_operation_is_one_line_and_the_next_ingest_succeeds() {
    let folder = folder();
    let expected = Expected::new(folder.path());
    expected.run_all(folder.path(), Fault::Once);
}
