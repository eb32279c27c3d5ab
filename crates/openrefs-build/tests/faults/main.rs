//! What happens to an index when the process is killed, the power is cut, the disk is full, or bytes change by themselves;
//! and that steps run one by one make what an ingest makes.

#![allow(clippy::unwrap_used)] // a test may panic

mod crawl;
#[cfg(unix)]
mod damage;
mod faults;
mod lies;
mod merging;
mod steps;
