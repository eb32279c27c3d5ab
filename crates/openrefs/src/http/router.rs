//! Which request goes where.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, Response, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tower_http::compression::CompressionLayer;

use crate::http::parameters::Query;
use crate::http::{error, refdomains};
use crate::service::{Refusal, Service};
use crate::web;

/// All paths.
pub fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/", get(root).post(root))
        .route("/backlinks", get(backlinks))
        .route(web::STYLE_PATH, get(web::style))
        .route("/health", get(health))
        .fallback(error::no_such_path)
        .method_not_allowed_fallback(error::no_such_method)
        .with_state(service)
        .layer(CompressionLayer::new())
}

/// The API; a browser that names no table gets a page.
async fn root(
    State(service): State<Arc<Service>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response<Body> {
    let query = Query::read(&query.unwrap_or_default());
    if query.from.is_none() && accepts_html(&headers) {
        return web::refdomains::page(&service, query.parameters).await;
    }
    if let Err(error) = query.check() {
        return Refusal::Request(error.to_string()).into_response();
    }
    refdomains::refdomains(&service, query.parameters)
        .await
        .unwrap_or_else(IntoResponse::into_response)
}

/// The page with the evidence.
async fn backlinks(State(service): State<Arc<Service>>, RawQuery(query): RawQuery) -> Response<Body> {
    let query = Query::read(&query.unwrap_or_default());
    web::backlinks::page(&service, query.parameters).await
}

/// Whether the server can answer: it looks at the published snapshot, as every request does.
async fn health(State(service): State<Arc<Service>>) -> Response<Body> {
    match service.snapshot_number().await {
        Ok(snapshot) => {
            let body = format!("{{\"status\":\"ok\",\"snapshot\":{snapshot}}}");
            ([(header::CONTENT_TYPE, error::JSON)], body).into_response()
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
