//! Why a sort stops.

use std::io;
use std::path::PathBuf;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a sort stops; the text is one line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A temporary file cannot be written or read.
    #[error("cannot use temporary files in {}: {source}", folder.display())]
    Io {
        /// Where they are.
        folder: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The records need more room on disk than was allowed.
    #[error("more than {disk_bytes_max} bytes of temporary files would be needed")]
    TooLarge {
        /// The limit.
        disk_bytes_max: u64,
    },
}
