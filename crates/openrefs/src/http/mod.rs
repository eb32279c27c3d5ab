//! The server: the wire format of API v2 at `/`, pages for a browser, `/health`.
//!
//! Overview, lowest layer first: [`error`] error answers; [`parameters`] query strings; [`body`] answers written piece by
//! piece; [`refdomains`] the report; [`router`] which request goes where; [`listen`] addresses and sockets; [`server`]
//! the runtime and its end.

pub mod error;
pub mod parameters;

pub mod body;

pub mod refdomains;

pub mod router;

pub mod listen;

pub mod server;
