//! How much memory and disk a sort may take.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// Runs of a sorter; more are merged.
pub(crate) const RUNS_MAX: usize = 64;

/// The room of one or of several sorters. Clones share the room on disk.
#[derive(Clone, Debug)]
pub struct Space {
    /// Memory that each sorter may take, about, bytes.
    pub memory_bytes: usize,
    /// Runs that each sorter may have on disk.
    pub(crate) runs_max: usize,
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
            runs_max: RUNS_MAX,
            folder: folder.into(),
            disk: Arc::new(disk),
        }
    }

    /// The room of one of several sorters that fill at the same time, and take no more memory and files together than one.
    #[must_use]
    pub fn share(&self, sorters: usize) -> Self {
        Self {
            memory_bytes: self.memory_bytes / sorters.max(1),
            runs_max: (self.runs_max / sorters.max(1)).max(2),
            ..self.clone()
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
