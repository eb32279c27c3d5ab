//! Reads archives and prints what is in them, with the speed: `cargo run --release --example count -- FILE...`.

use openrefs_archive::{Damage, Input, Record, RecordKind, Sink, expand, read_file, read_stream};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

#[derive(Default)]
struct Count {
    block_bytes: u64,
    damages: Vec<Damage>,
}

impl Sink for Count {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        self.block_bytes += record.block_bytes;
        if std::env::var_os("LIST").is_some() {
            println!(
                "  {:?} at {}: {} bytes, {:?}",
                record.kind, record.offset, record.block_bytes, record.target_uri
            );
        }
        ControlFlow::Continue(())
    }

    fn damage(&mut self, damage: Damage) {
        if std::env::var_os("LIST").is_some() {
            println!("  {} at {}", damage.what, damage.offset);
        }
        self.damages.push(damage);
    }

    fn archive(&mut self, name: &str) {
        println!("  archive {name}");
    }
}

fn main() -> Result<(), openrefs_archive::Error> {
    let names: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    for input in expand(&names)? {
        let mut sink = Count::default();
        let start = Instant::now();
        let totals = match &input {
            Input::File(path) => read_file(path, &|_| {}, &mut sink)?,
            Input::Stdin => read_stream(std::io::stdin().lock(), &|_| {}, &mut sink)?,
        };
        let rate = totals.bytes_decoded as f64 / start.elapsed().as_secs_f64() / 1e6;
        let kinds = RecordKind::ALL.iter().filter(|&&kind| totals.records(kind) > 0);
        let kinds: Vec<String> = kinds
            .map(|&kind| format!("{kind:?} {}", totals.records(kind)))
            .collect();
        println!(
            "{input:?}: {}; {} bytes, {} decoded, {} in blocks, {rate:.0} MB/s; {} damages {:?}",
            kinds.join(", "),
            totals.bytes_stored,
            totals.bytes_decoded,
            sink.block_bytes,
            totals.damages,
            sink.damages.iter().take(4).collect::<Vec<_>>()
        );
    }
    Ok(())
}
