//! The server: the wire format of API v2 at `/`, pages for a browser, `/health`.
//!
//! Overview, lowest layer first: [`error`] error answers; [`parameters`] query strings; [`body`] answers written piece by
//! piece; [`metrics`] figures; [`app`] what handlers share; [`record`] and [`guard`] around every request;
//! [`refdomains`], [`domain_rating`], [`subscription`], [`rating`] and [`openapi`] what is answered; [`router`] which
//! request goes where; [`stall`], [`request_line`], [`connections`] and [`listen`] connections and sockets; [`server`] the
//! runtime and its end.

pub mod error;
pub mod parameters;

pub mod body;

pub mod metrics;

pub mod app;

pub mod guard;
pub mod record;

pub mod domain_rating;
pub mod openapi;
pub mod rating;
pub mod refdomains;
pub mod subscription;

pub mod router;

pub mod request_line;
pub mod stall;

pub mod connections;
pub mod listen;

pub mod server;
