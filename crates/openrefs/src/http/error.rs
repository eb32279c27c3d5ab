//! Error answers in the wire format: `{"error":"parameter: text"}` or the same as XML or PHP, `x-status: error`, no rows.
//!
//! What is wrong with a request comes with status 200, because programs written for the format look at the body. A wrong
//! path, a wrong method and a failure of the server are outside of it and have the statuses of HTTP.

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;

use crate::accounts::gate::Denied;
use crate::format::wire::Wire;
use crate::service::Refusal;

/// The media type of answers that are always JSON.
pub const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
/// The header with the number of rows in an answer.
pub const RESULTS_COUNT: &str = "x-results-count";

/// An error answer with a status, as JSON: for what is outside of the format.
pub fn answer(status: StatusCode, text: &str) -> Response<Body> {
    answer_in(Wire::Json, status, text)
}

/// An error answer with a status.
pub fn answer_in(wire: Wire, status: StatusCode, text: &str) -> Response<Body> {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(wire.media_type())),
        (
            header::HeaderName::from_static("x-status"),
            HeaderValue::from_static("error"),
        ),
        (
            header::HeaderName::from_static(RESULTS_COUNT),
            HeaderValue::from_static("0"),
        ),
    ];
    (status, headers, wire.error(text)).into_response()
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

impl Refusal {
    /// The answer that says so, in the format that was asked for.
    pub fn answer(&self, wire: Wire) -> Response<Body> {
        let status = match self {
            Self::Request(_) | Self::Denied(Denied::Token | Denied::Rows { .. }) => StatusCode::OK,
            Self::NotInIndex(_) => StatusCode::NOT_FOUND,
            Self::Busy | Self::Slow(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal | Self::Denied(Denied::Failed) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        answer_in(wire, status, &self.to_string())
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response<Body> {
        self.answer(Wire::Json)
    }
}
