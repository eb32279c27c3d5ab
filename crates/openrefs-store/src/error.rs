//! What can go wrong with files, said so that the user knows what to do.

use std::io;
use std::path::{Path, PathBuf};

use arrow_schema::ArrowError;
use parquet::errors::ParquetError;

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong; the text is one line.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An operating system error on one path.
    #[error("cannot {action} {}: {source}{}", path.display(), advice(source))]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A file of the index does not hold what it must.
    #[error("{} is damaged ({what}); restore it from a copy, or build the index again from its archives", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// The folder holds no index.
    #[error("no index at {}: make one with 'openrefs ingest ARCHIVE... --index {}'", path.display(), path.display())]
    NoIndex {
        /// The folder.
        path: PathBuf,
    },
    /// The index exists, but nothing was published yet.
    #[error("the index at {} is empty so far: its first ingest did not finish; run that 'openrefs ingest' again", path.display())]
    NoSnapshot {
        /// The folder.
        path: PathBuf,
    },
    /// The index was written by a program with another format.
    #[error("the index at {} has format {found}, this openrefs reads format {expected}; use a matching openrefs, or ingest the archives into a new index", path.display())]
    Format {
        /// The folder.
        path: PathBuf,
        /// Its format.
        found: u32,
        /// Ours.
        expected: u32,
    },
    /// Another process is writing.
    #[error("another openrefs is writing to the index at {}; wait until it ends", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// The folder is something else.
    #[error("{} is not empty and holds no index; name an empty or a new folder", path.display())]
    NotAnIndex {
        /// The folder.
        path: PathBuf,
    },
    /// A setting that is fixed when an index is created was given another value.
    #[error("the index at {} was created with {what}; leave that option out, or use a new index", path.display())]
    Fixed {
        /// The folder.
        path: PathBuf,
        /// The setting and its value.
        what: String,
    },
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull => "; free some space and run the same command again, it continues",
        io::ErrorKind::PermissionDenied => "; check the permissions",
        _ => "",
    }
}

impl Error {
    /// An operating system error on a path.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    /// Damage found in a file.
    pub fn damaged(path: &Path, what: impl ToString) -> Self {
        Self::Damaged {
            path: path.to_owned(),
            what: what.to_string(),
        }
    }

    /// What the Parquet crate says about a file: an I/O error stays one, all else is damage.
    pub fn parquet(action: &'static str, path: &Path) -> impl FnOnce(ParquetError) -> Self {
        let path = path.to_owned();
        move |error| match error {
            ParquetError::External(source) => match source.downcast::<io::Error>() {
                Ok(source) => Self::Io {
                    action,
                    path,
                    source: *source,
                },
                Err(other) => Self::Damaged {
                    path,
                    what: other.to_string(),
                },
            },
            ParquetError::ArrowError(what) => Self::Damaged { path, what },
            other => Self::Damaged {
                path,
                what: other.to_string(),
            },
        }
    }

    /// What the Arrow crate says about a batch: an I/O error stays one, all else is damage.
    pub fn arrow(action: &'static str, path: &Path) -> impl FnOnce(ArrowError) -> Self {
        let path = path.to_owned();
        move |error| match error {
            ArrowError::ExternalError(source) => match source.downcast::<ParquetError>() {
                Ok(source) => Self::parquet(action, &path)(*source),
                Err(other) => Self::damaged(&path, other),
            },
            other => Self::damaged(&path, other),
        }
    }
}
