//! What an ingest did, for people and as JSON. Names of counts are the extractor's: `group: reason`.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use indicatif::{HumanCount, HumanDuration};
use openrefs_build::Ingest;
use openrefs_build::group::DamagedPlace;
use serde::Serialize;

/// Damaged places that people are shown; the JSON holds more.
const DAMAGES_SHOWN: usize = 5;
/// Counts stand right of this column.
const LABEL_COLUMNS: usize = 44;
/// Counts in the order of the way of a link, by how their names begin, with the headings that people read. Others follow
/// under their own names, so that no count is ever left out.
const ORDER: [(&str, &str); 7] = [
    ("records", ""),
    ("visit: ", "visits"),
    ("link: ", "links"),
    ("backlinks kept", ""),
    ("skipped: ", "skipped records"),
    ("damage: ", "damaged places"),
    ("note: ", "notes"),
];

/// The outcome of an ingest.
pub struct Report {
    done: Ingest,
    bytes_read: u64,
    took: Duration,
}

/// The outcome as JSON; names are stable.
#[derive(Serialize)]
struct Json<'a> {
    archives_read: usize,
    archives_known: usize,
    archives_resumed: usize,
    bytes_read: u64,
    seconds: f64,
    snapshot: u64,
    backlinks: u64,
    visits: u64,
    counts: &'a BTreeMap<String, u64>,
    damages: &'a [DamagedPlace],
}

impl Report {
    /// Of an ingest that read so many bytes of archives in so much time.
    pub fn new(done: Ingest, bytes_read: u64, took: Duration) -> Self {
        Self {
            done,
            bytes_read,
            took,
        }
    }

    /// As JSON.
    pub fn json(&self) -> Vec<u8> {
        let json = Json {
            archives_read: self.done.archives_read,
            archives_known: self.done.archives_known,
            archives_resumed: self.done.archives_resumed,
            bytes_read: self.bytes_read,
            seconds: self.took.as_secs_f64(),
            snapshot: self.done.snapshot,
            backlinks: self.done.backlinks,
            visits: self.done.visits,
            counts: &self.done.counts,
            damages: &self.done.damages,
        };
        let mut text = serde_json::to_vec_pretty(&json).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// For people, a few lines.
    pub fn text(&self) -> String {
        let mut text = self.archives();
        let mut group_before = "";
        for (name, count) in self.counts() {
            let (group, reason) = name.split_once(": ").unwrap_or(("", name));
            if group != group_before && !group.is_empty() {
                let _ = writeln!(
                    text,
                    "{}",
                    ORDER.get(place(name)).map_or(group, |(_, heading)| heading)
                );
            }
            group_before = group;
            let indent = if group.is_empty() { "" } else { "  " };
            let _ = writeln!(text, "{}", line(&format!("{indent}{reason}"), count));
        }
        self.damages(&mut text);
        if self.done.archives_read > 0 && !self.done.counts.contains_key("records") {
            text.push_str("warning: no record was found; are these crawl archives (WARC, WAT, ARC, WACZ)?\n");
        }
        let _ = writeln!(
            text,
            "the index now holds {} backlinks and {} visits (snapshot {})",
            HumanCount(self.done.backlinks),
            HumanCount(self.done.visits),
            self.done.snapshot
        );
        text
    }

    fn counts(&self) -> Vec<(&str, u64)> {
        let mut counts: Vec<(&str, u64)> = self
            .done
            .counts
            .iter()
            .map(|(name, count)| (name.as_str(), *count))
            .collect();
        counts.sort_by_key(|(name, _)| place(name));
        counts
    }

    fn archives(&self) -> String {
        let done = &self.done;
        let megabytes = self.bytes_read as f64 / 1e6;
        let decoded = done.bytes_decoded as f64 / 1e6;
        let rate = decoded / self.took.as_secs_f64().max(0.001);
        let archives = if done.archives_read == 1 {
            "archive"
        } else {
            "archives"
        };
        let mut text = format!("read {} {archives}, {megabytes:.1} MB", done.archives_read);
        let _ = write!(text, " ({decoded:.1} MB uncompressed)");
        let took = if self.took < Duration::from_secs(60) {
            format!("{:.1} seconds", self.took.as_secs_f64())
        } else {
            HumanDuration(self.took).to_string()
        };
        let _ = write!(text, ", in {took}");
        if self.bytes_read > 0 {
            let _ = write!(text, ", {rate:.1} MB/s");
        }
        for (count, what) in [
            (done.archives_known, "in the index already"),
            (done.archives_resumed, "read before a stop and now added"),
        ] {
            if count > 0 {
                let _ = write!(text, "; {count} {what}");
            }
        }
        text.push('\n');
        text
    }

    fn damages(&self, text: &mut String) {
        let damaged: u64 = self
            .done
            .counts
            .iter()
            .filter_map(|(name, count)| name.starts_with("damage: ").then_some(count))
            .sum();
        for place in self.done.damages.iter().take(DAMAGES_SHOWN) {
            let _ = writeln!(
                text,
                "damaged: {} at byte {}: {}",
                place.archive, place.offset, place.what
            );
        }
        let more = damaged.saturating_sub(DAMAGES_SHOWN as u64);
        if more > 0 {
            let _ = writeln!(
                text,
                "and {} more damaged places; see --report FILE",
                HumanCount(more)
            );
        }
    }
}

/// Where a count stands.
fn place(name: &str) -> usize {
    let begins = |(begin, _): &(&str, &str)| name.starts_with(begin);
    ORDER.iter().position(begins).unwrap_or(ORDER.len())
}

fn line(label: &str, count: u64) -> String {
    format!("{label:<LABEL_COLUMNS$}{:>14}", HumanCount(count).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_read() {
        let place = |offset| DamagedPlace {
            archive: "a.warc".into(),
            offset,
            what: "no length".into(),
        };
        let counts = [
            ("visit: page", 1_200),
            ("damage: no length", 7),
            ("records", 1_300),
            ("other: x", 1),
        ];
        let done = Ingest {
            archives_read: 2,
            archives_known: 1,
            bytes_decoded: 9_000_000,
            counts: counts.map(|(name, count)| (name.to_owned(), count)).into(),
            damages: (0..7).map(place).collect(),
            ..Ingest::default()
        };
        let report = Report::new(done, 3_000_000, Duration::from_secs(2));
        let text = report.text();
        assert!(
            text.starts_with("read 2 archives, 3.0 MB (9.0 MB uncompressed), in 2.0 seconds, 4.5 MB/s; 1 in the index already\n")
        );
        assert!(text.contains("visits\n  page "), "{text}");
        let places: Vec<_> = ["records ", "visits\n", "damaged places\n", "other\n"]
            .map(|part| text.find(part))
            .into();
        assert!(places.is_sorted() && places[0].is_some(), "{text}");
        assert!(text.contains("1,200\n"), "{text}");
        assert!(text.contains(
            "damaged: a.warc at byte 4: no length\nand 2 more damaged places; see --report FILE\n"
        ));
        let json: serde_json::Value = serde_json::from_slice(&report.json()).unwrap();
        assert_eq!(json["damages"].as_array().unwrap().len(), 7);
        assert_eq!(json["counts"]["visit: page"], 1_200);
    }
}
