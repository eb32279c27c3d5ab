//! How much a query may take, and in which pieces it is shared among threads.

/// Bounds of one query. The defaults are for a server; tests make them small, so that a small index takes every path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Backlinks that one task reads.
    pub chunk_rows: usize,
    /// Groups of the roll-up that one task scans.
    pub scan_rows: usize,
    /// Memory for grouping, all threads together, bytes.
    pub memory_bytes: usize,
    /// Memory for the backlinks of one target key from one referring domain, which `where` looks at together, bytes; what
    /// would need more is refused.
    pub pair_bytes_max: usize,
    /// Disk for sorting, bytes; what would need more is refused.
    pub disk_bytes_max: u64,
    /// Groups that are held at a time, about 100 bytes each; what has more is refused.
    pub groups_max: usize,
}

impl Default for Effort {
    fn default() -> Self {
        Self {
            chunk_rows: 64 << 10,
            scan_rows: 64 << 10,
            memory_bytes: 512 << 20,
            pair_bytes_max: 512 << 20,
            disk_bytes_max: 16 << 30,
            groups_max: 20_000_000,
        }
    }
}
