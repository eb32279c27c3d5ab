//! The table `subscription_info`: the rows of a token. It costs nothing and needs no target.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::response::IntoResponse;

use crate::accounts::gate::Pass;
use crate::format::wire::Wire;
use crate::http::error::RESULTS_COUNT;
use crate::value::Value;

/// What the subscription is called.
const NAME: &str = "openrefs";
/// Rows that a server without tokens speaks of. It counts none, but programs that look at their rows before they ask
/// must go on; the figure fits into 32 bits for those that keep it there.
const ROWS_WITHOUT_TOKENS: u64 = 1_000_000_000;

/// Answers a request.
pub fn subscription_info(pass: &Pass, wire: Wire) -> Response<Body> {
    let (left, limit) = match pass {
        Pass::Open => (ROWS_WITHOUT_TOKENS, ROWS_WITHOUT_TOKENS),
        Pass::Of(account) => (account.rows_left, account.rows_limit),
    };
    let fields = [
        ("rows_left", Value::Count(left)),
        ("rows_limit", Value::Count(limit)),
        ("subscription", Value::Text(Cow::Borrowed(NAME))),
    ];
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(wire.media_type())),
        (
            HeaderName::from_static(RESULTS_COUNT),
            HeaderValue::from_static("1"),
        ),
    ];
    (headers, wire.object("info", &fields)).into_response()
}
