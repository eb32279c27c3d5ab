//! What ends a read. Damage inside an archive is never an error; only the outside world is: files that cannot be
//! opened, devices that fail, names that match nothing. Every message says what is wrong and, where that helps, what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why inputs could not be found or an archive could not be read on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused to open or read a file.
    #[error("cannot read {path}: {source}", path = path.display())]
    Read {
        /// The file as the user named it.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Standard input failed.
    #[error("cannot read standard input: {0}")]
    Stream(io::Error),
    /// A named input does not exist.
    #[error("{path} not found; name an archive, a folder, a pattern, @list or -", path = path.display())]
    NotFound {
        /// The name as given.
        path: PathBuf,
    },
    /// A pattern fits no file.
    #[error("no file matches {pattern}; check the pattern, or name a folder to take all archives below it")]
    NoMatch {
        /// The pattern as given.
        pattern: String,
    },
    /// A pattern that cannot be understood.
    #[error("bad pattern {pattern}: {reason}")]
    BadPattern {
        /// The pattern as given.
        pattern: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A folder without archives.
    #[error("no archive in {path}; files there must end in .warc, .arc, .wat, .wet or .wacz, plain or compressed", path = path.display())]
    EmptyFolder {
        /// The folder as given.
        path: PathBuf,
    },
    /// A list file that names nothing.
    #[error("the list {path} names no archive; write one path per line", path = path.display())]
    EmptyList {
        /// The list as given.
        path: PathBuf,
    },
}

impl Error {
    /// An I/O error with its path.
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::NotFound {
            return Self::NotFound {
                path: path.to_path_buf(),
            };
        }
        Self::Read {
            path: path.to_path_buf(),
            source,
        }
    }
}

/// What ends the inner loops early: a failing device, or a sink that has seen enough.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The input failed.
    Io(io::Error),
    /// The sink said `Break`.
    Enough,
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
