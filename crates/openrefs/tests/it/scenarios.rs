//! The scenario files in `tests/http`: each holds a statement of the wire format, and requests with their answers.
//!
//! A line that begins with `#` is a comment; `> ` the request line (HTTP/1.1 unless it says otherwise), then its headers;
//! `>> ` its body; `< ` the status, then headers that must be there, `(any)` of them, or none: `(none)`. All other lines
//! up to the next request, joined, are the body. `$ rows N` says that the requests of a file go to a server of their own
//! that asks for tokens; `TOKEN` stands for one with so many rows.

use std::fs;
use std::path::Path;

use crate::accounts;
use crate::client::Server;
use crate::fixture;

/// What a file says.
#[derive(Debug, Default)]
struct Scenario {
    /// Rows of the token that it asks with.
    rows: Option<u64>,
    exchanges: Vec<Exchange>,
}

#[derive(Debug, Default)]
struct Exchange {
    request: Vec<String>,
    request_body: String,
    expected: Vec<String>,
    body: String,
}

#[test]
fn every_scenario_holds() {
    let server = Server::start(fixture::index());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/http");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "txt"));
    files.sort();
    assert!(files.len() > 40, "{} scenario files", files.len());
    let mut wrong = Vec::new();
    for file in files {
        let scenario = read(&fs::read_to_string(&file).unwrap());
        assert!(!scenario.exchanges.is_empty(), "{}", file.display());
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let failed = match scenario.rows {
            None => failures(&server, &scenario.exchanges),
            Some(rows) => with_token(rows, scenario.exchanges),
        };
        wrong.extend(failed.into_iter().map(|what| format!("{name}\n  {what}")));
    }
    assert!(
        wrong.is_empty(),
        "{} do not hold:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// The exchanges of a file with a server of their own.
fn with_token(rows: u64, mut exchanges: Vec<Exchange>) -> Vec<String> {
    let (_folder, index) = accounts::index();
    let token = accounts::add(&index, rows);
    let server = Server::start(&index);
    for line in exchanges.iter_mut().flat_map(|exchange| &mut exchange.request) {
        *line = line.replace("TOKEN", &token);
    }
    failures(&server, &exchanges)
}

fn failures(server: &Server, exchanges: &[Exchange]) -> Vec<String> {
    let failure = |exchange: &Exchange| {
        let what = check(server, exchange).err()?;
        Some(format!("{}\n  {what}", exchange.request[0]))
    };
    exchanges.iter().filter_map(failure).collect()
}

fn read(text: &str) -> Scenario {
    let mut scenario = Scenario::default();
    let exchanges = &mut scenario.exchanges;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let starts = exchanges.last().is_none_or(|e| !e.expected.is_empty());
        if let Some(rows) = line.strip_prefix("$ rows ") {
            scenario.rows = Some(rows.parse().unwrap());
        } else if let Some(body) = line.strip_prefix(">> ") {
            exchanges.last_mut().unwrap().request_body.push_str(body);
        } else if let Some(request) = line.strip_prefix("> ") {
            if starts {
                exchanges.push(Exchange::default());
            }
            exchanges.last_mut().unwrap().request.push(request.to_owned());
        } else if let Some(expected) = line.strip_prefix("< ") {
            exchanges.last_mut().unwrap().expected.push(expected.to_owned());
        } else if let Some(exchange) = exchanges.last_mut() {
            exchange.body.push_str(line);
        }
    }
    scenario
}

fn check(server: &Server, exchange: &Exchange) -> Result<(), String> {
    let response = server.send(&exchange.bytes());
    let status = &exchange.expected[0];
    if response.status.to_string() != *status {
        return Err(format!("status {} in place of {status}", response.status));
    }
    for header in &exchange.expected[1..] {
        let (name, value) = header.split_once(": ").ok_or("a header without a value")?;
        let found = response.header(name).unwrap_or("(none)");
        if found != value && (value != "(any)" || found == "(none)") {
            return Err(format!("{name}: {found} in place of {value}"));
        }
    }
    match response.text() {
        body if body == exchange.body => Ok(()),
        body => Err(format!("{body}\n  in place of\n  {}", exchange.body)),
    }
}

impl Exchange {
    fn bytes(&self) -> Vec<u8> {
        let mut lines = self.request.clone();
        if !lines[0].contains(" HTTP/") {
            lines[0].push_str(" HTTP/1.1");
        }
        lines.push("host: localhost".to_owned());
        lines.push("connection: close".to_owned());
        if !self.request_body.is_empty() {
            lines.push(format!("content-length: {}", self.request_body.len()));
        }
        format!("{}\r\n\r\n{}", lines.join("\r\n"), self.request_body).into_bytes()
    }
}
