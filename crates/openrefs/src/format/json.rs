//! Compact JSON: the list of rows under its name, then `stats` if there are totals. UTF-8 stands as it is and `/` is not
//! escaped, as the wire format has it.

use std::io::{self, Write};

use crate::format::{Format, Row};
use crate::value::{Shape, Value};
use openrefs_model::time;

/// Writes one object.
pub struct Json {
    rows_name: &'static str,
    object: Object,
    rows: u64,
}

impl Json {
    /// For a report.
    pub fn new(shape: &Shape) -> Self {
        Self {
            rows_name: shape.rows,
            object: Object::new(shape),
            rows: 0,
        }
    }
}

impl Format for Json {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{{\"{}\":[", self.rows_name)
    }

    fn row(&mut self, out: &mut dyn Write, row: Row<'_, '_>) -> io::Result<()> {
        if self.rows > 0 {
            out.write_all(b",")?;
        }
        self.rows += 1;
        self.object.write(out, row)
    }

    fn end(&mut self, out: &mut dyn Write, totals: &[(&'static str, u64)]) -> io::Result<()> {
        out.write_all(b"]")?;
        for (n, (name, total)) in totals.iter().enumerate() {
            let before = if n == 0 { ",\"stats\":{" } else { "," };
            write!(out, "{before}\"{name}\":{total}")?;
        }
        out.write_all(if totals.is_empty() { b"}" } else { b"}}" })
    }
}

/// Writes rows as objects.
pub(super) struct Object {
    /// What stands before each value: a brace or comma, the key and a colon.
    keys: Vec<String>,
}

impl Object {
    pub(super) fn new(shape: &Shape) -> Self {
        let key = |(n, name): (usize, &&str)| format!("{}\"{name}\":", if n == 0 { '{' } else { ',' });
        Self {
            keys: shape.columns.iter().enumerate().map(key).collect(),
        }
    }

    pub(super) fn write(&self, out: &mut dyn Write, row: Row<'_, '_>) -> io::Result<()> {
        for (key, value) in self.keys.iter().zip(row) {
            out.write_all(key.as_bytes())?;
            self::value(out, &value)?;
        }
        out.write_all(b"}")
    }
}

/// Writes an object that holds one object under a name.
pub(super) fn object(out: &mut dyn Write, name: &str, fields: &[(&str, Value<'_>)]) -> io::Result<()> {
    write!(out, "{{\"{name}\":{{")?;
    for (n, (name, field)) in fields.iter().enumerate() {
        let before = if n == 0 { "" } else { "," };
        write!(out, "{before}\"{name}\":")?;
        value(out, field)?;
    }
    out.write_all(b"}}")
}

/// Writes an object that holds an error.
pub(super) fn error(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(b"{\"error\":")?;
    string(out, text)?;
    out.write_all(b"}")
}

fn value(out: &mut dyn Write, value: &Value<'_>) -> io::Result<()> {
    match value {
        Value::Text(text) => string(out, text),
        Value::Count(count) => write!(out, "{count}"),
        Value::Instant(instant) => write!(out, "\"{}\"", time::format(*instant)),
        Value::Flag(flag) => write!(out, "{flag}"),
    }
}

fn string(out: &mut dyn Write, text: &str) -> io::Result<()> {
    serde_json::to_writer(out, text).map_err(io::Error::from)
}
