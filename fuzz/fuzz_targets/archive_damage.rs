//! One damage to an archive with a gzip member per record: the records before it come out first, equal and in order, and
//! those behind it last. The latter only if the damage leaves the first member whole, which says what kind of file it is.

#![no_main]

use std::io::Write;
use std::ops::ControlFlow;

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use openrefs_archive::{Record, Sink, read_bytes};

#[derive(Arbitrary, Debug)]
struct Case {
    records: Vec<Body>,
    level: u8,
    damage: Damage,
    at: u16,
}

#[derive(Arbitrary, Debug)]
struct Body {
    bytes: Vec<u8>,
    times: u8,
}

#[derive(Arbitrary, Debug)]
enum Damage {
    Cut,
    Flip(u8),
    Overwrite(Vec<u8>),
    Remove(u8),
    Insert(Vec<u8>),
}

#[derive(Default)]
struct Keep(Vec<(String, Vec<u8>)>);

impl Sink for Keep {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        assert_eq!(record.block.len() as u64, record.block_bytes);
        self.0
            .push((record.target_uri.unwrap_or_default(), record.block.to_vec()));
        ControlFlow::Continue(())
    }

    fn damage(&mut self, _: openrefs_archive::Damage) {}
}

fn member(uri: &str, body: &[u8], level: u8) -> Vec<u8> {
    let level = flate2::Compression::new(u32::from(level % 10));
    let mut out = flate2::write::GzEncoder::new(Vec::new(), level);
    let head = format!(
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: {uri}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    for part in [head.as_bytes(), body, b"\r\n\r\n"] {
        out.write_all(part).expect("memory");
    }
    out.finish().expect("memory")
}

/// Does the damage; gives the first byte that it touches, and of the old bytes the first that it does not touch any more.
fn damaged(bytes: &mut Vec<u8>, damage: Damage, at: usize) -> (usize, usize) {
    let end = match damage {
        Damage::Cut => {
            bytes.truncate(at);
            return (at, usize::MAX);
        }
        Damage::Flip(bits) => {
            bytes[at] ^= bits.max(1);
            at + 1
        }
        Damage::Overwrite(new) => {
            let end = bytes.len().min(at + new.len());
            bytes[at..end].copy_from_slice(&new[..end - at]);
            end
        }
        Damage::Remove(count) => {
            let end = bytes.len().min(at + usize::from(count));
            bytes.drain(at..end);
            end
        }
        Damage::Insert(new) => {
            bytes.splice(at..at, new);
            at
        }
    };
    (at, end)
}

fuzz_target!(|case: Case| {
    let mut bytes = Vec::new();
    let mut ends = vec![0];
    let mut expected = Vec::new();
    for (n, body) in case.records.into_iter().take(40).enumerate() {
        let uri = format!("http://www.example.com/{n}");
        let body = body.bytes.repeat(1 + usize::from(body.times));
        bytes.extend(member(&uri, &body, case.level));
        ends.push(bytes.len());
        expected.push((uri, body));
    }
    if expected.is_empty() {
        return;
    }
    let at = usize::from(case.at) % bytes.len();
    let (start, end) = damaged(&mut bytes, case.damage, at);
    let mut keep = Keep::default();
    read_bytes(&bytes, &mut keep).expect("memory is always read");

    let before = ends.iter().skip(1).take_while(|&&end| end <= start).count();
    assert_eq!(
        keep.0.get(..before),
        Some(&expected[..before]),
        "before the damage"
    );
    if before > 0 {
        let behind = &expected[ends
            .iter()
            .take_while(|&&begin| begin < end)
            .count()
            .min(expected.len())..];
        assert!(
            keep.0.ends_with(behind),
            "{} records behind the damage",
            behind.len()
        );
    }
});
