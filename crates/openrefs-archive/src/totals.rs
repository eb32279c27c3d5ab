//! What a read amounted to. The figures are sums: totals of several archives add up.

use crate::RecordKind;

/// Counts of one read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    records: [u64; RecordKind::ALL.len()],
    /// Bytes read from the input, as stored (a part that was looked at twice after damage counts once).
    pub bytes_stored: u64,
    /// Bytes after decompression, those of broken members and thrown-away parts included.
    pub bytes_decoded: u64,
    /// Damaged places reported.
    pub damages: u64,
}

impl Totals {
    /// Records handed out of one kind.
    pub fn records(&self, kind: RecordKind) -> u64 {
        self.records[kind as usize]
    }

    /// Records handed out of all kinds.
    pub fn records_all(&self) -> u64 {
        self.records.iter().sum()
    }

    /// Adds the figures of another read.
    pub fn add(&mut self, other: &Totals) {
        for (mine, more) in self.records.iter_mut().zip(other.records) {
            *mine += more;
        }
        self.bytes_stored += other.bytes_stored;
        self.bytes_decoded += other.bytes_decoded;
        self.damages += other.damages;
    }

    pub(crate) fn count(&mut self, kind: RecordKind) {
        self.records[kind as usize] += 1;
    }
}
