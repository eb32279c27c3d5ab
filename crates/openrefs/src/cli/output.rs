//! Standard output for reports.

use std::io::{self, BufWriter, StdoutLock};

/// A piece of this size is handed to the system at once.
const BUFFER_BYTES: usize = 64 << 10;

/// What an error of standard output is said to be.
pub const CANNOT_WRITE: &str = "cannot write to standard output";

/// Standard output, buffered. Flush it: what is left at the end would be lost without an error.
pub fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock())
}
