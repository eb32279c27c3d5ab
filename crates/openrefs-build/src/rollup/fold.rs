//! What is added up while backlinks are grouped.

use openrefs_sort::Value;

/// The backlinks of one page, or of one referring domain, into one scope.
#[derive(Clone, Copy, Debug)]
pub struct Links {
    pub first_seen: i64,
    pub last_visited: i64,
    pub backlinks: u32,
    /// One of them is an arc of the rating.
    pub followed: bool,
}

impl Value for Links {
    const BYTES: usize = 21;

    fn fold(&mut self, other: &Self) {
        self.first_seen = self.first_seen.min(other.first_seen);
        self.last_visited = self.last_visited.max(other.last_visited);
        self.backlinks = self.backlinks.saturating_add(other.backlinks);
        self.followed |= other.followed;
    }

    fn write(&self, to: &mut [u8]) {
        to[..8].copy_from_slice(&self.first_seen.to_le_bytes());
        to[8..16].copy_from_slice(&self.last_visited.to_le_bytes());
        to[16..20].copy_from_slice(&self.backlinks.to_le_bytes());
        to[20] = u8::from(self.followed);
    }

    fn read(from: &[u8]) -> Self {
        Self {
            first_seen: i64::from_le_bytes(eight(from, 0)),
            last_visited: i64::from_le_bytes(eight(from, 8)),
            backlinks: u32::from_le_bytes([from[16], from[17], from[18], from[19]]),
            followed: from[20] != 0,
        }
    }
}

/// The backlinks from one domain to another.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub backlinks: u64,
    pub followed: bool,
}

impl Value for Pair {
    const BYTES: usize = 9;

    fn fold(&mut self, other: &Self) {
        self.backlinks += other.backlinks;
        self.followed |= other.followed;
    }

    fn write(&self, to: &mut [u8]) {
        to[..8].copy_from_slice(&self.backlinks.to_le_bytes());
        to[8] = u8::from(self.followed);
    }

    fn read(from: &[u8]) -> Self {
        Self {
            backlinks: u64::from_le_bytes(eight(from, 0)),
            followed: from[8] != 0,
        }
    }
}

/// Eight bytes of a record.
pub fn eight(from: &[u8], start: usize) -> [u8; 8] {
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&from[start..start + 8]);
    bytes
}
