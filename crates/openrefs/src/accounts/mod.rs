//! Accounts: who may ask a server, and how many rows are left to them.
//!
//! Overview, lowest layer first: [`token`] what a client shows; [`store`] tokens and rows in `accounts.sqlite`, beside the
//! files of the index; [`gate`] a server's way to them; [`cost`] what an answer costs.
//!
//! Invariants: a token stands in no file, log or error; rows are taken in one statement, so they are never taken twice
//! and never become negative, whatever number of servers and commands work on one index.

pub mod cost;
pub mod token;

pub mod store;

pub mod gate;

pub use gate::Gate;
pub use store::{Account, AccountsError, Store};
pub use token::Token;
