//! The bytes of an HTTP response: the page in its character set, then the codings of the body, then the head.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::html;
use crate::visit::{Answer, Visit};

/// A response as an archive holds it.
#[derive(Debug)]
pub struct Response {
    /// All its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Status line and headers, with the empty line.
    pub head: Vec<u8>,
    /// The body as it came over the wire.
    pub body: Vec<u8>,
}

/// Chunks of a chunked body, in bytes.
const CHUNK_BYTES: usize = 8_000;

/// Writes the response of a visit.
pub fn write(visit: &Visit) -> Response {
    let mut stream = visit.stream.clone();
    let mut headers = visit.headers.clone();
    let mut body = match &visit.answer {
        Answer::Other(bytes) => bytes.clone(),
        Answer::Page(page) => encode(page.charset.label, html::write(page)),
    };
    if stream.per_mille(40) {
        body = gzip(&body);
        headers.push(("Content-Encoding", "gzip".to_owned()));
    }
    match stream.below(1000) {
        0..60 => {
            body = chunked(&body);
            headers.push(("Transfer-Encoding", "chunked".to_owned()));
        }
        // Many crawlers store the body decoded and leave the header as it was.
        60..90 => headers.push(("Transfer-Encoding", "chunked".to_owned())),
        _ => headers.push(("Content-Length", body.len().to_string())),
    }
    let (status, reason) = visit.status;
    let mut head = format!("HTTP/1.1 {status} {reason}\r\n");
    for (name, value) in &headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    Response {
        headers,
        head: head.into_bytes(),
        body,
    }
}

/// In the character set of a label; letters that it lacks become numeric references, which is what they mean in HTML.
fn encode(label: &str, markup: String) -> Vec<u8> {
    match encoding_rs::Encoding::for_label(label.as_bytes()) {
        Some(encoding) if encoding != encoding_rs::UTF_8 => encoding.encode(&markup).0.into_owned(),
        _ => markup.into_bytes(),
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(crate::archive::LEVEL));
    // Writing to memory does not fail; should it, an empty body would fail the tests.
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.unwrap_or_default()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + 200);
    for chunk in body.chunks(CHUNK_BYTES) {
        out.extend(format!("{:x}\r\n", chunk.len()).bytes());
        out.extend(chunk);
        out.extend(b"\r\n");
    }
    out.extend(b"0\r\n\r\n");
    out
}
