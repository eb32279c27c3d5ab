//! Compact XML: the root `AhrefsApiResponse`, in it the list of rows under its name, each row under the singular of it,
//! then `stats`. No attributes, and no white space around values, since some readers keep it.
//!
//! Characters that XML 1.0 forbids, even as references, become U+FFFD; a document must never be unreadable because of one.

use std::borrow::Cow;
use std::io::{self, Write};

use openrefs_model::time;
use quick_xml::escape::partial_escape;

use crate::format::{Format, Row};
use crate::value::{Shape, Value};

const START: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><AhrefsApiResponse>";
const END: &[u8] = b"</AhrefsApiResponse>";

/// Writes one document.
pub struct Xml {
    shape: Shape,
}

impl Xml {
    /// For a report.
    pub fn new(shape: &Shape) -> Self {
        Self { shape: shape.clone() }
    }
}

impl Format for Xml {
    fn start(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(START)?;
        write!(out, "<{}>", self.shape.rows)
    }

    fn row(&mut self, out: &mut dyn Write, row: Row<'_, '_>) -> io::Result<()> {
        write!(out, "<{}>", self.shape.row)?;
        for (name, value) in self.shape.columns.iter().zip(row) {
            element(out, name, &value)?;
        }
        write!(out, "</{}>", self.shape.row)
    }

    fn end(&mut self, out: &mut dyn Write, totals: &[(&'static str, u64)]) -> io::Result<()> {
        write!(out, "</{}>", self.shape.rows)?;
        if !totals.is_empty() {
            out.write_all(b"<stats>")?;
            for (name, total) in totals {
                element(out, name, &Value::Count(*total))?;
            }
            out.write_all(b"</stats>")?;
        }
        out.write_all(END)
    }
}

/// Writes a document of one object under a name.
pub(super) fn object(out: &mut dyn Write, name: &str, fields: &[(&str, Value<'_>)]) -> io::Result<()> {
    out.write_all(START)?;
    write!(out, "<{name}>")?;
    for (name, value) in fields {
        element(out, name, value)?;
    }
    write!(out, "</{name}>")?;
    out.write_all(END)
}

/// Writes a document of an error.
pub(super) fn error(out: &mut dyn Write, text: &str) -> io::Result<()> {
    out.write_all(START)?;
    element(out, "error", &Value::Text(Cow::Borrowed(text)))?;
    out.write_all(END)
}

fn element(out: &mut dyn Write, name: &str, value: &Value<'_>) -> io::Result<()> {
    write!(out, "<{name}>")?;
    match value {
        Value::Text(text) => out.write_all(partial_escape(allowed(text)).as_bytes())?,
        Value::Count(count) => write!(out, "{count}")?,
        Value::Instant(instant) => out.write_all(time::format(*instant).as_bytes())?,
        Value::Flag(flag) => write!(out, "{flag}")?,
    }
    write!(out, "</{name}>")
}

/// A text of the characters that XML 1.0 allows.
fn allowed(text: &str) -> Cow<'_, str> {
    let forbidden =
        |c| matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}');
    if text.contains(forbidden) {
        Cow::Owned(text.replace(forbidden, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(rows: &[(&str, u64)], totals: &[(&'static str, u64)]) -> String {
        let shape = Shape {
            rows: "things",
            row: "thing",
            columns: vec!["thing", "number"],
        };
        let mut xml = Xml::new(&shape);
        let mut out = Vec::new();
        xml.start(&mut out).unwrap();
        for (text, number) in rows {
            let cells = [Value::Text(Cow::Borrowed(text)), Value::Count(*number)];
            xml.row(&mut out, &mut cells.into_iter()).unwrap();
        }
        xml.end(&mut out, totals).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_and_totals() {
        let body = "<things><thing><thing>a&lt;路</thing><number>1</number></thing><thing><thing></thing><number>2</number></thing></things>\
                    <stats><things>2</things></stats>";
        assert_eq!(
            written(&[("a<路", 1), ("", 2)], &[("things", 2)]),
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?><AhrefsApiResponse>{body}</AhrefsApiResponse>"
            )
        );
        assert!(written(&[], &[]).ends_with("<AhrefsApiResponse><things></things></AhrefsApiResponse>"));
    }

    #[test]
    fn every_character_is_readable_afterwards() {
        let all: String = (0..0x1_1000).filter_map(char::from_u32).collect();
        let text = written(&[(&all, 1)], &[]);
        let document = roxmltree::Document::parse(&text).unwrap();
        let cell = document
            .descendants()
            .find(|n| n.has_tag_name("thing") && n.children().all(|c| c.is_text()));
        assert_eq!(cell.and_then(|n| n.text()), Some(&*allowed(&all)));
    }
}
