//! How much memory and disk a sort may take.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// The room of one or of several sorters. Clones share the room on disk.
#[derive(Clone, Debug)]
pub struct Space {
    /// Memory that each sorter may take, about, bytes.
    pub memory_bytes: usize,
    folder: PathBuf,
    disk: Arc<Disk>,
}

#[derive(Debug)]
struct Disk {
    bytes_max: u64,
    bytes: AtomicU64,
}

impl Space {
    /// So much memory for each sorter, and so much disk for all of them together, in a folder that exists when it is needed.
    pub fn new(folder: impl Into<PathBuf>, memory_bytes: usize, disk_bytes_max: u64) -> Self {
        let disk = Disk {
            bytes_max: disk_bytes_max,
            bytes: AtomicU64::new(0),
        };
        Self {
            memory_bytes,
            folder: folder.into(),
            disk: Arc::new(disk),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes room on disk.
    pub(crate) fn take(&self, bytes: u64) -> Result<()> {
        let before = self.disk.bytes.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.disk.bytes_max {
            return Err(Error::TooLarge {
                disk_bytes_max: self.disk.bytes_max,
            });
        }
        Ok(())
    }

    /// Gives room on disk back.
    pub(crate) fn give_back(&self, bytes: u64) {
        self.disk.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }
}
