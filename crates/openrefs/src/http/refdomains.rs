//! The table `refdomains` over HTTP. The rows, and so their number, are fixed before the first byte is sent.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::response::IntoResponse;

use crate::format::json::Json;
use crate::http::body;
use crate::http::error::{JSON, RESULTS_COUNT};
use crate::parameters::Parameters;
use crate::service::{Refusal, Service};
use crate::value;

/// Answers a request.
///
/// # Errors
/// When the request is wrong or the query fails.
pub async fn refdomains(service: &Arc<Service>, parameters: Parameters) -> Result<Response<Body>, Refusal> {
    let (answer, columns) = service
        .ask(move |snapshot| {
            let request = parameters.refdomains(snapshot.suffix_list())?;
            let answer = openrefs_query::refdomains::refdomains(snapshot, &request)?;
            Ok((answer, request.select))
        })
        .await?;
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (
            HeaderName::from_static(RESULTS_COUNT),
            HeaderValue::from(answer.rows.len()),
        ),
    ];
    let format = Json::new(&value::refdomains_shape(&columns));
    Ok((headers, body::report(answer, columns, Box::new(format))).into_response())
}
