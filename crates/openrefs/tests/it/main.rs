//! The built binary from outside: command line, HTTP by scenario files, pages.

#![allow(clippy::unwrap_used)] // A test that meets something unexpected ends there and then.

mod cli;
mod client;
mod fixture;
mod ingest;
mod pages;
mod scenarios;
mod serve;
