//! Why a request has no answer.

/// A result of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The request itself is wrong. The text is one line in the wire format's style, `parameter: what`.
    #[error("{0}")]
    Request(String),
    /// The answer would need more memory than a query may take.
    #[error(
        "target: more than {pages_max} pages link into this scope, too many to count at once; ask for a smaller scope"
    )]
    TooLarge {
        /// The limit.
        pages_max: u64,
    },
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
