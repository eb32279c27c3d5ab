//! Error answers in the wire format: `{"error":"parameter: text"}`, `x-status: error`, no rows.
//!
//! What is wrong with a request comes with status 200, because programs written for the format look at the body. A wrong
//! path, a wrong method and a failure of the server are outside of it and have the statuses of HTTP.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;

use crate::format::json;
use crate::service::Refusal;

/// The media type of every answer of the API.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
/// The header with the number of rows in an answer.
pub const RESULTS_COUNT: &str = "x-results-count";

/// An error answer with a status.
pub fn answer(status: StatusCode, text: &str) -> Response<Body> {
    let mut body = b"{\"error\":".to_vec();
    // Writing to memory does not fail.
    let _ = json::string(&mut body, text);
    body.push(b'}');
    let headers = [
        (header::CONTENT_TYPE, JSON),
        (
            header::HeaderName::from_static("x-status"),
            HeaderValue::from_static("error"),
        ),
        (
            header::HeaderName::from_static(RESULTS_COUNT),
            HeaderValue::from_static("0"),
        ),
    ];
    (status, headers, body).into_response()
}

/// A path that nothing answers.
pub async fn no_such_path() -> Response<Body> {
    answer(StatusCode::NOT_FOUND, "path: not found, the API is at /")
}

/// A method that a path does not take.
pub async fn no_such_method() -> Response<Body> {
    answer(
        StatusCode::METHOD_NOT_ALLOWED,
        "method: not allowed, use GET or POST",
    )
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        let status = match self {
            Self::Request(_) => StatusCode::OK,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        };
        answer(status, &self.to_string())
    }
}
