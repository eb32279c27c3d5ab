//! What all handlers share.

use std::sync::Arc;

use crate::accounts::Gate;
use crate::http::metrics::Metrics;
use crate::service::Service;

/// One server.
pub struct App {
    /// Queries.
    pub service: Arc<Service>,
    /// Tokens.
    pub gate: Arc<Gate>,
    /// Figures.
    pub metrics: Metrics,
    /// Other machines may ask without a token.
    pub open: bool,
    /// Requests are logged.
    pub log: bool,
}
