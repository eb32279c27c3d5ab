//! A bit flipped, and every file cut, anywhere in a small index: verification names the file, and no answer is wrong.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use openrefs_build::{Quiet, verify};
use openrefs_query::{Answer, Parameters, Snapshot};
use openrefs_store::{Folder, Index, TableFile, layout};

use crate::crawl::{MEMORY_BYTES, all_files, answer, answers, copy, crawls, folder, made, requests};

/// Every so many bytes of a data file all of the index is verified and asked; elsewhere the file alone is checked.
const VERIFY_EVERY: usize = 101;
/// Bytes from one that is flipped in a data file to the next.
const FLIP_EVERY: usize = 1;

struct Whole {
    answers: Vec<Answer>,
    requests: Vec<Parameters>,
}

impl Whole {
    /// Opens, verifies and asks an index in which one file is damaged.
    fn check(&self, path: &Path, name: &str, context: &str) {
        let opened = Index::open_in(Folder::new(path));
        let verified = opened.and_then(|index| match verify(&index, MEMORY_BYTES, &Quiet) {
            Ok(verified) => Ok((index, verified)),
            Err(openrefs_build::Error::Store(error)) => Err(error),
            Err(error) => panic!("{context}: {error}"),
        });
        match verified {
            Err(error) => {
                let text = error.to_string();
                assert!(text.contains(name) && !text.contains('\n'), "{context}: {text}");
            }
            Ok((index, verified)) => {
                let named = verified.findings.iter().any(|finding| finding.file == name);
                assert!(named, "{context}: {:?}", verified.findings);
                self.ask(&index, context);
            }
        }
    }

    /// Every answer is right or an error.
    fn ask(&self, index: &Index, context: &str) {
        let Ok(snapshot) = Snapshot::open(index) else {
            return;
        };
        for (request, expected) in self.requests.iter().zip(&self.answers) {
            if let Ok(answer) = answer(&snapshot, request) {
                assert_eq!(answer, *expected, "{context}: {request:?}");
            }
        }
    }
}

/// Flips bits of a file, and puts each back.
fn flip(whole: &Whole, index: &Path, name: &str) {
    let path = index.join(name);
    let bytes = fs::read(&path).unwrap();
    let file = fs::File::options().write(true).open(&path).unwrap();
    let is_data = name.ends_with(layout::TABLE);
    let sound = Index::open_in(Folder::new(index)).unwrap();
    let manifests = sound.snapshots().unwrap().into_iter();
    let entry = manifests
        .flat_map(|snapshot| sound.manifest_of(snapshot).unwrap().files)
        .find(|file| file.file.name == name);
    let every = match (is_data, bytes.len()) {
        (true, _) => FLIP_EVERY,
        (false, ..1_000) => 1,
        // Manifests are text of which every part is alike.
        (false, _) => 13,
    };
    for (count, place) in (0..bytes.len()).step_by(every).enumerate() {
        let flipped = bytes[place] ^ (1 << (count % 8));
        file.write_at(&[flipped], place as u64).unwrap();
        let context = format!("bit {} of byte {place} of {name}", count % 8);
        match &entry {
            Some(entry) if count % VERIFY_EVERY != 0 => {
                let checked =
                    TableFile::open(sound.folder(), &entry.file).and_then(|table| table.check_all(&|_| {}));
                assert!(checked.is_err(), "{context}");
            }
            _ => whole.check(index, name, &context),
        }
        file.write_at(&bytes[place..=place], place as u64).unwrap();
    }
}

/// Cuts a file, and puts it back.
fn cut(whole: &Whole, index: &Path, name: &str) {
    let path = index.join(name);
    let bytes = fs::read(&path).unwrap();
    let length = bytes.len();
    for left in [0, 1, length / 2, length - 9, length - 1] {
        fs::write(&path, &bytes[..left]).unwrap();
        whole.check(index, name, &format!("{name} cut to {left} of {length} bytes"));
    }
    if name.ends_with(layout::TABLE) {
        fs::remove_file(&path).unwrap();
        whole.check(index, name, &format!("{name} removed"));
    }
    fs::write(&path, &bytes).unwrap();
}

#[test]
fn damage_anywhere_is_named_and_never_answered_from() {
    let folder = folder();
    let crawls = crawls(folder.path());
    let index = made(folder.path().join("index"), &[&crawls[..1], &crawls]);
    let whole = Whole {
        answers: answers(&index).unwrap(),
        requests: requests(),
    };
    let mut names = all_files(index.folder().root());
    names.remove(layout::LOCK);
    let names: Vec<String> = names.into_iter().collect();
    assert!(names.len() > 25, "{names:?}");
    let next = AtomicUsize::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for worker in 0..workers {
            let own = folder.path().join(format!("copy-{worker}"));
            copy(index.folder().root(), &own);
            let (whole, names, next) = (&whole, &names, &next);
            scope.spawn(move || {
                while let Some(name) = names.get(next.fetch_add(1, Ordering::Relaxed)) {
                    flip(whole, &own, name);
                    cut(whole, &own, name);
                }
            });
        }
    });
}
