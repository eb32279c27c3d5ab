//! A server of the binary, and a client that sends exactly the bytes it is given.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

use flate2::read::GzDecoder;

/// A running server; dropping it kills it.
pub struct Server {
    pub address: String,
    pub process: Child,
    /// Kept open, so that the server can write its log.
    pub log: BufReader<ChildStderr>,
}

impl Server {
    /// Serves an index on a free port.
    pub fn start(index: &Path) -> Self {
        Self::start_with(index, &["--listen", "127.0.0.1:0"])
    }

    /// Serves an index with arguments.
    pub fn start_with(index: &Path, arguments: &[&str]) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_openrefs"))
            .arg("serve")
            .arg("--index")
            .arg(index)
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut line = String::new();
        log.read_line(&mut line).unwrap();
        let (_, rest) = line
            .split_once("http://")
            .expect("the server says where it listens");
        let address = rest.split('/').next().unwrap().to_owned();
        Self {
            address,
            process,
            log,
        }
    }

    /// Ends it, and gives what it wrote to its log.
    pub fn end(mut self) -> String {
        let _ = self.process.kill();
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        log
    }

    /// Sends a request and reads the answer to the end of the connection.
    pub fn send(&self, request: &[u8]) -> Response {
        send(&self.address, request)
    }

    /// Gets a path, with one more header if it is not empty.
    pub fn get(&self, path: &str, header: &str) -> Response {
        let header = if header.is_empty() {
            String::new()
        } else {
            format!("{header}\r\n")
        };
        self.send(
            format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n{header}\r\n").as_bytes(),
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sends a request to an address and reads the answer to the end of the connection.
pub fn send(address: &str, request: &[u8]) -> Response {
    let mut stream = TcpStream::connect(address).unwrap();
    // A server that refuses a request early may cut the rest of it.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    Response::read(&bytes)
}

/// An answer, its body without transfer coding and gzip.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Response {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|w| w == b"\r\n\r\n")
            .expect("an answer has a head");
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines
            .map(|line| line.split_once(':').unwrap())
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let mut response = Self {
            status,
            headers,
            body: bytes[end + 4..].to_vec(),
        };
        if response.header("transfer-encoding") == Some("chunked") {
            response.body = unchunked(&response.body);
        }
        if response.header("content-encoding") == Some("gzip") {
            let mut plain = Vec::new();
            GzDecoder::new(&response.body[..])
                .read_to_end(&mut plain)
                .unwrap();
            response.body = plain;
        }
        response
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let line = bytes
            .windows(2)
            .position(|w| w == b"\r\n")
            .expect("a chunk has a size");
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).unwrap(), 16).unwrap();
        if size == 0 {
            return body;
        }
        body.extend_from_slice(&bytes[line + 2..line + 2 + size]);
        bytes = &bytes[line + 2 + size + 2..];
    }
}
