//! The table `refdomains` over HTTP. The rows, and so their number and price, are fixed and paid before the first byte is
//! sent. Whoever went away or waited too long by then pays nothing.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::response::IntoResponse;

use crate::accounts::cost;
use crate::accounts::gate::Pass;
use crate::format::wire::Wire;
use crate::http::app::App;
use crate::http::body;
use crate::http::error::RESULTS_COUNT;
use crate::parameters::Parameters;
use crate::service::Refusal;
use crate::value;

/// Answers a request; also says how many rows the answer has.
///
/// # Errors
/// When the request is wrong, the query fails, or the rows left do not suffice.
pub async fn refdomains(
    app: &App,
    pass: &Pass,
    parameters: Parameters,
    wire: Wire,
) -> Result<(Response<Body>, usize), Refusal> {
    pass.can_pay(cost::REQUEST)?;
    let (answer, columns, cost) = app
        .service
        .ask(move |snapshot| {
            let request = parameters.refdomains(snapshot.suffix_list())?;
            let answer = openrefs_query::refdomains::refdomains(snapshot, &request)?;
            let cost = cost::refdomains(&request, answer.rows.len());
            Ok((answer, request.select, cost))
        })
        .await?;
    app.gate.charge(pass, cost).await?;
    let rows = answer.rows.len();
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(wire.media_type())),
        (HeaderName::from_static(RESULTS_COUNT), HeaderValue::from(rows)),
    ];
    let format = wire.writer(&value::refdomains_shape(&columns), rows);
    let body = body::report(answer, columns, format);
    Ok(((headers, body).into_response(), rows))
}
