//! From archives to a published snapshot. Each step is a function from immutable files to immutable files.
//!
//! Overview, in the order of the data: [`group`] archives that are read together; [`buffer`] what was extracted, in
//! memory; [`run`] the buffer sorted, folded and written; [`mod@extract`] the step from a group of archives to its runs;
//! [`mod@merge`] from all runs and the last snapshot to one bucket of the next; [`rollup`] from the backlinks of a bucket to
//! rows per scope, totals and pairs of domains; [`mod@rank`] from all pairs to ratings; [`mod@rate`] ratings beside the
//! roll-ups; [`steps`] these over all buckets, on all cores, and publishing; [`mod@ingest`] all steps, resumable; [`step`] one at a time;
//! [`mod@verify`] all of a snapshot checked, and what is derived made once more.
//!
//! Invariants: a step's output counts for nothing before its last file is written (the list of a group, the manifest of
//! a snapshot), so a kill at any moment leaves an index that the next ingest continues; folding knows no order, so the
//! index is the same whatever the order of archives, groups and crawls.

pub mod error;
pub mod progress;

pub mod group;

pub mod buffer;
pub mod run;

pub mod extract;

pub mod merge;
pub mod rank;
pub mod rate;
pub mod rollup;

pub mod steps;

pub mod ingest;
pub mod step;

pub mod verify;

pub use error::{Error, Result};
pub use ingest::{Ingest, Options, ingest};
pub use progress::{Phase, Progress, Quiet};
pub use verify::{Finding, Verified, verify};
