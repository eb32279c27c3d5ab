//! What a link index talks about, without any I/O: URLs and their keys, domains, scopes, backlinks and visits.
//!
//! Overview, lowest layer first: [`time`] instants; [`address`] IP addresses; [`key`] the sort form of a URL;
//! [`suffix`] the Public Suffix List and registrable domains; [`canonical`] URLs as the index knows them; [`row`] the
//! rows of the tables and how two sightings of one row fold; [`bucket`] which part of every table a row lives in;
//! [`scope`] what a request is about.

pub mod time;

pub mod address;
pub mod bucket;
pub mod canonical;
pub mod key;
pub mod limits;
pub mod row;
pub mod scope;
pub mod suffix;

pub use address::Address;
pub use canonical::{Canonical, Canonicaliser, Dropped};
pub use row::{Backlink, Flags, LinkType, Sighting, Visit};
pub use scope::{KeyRange, Mode, Scope, TargetError};
pub use suffix::SuffixList;
pub use url::Url;
