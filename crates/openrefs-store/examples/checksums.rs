//! What checking costs: all of `links` of an index is decoded when no block was checked yet, and again when all were.
//! Usage: `cargo run --release -p openrefs-store --example checksums INDEX`. The figures are the best of some rounds; the very
//! first time is as cold as the system's cache is.

use std::path::Path;
use std::time::Instant;

use openrefs_store::{Index, Result, TableFile, TableName, links};

fn main() -> Result<()> {
    let path = std::env::args().nth(1).unwrap_or_else(|| "idx".to_owned());
    let index = Index::open(Path::new(&path))?;
    let manifest = index.published()?;
    let entries: Vec<_> = manifest.table(TableName::Links).collect();
    let bytes: u64 = entries.iter().map(|entry| entry.file.bytes).sum();
    println!("{} backlinks, {bytes} bytes", manifest.rows(TableName::Links));
    let mut best = [f64::INFINITY; 3];
    for repeat in 0..12 {
        let open = |entry: &&openrefs_store::FileEntry| TableFile::open(index.folder(), &entry.file);
        let files: Vec<TableFile> = entries.iter().map(open).collect::<Result<_>>()?;
        for (round, best) in best.iter_mut().enumerate() {
            let started = Instant::now();
            for file in &files {
                if round == 2 {
                    file.check_all(&|_| {})?;
                    continue;
                }
                for batch in file.all(&links::COLUMNS)? {
                    batch?;
                }
            }
            let seconds = started.elapsed().as_secs_f64();
            if (repeat, round) == (0, 0) {
                println!("the very first time:    {seconds:.4} s");
            }
            *best = best.min(seconds);
        }
    }
    let [unchecked, checked, alone] = best;
    println!("decoded with checks:    {unchecked:.4} s");
    println!(
        "decoded without:        {checked:.4} s ({:+.2} % with)",
        (unchecked / checked - 1.0) * 100.0
    );
    println!(
        "checks alone, and reading: {alone:.4} s, {:.2} GB/s",
        bytes as f64 / alone / 1e9
    );
    Ok(())
}
