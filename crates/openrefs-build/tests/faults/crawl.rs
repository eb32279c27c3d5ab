//! Two small crawls, an index of them, and requests over all plans with their answers.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use openrefs_archive::Input;
use openrefs_build::{Ingest, Options, Quiet, Result, ingest, verify};
use openrefs_model::SuffixList;
use openrefs_query::{Answer, Parameters, RefdomainsRequest, Snapshot};
use openrefs_store::{Folder, Index, Manifest, layout};

const LIST: &str = "// ===BEGIN ICANN DOMAINS===\ncom\norg\n";
pub const BUCKETS: u32 = 3;
/// Memory of a build and of a verification.
pub const MEMORY_BYTES: usize = 64 << 20;

/// Mode, target, `where`, `having`, `order_by`.
const REQUESTS: [[&str; 5]; 8] = [
    ["domain", "a.com", "", "", ""],
    ["domain", "www.b.com", "", "", "backlinks:desc"],
    ["subdomains", "b.com", "", "", "domain_rating:desc,refdomain"],
    ["subdomains", "a.com", "", "backlinks>=2", "last_visited:desc"],
    ["exact", "a.com/1", "", "", ""],
    ["prefix", "b.com/", "", "", ""],
    ["domain", "c.com", "substring(refdomain,\"2\")", "", ""],
    [
        "subdomains",
        "c.com",
        "last_visited>=\"2024-01-03\"",
        "refpages>=1",
        "refpages:desc,refdomain",
    ],
];

/// A folder for tests, in memory where that is possible, since many files are made durable.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory).unwrap_or_else(|_| tempfile::tempdir().unwrap())
    } else {
        tempfile::tempdir().unwrap()
    }
}

/// Writes a crawl of pages that link to targets, as WARC.
pub fn write(path: &Path, day: u32, targets: &[&str]) -> Input {
    let mut text = String::new();
    for site in 0..6 {
        for page in 0..2 {
            let links: String = targets
                .iter()
                .enumerate()
                .filter(|(number, _)| (number + site + page) % 3 != 0)
                .map(|(number, target)| format!("<a href=\"http://{target}{}\">to {number}</a>", site % 2))
                .collect();
            let http = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{links}");
            text.push_str(&format!(
                "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://site{site}.org/{page}\r\n\
                 WARC-Date: 2024-01-0{day}T0{page}:00:00Z\r\nWARC-IP-Address: 192.0.{site}.1\r\n\
                 Content-Type: application/http\r\nContent-Length: {}\r\n\r\n{http}\r\n\r\n",
                http.len()
            ));
        }
    }
    fs::write(path, text).unwrap();
    Input::File(path.to_owned())
}

/// The two crawls, in a folder. The second one links to fewer domains, so that a bucket carries over.
pub fn crawls(folder: &Path) -> [Input; 2] {
    let first = [
        "a.com/",
        "www.b.com/x",
        "b.com/",
        "c.com/",
        "www.c.com/",
        "site1.org/",
    ];
    [
        write(&folder.join("one.warc"), 1, &first),
        write(&folder.join("two.warc"), 4, &["a.com/", "d.com/", "site1.org/2/"]),
    ]
}

pub fn options() -> Options {
    Options {
        workers: 2,
        memory_bytes: MEMORY_BYTES,
    }
}

/// Opens or creates an index.
pub fn index(folder: Folder) -> openrefs_store::Result<Index> {
    let list = SuffixList::from_text(LIST).unwrap();
    Index::open_or_create_in(folder, Some(BUCKETS), Some(&list))
}

/// Adds crawls to an index.
pub fn add(folder: Folder, crawls: &[Input]) -> Result<Ingest> {
    ingest(&index(folder)?, crawls.to_vec(), &options(), &Quiet)
}

/// An index in a path of a folder, of these crawls one after another.
pub fn made(path: PathBuf, crawls: &[&[Input]]) -> Index {
    for crawls in crawls {
        add(Folder::new(&path), crawls).unwrap();
    }
    index(Folder::new(path)).unwrap()
}

/// Copies an index.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The answers to all requests. An error is one of the store.
pub fn answers(index: &Index) -> openrefs_query::Result<Vec<Answer>> {
    let snapshot = Snapshot::open(index)?;
    requests()
        .iter()
        .map(|request| answer(&snapshot, request))
        .collect()
}

pub fn requests() -> Vec<Parameters> {
    let text = |text: &str| text.to_owned();
    let parameters = REQUESTS.map(|[mode, target, where_, having, order_by]| Parameters {
        mode: text(mode),
        target: text(target),
        where_: text(where_),
        having: text(having),
        order_by: text(order_by),
        ..Parameters::default()
    });
    parameters.into()
}

pub fn answer(snapshot: &Snapshot, request: &Parameters) -> openrefs_query::Result<Answer> {
    let request = RefdomainsRequest::read(snapshot.suffix_list(), request)?;
    openrefs_query::refdomains::refdomains(snapshot, &request)
}

/// All that must be the same when the same archives went in.
pub fn files(manifest: &Manifest) -> Vec<(String, String, u64)> {
    let files = manifest.files.iter();
    files
        .map(|file| (file.file.name.clone(), file.file.checksum.clone(), file.rows))
        .collect()
}

/// Fails when verification finds something.
pub fn is_well(index: &Index, context: &str) {
    let verified = verify(index, MEMORY_BYTES, &Quiet).unwrap();
    assert_eq!(verified.findings, [], "{context}");
}

/// Every file below a path, by name.
pub fn all_files(path: &Path) -> BTreeSet<String> {
    fn walk(path: &Path, prefix: &str, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(path).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                walk(&entry.path(), &format!("{name}/"), found);
            } else {
                found.insert(name);
            }
        }
    }
    let mut found = BTreeSet::new();
    walk(path, "", &mut found);
    found
}

/// Fails when there is a file that the only snapshot does not need.
pub fn nothing_else(index: &Index, context: &str) {
    let manifest = index.published().unwrap();
    let mut needed: BTreeSet<String> = manifest.files.iter().map(|file| file.file.name.clone()).collect();
    needed.insert(layout::manifest(manifest.snapshot));
    for name in [
        layout::SETTINGS,
        layout::SUFFIX_LIST,
        layout::CURRENT,
        layout::LOCK,
    ] {
        needed.insert(name.to_owned());
    }
    assert_eq!(all_files(index.folder().root()), needed, "{context}");
}
