//! Random records in random containers under random damage.

use crate::write::*;
use openrefs_archive::{RecordKind, read_bytes};
use proptest::prelude::*;

#[derive(Clone, Copy, Debug)]
enum Pack {
    Plain,
    GzipEach,
    GzipAll,
    ZstdEach,
    ZstdAll,
    Lz4Each,
    Lz4All,
}

impl Pack {
    /// The archive, and where each record ends in it (containers with a member per record only).
    fn pack(self, parts: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
        let each = |pack: &dyn Fn(&[u8]) -> Vec<u8>| {
            let mut bytes = Vec::new();
            let mut ends = Vec::new();
            for part in parts {
                bytes.extend(pack(part));
                ends.push(bytes.len());
            }
            (bytes, ends)
        };
        match self {
            Pack::Plain => each(&|part| part.to_vec()),
            Pack::GzipEach => each(&gzip),
            Pack::ZstdEach => each(&|part| zstd(part, &[])),
            Pack::Lz4Each => each(&lz4),
            Pack::GzipAll => (gzip(&parts.concat()), vec![]),
            Pack::ZstdAll => (zstd(&parts.concat(), &[]), vec![]),
            Pack::Lz4All => (lz4(&parts.concat()), vec![]),
        }
    }

    fn is_bounded(self) -> bool {
        matches!(self, Pack::GzipEach | Pack::ZstdEach | Pack::Lz4Each)
    }
}

#[derive(Clone, Debug)]
enum Harm {
    Flip(usize, u8),
    Cut(usize),
    Insert(usize, Vec<u8>),
    Remove(usize, usize),
    Zero(usize, usize),
}

impl Harm {
    /// Does the harm; the first byte that is not as it was, and the first after which all is as it was.
    fn harm(&self, bytes: &mut Vec<u8>) -> (usize, usize) {
        let len = bytes.len();
        match self {
            Harm::Flip(at, bits) => {
                bytes[at % len] ^= bits;
                (at % len, at % len + 1)
            }
            Harm::Cut(at) => {
                bytes.truncate(at % len);
                (at % len, len)
            }
            Harm::Insert(at, rubbish) => {
                bytes.splice(at % len..at % len, rubbish.iter().copied());
                (at % len, at % len)
            }
            Harm::Remove(at, count) => {
                let end = (at % len + count).min(len);
                bytes.drain(at % len..end);
                (at % len, end)
            }
            Harm::Zero(at, count) => {
                let end = (at % len + count).min(len);
                bytes[at % len..end].fill(0);
                (at % len, end)
            }
        }
    }
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..2_000),
        "[a-z<>\r\n ]{0,3000}".prop_map(String::into_bytes),
        Just(b"\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://forged/\r\nContent-Length: 1\r\n\r\nx\r\n\r\n".to_vec()),
        (0u32..9).prop_map(|i| gzip_at(&record("http://forged/", &[b'x'; 200]), i)),
        Just(vec![b'z'; 100_000]),
    ]
}

fn pack() -> impl Strategy<Value = Pack> {
    use Pack::*;
    proptest::sample::select(vec![
        Plain, GzipEach, GzipEach, GzipAll, ZstdEach, ZstdAll, Lz4Each, Lz4All,
    ])
}

fn harm() -> impl Strategy<Value = Harm> {
    prop_oneof![
        (any::<usize>(), 1u8..).prop_map(|(at, bits)| Harm::Flip(at, bits)),
        any::<usize>().prop_map(Harm::Cut),
        (any::<usize>(), proptest::collection::vec(any::<u8>(), 1..300))
            .prop_map(|(at, rubbish)| Harm::Insert(at, rubbish)),
        (any::<usize>(), 1usize..500).prop_map(|(at, count)| Harm::Remove(at, count)),
        (any::<usize>(), 1usize..500).prop_map(|(at, count)| Harm::Zero(at, count)),
    ]
}

fn parts(bodies: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut parts = vec![warcinfo()];
    parts.extend(
        bodies
            .iter()
            .enumerate()
            .map(|(i, body)| record(&format!("http://a/{i}"), body)),
    );
    parts
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn sound_archives_come_out_as_they_went_in(bodies in proptest::collection::vec(body(), 0..8), pack in pack()) {
        let (bytes, _) = pack.pack(&parts(&bodies));
        let keep = read(&bytes);
        prop_assert_eq!(keep.whats(), vec![""; 0]);
        prop_assert_eq!(keep.records.len(), bodies.len() + 1);
        for (got, body) in keep.records[1..].iter().zip(&bodies) {
            prop_assert_eq!(&got.block, body);
        }
    }

    #[test]
    fn damage_costs_only_what_it_touches(bodies in proptest::collection::vec(body(), 1..8), pack in pack(), harm in harm()) {
        let (mut bytes, ends) = pack.pack(&parts(&bodies));
        let (from, to) = harm.harm(&mut bytes);
        let keep = read(&bytes);
        if !pack.is_bounded() {
            return Ok(());
        }
        let mut start = 0;
        for (i, end) in ends.iter().enumerate() {
            let untouched = *end <= from || start >= to;
            start = *end;
            let uri = if i == 0 { "urn:info".to_owned() } else { format!("http://a/{}", i - 1) };
            let got = keep.records.iter().find(|got| got.uri == uri);
            if untouched {
                prop_assert!(got.is_some(), "record {} lost: {:?} {:?}", i, keep.uris(), keep.whats());
            }
            if let Some(got) = got && i > 0 {
                prop_assert_eq!(&got.block, &bodies[i - 1]);
            }
        }
        prop_assert!(!keep.uris().contains(&"http://forged/"), "{:?}", keep.whats());
    }

    #[test]
    fn plain_records_before_damage_come_out(bodies in proptest::collection::vec("[a-z<>\r\n ]{0,3000}", 1..8), harm in harm()) {
        let bodies: Vec<Vec<u8>> = bodies.into_iter().map(String::into_bytes).collect();
        let (mut bytes, ends) = Pack::Plain.pack(&parts(&bodies));
        let (from, _) = harm.harm(&mut bytes);
        let keep = read(&bytes);
        // The record right before the damage is bounded by what follows it.
        let sure = ends.iter().filter(|end| **end <= from).count().saturating_sub(1);
        for i in 1..sure {
            prop_assert_eq!(&keep.records[i].block, &bodies[i - 1]);
        }
    }

    #[test]
    fn any_bytes_end(start in proptest::sample::select(vec![&b""[..], b"WARC/1.0\n", b"\x1f\x8b\x08\0", b"\x28\xb5\x2f\xfd", b"\x04\x22\x4d\x18", b"PK\x03\x04", b"\x5d\x2a\x4d\x18", b"filedesc://a 1.1.1.1 20200101000000 a 3\n"]), bytes in proptest::collection::vec(any::<u8>(), 0..5_000)) {
        let mut keep = Keep::default();
        read_bytes(&[start, &bytes].concat(), &mut keep).unwrap();
        prop_assert!(keep.records.iter().all(|got| got.kind != RecordKind::Revisit));
    }
}
