//! The extractor from outside: the rules of counting on made records, and real archives against the answers of an
//! independent implementation.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

mod crawls;
mod odd;
mod reading;
mod rules;
mod wat;
