//! Parquet as the index uses it: one set of writer settings, writing by row, and reading by key or by row number through
//! the page index.
//!
//! Settings, with the reasons in the design: pages of some thousand rows in row groups of 128 k rows, so that a look-up
//! decodes one page per column; page index for the leading columns, and page-header statistics; no dictionary but for
//! columns of a few values, since a dictionary page must be decoded before any look-up; delta encodings; always zstd; signed
//! integers only, because other engines turn unsigned ones into decimals.
//!
//! Lowest layer first: `spec` columns and settings; `writer`; `reader` decoded batches; `file` open files; `pages` rows
//! by key.

mod spec;

mod reader;
mod writer;

mod file;
mod pages;

pub use file::TableFile;
pub use pages::partition;
pub use reader::{TableReader, doubles, flags, integers, longs, strings};
pub use spec::Kind;
pub(crate) use spec::{ColumnKind, TableSpec, column};
pub(crate) use writer::TableWriter;
pub use writer::Written;

/// What the footer calls the checksums of the blocks of the data part.
const BLOCKS: &str = "openrefs.blocks";
