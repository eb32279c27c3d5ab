//! The formats of the wire: what `output` may say, and an answer that is one small object, in each of them.

use crate::format::Format;
use crate::format::json::{self, Json};
use crate::format::php::{self, Php};
use crate::format::xml::{self, Xml};
use crate::value::{Shape, Value};

/// A format of answers over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Wire {
    /// JSON, also when nothing is asked for and for a format nobody knows.
    #[default]
    Json,
    /// XML with the root `AhrefsApiResponse`.
    Xml,
    /// What PHP's `unserialize` reads.
    Php,
}

impl Wire {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Json, Self::Xml, Self::Php];

    /// Its name in `output`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Php => "php",
        }
    }

    /// The format of a name; no name at all is JSON.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "" => Some(Self::Json),
            name => Self::ALL.into_iter().find(|wire| wire.name() == name),
        }
    }

    /// The media type of an answer. Serialised PHP has none of its own; it is text with byte lengths in it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::Xml => "application/xml; charset=utf-8",
            Self::Php => "text/plain; charset=utf-8",
        }
    }

    /// The writer of a report of so many rows.
    pub fn writer(self, shape: &Shape, rows: usize) -> Box<dyn Format> {
        match self {
            Self::Json => Box::new(Json::new(shape)),
            Self::Xml => Box::new(Xml::new(shape)),
            Self::Php => Box::new(Php::new(shape, rows)),
        }
    }

    /// An answer that is one object under a name.
    pub fn object(self, name: &str, fields: &[(&str, Value<'_>)]) -> Vec<u8> {
        self.whole(|wire, out| match wire {
            Self::Json => json::object(out, name, fields),
            Self::Xml => xml::object(out, name, fields),
            Self::Php => php::object(out, name, fields),
        })
    }

    /// An answer that says what is wrong.
    pub fn error(self, text: &str) -> Vec<u8> {
        self.whole(|wire, out| match wire {
            Self::Json => json::error(out, text),
            Self::Xml => xml::error(out, text),
            Self::Php => php::error(out, text),
        })
    }

    fn whole(self, write: impl FnOnce(Self, &mut Vec<u8>) -> std::io::Result<()>) -> Vec<u8> {
        let mut out = Vec::new();
        // Writing to memory does not fail.
        let _ = write(self, &mut out);
        out
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    #[test]
    fn errors() {
        let text = |wire: Wire| String::from_utf8(wire.error("mode: 'ü\u{1}' & <b>")).unwrap();
        assert_eq!(text(Wire::Json), "{\"error\":\"mode: 'ü\\u0001' & <b>\"}");
        assert_eq!(
            text(Wire::Xml),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><AhrefsApiResponse><error>mode: 'ü\u{fffd}' &amp; &lt;b&gt;</error></AhrefsApiResponse>"
        );
        assert_eq!(
            text(Wire::Php),
            "a:1:{s:5:\"error\";s:17:\"mode: 'ü\u{1}' & <b>\";}"
        );
    }

    #[test]
    fn objects() {
        let fields = [
            ("rows_left", Value::Count(5)),
            ("subscription", Value::Text(Cow::Borrowed("\"a\"/路"))),
            ("open", Value::Flag(true)),
        ];
        let text = |wire: Wire| String::from_utf8(wire.object("info", &fields)).unwrap();
        assert_eq!(
            text(Wire::Json),
            r#"{"info":{"rows_left":5,"subscription":"\"a\"/路","open":true}}"#
        );
        assert_eq!(
            text(Wire::Xml),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><AhrefsApiResponse><info><rows_left>5</rows_left><subscription>\"a\"/路</subscription><open>true</open></info></AhrefsApiResponse>"
        );
        assert_eq!(
            text(Wire::Php),
            r#"a:1:{s:4:"info";a:3:{s:9:"rows_left";i:5;s:12:"subscription";s:7:""a"/路";s:4:"open";b:1;}}"#
        );
    }

    #[test]
    fn names() {
        assert_eq!(Wire::from_name(""), Some(Wire::Json));
        assert_eq!(Wire::from_name("php"), Some(Wire::Php));
        assert_eq!(Wire::from_name("XML"), None);
    }
}
