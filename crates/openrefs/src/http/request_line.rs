//! Raw characters in request lines. Clients of the wire format wrote `where=backlinks>=20` or `a b` into the line as it
//! stands, and the servers of that time took it; RFC 3986 allows no such byte in a URL, and the HTTP parser ends the
//! connection over it. So bytes that may not stand in a request target are percent-encoded before the parser sees them.
//!
//! Only the target of a request line is ever changed, and no line becomes two or none, so the parser sees just the
//! requests that were sent. Bodies are not followed: after a head that announces one, the rest of the connection passes
//! as it is. Controls stay as they are, and are refused.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So much is read at a time.
const READ_BYTES: usize = 4 << 10;
/// More room than this is given back once what was in it is passed on.
const KEPT_BYTES: usize = 16 << 10;

/// A stream of requests, its targets as the HTTP parser wants them. Writing goes through untouched.
pub struct Encoding<S> {
    stream: S,
    lines: Lines,
    /// Rewritten bytes; those before `given` have been read.
    ready: Vec<u8>,
    given: usize,
}

impl<S> Encoding<S> {
    /// Around a stream. A line longer than `line_max` bytes is passed on as it is: the parser refuses it.
    pub fn new(stream: S, line_max: usize) -> Self {
        Self {
            stream,
            lines: Lines::new(line_max),
            ready: Vec::new(),
            given: 0,
        }
    }

    /// Hands out rewritten bytes; whether there were any.
    fn give(&mut self, buffer: &mut ReadBuf<'_>) -> bool {
        let rest = &self.ready[self.given..];
        let some = &rest[..rest.len().min(buffer.remaining())];
        buffer.put_slice(some);
        let given = !some.is_empty();
        self.given += some.len();
        if self.given == self.ready.len() {
            self.ready.clear();
            self.ready.shrink_to(KEPT_BYTES);
            self.given = 0;
        }
        given
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Encoding<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        while !this.give(buffer) && buffer.remaining() > 0 {
            if this.lines.place == Place::Beyond {
                return Pin::new(&mut this.stream).poll_read(context, buffer);
            }
            let mut bytes = [0; READ_BYTES];
            let mut read = ReadBuf::new(&mut bytes);
            ready!(Pin::new(&mut this.stream).poll_read(context, &mut read))?;
            if read.filled().is_empty() {
                // The end. A cut line is for the parser to judge.
                this.lines.give_up(&mut this.ready);
            } else {
                this.lines.feed(read.filled(), &mut this.ready);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Encoding<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Where in a connection the next line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It is a request line.
    Request,
    /// It is a header, or the empty line after them.
    Header,
    /// It does not matter any more: everything passes as it is.
    Beyond,
}

/// The lines of a connection, rewritten as they come in.
#[derive(Debug)]
pub struct Lines {
    place: Place,
    /// The line that has begun.
    line: Vec<u8>,
    line_max: usize,
}

impl Lines {
    /// Of a connection. A line longer than `line_max` bytes ends all rewriting.
    pub fn new(line_max: usize) -> Self {
        Self {
            place: Place::Request,
            line: Vec::new(),
            line_max,
        }
    }

    /// Takes what was read, and adds to `out` what is to be parsed. The end of it may wait for the rest of its line.
    pub fn feed(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        while self.place != Place::Beyond && !bytes.is_empty() {
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let (some, rest) = bytes.split_at(end.map_or(bytes.len(), |at| at + 1));
            self.line.extend_from_slice(some);
            bytes = rest;
            if self.line.len() > self.line_max || self.is_no_request() {
                self.give_up(out);
            } else if end.is_some() {
                self.end_of_line(out);
                self.line.clear();
                self.line.shrink_to(KEPT_BYTES);
            }
        }
        out.extend_from_slice(bytes);
    }

    /// Passes on what waits, and all that follows, as it is.
    pub fn give_up(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.line);
        self.place = Place::Beyond;
    }

    /// Something else than HTTP, TLS for instance, has no lines to wait for.
    fn is_no_request(&self) -> bool {
        let begins = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'\r' | b'\n');
        self.place == Place::Request && !self.line.first().is_some_and(begins)
    }

    fn end_of_line(&mut self, out: &mut Vec<u8>) {
        let is_empty = matches!(&self.line[..], b"\n" | b"\r\n");
        match self.place {
            // The parser passes over empty lines before a request.
            Place::Request if !is_empty => {
                encode_target(&self.line, out);
                self.place = Place::Header;
                return;
            }
            Place::Header if is_empty => self.place = Place::Request,
            Place::Header if announces_body(&self.line) => self.place = Place::Beyond,
            _ => {}
        }
        out.extend_from_slice(&self.line);
    }
}

/// Whether a body may follow the head of this header. Rather too often than too seldom.
fn announces_body(header: &[u8]) -> bool {
    let begins = |name: &[u8]| {
        header
            .get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let is_zero = || {
        header
            .get(b"content-length:".len()..)
            .is_some_and(|value| value.trim_ascii() == b"0")
    };
    begins(b"transfer-encoding") || begins(b"upgrade") || (begins(b"content-length") && !is_zero())
}

/// Adds a request line, with the bytes of its target encoded that may not stand there. The target is what is between
/// the first space and the last one before the version.
fn encode_target(line: &[u8], out: &mut Vec<u8>) {
    let space = |byte: &u8| *byte == b' ';
    let (Some(first), Some(last)) = (line.iter().position(space), line.iter().rposition(space)) else {
        return out.extend_from_slice(line);
    };
    if !line[last + 1..].starts_with(b"HTTP/") {
        return out.extend_from_slice(line);
    }
    out.extend_from_slice(&line[..=first]);
    for byte in line.get(first + 1..last).unwrap_or_default() {
        if must_be_encoded(*byte) {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            let (high, low) = (DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]);
            out.extend_from_slice(&[b'%', high, low]);
        } else {
            out.push(*byte);
        }
    }
    out.extend_from_slice(&line[last.max(first + 1)..]);
}

/// Bytes that the parser refuses, and `#`, after which it would drop the rest.
fn must_be_encoded(byte: u8) -> bool {
    matches!(byte, b' ' | b'"' | b'#' | b'<' | b'>' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        let mut whole = Vec::new();
        let mut lines = Lines::new(100);
        lines.feed(text.as_bytes(), &mut whole);
        // However the bytes come in, they go out the same.
        for size in 1..text.len().max(2) {
            let (mut lines, mut out) = (Lines::new(100), Vec::new());
            for bytes in text.as_bytes().chunks(size) {
                lines.feed(bytes, &mut out);
            }
            assert_eq!(out, whole, "{text:?} by {size}");
        }
        String::from_utf8(whole).unwrap()
    }

    #[test]
    fn targets_are_encoded_and_nothing_else() {
        for (line, expected) in [
            (
                "GET /?where=a>=\"b c\",d<e#f HTTP/1.1",
                "GET /?where=a%3E=%22b%20c%22,d%3Ce%23f HTTP/1.1",
            ),
            ("GET /?a=\u{fc} HTTP/1.0", "GET /?a=%C3%BC HTTP/1.0"),
            (
                "POST /?a=%3E+{|}\\^`~'() HTTP/1.1",
                "POST /?a=%3E+{|}\\^`~'() HTTP/1.1",
            ),
            ("GET /?a= HTTP/1.1 HTTP/1.1", "GET /?a=%20HTTP/1.1 HTTP/1.1"),
            ("GET  / HTTP/1.1", "GET %20/ HTTP/1.1"),
            ("GET /\ta\0 HTTP/1.1", "GET /\ta\0 HTTP/1.1"),
            ("GET /?a>b", "GET /?a>b"),
            ("GET HTTP/1.1", "GET HTTP/1.1"),
            ("GET  HTTP/1.1", "GET  HTTP/1.1"),
            ("GET", "GET"),
        ] {
            for end in ["\r\n", "\n"] {
                let rest = format!("{end}x: \"<a b>\"{end}{end}");
                assert_eq!(
                    rewritten(&format!("{line}{rest}")),
                    format!("{expected}{rest}"),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn requests_one_after_the_other() {
        let head = |a: &str| format!("\r\nGET /?{a} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n");
        assert_eq!(
            rewritten(&format!("{}{}{}", head("a>b"), head("c"), head("<"))),
            format!("{}{}{}", head("a%3Eb"), head("c"), head("%3C"))
        );
    }

    #[test]
    fn a_body_ends_it() {
        for header in [
            "Content-Length: 9",
            "content-length : 0",
            "CONTENT-LENGTH:",
            "content-length: 0, 9",
            "Transfer-Encoding: chunked",
            "upgrade: h2c",
        ] {
            let text = format!(
                "POST /?> HTTP/1.1\r\n{header}\r\n\r\nGET /?a>b HTTP/1.1\r\n\r\nGET /?> HTTP/1.1\r\n\r\n"
            );
            assert_eq!(rewritten(&text), text.replacen("/?>", "/?%3E", 1), "{header}");
        }
    }

    #[test]
    fn what_is_no_line_passes() {
        for text in ["\u{16}\u{3}\u{1}\u{2}", "{", " GET / HTTP/1.1"] {
            assert_eq!(rewritten(text), text);
        }
        let long = format!("GET /?{} > HTTP/1.1", "x".repeat(100));
        assert_eq!(rewritten(&long), long);
        assert_eq!(rewritten("GET /?a>"), "");
        let (mut lines, mut out) = (Lines::new(100), Vec::new());
        lines.feed(b"GET /?a>", &mut out);
        lines.give_up(&mut out);
        assert_eq!(out, b"GET /?a>");
    }
}
