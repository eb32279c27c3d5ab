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
    /// A sort within the index cannot use its temporary files.
    #[error(transparent)]
    Sort(#[from] openrefs_sort::Error),
    /// More domains than numbers.
    #[error("more than 4,294,967,295 domains cannot be rated; make several indexes")]
    TooManyDomains,
    /// Another process reads the same archives.
    #[error("another openrefs is reading {archive} into this index; wait until it ends")]
    Busy {
        /// The first of them.
        archive: String,
    },
    /// Parts of a snapshot were made of different archives.
    #[error(
        "bucket {bucket} was made of other archives than bucket {other}: run 'openrefs step merge' and the steps after it for all buckets again"
    )]
    StepMixed {
        /// One bucket.
        bucket: u32,
        /// Another one.
        other: u32,
    },
    /// A bucket that the index does not have.
    #[error("there is no bucket {bucket}: the index has {buckets}, counted from 0")]
    NoBucket {
        /// The number given.
        bucket: u32,
        /// How many there are.
        buckets: u32,
    },
    /// A step was asked for before the one it needs.
    #[error("{step} of bucket {bucket} is missing: run 'openrefs step {step}' first")]
    StepMissing {
        /// The step whose outcome is not there.
        step: &'static str,
        /// For which bucket.
        bucket: u32,
    },
}
