//! Reads archives with one thread and prints every count, and the speed: `cargo run --release -p openrefs-extract
//! --example extract -- ARCHIVE...`

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use openrefs_archive::{Damage, Error, Record, Sink, read_file};
use openrefs_extract::{Extractor, Output};
use openrefs_model::{Backlink, SuffixList, Visit};

struct Reading {
    extractor: Extractor,
    block_bytes: u64,
}

/// Takes everything and keeps nothing.
struct Nothing;

impl Output for Nothing {
    fn visit(&mut self, _: Visit, _: Vec<Backlink>) {}
}

impl Sink for Reading {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        self.block_bytes += record.block_bytes;
        self.extractor.record(&record, &mut Nothing);
        ControlFlow::Continue(())
    }

    fn damage(&mut self, damage: Damage) {
        println!("damage at {}: {}", damage.offset, damage.what);
    }
}

fn main() -> Result<(), Error> {
    let mut reading = Reading {
        extractor: Extractor::new(Arc::new(SuffixList::bundled())),
        block_bytes: 0,
    };
    let start = Instant::now();
    for path in std::env::args().skip(1) {
        read_file(Path::new(&path), &|_| {}, &mut reading)?;
    }
    let seconds = start.elapsed().as_secs_f64();
    for (name, count) in reading.extractor.report().iter() {
        println!("{count:>12}  {name}");
    }
    let megabytes = reading.block_bytes as f64 / 1e6;
    println!(
        "{megabytes:.1} MB of blocks in {seconds:.2} s: {:.1} MB/s",
        megabytes / seconds
    );
    Ok(())
}
