//! Requests to an index: from parameters as text to rows and totals.
//!
//! Overview, lowest layer first: [`error`]; [`mod@column`] the columns of reports; [`filter`] its conditions; [`request`]
//! parameters read and checked, in the words of the wire format; [`effort`] what a query may take; `pieces` decoded
//! columns and [`files`] open files, in caches; [`snapshot`] one published state, opened for reading; [`domains`] ratings;
//! [`links`] the backlinks of a scope in the order of the table; [`mod@refdomains`] and [`mod@backlinks`] the two answers.
//!
//! Invariants: a request sees one snapshot; every figure is exact; nothing here writes.

pub mod error;

pub mod column;
pub mod filter;
pub mod request;

pub mod effort;
mod pieces;

pub mod files;
pub mod snapshot;

pub mod domains;
pub mod links;

pub mod backlinks;
pub mod refdomains;

pub use column::{Column, DomainColumn};
pub use effort::Effort;
pub use error::{Error, Result};
pub use refdomains::{Answer, Refdomain, Totals};
pub use request::{BacklinksRequest, DomainRatingRequest, OrderKey, Parameters, RefdomainsRequest};
pub use snapshot::Snapshot;
