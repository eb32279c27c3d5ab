//! Sorting and folding of records in bounded memory: what groups links where a table's own order does not.
//!
//! A record is a key, some bytes that are compared as such, and a value; records of one key fold into one. Overview, lowest
//! layer first: [`error`]; [`value`] what folds; [`space`] how much memory and disk a sort may take, and where;
//! `run` a sorted part on disk; [`sorter`] the records in memory, and runs when they do not fit; [`sorted`] all
//! records in order, each key once.
//!
//! Invariants: memory is bounded by [`Space::memory_bytes`], whatever is pushed; the outcome does not depend on it, nor on
//! the order of pushes, because folding is associative and commutative; nothing stays on disk when a sorter is dropped
//! or its process ends.

pub mod error;

pub mod space;
pub mod value;

mod run;

pub mod sorter;

pub mod sorted;

pub use error::{Error, Result};
pub use sorted::Sorted;
pub use sorter::{Overflow, Sorter};
pub use space::Space;
pub use value::Value;
