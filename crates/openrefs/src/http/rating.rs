//! `/api/rating`: what the page `/rating` shows, as JSON. It is of our own, not of the wire format, so errors have the statuses
//! of HTTP; and it is behind the same door as the pages.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Response, header};
use axum::response::IntoResponse;

use crate::http::error::{self, JSON};
use crate::parameters::Parameters;
use crate::rating::{self, Rating, Shown};
use crate::service::{Refusal, Service};
use crate::web::layout::{page_rows, status};

/// Answers with the rating of a domain, where it comes from, and how ratings are spread.
pub async fn figures(service: &Arc<Service>, parameters: Parameters) -> Response<Body> {
    let asked = service
        .ask(move |snapshot| {
            let (domain, limit) = rating::request(snapshot, &parameters.domain, &parameters.limit)?;
            let limit = page_rows(limit)?;
            Ok(match Rating::of(snapshot, &domain)? {
                Ok(rating) => Ok(Shown {
                    explanation: Some(rating.explain(snapshot, limit)?),
                    distribution: Some(openrefs_query::domains::distribution(snapshot)?.to_vec()),
                    rating,
                }),
                Err(missing) => Err(missing),
            })
        })
        .await;
    let shown = asked.and_then(|found| found.map_err(Refusal::from));
    match shown.map(|shown| serde_json::to_string(&shown)) {
        Ok(Ok(body)) => ([(header::CONTENT_TYPE, JSON)], body).into_response(),
        Ok(Err(why)) => {
            tracing::error!("cannot write a rating: {why}");
            Refusal::Internal.into_response()
        }
        Err(refusal) => error::answer(status(&refusal), &refusal.to_string()),
    }
}
