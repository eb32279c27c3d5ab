//! Reports as text. One writer per format, shared by the command line and HTTP; every one of them works row by row, so
//! a million rows are never one string.

pub mod csv;
pub mod json;
pub mod ndjson;
pub mod php;
pub mod table;
pub mod xml;

pub mod wire;

use std::io::{self, Write};

use crate::format::wire::Wire;
use crate::value::{Shape, Value};

/// The cells of one row, in the order of the shape's columns.
pub type Row<'r, 'v> = &'r mut dyn Iterator<Item = Value<'v>>;

/// Writes a report: the start, every row, the end.
pub trait Format: Send {
    /// Writes what stands before the rows.
    ///
    /// # Errors
    /// What `out` says.
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// Writes a row.
    ///
    /// # Errors
    /// What `out` says.
    fn row(&mut self, out: &mut dyn Write, row: Row<'_, '_>) -> io::Result<()>;

    /// Writes what stands after the rows: the totals, if the report has any and the format a place for them.
    ///
    /// # Errors
    /// What `out` says.
    fn end(&mut self, out: &mut dyn Write, totals: &[(&'static str, u64)]) -> io::Result<()>;
}

/// A format of the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Output {
    /// Aligned columns for people, the totals below.
    Table,
    /// The body that HTTP answers.
    Json,
    /// The same as XML.
    Xml,
    /// The same as serialised PHP.
    Php,
    /// RFC 4180 with a header row.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

impl Output {
    /// The writer of a format, for a report of so many rows. A table is cut to the width of the terminal, where there
    /// is one.
    pub fn writer(self, shape: Shape, rows: usize) -> Box<dyn Format> {
        match self {
            Self::Table => Box::new(table::Table::new(shape, table::terminal_columns())),
            Self::Json => Wire::Json.writer(&shape, rows),
            Self::Xml => Wire::Xml.writer(&shape, rows),
            Self::Php => Wire::Php.writer(&shape, rows),
            Self::Csv => Box::new(csv::Csv::new(shape)),
            Self::Ndjson => Box::new(ndjson::Ndjson::new(&shape)),
        }
    }
}
