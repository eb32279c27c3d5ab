//! What PHP's `unserialize` reads: the same nested arrays that JSON has, with the keys in the same order. A string is
//! written with its length in bytes and is not escaped; a list has the keys 0, 1, 2. An array starts with its length,
//! so the number of rows must be known first.

use std::borrow::Cow;
use std::io::{self, Write};

use openrefs_model::time;

use crate::format::{Format, Row};
use crate::value::{Shape, Value};

/// Writes one array of two: the rows and the totals.
pub struct Php {
    rows_name: &'static str,
    rows: usize,
    /// The columns as keys.
    keys: Vec<String>,
    next_row: usize,
}

impl Php {
    /// For a report of so many rows.
    pub fn new(shape: &Shape, rows: usize) -> Self {
        Self {
            rows_name: shape.rows,
            rows,
            keys: shape
                .columns
                .iter()
                .map(|name| format!("s:{}:\"{name}\";", name.len()))
                .collect(),
            next_row: 0,
        }
    }
}

impl Format for Php {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"a:2:{")?;
        string(out, self.rows_name)?;
        write!(out, "a:{}:{{", self.rows)
    }

    fn row(&mut self, out: &mut dyn Write, row: Row<'_, '_>) -> io::Result<()> {
        write!(out, "i:{};a:{}:{{", self.next_row, self.keys.len())?;
        self.next_row += 1;
        for (key, value) in self.keys.iter().zip(row) {
            out.write_all(key.as_bytes())?;
            self::value(out, &value)?;
        }
        out.write_all(b"}")
    }

    fn end(&mut self, out: &mut dyn Write, totals: &[(&'static str, u64)]) -> io::Result<()> {
        debug_assert_eq!(self.next_row, self.rows, "the array has the promised length");
        write!(out, "}}s:5:\"stats\";a:{}:{{", totals.len())?;
        for (name, total) in totals {
            string(out, name)?;
            value(out, &Value::Count(*total))?;
        }
        out.write_all(b"}}")
    }
}

/// Writes an array that holds one array under a name.
pub(super) fn object(out: &mut dyn Write, name: &str, fields: &[(&str, Value<'_>)]) -> io::Result<()> {
    out.write_all(b"a:1:{")?;
    string(out, name)?;
    write!(out, "a:{}:{{", fields.len())?;
    for (name, field) in fields {
        string(out, name)?;
        value(out, field)?;
    }
    out.write_all(b"}}")
}

/// Writes an array that holds an error.
pub(super) fn error(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"a:1:{")?;
    string(out, "error")?;
    value(out, &Value::Text(Cow::Borrowed(text)))?;
    out.write_all(b"}")
}

fn value(out: &mut dyn Write, value: &Value<'_>) -> io::Result<()> {
    match value {
        Value::Text(text) => string(out, text),
        Value::Count(count) => write!(out, "i:{count};"),
        Value::Instant(instant) => string(out, &time::format(*instant)),
        Value::Flag(flag) => write!(out, "b:{};", u8::from(*flag)),
    }
}

fn string(out: &mut dyn Write, text: &str) -> io::Result<()> {
    write!(out, "s:{}:\"{text}\";", text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_totals() {
        let shape = Shape {
            rows: "things",
            row: "thing",
            columns: vec!["thing", "number"],
        };
        let written = |rows: &[(&str, u64)]| {
            let mut php = Php::new(&shape, rows.len());
            let mut out = Vec::new();
            php.start(&mut out).unwrap();
            for (text, number) in rows {
                let cells = [Value::Text(Cow::Borrowed(text)), Value::Count(*number)];
                php.row(&mut out, &mut cells.into_iter()).unwrap();
            }
            php.end(&mut out, &[("things", 2)]).unwrap();
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            written(&[("\"路\";", 1), ("", 2)]),
            "a:2:{s:6:\"things\";a:2:{i:0;a:2:{s:5:\"thing\";s:6:\"\"路\";\";s:6:\"number\";i:1;}\
             i:1;a:2:{s:5:\"thing\";s:0:\"\";s:6:\"number\";i:2;}}s:5:\"stats\";a:1:{s:6:\"things\";i:2;}}"
        );
        assert_eq!(
            written(&[]),
            "a:2:{s:6:\"things\";a:0:{}s:5:\"stats\";a:1:{s:6:\"things\";i:2;}}"
        );
    }
}
