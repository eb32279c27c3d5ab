//! The files of an index: where they are, how the tables are laid out, and what is published.
//!
//! Overview, lowest layer first: [`error`]; [`folder`] every file operation there is; [`layout`] the names of the files
//! of an index; [`table`] Parquet settings, writing and reading by key range; [`links`] and [`visits`] the two tables
//! of facts; [`manifest`] what a snapshot consists of; [`index`] opening an index, its settings, lock and snapshots.
//!
//! Invariants: only this crate knows Parquet settings and file names. Data files are written once and never changed;
//! nothing is visible before the manifest that names it is current; a file of ours that is damaged is an error that
//! names it, never a wrong answer.

pub mod error;

pub mod folder;
pub mod layout;

pub mod table;

pub mod links;
pub mod visits;

pub mod manifest;

pub mod index;

pub use error::{Error, Result};
pub use folder::Folder;
pub use index::{Index, Settings, WriteLock};
pub use links::{LinkRow, LinksBatch, LinksWriter};
pub use manifest::{Archive, FileEntry, Manifest, TableName};
pub use table::{TableFile, TableReader};
pub use visits::{VisitRow, VisitsBatch, VisitsWriter};
