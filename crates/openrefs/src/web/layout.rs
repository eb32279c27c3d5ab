//! What all pages share: the headers of the response, the form, the facts of the index.

use askama::Template;
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use openrefs_model::Mode;
use openrefs_query::{Result, Snapshot, request};
use openrefs_store::TableName;

use crate::parameters::Parameters;
use crate::service::Refusal;
use crate::value::grouped;

/// Nothing but our own style sheet and form.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// Rows of one page unless told otherwise.
const ROWS_DEFAULT: u64 = 50;
/// The most rows of one page; the API gives more.
const ROWS_MAX: u64 = 1_000;

/// What the index holds.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Backlinks.
    pub backlinks: String,
    /// Visits.
    pub visits: String,
    /// The day of the snapshot.
    pub published: String,
}

impl Facts {
    /// Of a snapshot.
    pub fn of(snapshot: &Snapshot) -> Self {
        let manifest = snapshot.manifest();
        Self {
            backlinks: grouped(manifest.rows(TableName::Links)),
            visits: grouped(manifest.rows(TableName::Visits)),
            published: manifest.published.chars().take(10).collect(),
        }
    }
}

/// One choice of a list.
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// It is the one chosen.
    pub selected: bool,
}

/// The form at the head of every page.
pub struct Form {
    /// The target as it was given.
    pub target: String,
    /// Ways to read it.
    pub modes: Vec<Choice>,
    /// Orders of the rows.
    pub orders: Vec<Choice>,
    /// Numbers of rows.
    pub limits: Vec<Choice>,
}

impl Form {
    /// As it was sent.
    pub fn of(parameters: &Parameters) -> Self {
        let modes = [
            (Mode::Domain, "this host"),
            (Mode::Subdomains, "this host and all below it"),
            (Mode::Prefix, "URLs that begin so"),
            (Mode::Exact, "exactly this URL"),
        ];
        let orders = [
            ("", "domain, A to Z"),
            ("backlinks:desc", "most backlinks"),
            ("refpages:desc", "most pages"),
            ("domain_rating:desc", "strongest domain"),
            ("first_seen:desc", "newest first"),
            ("last_visited:desc", "last seen first"),
        ];
        let limits = ["25", "50", "100", "500"];
        Self {
            target: parameters.target.clone(),
            modes: choices(modes.map(|(mode, label)| (mode.name(), label)), &parameters.mode),
            orders: choices(orders, &parameters.order_by),
            limits: choices(limits.map(|n| (n, n)), &parameters.limit),
        }
    }
}

/// A list with one choice made. A value that is not in it stays what it is: it came by the address.
fn choices<'a>(known: impl IntoIterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Choice> {
    let mut all: Vec<Choice> = known
        .into_iter()
        .map(|(value, label)| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            selected: value == chosen,
        })
        .collect();
    if !all.iter().any(|choice| choice.selected) {
        all.push(Choice {
            value: chosen.to_owned(),
            label: request::shown(chosen),
            selected: true,
        });
    }
    all
}

/// Fills in what a form leaves out.
pub fn with_defaults(mut parameters: Parameters) -> Parameters {
    if parameters.mode.is_empty() {
        parameters.mode = Mode::Domain.name().to_owned();
    }
    if parameters.limit.is_empty() {
        parameters.limit = ROWS_DEFAULT.to_string();
    }
    parameters
}

/// The number of rows of a page.
///
/// # Errors
/// When it is none, or more than a page holds.
pub fn page_rows(limit: u64) -> Result<u64> {
    if limit == 0 || limit > ROWS_MAX {
        let what = format!("invalid value '{limit}', a page holds 1 to {ROWS_MAX} rows");
        return Err(openrefs_query::Error::request("limit", what));
    }
    Ok(limit)
}

/// The status that tells why a page has no answer.
pub fn status(refusal: &Refusal) -> StatusCode {
    match refusal {
        Refusal::Request(_) => StatusCode::BAD_REQUEST,
        Refusal::NotInIndex(_) => StatusCode::NOT_FOUND,
        Refusal::Busy | Refusal::Slow(_) => StatusCode::SERVICE_UNAVAILABLE,
        Refusal::Internal | Refusal::Denied(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// A rendered page as a response; its status tells whether the query had an answer.
pub fn respond(template: &impl Template, refusal: Option<&Refusal>) -> Response<Body> {
    let status = refusal.map_or(StatusCode::OK, status);
    let headers: [(HeaderName, HeaderValue); 5] = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        // The same address gives JSON to those who do not ask for HTML.
        (header::VARY, HeaderValue::from_static("accept")),
    ];
    match template.render() {
        Ok(html) => (status, headers, html).into_response(),
        Err(error) => {
            tracing::error!("cannot render a page: {error}");
            Refusal::Internal.into_response()
        }
    }
}

/// What templates turn values with.
pub(super) mod filters {
    /// The day of an instant; all of it stands in the title.
    #[askama::filter_fn]
    pub fn day(instant: &str, _: &dyn askama::Values) -> askama::Result<String> {
        Ok(instant.chars().take(10).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_that_is_not_in_the_list_stays() {
        let form = Form::of(&Parameters {
            mode: "sideways".into(),
            ..Parameters::default()
        });
        let chosen: Vec<&str> = form
            .modes
            .iter()
            .filter(|c| c.selected)
            .map(|c| c.value.as_str())
            .collect();
        assert_eq!(chosen, ["sideways"]);
    }
}
