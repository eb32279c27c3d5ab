//! Pages for a browser: rendered here whole, no script, nothing from elsewhere. Templates escape every value by
//! themselves, and the content security policy forbids what a slip could let in.
//!
//! Overview, lowest layer first: [`link`] addresses of pages; [`layout`] what all pages share; [`refdomains`] the form,
//! the totals and the table; [`backlinks`] the evidence behind a row; [`rating`] the rating of a domain.

pub mod link;

pub mod layout;

pub mod backlinks;
pub mod rating;
pub mod refdomains;

use axum::http::header;
use axum::response::IntoResponse;

/// Where the style sheet is.
pub const STYLE_PATH: &str = "/style.css";

/// The style sheet.
pub async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=3600"),
    ];
    (headers, include_str!("../../templates/style.css"))
}
