//! Any bytes are read as an archive to their end: blocks keep to their limit, the totals count what was handed out, and
//! a stream in small pieces gives the same as memory. The first byte says in which container the others are put.

#![no_main]

use std::io::{Read, Write};
use std::ops::ControlFlow;

use libfuzzer_sys::fuzz_target;
use openrefs_archive::{BLOCK_BYTES_MAX, Damage, Record, RecordKind, Sink, read_bytes, read_stream};

#[derive(Debug, Default, PartialEq)]
struct Keep {
    records: Vec<(u64, RecordKind, Option<String>, u64, Vec<u8>)>,
    damages: Vec<Damage>,
    archives: Vec<String>,
}

impl Sink for Keep {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        assert!(record.block.len() <= BLOCK_BYTES_MAX);
        assert_eq!(
            record.block.len() as u64,
            record.block_bytes.min(BLOCK_BYTES_MAX as u64)
        );
        self.records.push((
            record.offset,
            record.kind,
            record.target_uri,
            record.block_bytes,
            record.block.to_vec(),
        ));
        ControlFlow::Continue(())
    }

    fn damage(&mut self, damage: Damage) {
        self.damages.push(damage);
    }

    fn archive(&mut self, name: &str) {
        self.archives.push(name.to_owned());
    }
}

/// Pieces of odd lengths.
struct Dribble<'a>(&'a [u8]);

impl Read for Dribble<'_> {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        let len = buf.len().min(self.0.len()).min(1 + self.0.len() % 977);
        buf[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

fn packed(container: u8, bytes: &[u8]) -> Vec<u8> {
    match container {
        b'g' => {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            out.write_all(bytes).expect("memory");
            out.finish().expect("memory")
        }
        b'z' => zstd::bulk::compress(bytes, 1).expect("memory"),
        b'l' => {
            let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
            out.write_all(bytes).expect("memory");
            out.finish().expect("memory")
        }
        _ => bytes.to_vec(),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&container, bytes)) = data.split_first() else {
        return;
    };
    let bytes = packed(container, bytes);
    let mut keep = Keep::default();
    let totals = read_bytes(&bytes, &mut keep).expect("memory is always read");
    assert_eq!(totals.bytes_stored, bytes.len() as u64);
    assert_eq!(totals.records_all(), keep.records.len() as u64);
    assert_eq!(totals.damages, keep.damages.len() as u64);
    for kind in RecordKind::ALL {
        let count = keep.records.iter().filter(|record| record.1 == kind).count();
        assert_eq!(totals.records(kind), count as u64);
    }
    let mut again = Keep::default();
    read_stream(Dribble(&bytes), &|_| {}, &mut again).expect("memory is always read");
    assert_eq!(keep, again, "memory and stream");
});
