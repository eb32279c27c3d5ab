//! Archives to backlinks on one core: decompression, framing, HTML or JSON, links. Throughput is in bytes of
//! uncompressed record blocks.
//!
//! Measured on a sample crawl, as WARC and as WAT, and on the real crawls in `../shared/data/crawls` if they are there.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use openrefs_archive::{Damage, Record, Sink, expand, read_file};
use openrefs_extract::{Extractor, Output};
use openrefs_model::{Backlink, SuffixList, Visit};

/// Takes backlinks and forgets them.
struct Reading {
    extractor: Extractor,
    block_bytes: u64,
}

struct Nothing;

impl Output for Nothing {
    fn visit(&mut self, visit: Visit, backlinks: Vec<Backlink>) {
        std::hint::black_box((visit, backlinks));
    }
}

impl Sink for Reading {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        self.block_bytes += record.block_bytes;
        self.extractor.record(&record, &mut Nothing);
        ControlFlow::Continue(())
    }

    fn damage(&mut self, damage: Damage) {
        panic!("a crawl to measure on is damaged: {damage:?}");
    }
}

/// Reads archives whole; how many bytes of blocks they hold.
fn read(archives: &[PathBuf], list: &Arc<SuffixList>) -> u64 {
    let mut reading = Reading {
        extractor: Extractor::new(Arc::clone(list)),
        block_bytes: 0,
    };
    for path in archives {
        if let Err(error) = read_file(path, &|_| (), &mut reading) {
            panic!("{error}");
        }
    }
    reading.block_bytes
}

fn files(folder: PathBuf) -> Vec<PathBuf> {
    let inputs = expand(&[folder]).unwrap_or_default();
    inputs
        .into_iter()
        .filter_map(|input| match input {
            openrefs_archive::Input::File(path) => Some(path),
            openrefs_archive::Input::Stdin => None,
        })
        .collect()
}

fn archives(criterion: &mut Criterion) {
    let sample = match tempfile::tempdir() {
        Ok(folder) => folder,
        Err(error) => panic!("no temporary folder: {error}"),
    };
    let options = openrefs_sample::Options {
        domains: 3_000,
        pages: 3_000,
        seed: 1,
    };
    if let Err(error) = openrefs_sample::write(&options, sample.path(), &|_| ()) {
        panic!("{error}");
    }
    let list = Arc::new(SuffixList::bundled());
    let real = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/crawls");
    let mut group = criterion.benchmark_group("archives");
    group.sample_size(10);
    for (name, folder) in [
        ("sample-warc", sample.path().join("warc")),
        ("sample-wat", sample.path().join("wat")),
        ("real-warc", real),
    ] {
        let archives = files(folder);
        if archives.is_empty() {
            println!("skipped: {name}: ../shared is absent");
            continue;
        }
        group.throughput(Throughput::Bytes(read(&archives, &list)));
        group.bench_function(name, |bencher| bencher.iter(|| read(&archives, &list)));
    }
    group.finish();
}

criterion_group!(benches, archives);
criterion_main!(benches);
