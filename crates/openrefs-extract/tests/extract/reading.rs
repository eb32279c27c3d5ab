//! Reads archives and made records through the extractor and holds what comes out.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openrefs_archive::{Damage, Record, RecordKind, Sink, read_bytes, read_file};
use openrefs_extract::{Extractor, Output, Report};
use openrefs_model::{Backlink, SuffixList, Visit, time};

/// What came out.
#[derive(Default)]
pub struct Found {
    pub visits: Vec<Visit>,
    pub backlinks: Vec<Backlink>,
    pub report: Report,
}

impl Output for Found {
    fn visit(&mut self, visit: Visit, backlinks: Vec<Backlink>) {
        self.visits.push(visit);
        self.backlinks.extend(backlinks);
    }
}

struct Reading {
    extractor: Extractor,
    found: Found,
}

impl Sink for Reading {
    fn record(&mut self, record: Record<'_>) -> ControlFlow<()> {
        self.extractor.record(&record, &mut self.found);
        ControlFlow::Continue(())
    }

    fn damage(&mut self, _: Damage) {}
}

impl Found {
    /// Backlinks folded by identity, as one comparable line each, ordered.
    pub fn folded(&self) -> Vec<String> {
        let mut folded: BTreeMap<String, Backlink> = BTreeMap::new();
        for link in &self.backlinks {
            let identity = format!(
                "{:?}",
                (
                    &link.source_key,
                    &link.target_key,
                    link.link_type,
                    &link.anchor,
                    link.flags
                )
            );
            folded
                .entry(identity)
                .and_modify(|known| known.sighting.fold(&link.sighting))
                .or_insert_with(|| link.clone());
        }
        let mut lines: Vec<String> = folded.values().map(line).collect();
        lines.sort();
        lines
    }
}

fn line(link: &Backlink) -> String {
    let flag = |set: bool, name| if set { name } else { "-" };
    let ip = link.sighting.ip.map(|ip| ip.to_string()).unwrap_or_default();
    [
        &link.source_url(),
        &link.target_url(),
        link.link_type.name(),
        &link.anchor,
        flag(link.flags.nofollow, "nofollow"),
        flag(link.flags.ugc, "ugc"),
        flag(link.flags.sponsored, "sponsored"),
        flag(link.flags.image, "image"),
        &ip,
        &time::format(link.sighting.first_seen),
        &time::format(link.sighting.last_visited),
    ]
    .join("\t")
}

/// The folder of real data; None, with a word, where it is not.
pub fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if folder.is_dir() {
        Some(folder)
    } else {
        println!("skipped: ../shared is absent");
        None
    }
}

fn reading(list: SuffixList) -> Reading {
    Reading {
        extractor: Extractor::new(Arc::new(list)),
        found: Found::default(),
    }
}

/// Reads archive files.
pub fn files(list: SuffixList, paths: &[PathBuf]) -> Found {
    let mut reading = reading(list);
    for path in paths {
        read_file(path, &|_| {}, &mut reading).unwrap();
    }
    reading.found.report = reading.extractor.take_report();
    reading.found
}

/// Reads one archive from memory.
pub fn bytes(archive: &[u8]) -> Found {
    let mut reading = reading(SuffixList::bundled());
    read_bytes(archive, &mut reading).unwrap();
    reading.found.report = reading.extractor.take_report();
    reading.found
}

/// Reads one made record of `http://www.example.com/dir/page`, changed as wished.
pub fn record(block: &[u8], change: impl FnOnce(&mut Record<'_>)) -> Found {
    let mut reading = reading(SuffixList::bundled());
    let mut record = Record {
        offset: 0,
        kind: RecordKind::Response,
        target_uri: Some("http://www.example.com/dir/page".into()),
        date: Some("2024-05-01T12:00:00Z".into()),
        ip: Some("192.0.2.7".into()),
        content_type: Some("application/http; msgtype=response".into()),
        block,
        block_bytes: block.len() as u64,
        arc: false,
    };
    change(&mut record);
    reading.extractor.record(&record, &mut reading.found);
    reading.found.report = reading.extractor.take_report();
    reading.found
}

/// Reads a made page with further header lines.
pub fn page(headers: &str, html: &str) -> Found {
    let block = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n{headers}\r\n{html}");
    record(block.as_bytes(), |_| {})
}
