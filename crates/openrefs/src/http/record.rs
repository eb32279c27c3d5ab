//! What is kept of a request: counted always, written to the log if that was asked for. Never its token.

use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use axum::middleware::Next;
use openrefs_query::request::shown;

use crate::accounts::gate::Denied;
use crate::http::app::App;
use crate::http::metrics::{Asked, Outcome};
use crate::service::Refusal;

/// What a handler tells of a request, carried by its response.
#[derive(Clone, Debug)]
pub struct Told {
    /// What was asked.
    pub asked: Asked,
    /// How it ended.
    pub outcome: Outcome,
    /// Rows in the answer.
    pub rows: usize,
    /// About which target.
    pub target: String,
}

impl Outcome {
    /// The outcome that a refusal is.
    pub fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Request(_) | Refusal::NotInIndex(_) => Self::Error,
            Refusal::Denied(Denied::Token) => Self::InvalidToken,
            Refusal::Denied(Denied::Rows { .. }) => Self::NoRows,
            Refusal::Busy => Self::Busy,
            Refusal::Slow(_) => Self::Timeout,
            Refusal::Internal | Refusal::Denied(Denied::Failed) => Self::Failed,
        }
    }

    fn of_status(status: u16) -> Self {
        match status {
            ..400 => Self::Ok,
            400..500 => Self::Error,
            _ => Self::Failed,
        }
    }
}

/// Counts every request, around everything else.
pub async fn record(State(app): State<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    let started = Instant::now();
    let method = request.method().clone();
    let mut response = next.run(request).await;
    let duration = started.elapsed();
    let status = response.status().as_u16();
    let told = response.extensions_mut().remove().unwrap_or_else(|| Told {
        asked: Asked::Other,
        outcome: Outcome::of_status(status),
        rows: 0,
        target: String::new(),
    });
    let rows = u64::try_from(told.rows).unwrap_or(u64::MAX);
    app.metrics.count(told.asked, told.outcome, rows, duration);
    if app.log {
        tracing::info!(
            "{method} {} {:?} {status} {} rows={rows} ms={:.1}",
            told.asked.name(),
            shown(&told.target),
            told.outcome.name(),
            duration.as_secs_f64() * 1_000.0
        );
    }
    response
}

/// Tells of a page, as its status does.
pub fn page(mut response: Response<Body>, target: String) -> Response<Body> {
    let told = Told {
        asked: Asked::Page,
        outcome: Outcome::of_status(response.status().as_u16()),
        rows: 0,
        target,
    };
    response.extensions_mut().insert(told);
    response
}
