//! Decoded backlinks.

use arrow_array::{Array, BooleanArray, Int64Array, RecordBatch, StringArray};
use openrefs_sort::Value;
use openrefs_store::table::{flags, longs, strings};

/// The columns of `links` that an answer is made of.
pub struct Columns {
    target_key: Option<StringArray>,
    refdomain: StringArray,
    source_key: StringArray,
    first_seen: Int64Array,
    last_visited: Int64Array,
    ip: Option<StringArray>,
    target_https: Option<BooleanArray>,
}

/// Which of them a request needs beside the referring domain, the page and the dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The target key.
    pub target_key: bool,
    /// The address.
    pub ip: bool,
    /// The scheme of the target.
    pub scheme: bool,
}

impl Needs {
    /// The names of the columns.
    pub fn columns(self) -> Vec<&'static str> {
        let mut columns = vec!["refdomain", "source_key", "first_seen", "last_visited"];
        columns.extend(self.target_key.then_some("target_key"));
        columns.extend(self.ip.then_some("ip"));
        columns.extend(self.scheme.then_some("target_https"));
        columns
    }
}

impl Columns {
    pub fn of(batch: &RecordBatch) -> std::result::Result<Self, String> {
        let has = |name: &str| batch.column_by_name(name).is_some();
        Ok(Self {
            target_key: has("target_key")
                .then(|| strings(batch, "target_key").cloned())
                .transpose()?,
            refdomain: strings(batch, "refdomain")?.clone(),
            source_key: strings(batch, "source_key")?.clone(),
            first_seen: longs(batch, "first_seen")?.clone(),
            last_visited: longs(batch, "last_visited")?.clone(),
            ip: has("ip").then(|| strings(batch, "ip").cloned()).transpose()?,
            target_https: has("target_https")
                .then(|| flags(batch, "target_https").cloned())
                .transpose()?,
        })
    }

    /// Whether a row, not the first, is of another pair of target key and referring domain than the row before it.
    pub fn begins_pair(&self, row: usize) -> bool {
        // Keys that are not read are not compared: glibc takes hundreds of cycles to compare two empty texts without
        // memory of their own on processors with AVX-512.
        let other_key = |keys: &StringArray| keys.value(row) != keys.value(row - 1);
        self.refdomain(row) != self.refdomain(row - 1) || self.target_key.as_ref().is_some_and(other_key)
    }

    pub fn len(&self) -> usize {
        self.refdomain.len()
    }

    /// The key of the target; empty if not read.
    pub fn target_key(&self, row: usize) -> &str {
        self.target_key.as_ref().map_or("", |keys| keys.value(row))
    }

    pub fn refdomain(&self, row: usize) -> &str {
        self.refdomain.value(row)
    }

    pub fn source_key(&self, row: usize) -> &str {
        self.source_key.value(row)
    }

    /// The source's address as text, empty if unknown or not read.
    pub fn ip(&self, row: usize) -> &str {
        match &self.ip {
            Some(ip) if !ip.is_null(row) => ip.value(row),
            _ => "",
        }
    }

    pub fn target_https(&self, row: usize) -> bool {
        self.target_https.as_ref().is_some_and(|https| https.value(row))
    }

    pub fn links(&self, row: usize) -> Links {
        Links {
            first_seen: self.first_seen.value(row),
            last_visited: self.last_visited.value(row),
            backlinks: 1,
        }
    }
}

/// Some backlinks.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    pub first_seen: i64,
    pub last_visited: i64,
    pub backlinks: u32,
}

impl Links {
    pub fn add(&mut self, other: &Self) {
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_visited = self.last_visited.max(other.last_visited);
        self.backlinks = self.backlinks.saturating_add(other.backlinks);
    }
}

impl Value for Links {
    const BYTES: usize = 20;

    fn fold(&mut self, other: &Self) {
        self.add(other);
    }

    fn write(&self, to: &mut [u8]) {
        to[..8].copy_from_slice(&self.first_seen.to_le_bytes());
        to[8..16].copy_from_slice(&self.last_visited.to_le_bytes());
        to[16..20].copy_from_slice(&self.backlinks.to_le_bytes());
    }

    fn read(from: &[u8]) -> Self {
        let date = |start: usize| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&from[start..start + 8]);
            i64::from_le_bytes(bytes)
        };
        Self {
            first_seen: date(0),
            last_visited: date(8),
            backlinks: u32::from_le_bytes([from[16], from[17], from[18], from[19]]),
        }
    }
}
