//! Why a request has no answer.

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself is wrong. The text is one line in the wire format's style, `parameter: what`.
    #[error("{0}")]
    Request(String),
    /// The answer would need more memory or disk than a query may take.
    #[error("target: too many pages link into this scope to count them at once; ask for a smaller scope")]
    TooLarge,
    /// Temporary files of a large answer cannot be written or read.
    #[error(transparent)]
    Sort(openrefs_sort::Error),
    /// The index cannot be read.
    #[error(transparent)]
    Store(#[from] openrefs_store::Error),
}

impl Error {
    /// A wrong parameter.
    pub fn request(parameter: &str, what: impl std::fmt::Display) -> Self {
        Self::Request(format!("{parameter}: {what}"))
    }
}

impl From<openrefs_sort::Error> for Error {
    fn from(error: openrefs_sort::Error) -> Self {
        match error {
            openrefs_sort::Error::TooLarge { .. } => Self::TooLarge,
            other => Self::Sort(other),
        }
    }
}
