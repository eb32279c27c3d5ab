//! Every rule of damage, one by one.

use crate::write::*;

const NESTED: &[u8] =
    b"<p>\r\n\r\nWARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://forged/\r\nContent-Length: 1\r\n\r\nx\r\n\r\n</p>";

fn members(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.iter().flat_map(|part| gzip(part)).collect()
}

fn forgery(length: Option<i64>) -> Vec<u8> {
    record_of("response", "http://page/", NESTED, length)
}

#[test]
fn a_page_cannot_forge_a_record_in_its_own_member() {
    let lengths = [
        None,
        Some(-1),
        Some(0),
        Some(3),
        Some(7),
        Some(60),
        Some(NESTED.len() as i64),
        Some(9_999),
        Some(i64::MAX),
    ];
    for length in lengths {
        for parts in [
            vec![warcinfo(), forgery(length), record("http://b/", b"y")],
            vec![
                record("http://z/", b"z"),
                forgery(length),
                record("http://b/", b"y"),
            ],
            vec![forgery(length), record("http://b/", b"y")],
        ] {
            // A first member whose length leads exactly to the forged head looks like a stream.
            if parts.len() == 2 && matches!(length, Some(3 | 7)) {
                continue;
            }
            let packs: [Packer; 3] = [gzip, |bytes| zstd(bytes, &[]), lz4];
            for pack in packs {
                let bytes: Vec<u8> = parts.iter().flat_map(|part| pack(part)).collect();
                let keep = read(&bytes);
                assert_eq!(keep.records.len(), parts.len(), "{length:?}");
                let page = keep.records.iter().find(|got| got.uri == "http://page/").unwrap();
                assert_eq!(page.block, NESTED, "{length:?}");
                let right = length == Some(NESTED.len() as i64);
                assert_eq!(keep.whats(), if right { vec![] } else { vec!["wrong length"] });
            }
        }
    }
}

#[test]
fn a_plain_length_too_short_reaches_to_the_next_head() {
    for length in [None, Some(-5), Some(0), Some(2)] {
        let bytes = [
            warcinfo(),
            record_of("response", "http://a/", b"some text", length),
            record("http://b/", b"y"),
        ];
        for bytes in [bytes.concat(), gzip(&bytes.concat())] {
            let keep = read(&bytes);
            assert_eq!(keep.uris(), ["urn:info", "http://a/", "http://b/"]);
            assert_eq!(keep.records[1].block, b"some text");
            assert_eq!(
                keep.whats(),
                [if length.unwrap_or(-1) < 0 {
                    "no length"
                } else {
                    "wrong length"
                }]
            );
        }
    }
}

#[test]
fn a_plain_length_too_long_ends_at_the_next_head() {
    for length in [20, 100, 5_000, 1 << 40] {
        let bytes = [
            warcinfo(),
            record_of("response", "http://a/", b"some text", Some(length)),
            record("http://b/", &[b'y'; 200]),
            record("http://c/", b"z"),
        ];
        for bytes in [bytes.concat(), gzip(&bytes.concat())] {
            let keep = read(&bytes);
            assert_eq!(
                keep.uris(),
                ["urn:info", "http://a/", "http://b/", "http://c/"],
                "{length}"
            );
            assert_eq!(keep.records[1].block, b"some text");
            assert_eq!(keep.whats(), ["wrong length"]);
        }
    }
}

#[test]
fn a_lying_length_over_64_mib_in_a_long_plain_file_loses_nothing() {
    let mut bytes = record_of("response", "http://a/", b"some text", Some(70 << 20));
    let filler = record("http://f/", &vec![b'f'; 10 << 20]);
    for _ in 0..8 {
        bytes.extend_from_slice(&filler);
    }
    let mut keep = Keep::default();
    openrefs_archive::read_bytes(&bytes, &mut keep).unwrap();
    assert_eq!((keep.records.len(), keep.whats()), (9, vec!["wrong length"]));
    assert_eq!(keep.records[0].block, b"some text");
    // In a stream that cannot be opened again, records in the thrown-away part are lost, no others.
    let mut keep = Keep::default();
    openrefs_archive::read_bytes(&gzip_at(&bytes, 1), &mut keep).unwrap();
    assert_eq!(keep.records[0].block, b"some text");
    assert!(keep.records.len() >= 7, "{}", keep.records.len());
}

#[test]
fn a_record_cut_by_the_end_is_not_handed_out() {
    let whole = [record("http://a/", b"x"), record("http://b/", &[b'y'; 500])].concat();
    let head = record("http://a/", b"x").len();
    for cut in [1, 2, 3, 4] {
        assert_eq!(
            read(&whole[..whole.len() - cut]).uris(),
            ["http://a/", "http://b/"],
            "only the separator is cut"
        );
    }
    for cut in head + 10..whole.len() - 4 {
        let keep = read(&whole[..cut]);
        assert_eq!(
            (keep.uris(), keep.whats()),
            (vec!["http://a/"], vec!["record cut short"]),
            "{cut}"
        );
    }
}

#[test]
fn a_member_cut_by_the_end_is_not_handed_out() {
    let parts = [
        warcinfo(),
        record("http://a/", b"x"),
        record("http://b/", &[b'y'; 500]),
    ];
    let whole = members(&parts);
    let start = whole.len() - gzip(&parts[2]).len();
    for cut in start + 3..whole.len() {
        let keep = read(&whole[..cut]);
        assert_eq!(
            (keep.uris(), keep.whats()),
            (vec!["urn:info", "http://a/"], vec!["record cut short"]),
            "{cut}"
        );
    }
}

#[test]
fn a_broken_member_costs_one_record() {
    let noise: Vec<u8> = (0..3_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let parts: Vec<Vec<u8>> = (0..5).map(|i| record(&format!("http://a/{i}"), &noise)).collect();
    let packs: [Packer; 3] = [gzip, |bytes| zstd(bytes, &[]), lz4];
    for pack in packs {
        let packed: Vec<Vec<u8>> = parts.iter().map(|part| pack(part)).collect();
        let start = packed[0].len() + packed[1].len();
        for at in (start..start + packed[2].len()).step_by(13) {
            let mut bytes = packed.concat();
            bytes[at] ^= 0x55;
            let keep = read(&bytes);
            let uris = keep.uris();
            for i in [0, 1, 3, 4] {
                assert!(
                    uris.contains(&format!("http://a/{i}").as_str()),
                    "record {i}, byte {at}"
                );
            }
        }
    }
}

#[test]
fn a_broken_first_member_does_not_hide_the_container() {
    let packs: [Packer; 3] = [gzip, |bytes| zstd(bytes, &[]), lz4];
    for pack in packs {
        let mut bytes = [
            pack(&warcinfo()),
            pack(&record("http://a/", b"x")),
            pack(&record("http://b/", b"y")),
        ]
        .concat();
        bytes[..4].fill(b'?');
        assert_eq!(read(&bytes).uris(), ["http://a/", "http://b/"]);
    }
}

#[test]
fn rubbish_between_members_is_passed() {
    let bytes = [
        gzip(&warcinfo()),
        b"CORRUPTED \x1f\x8b\x08 rubbish".to_vec(),
        gzip(&record("http://a/", b"x")),
    ]
    .concat();
    let keep = read(&bytes);
    assert_eq!(keep.uris(), ["urn:info", "http://a/"]);
    assert_eq!(keep.whats(), ["rubbish between members"]);
}

#[test]
fn rubbish_between_records_belongs_to_the_record_before() {
    let bytes = [
        record("http://a/", b"x"),
        b"rubbish\n".to_vec(),
        record("http://b/", b"y"),
    ]
    .concat();
    let keep = read(&bytes);
    assert_eq!(keep.blocks(), [&b"x\r\n\r\nrubbish"[..], b"y"]);
    assert_eq!(keep.whats(), ["wrong length"]);
    let keep = read(&[b"rubbish\n".to_vec(), record("http://b/", b"y")].concat());
    assert_eq!(
        (keep.uris(), keep.whats()),
        (vec!["http://b/"], vec!["rubbish between records"])
    );
}

/// A crawled page that is itself an archive stands verbatim in a stored block of its member.
#[test]
fn an_archive_inside_a_broken_member_is_not_taken_for_members() {
    let members: Vec<Vec<u8>> = (0..20)
        .map(|i| gzip(&record(&format!("http://forged/{i}"), b"forged")))
        .collect();
    let nested = members.concat();
    let parts = [
        warcinfo(),
        record("http://page/", &nested),
        record("http://b/", b"y"),
    ];
    let packed: Vec<Vec<u8>> = parts.iter().map(|part| gzip_at(part, 0)).collect();
    let whole = packed.concat();
    for end in packed[0].len() + 200..packed[0].len() + packed[1].len() {
        // A cut between two members inside leaves the same bytes as a writer that died and was started again.
        if !members.iter().any(|member| whole[..end].ends_with(member)) {
            assert_eq!(read(&whole[..end]).uris(), ["urn:info"], "cut at {end}");
        }
    }
    for at in (packed[0].len() + 200..packed[0].len() + packed[1].len()).step_by(7) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        assert_eq!(read(&bytes).uris(), ["urn:info", "http://b/"], "byte {at}");
    }
}

#[test]
fn members_written_after_a_crash_come_out() {
    let noise: Vec<u8> = (0..9_000u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let later: Vec<Vec<u8>> = (0..9)
        .map(|i| gzip(&record(&format!("http://b/{i}"), b"later")))
        .collect();
    let partial = gzip_at(&record("http://a/", &noise), 0);
    for cut in (100..partial.len()).step_by(97) {
        let keep = read(&[gzip(&warcinfo()), partial[..cut].to_vec(), later.concat()].concat());
        assert_eq!(keep.records.len(), 10, "cut at {cut}: {:?}", keep.whats());
    }
}

#[test]
fn records_before_damage_in_one_stream_come_out() {
    let parts: Vec<Vec<u8>> = (0..200)
        .map(|i| record(&format!("http://a/{i}"), format!("{}", i * 7919).as_bytes()))
        .collect();
    let mut bytes = gzip(&parts.concat());
    let middle = bytes.len() / 2;
    bytes.truncate(middle);
    let keep = read(&bytes);
    assert!(keep.records.len() > 50);
    assert_eq!(keep.damages.last().unwrap().what, "archive cut short");
}

#[test]
fn missing_separators_and_extra_blank_lines_are_no_damage() {
    let bare = |uri: &str| record(uri, b"x").strip_suffix(b"\r\n\r\n").unwrap().to_vec();
    let keep = read(
        &[
            bare("http://a/"),
            bare("http://b/"),
            b"\r\n\n\n\r\n".to_vec(),
            bare("http://c/"),
        ]
        .concat(),
    );
    assert_eq!((keep.records.len(), keep.whats()), (3, vec![]));
}
