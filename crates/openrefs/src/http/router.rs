//! Which request goes where.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::IntoResponse;
use axum::routing::get;
use tower_http::compression::CompressionLayer;

use crate::http::app::App;
use crate::http::guard::guard;
use crate::http::metrics::{self, Asked, Outcome};
use crate::http::parameters::{Query, Table};
use crate::http::record::{self, Told, record};
use crate::http::{domain_rating, error, openapi, rating, refdomains, subscription};
use crate::parameters::Parameters;
use crate::service::Refusal;
use crate::web;

/// All paths. HEAD would be charged like GET and show nothing for it, so the API does not take it.
pub fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/", get(root).post(root).head(error::no_such_method))
        .route("/backlinks", get(backlinks))
        .route("/rating", get(rating_page))
        .route("/api/rating", get(rating_figures))
        .route(web::STYLE_PATH, get(web::style))
        .route("/health", get(health))
        .route("/metrics", get(figures))
        .route("/openapi.json", get(openapi::document))
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(Arc::clone(&app), guard))
        .layer(from_fn_with_state(Arc::clone(&app), record))
        .with_state(app)
}

/// The API; a browser that names no table gets a page.
async fn root(State(app): State<Arc<App>>, RawQuery(query): RawQuery, headers: HeaderMap) -> Response<Body> {
    let query = Query::read(&query.unwrap_or_default());
    if query.from.is_none() && accepts_html(&headers) {
        return page(&app, query.parameters, Page::Refdomains).await;
    }
    api(&app, query).await
}

/// An answer of the API, and what is told of it.
async fn api(app: &App, query: Query) -> Response<Body> {
    let wire = query.wire();
    let mut told = Told {
        asked: Asked::Other,
        outcome: Outcome::Ok,
        rows: 0,
        target: query.parameters.target.clone(),
    };
    let mut response = match answer(app, query, &mut told).await {
        Ok(response) => response,
        Err(refusal) => {
            told.outcome = Outcome::of(&refusal);
            refusal.answer(wire)
        }
    };
    response.extensions_mut().insert(told);
    response
}

async fn answer(app: &App, query: Query, told: &mut Told) -> Result<Response<Body>, Refusal> {
    let wire = query.wire();
    let table = query.check();
    told.asked = match table {
        Ok(Table::Refdomains) => Asked::Refdomains,
        Ok(Table::DomainRating) => Asked::DomainRating,
        Ok(Table::SubscriptionInfo) => Asked::SubscriptionInfo,
        Err(_) => Asked::Other,
    };
    // Who may not ask is not told what is wrong with the question.
    let pass = app.gate.admit(query.token).await?;
    match table? {
        Table::Refdomains => {
            let (response, rows) = refdomains::refdomains(app, &pass, query.parameters, wire).await?;
            told.rows = rows;
            Ok(response)
        }
        Table::DomainRating => {
            let (response, rows) = domain_rating::domain_rating(app, &pass, query.parameters, wire).await?;
            told.rows = rows;
            Ok(response)
        }
        Table::SubscriptionInfo => Ok(subscription::subscription_info(&pass, wire)),
    }
}

/// Which page.
#[derive(Clone, Copy)]
enum Page {
    Refdomains,
    Backlinks,
    Rating,
    RatingFigures,
}

/// A page. With tokens there is none: it would be a way around them, or tokens would stand in addresses.
async fn page(app: &App, parameters: Parameters, page: Page) -> Response<Body> {
    let target = match page {
        Page::Refdomains | Page::Backlinks => parameters.target.clone(),
        Page::Rating | Page::RatingFigures => parameters.domain.clone(),
    };
    let response = if app.gate.asks_for_tokens() {
        let text = "path: no pages here, since requests need a token; the API is at /?from=refdomains";
        error::answer(StatusCode::FORBIDDEN, text)
    } else {
        match page {
            Page::Refdomains => web::refdomains::page(&app.service, parameters).await,
            Page::Backlinks => web::backlinks::page(&app.service, parameters).await,
            Page::Rating => web::rating::page(&app.service, parameters).await,
            Page::RatingFigures => rating::figures(&app.service, parameters).await,
        }
    };
    record::page(response, target)
}

/// The page with the evidence.
async fn backlinks(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = Query::read(&query.unwrap_or_default());
    page(&app, query.parameters, Page::Backlinks).await
}

/// The page about a rating.
async fn rating_page(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = Query::read(&query.unwrap_or_default());
    page(&app, query.parameters, Page::Rating).await
}

/// The same for programs.
async fn rating_figures(State(app): State<Arc<App>>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = Query::read(&query.unwrap_or_default());
    page(&app, query.parameters, Page::RatingFigures).await
}

/// Whether the server can answer: it looks at the published snapshot, as every request does.
async fn health(State(app): State<Arc<App>>) -> Response<Body> {
    match app.service.snapshot_number().await {
        Ok(snapshot) => {
            let body = format!("{{\"status\":\"ok\",\"snapshot\":{snapshot}}}");
            ([(header::CONTENT_TYPE, error::JSON)], body).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

/// The figures of this server.
async fn figures(State(app): State<Arc<App>>) -> Response<Body> {
    match app.service.snapshot_number().await {
        Ok(snapshot) => {
            let headers = [(header::CONTENT_TYPE, metrics::CONTENT_TYPE)];
            (headers, app.metrics.text(snapshot)).into_response()
        }
        Err(refusal) => refusal.into_response(),
    }
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .any(|value| value.contains("text/html"))
}
