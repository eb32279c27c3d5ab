//! Archives made on the spot: every container, every rule of damage, and random ones.

#![allow(clippy::unwrap_used, missing_docs)]

mod containers;
mod damage;
mod heads;
mod hostile;
mod random;
mod write;
