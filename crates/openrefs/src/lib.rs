//! The program `openrefs` as a library, so that tests and benches can reach its parts. Not meant for other programs.
//!
//! Overview, lowest layer first: [`value`] the cells of a report; [`mod@format`] reports as text; [`parameters`] requests as
//! text; [`rating`] what is told of a rating, and [`plot`] how ratings are spread;
//! [`accounts`] tokens and their rows; [`live`] the published snapshot, kept current; [`service`] queries run for a server, a bounded number at a time;
//! [`web`] pages for a browser; [`http`] the server; [`progress`] bars and lines; [`cli`] the commands.
//!
//! Invariants: command line, HTTP and pages read parameters by the same functions and write rows by the same writers;
//! a handler never touches a file outside of [`service`]; data goes to standard output, words to standard error.

pub mod value;

pub mod format;
pub mod parameters;
pub mod plot;
pub mod rating;

pub mod accounts;
pub mod live;

pub mod service;

pub mod web;

pub mod http;

pub mod progress;

pub mod cli;
