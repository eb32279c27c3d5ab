//! Archives made to take long: each must be read in time that grows with its size, not with its square. The bound is
//! generous, for slow machines and builds without optimisation.

use crate::write::*;
use openrefs_archive::read_bytes;
use std::time::{Duration, Instant};

fn in_time(name: &str, bytes: &[u8]) -> Keep {
    let start = Instant::now();
    let mut keep = Keep::default();
    read_bytes(bytes, &mut keep).unwrap();
    let took = start.elapsed();
    println!(
        "{name}: {} bytes, {} records, {} damages, {took:?}",
        bytes.len(),
        keep.records.len(),
        keep.damages.len()
    );
    assert!(took < Duration::from_secs(60), "{name}: {took:?}");
    keep
}

#[test]
fn magic_numbers_only() {
    let magics: [&[u8]; 4] = [
        b"\x1f\x8b\x08",
        b"\x28\xb5\x2f\xfd",
        b"\x04\x22\x4d\x18",
        b"\x50\x2a\x4d\x18",
    ];
    for magic in magics {
        in_time("magic numbers", &magic.repeat(1 << 20));
        in_time(
            "after a record",
            &[gzip(&warcinfo()), magic.repeat(1 << 20)].concat(),
        );
    }
}

/// Every header's name field swallows the headers behind it, so all share one body, which is broken at its end.
#[test]
fn members_that_share_a_body() {
    let headers = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03nn".repeat(20_000);
    let mut body = gzip_at(&record("http://a/", &vec![b'x'; 20 << 20]), 9).split_off(10);
    let end = body.len() - 1;
    body[end] ^= 1;
    in_time("shared body", &[&headers[..], b"\0", &body].concat());
    in_time(
        "shared body after a record",
        &[&gzip(&warcinfo()), &headers[..], b"\0", &body].concat(),
    );
}

#[test]
fn empty_members_and_frames() {
    in_time("empty members", &gzip(b"").repeat(50_000));
    in_time("empty frames", &zstd(b"", &[]).repeat(50_000));
    in_time("empty lz4 frames", &lz4(b"").repeat(20_000));
}

#[test]
fn lengths_that_lie_in_every_record() {
    for length in [
        None,
        Some(1),
        Some(60_000),
        Some(60 << 20),
        Some(65 << 20),
        Some(1 << 40),
    ] {
        let bytes = record_of("response", "http://a/", &[b'x'; 500], length).repeat(120_000);
        let keep = in_time("lying lengths", &bytes);
        // Thousands of lengths over 64 MiB that lead into the file cost more than may be read again.
        let least = if length == Some(65 << 20) {
            100_000
        } else {
            119_999
        };
        // No head follows the last one, so it counts as cut short where its length says so.
        assert!(keep.records.len() >= least, "{length:?}");
    }
}

#[test]
fn heads_without_end() {
    in_time("heads", &b"WARC/1.0\r\nA: b\r\n".repeat(1 << 18));
    in_time("version lines", &b"WARC/1.0\r\n".repeat(1 << 18));
    in_time("one line", &vec![b'x'; 32 << 20]);
    in_time("blank lines", &vec![b'\n'; 32 << 20]);
}

#[test]
fn bombs_are_read_to_their_end_in_bounded_memory() {
    let bomb = vec![0; 256 << 20];
    let parts = [
        warcinfo(),
        record("http://bomb/", &bomb),
        record("http://b/", b"y"),
    ];
    let packs: [Packer; 2] = [|bytes| gzip_at(bytes, 1), |bytes| zstd(bytes, &[])];
    for pack in packs {
        let bytes: Vec<u8> = parts.iter().flat_map(|part| pack(part)).collect();
        let keep = in_time("bomb", &bytes);
        assert_eq!(keep.uris(), ["urn:info", "http://bomb/", "http://b/"]);
        assert_eq!(keep.records[1].block_bytes, bomb.len() as u64);
    }
}
