//! The files of an index: where they are, how the tables are laid out, and what is published.
//!
//! Overview, lowest layer first: [`error`]; [`folder`] every file operation there is; [`checked`] data files that check
//! themselves; [`layout`] the names of the files of an index; [`claim`] folders that one process works in; [`lists`] what the
//! steps of a build leave for one another; [`table`] Parquet settings, writing, and reading by key or row number; [`links`] and [`visits`] the tables of facts; [`pairs`], [`refdomains`], [`targets`] and [`domains`] what is
//! derived from them; [`manifest`] what a snapshot consists of; [`index`] opening an index, its settings, lock and
//! snapshots; [`mod@gc`] removing what no snapshot needs; [`sql`] its tables for DuckDB.
//!
//! Invariants: only this crate knows Parquet settings and file names. Data files are written once and never changed;
//! nothing is visible before the manifest that names it is current; a file of ours that is damaged is an error that
//! names it, never a wrong answer.

pub mod error;

pub mod folder;
pub mod layout;

pub mod checked;
pub mod claim;
pub mod lists;

pub mod table;

pub mod domains;
pub mod links;
pub mod pairs;
pub mod refdomains;
pub mod targets;
pub mod visits;

pub mod manifest;

pub mod index;

pub mod gc;
pub mod sql;

pub use checked::DataFile;
pub use claim::Temporary;
pub use error::{Error, Result};
pub use folder::Folder;
pub use index::{Index, Pinned, Settings, WriteLock};
pub use links::{LinkRow, LinksBatch, LinksWriter};
pub use manifest::{Archive, FileEntry, Manifest, TableName};
pub use table::{TableFile, TableReader, Written};
pub use visits::{VisitRow, VisitsBatch, VisitsWriter};
