//! The table `domain_rating` over HTTP: one object about the domain of the target. Its price is that of the request alone.

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, header};
use axum::response::IntoResponse;

use crate::accounts::cost;
use crate::accounts::gate::Pass;
use crate::format::wire::Wire;
use crate::http::app::App;
use crate::http::error::RESULTS_COUNT;
use crate::parameters::Parameters;
use crate::service::Refusal;
use crate::value;

/// Answers a request; also says how many rows the answer has: one, or none if the domain does not pass the conditions. The
/// object is empty then, as a list of rows would be.
///
/// # Errors
/// When the request is wrong, the query fails, or the rows left do not suffice.
pub async fn domain_rating(
    app: &App,
    pass: &Pass,
    parameters: Parameters,
    wire: Wire,
) -> Result<(Response<Body>, usize), Refusal> {
    pass.can_pay(cost::DOMAIN_RATING)?;
    let fields = app
        .service
        .ask(move |snapshot| {
            let request = parameters.domain_rating(snapshot.suffix_list())?;
            let row = openrefs_query::domains::domain_rating(snapshot, &request)?;
            Ok(row.map(|row| value::domain(&row, &request.select)))
        })
        .await?;
    app.gate.charge(pass, cost::DOMAIN_RATING).await?;
    let rows = usize::from(fields.is_some());
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(wire.media_type())),
        (HeaderName::from_static(RESULTS_COUNT), HeaderValue::from(rows)),
    ];
    let body = wire.object("domain", &fields.unwrap_or_default());
    Ok(((headers, body).into_response(), rows))
}
