//! The built binary from outside: command line, HTTP by scenario files, pages.

#![allow(clippy::unwrap_used)] // A test that meets something unexpected ends there and then.

mod accounts;
mod cli;
mod client;
mod crawls;
mod fixture;
mod guard;
mod ingest;
mod kill;
mod limits;
mod metered;
mod openapi;
mod pages;
mod rating;
mod readers;
mod scenarios;
mod serve;
mod snapshots;
mod typical;
