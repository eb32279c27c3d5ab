//! Archive records in, visits and backlinks out: what counts as a visit, which text is a link, what it is called.
//!
//! Rules: sections 1, 2 and 4 of the rules of counting. This crate knows no index and never asks the network. Bad
//! data is never an error: a record gives a visit, or is counted in the [`Report`] with the reason why not.
//!
//! Overview, lowest layer first: [`report`] and [`tally`] counts; [`fields`] and [`http`] the head of a response;
//! [`chunked`], [`coding`] and [`body`] its body; [`prescan`] and [`charset`] its text; [`header_link`], [`robots`],
//! [`rel`] and [`anchor`] single rules; [`internal`] and [`links`] the links of a visit; [`wat_json`] and [`wat`]
//! envelopes; [`extractor`] the whole. The parsers are public so that fuzz targets reach each of them.

use openrefs_model::{Backlink, Visit};

pub mod report;
pub mod tally;

pub mod fields;
pub mod http;

pub mod chunked;
pub mod coding;

pub mod body;

pub mod prescan;

pub mod charset;

pub mod anchor;
pub mod header_link;
pub mod rel;
pub mod robots;

pub mod internal;

pub mod links;

pub mod wat_json;

pub mod wat;

pub mod extractor;

pub use extractor::Extractor;
pub use report::Report;

/// Takes what an extractor finds, visit by visit.
pub trait Output {
    /// One visit and the backlinks it holds, each once, in no stated order.
    fn visit(&mut self, visit: Visit, backlinks: Vec<Backlink>);
}
