//! One JSON object a line, no totals: for programs that read rows as they come.

use std::io::{self, Write};

use crate::format::json::Object;
use crate::format::{Format, Row};
use crate::value::Shape;

/// Writes objects.
pub struct Ndjson {
    object: Object,
}

impl Ndjson {
    /// For a report.
    pub fn new(shape: &Shape) -> Self {
        Self {
            object: Object::new(shape),
        }
    }
}

impl Format for Ndjson {
    fn start(&mut self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn row(&mut self, out: &mut dyn Write, row: Row<'_, '_>) -> io::Result<()> {
        self.object.write(out, row)?;
        out.write_all(b"\n")
    }

    fn end(&mut self, _out: &mut dyn Write, _totals: &[(&'static str, u64)]) -> io::Result<()> {
        Ok(())
    }
}
