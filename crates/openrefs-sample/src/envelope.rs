//! The shape of a WAT's JSON, field by field as Common Crawl writes it. All numbers are texts, as there.

// The serialised names say what each field is.
#![allow(missing_docs)]

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

#[derive(Serialize)]
pub struct Wat<'a> {
    #[serde(rename = "Container")]
    pub container: Container<'a>,
    #[serde(rename = "Envelope")]
    pub envelope: Envelope<'a>,
}

#[derive(Serialize)]
pub struct Container<'a> {
    #[serde(rename = "Filename")]
    pub filename: &'a str,
    #[serde(rename = "Compressed")]
    pub compressed: bool,
    #[serde(rename = "Offset")]
    pub offset: String,
    #[serde(rename = "Gzip-Metadata")]
    pub gzip: Gzip,
}

#[derive(Serialize)]
pub struct Gzip {
    #[serde(rename = "Deflate-Length")]
    pub deflated: String,
    #[serde(rename = "Header-Length")]
    pub header: &'static str,
    #[serde(rename = "Footer-Length")]
    pub footer: &'static str,
    #[serde(rename = "Inflated-CRC")]
    pub crc: String,
    #[serde(rename = "Inflated-Length")]
    pub inflated: String,
}

#[derive(Serialize)]
pub struct Envelope<'a> {
    #[serde(rename = "Format")]
    pub format: &'static str,
    #[serde(rename = "WARC-Record-Length")]
    pub length: String,
    #[serde(rename = "WARC-Header-Metadata")]
    pub fields: Fields<'a>,
    #[serde(rename = "Payload-Metadata")]
    pub payload: Payload<'a>,
}

#[derive(Serialize)]
pub struct Payload<'a> {
    #[serde(rename = "Actual-Content-Type")]
    pub media: &'static str,
    #[serde(rename = "HTTP-Request-Metadata", skip_serializing_if = "Option::is_none")]
    pub request: Option<Request<'a>>,
    #[serde(rename = "HTTP-Response-Metadata", skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseMetadata<'a>>,
}

#[derive(Serialize)]
pub struct Request<'a> {
    #[serde(rename = "Request-Message")]
    pub message: RequestMessage<'a>,
}

#[derive(Serialize)]
pub struct RequestMessage<'a> {
    #[serde(rename = "Method")]
    pub method: &'static str,
    #[serde(rename = "Path")]
    pub path: &'a str,
    #[serde(rename = "Version")]
    pub version: &'static str,
}

#[derive(Serialize)]
pub struct ResponseMetadata<'a> {
    #[serde(rename = "Response-Message")]
    pub message: ResponseMessage,
    #[serde(rename = "Headers-Length")]
    pub headers_length: String,
    #[serde(rename = "Headers")]
    pub headers: Fields<'a>,
    #[serde(rename = "Entity-Length")]
    pub entity_length: String,
    #[serde(rename = "HTML-Metadata", skip_serializing_if = "Option::is_none")]
    pub html: Option<Html<'a>>,
}

#[derive(Serialize)]
pub struct ResponseMessage {
    #[serde(rename = "Status")]
    pub status: String,
    #[serde(rename = "Version")]
    pub version: &'static str,
    #[serde(rename = "Reason")]
    pub reason: &'static str,
}

#[derive(Serialize)]
pub struct Html<'a> {
    #[serde(rename = "Head")]
    pub head: Head<'a>,
    #[serde(rename = "Links")]
    pub links: Vec<Entry<'a>>,
}

#[derive(Serialize)]
pub struct Head<'a> {
    #[serde(rename = "Title")]
    pub title: &'a str,
    #[serde(rename = "Base", skip_serializing_if = "Option::is_none")]
    pub base: Option<&'a str>,
    #[serde(rename = "Metas")]
    pub metas: Vec<MetaEntry<'a>>,
    #[serde(rename = "Link")]
    pub links: Vec<Entry<'a>>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MetaEntry<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_equiv: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

/// A link of any kind: its place in the markup, and its attributes.
#[derive(Default, Serialize)]
pub struct Entry<'a> {
    pub path: &'static str,
    pub url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rel: Option<&'a str>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hreflang: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<&'a str>,
}

/// Headers: an object in their order, where a name that repeats has the list of its values.
pub struct Fields<'a>(pub &'a [(&'a str, String)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (index, (name, value)) in self.0.iter().enumerate() {
            let same = |field: &&(&str, String)| field.0 == *name;
            if self.0[..index].iter().any(|field| same(&field)) {
                continue;
            }
            let values: Vec<&str> = self.0[index..]
                .iter()
                .filter(same)
                .map(|field| field.1.as_str())
                .collect();
            match values.len() {
                1 => map.serialize_entry(name, value)?,
                _ => map.serialize_entry(name, &values)?,
            }
        }
        map.end()
    }
}
