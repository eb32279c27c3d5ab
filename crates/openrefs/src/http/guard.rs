//! What a request must be before anybody looks at what it asks.
//!
//! A server without tokens answers this machine, and a browser on this machine runs scripts of strangers. One whose name
//! its owner lets point to 127.0.0.1 ("DNS rebinding") could read the answers; but the browser then sends that name as
//! `Host`. So without tokens only names of this machine are answered, whatever the path. With tokens, or with `--open`,
//! any name will do.

use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode, header};
use axum::middleware::Next;

use crate::http::app::App;
use crate::http::error;

/// A longer path with its query is refused. The conditions of a request fit, twice.
pub const URL_BYTES_MAX: usize = 60_000;

/// Lets a request in, or answers why not.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    if request.uri().path_and_query().map_or(0, |p| p.as_str().len()) > URL_BYTES_MAX {
        let text = format!("url: longer than {URL_BYTES_MAX} bytes");
        return error::answer(StatusCode::URI_TOO_LONG, &text);
    }
    if !app.gate.asks_for_tokens() && !app.open && !names_this_machine(&request) {
        return error::answer(
            StatusCode::FORBIDDEN,
            "host: not a name of this machine, use localhost or 127.0.0.1; other names need a token or --open",
        );
    }
    next.run(request).await
}

/// Whether all names in a request, if there are any, are this machine's. HTTP/1.0 needs none; every browser sends one.
fn names_this_machine(request: &Request) -> bool {
    let in_url = request.uri().authority().map(|authority| authority.as_str());
    request
        .headers()
        .get_all(header::HOST)
        .iter()
        .map(|value| value.to_str().unwrap_or("?"))
        .chain(in_url)
        .all(is_this_machine)
}

/// Whether a name with or without a port is this machine's.
fn is_this_machine(host: &str) -> bool {
    let (name, port) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or(("", "?")),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
        return false;
    }
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<IpAddr>()
            .is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for host in [
            "localhost",
            "LocalHost:8001",
            "127.0.0.1",
            "127.0.0.1:1",
            "127.9.9.9:8001",
            "[::1]",
            "[::1]:8001",
        ] {
            assert!(is_this_machine(host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8001",
            "evil.example:127",
            "localhost:",
            "localhost:x",
            "localhost@evil.example",
            "[::1",
            "[::1]x",
            "[::2]:1",
            "0.0.0.0:8001",
            "192.0.2.1",
            "?",
        ] {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
