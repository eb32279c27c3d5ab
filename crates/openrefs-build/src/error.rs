//! Why a build stops.

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a build stops. What is wrong inside an archive never stops it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The index cannot be read or written.
    #[error(transparent)]
    Store(#[from] openrefs_store::Error),
    /// An archive cannot be opened or read at all.
    #[error(transparent)]
    Archive(#[from] openrefs_archive::Error),
}
