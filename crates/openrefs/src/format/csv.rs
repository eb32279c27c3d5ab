//! CSV by RFC 4180: a header row, lines that end in CR LF, quotes where a field needs them. No totals.

use std::io::{self, Write};

use openrefs_model::time;

use crate::format::{Format, Row};
use crate::value::{Shape, Value};

/// Writes records.
pub struct Csv {
    shape: Shape,
}

impl Csv {
    /// For a report.
    pub fn new(shape: Shape) -> Self {
        Self { shape }
    }
}

impl Format for Csv {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}\r\n", self.shape.columns.join(","))
    }

    fn row(&mut self, out: &mut dyn Write, row: Row<'_, '_>) -> io::Result<()> {
        for (n, value) in row.enumerate() {
            if n > 0 {
                out.write_all(b",")?;
            }
            match value {
                Value::Text(text) => field(out, &text)?,
                Value::Count(count) => write!(out, "{count}")?,
                Value::Instant(instant) => out.write_all(time::format(instant).as_bytes())?,
                Value::Flag(flag) => write!(out, "{flag}")?,
            }
        }
        out.write_all(b"\r\n")
    }

    fn end(&mut self, _out: &mut dyn Write, _totals: &[(&'static str, u64)]) -> io::Result<()> {
        Ok(())
    }
}

fn field(out: &mut dyn Write, text: &str) -> io::Result<()> {
    if text.contains([',', '"', '\r', '\n']) {
        write!(out, "\"{}\"", text.replace('"', "\"\""))
    } else {
        out.write_all(text.as_bytes())
    }
}
