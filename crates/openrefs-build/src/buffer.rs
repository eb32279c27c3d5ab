//! What was extracted and not yet written: rows with their buckets, up to a number of bytes.

use std::collections::HashMap;
use std::sync::Arc;

use openrefs_extract::Output;
use openrefs_model::{Backlink, SuffixList, Visit, bucket, key};

/// Host parts whose bucket is remembered; beyond it, remembering starts anew.
const HOSTS_REMEMBERED_MAX: usize = 1 << 17;
/// What a row costs beside its texts: the row, and the allocator's share.
const ROW_BYTES: usize = 256;

/// Rows of both tables.
pub struct Buffer {
    /// Backlinks with their buckets.
    pub links: Vec<(u32, Backlink)>,
    /// Visits with their buckets.
    pub visits: Vec<(u32, Visit)>,
    bytes: usize,
    buckets: Buckets,
}

impl Buffer {
    /// An empty one for an index.
    pub fn new(list: Arc<SuffixList>, buckets: u32) -> Self {
        let buckets = Buckets {
            list,
            count: buckets,
            by_host: HashMap::new(),
        };
        Self {
            links: Vec::new(),
            visits: Vec::new(),
            bytes: 0,
            buckets,
        }
    }

    /// About how much memory the rows take.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// There is no row.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty() && self.visits.is_empty()
    }

    /// Forgets the rows.
    pub fn clear(&mut self) {
        self.links.clear();
        self.visits.clear();
        self.bytes = 0;
    }
}

impl Output for Buffer {
    fn visit(&mut self, visit: Visit, backlinks: Vec<Backlink>) {
        self.bytes += ROW_BYTES + visit.source_key.len();
        self.visits.push((self.buckets.of(&visit.source_key), visit));
        for backlink in backlinks {
            self.bytes += ROW_BYTES + backlink.target_key.len() + backlink.anchor.len();
            self.links.push((self.buckets.of(&backlink.target_key), backlink));
        }
    }
}

/// Buckets of keys, remembered by host.
struct Buckets {
    list: Arc<SuffixList>,
    count: u32,
    by_host: HashMap<Box<str>, u32>,
}

impl Buckets {
    fn of(&mut self, key: &str) -> u32 {
        let (host_part, _) = key::split(key);
        if let Some(&known) = self.by_host.get(host_part) {
            return known;
        }
        if self.by_host.len() >= HOSTS_REMEMBERED_MAX {
            self.by_host.clear();
        }
        let bucket = bucket::of_key(&self.list, key, self.count);
        self.by_host.insert(host_part.into(), bucket);
        bucket
    }
}
