//! Sound archives in every container.

use crate::write::*;
use openrefs_archive::{RecordKind, Sink, read_bytes};
use std::io::Write;
use std::ops::ControlFlow;

const BODIES: [&[u8]; 4] = [b"HTTP/1.1 200 OK\r\n\r\none", b"", b"\r\n\r\n", b"three\n"];

fn parts() -> Vec<Vec<u8>> {
    let mut parts = vec![warcinfo()];
    parts.extend(
        BODIES
            .iter()
            .enumerate()
            .map(|(i, body)| record(&format!("http://a/{i}"), body)),
    );
    parts
}

fn check(keep: &Keep) {
    assert_eq!(keep.whats(), [""; 0]);
    assert_eq!(
        keep.uris(),
        ["urn:info", "http://a/0", "http://a/1", "http://a/2", "http://a/3"]
    );
    assert_eq!(keep.blocks()[1..], BODIES);
    assert_eq!(keep.records[0].kind, RecordKind::Warcinfo);
}

#[test]
fn plain_offsets_are_those_of_the_file() {
    let bytes = parts().concat();
    let keep = read(&bytes);
    check(&keep);
    assert!(
        keep.records
            .iter()
            .all(|got| bytes[got.offset as usize..].starts_with(b"WARC/1.0\r\n"))
    );
}

#[test]
fn a_member_per_record_in_every_container() {
    let packs: [Packer; 3] = [gzip, |bytes| zstd(bytes, &[]), lz4];
    for pack in packs {
        let members: Vec<Vec<u8>> = parts().iter().map(|part| pack(part)).collect();
        let keep = read(&members.concat());
        check(&keep);
        let mut at = 0;
        for (member, got) in members.iter().zip(&keep.records) {
            assert_eq!(got.offset, at);
            at += member.len() as u64;
        }
    }
}

#[test]
fn one_stream_in_every_container() {
    let packs: [Packer; 3] = [gzip, |bytes| zstd(bytes, &[]), lz4];
    let bytes = parts().concat();
    for pack in packs {
        let keep = read(&pack(&bytes));
        check(&keep);
        assert!(
            keep.records
                .iter()
                .all(|got| bytes[got.offset as usize..].starts_with(b"WARC/1.0\r\n"))
        );
    }
}

#[test]
fn members_that_cut_records_anywhere() {
    let bytes = parts().concat();
    for len in [7, 53, 111, 333] {
        let members: Vec<u8> = bytes.chunks(len).flat_map(gzip).collect();
        check(&read(&members));
    }
}

#[test]
fn archives_joined_end_to_end() {
    let per_record: Vec<u8> = parts().iter().flat_map(|part| gzip(part)).collect();
    let one_stream = gzip(&parts().concat());
    for both in [
        [&per_record[..], &one_stream[..]],
        [&one_stream[..], &per_record[..]],
    ] {
        let keep = read(&both.concat());
        assert_eq!(keep.whats(), [""; 0]);
        assert_eq!(keep.records.len(), 10);
    }
}

#[test]
fn zstd_with_the_dictionary_of_the_convention() {
    let samples: Vec<Vec<u8>> = (0..400)
        .map(|i| {
            record(
                &format!("http://a.example/{i}"),
                format!("<p>{}</p>", i * i).as_bytes(),
            )
        })
        .collect();
    let dictionary = zstd::dict::from_samples(&samples, 4_096).unwrap();
    let frames: Vec<u8> = parts().iter().flat_map(|part| zstd(part, &dictionary)).collect();
    for content in [dictionary.clone(), zstd(&dictionary, &[])] {
        let mut bytes = b"\x5d\x2a\x4d\x18".to_vec();
        bytes.extend_from_slice(&(content.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&content);
        bytes.extend_from_slice(&frames);
        check(&read(&bytes));
    }
}

#[test]
fn skippable_frames_are_skipped() {
    let skip = b"\x50\x2a\x4d\x18\x03\x00\x00\x00abc".to_vec();
    let packs: [Packer; 2] = [|bytes| zstd(bytes, &[]), lz4];
    for pack in packs {
        let mut bytes = skip.clone();
        for part in parts() {
            bytes.extend(pack(&part));
            bytes.extend_from_slice(&skip);
        }
        check(&read(&bytes));
    }
}

#[test]
fn lz4_in_large_linked_and_independent_blocks() {
    use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
    let body: Vec<u8> = (0..900_000u32)
        .flat_map(|i| (i.wrapping_mul(i) / 7).to_le_bytes())
        .collect();
    let bytes = [record("http://a/0", &body), record("http://a/1", b"x")].concat();
    for mode in [BlockMode::Linked, BlockMode::Independent] {
        for size in [BlockSize::Max64KB, BlockSize::Max256KB, BlockSize::Max4MB] {
            let info = FrameInfo::new()
                .block_mode(mode)
                .block_size(size)
                .block_checksums(true)
                .content_checksum(true);
            let mut out = FrameEncoder::with_frame_info(info, Vec::new());
            out.write_all(&bytes).unwrap();
            let keep = read(&out.finish().unwrap());
            assert_eq!(keep.blocks(), [&body[..], b"x"]);
        }
    }
}

#[test]
fn gzip_headers_with_every_extra() {
    let part = record("http://a/0", b"x");
    let mut out = flate2::GzBuilder::new()
        .filename("name")
        .comment("comment")
        .extra(&b"sl\x04\x00abcd"[..])
        .write(Vec::new(), flate2::Compression::best());
    out.write_all(&part).unwrap();
    let member = out.finish().unwrap();
    let keep = read(&[&member[..], &member[..], &[0; 512]].concat());
    assert_eq!((keep.uris(), keep.whats()), (vec!["http://a/0"; 2], vec![]));
}

#[test]
fn arc_files() {
    let header = arc(
        "filedesc://x.arc",
        b"1 0 Test\nURL IP-address Archive-date Content-type Archive-length\n",
    );
    let spaced = arc("http://a/b c?d= 1.2.3.4 x", b"HTTP/1.0 200 OK\r\n\r\nx\n\n");
    let second = b"http://v2/ 10.0.0.1 20080430204825 text/html 200 sum - 0 x.arc 3\nabc\n".to_vec();
    let parts = [
        header,
        arc("http://a/", b"HTTP/1.0 200 OK\r\n\r\n"),
        spaced,
        second,
    ];
    let gzipped: Vec<u8> = parts.iter().flat_map(|part| gzip(part)).collect();
    for bytes in [parts.concat(), gzip(&parts.concat()), gzipped] {
        let keep = read(&bytes);
        assert_eq!(keep.whats(), [""; 0]);
        assert_eq!(
            keep.uris(),
            [
                "filedesc://x.arc",
                "http://a/",
                "http://a/b c?d= 1.2.3.4 x",
                "http://v2/"
            ]
        );
        assert_eq!(keep.records[0].kind, RecordKind::Warcinfo);
        assert_eq!(keep.records[3].block, b"abc");
        assert_eq!(keep.records[2].block, b"HTTP/1.0 200 OK\r\n\r\nx\n\n");
    }
}

fn wacz() -> Vec<u8> {
    use zip::write::{SimpleFileOptions, ZipWriter};
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let deflated = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let members: Vec<u8> = parts().iter().flat_map(|part| gzip(part)).collect();
    for (name, options, bytes) in [
        ("indexes/index.cdx", stored, &b"x"[..]),
        ("archive/a.warc.gz", stored, &members[..]),
        ("archive/b.warc", deflated, &parts().concat()[..]),
        ("datapackage.json", deflated, &b"{}"[..]),
    ] {
        zip.start_file(name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn wacz_stored_and_deflated() {
    let keep = read(&wacz());
    assert_eq!(keep.archives, ["archive/a.warc.gz", "archive/b.warc"]);
    assert_eq!((keep.records.len(), keep.whats()), (10, vec![]));
}

#[test]
fn wacz_without_its_directory_is_read_from_the_front() {
    let bytes = wacz();
    let keep = read(&bytes[..bytes.len() - 60]);
    assert_eq!(keep.whats(), ["wacz directory broken"]);
    assert_eq!(keep.records.len(), 10);
}

#[test]
fn a_long_block_is_kept_in_part_and_counted_in_full() {
    let body = vec![b'x'; (64 << 20) + 100_000];
    let parts = [
        warcinfo(),
        record("http://a/0", &body),
        record("http://a/1", b"y"),
    ];
    let members: Vec<u8> = parts.iter().flat_map(|part| gzip_at(part, 1)).collect();
    for bytes in [parts.concat(), gzip_at(&parts.concat(), 1), members] {
        let mut keep = Keep::default();
        read_bytes(&bytes, &mut keep).unwrap();
        assert_eq!(keep.uris(), ["urn:info", "http://a/0", "http://a/1"]);
        assert_eq!(keep.whats(), [""; 0]);
        assert_eq!(keep.records[1].block.len(), 64 << 20);
        assert_eq!(keep.records[1].block_bytes, body.len() as u64);
        assert_eq!(keep.records[2].block, b"y");
    }
}

struct First(u32);

impl Sink for First {
    fn record(&mut self, _: openrefs_archive::Record<'_>) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Break(())
    }

    fn damage(&mut self, _: openrefs_archive::Damage) {}
}

#[test]
fn a_sink_can_break_off() {
    for bytes in [
        parts().concat(),
        parts().iter().flat_map(|part| gzip(part)).collect(),
        wacz(),
    ] {
        let mut first = First(0);
        assert_eq!(read_bytes(&bytes, &mut first).unwrap().records_all(), 1);
        assert_eq!(first.0, 1);
    }
}

#[test]
fn progress_adds_up_to_the_size() {
    let dir = tempfile::tempdir().unwrap();
    let body = vec![7; 3 << 20];
    let archives = [
        [warcinfo(), record("http://a/", &body)].concat(),
        gzip(&parts().concat()),
        wacz(),
        vec![],
    ];
    for bytes in archives {
        let path = dir.path().join("x");
        std::fs::write(&path, &bytes).unwrap();
        let (sum, most) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
        let progress = |count| {
            sum.set(sum.get() + count);
            most.set(most.get().max(count));
        };
        openrefs_archive::read_file(&path, &progress, &mut Keep::default()).unwrap();
        assert_eq!(sum.get(), bytes.len() as u64);
        assert!(most.get() <= 1 << 20);
    }
}
