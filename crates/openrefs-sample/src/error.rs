//! What can go wrong: few things, each said in one line with what to do.

use std::path::{Path, PathBuf};

/// Why a sample could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The options make no crawl.
    #[error("a sample needs at least 2 domains and 1 page, got {domains} domains and {pages} pages")]
    TooSmall {
        /// As given.
        domains: u32,
        /// As given.
        pages: u64,
    },
    /// A folder holds something.
    #[error("{path} is not empty; give an empty or a new folder, or remove its content")]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {action} {path}: {source}; check the folder, its permissions and the free space")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which path.
        path: PathBuf,
        /// The answer.
        source: std::io::Error,
    },
    /// A WAT record could not be written as JSON.
    #[error("cannot write a WAT record as JSON: {0}; this is a bug, please report it with the options")]
    Json(#[from] serde_json::Error),
}

impl Error {
    pub(crate) fn io(action: &'static str, path: &Path, source: std::io::Error) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}
