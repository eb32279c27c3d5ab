//! The page at `/`: the form, the totals of a target, and its referring domains, each with a link to its evidence.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::http::Response;
use openrefs_model::time;
use openrefs_query::domains::Domains;
use openrefs_query::{Answer, Refdomain, RefdomainsRequest, Snapshot, request};

use crate::parameters::Parameters;
use crate::service::{Refusal, Service};
use crate::value::grouped;
use crate::web::layout::{Facts, Form, filters, page_rows, respond, with_defaults};
use crate::web::link::{self, Pager};

#[derive(Template)]
#[template(path = "refdomains.html")]
struct Page {
    facts: Facts,
    form: Form,
    error: Option<String>,
    result: Option<Report>,
}

/// An answer as the page shows it.
struct Report {
    scope: String,
    refdomains: String,
    ips: String,
    networks: String,
    rated: Option<Rated>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    first: String,
    last: String,
    pager: Pager,
}

/// The rating of the target's domain.
struct Rated {
    domain: String,
    rating: u8,
    link: String,
}

/// A head of a column; its link orders by it.
struct Head {
    label: &'static str,
    link: String,
    number: bool,
    /// As `aria-sort` names it.
    sorted: Option<&'static str>,
}

struct Row {
    refdomain: String,
    evidence: String,
    rating: u8,
    rating_link: String,
    backlinks: String,
    refpages: String,
    first_seen: String,
    last_visited: String,
}

/// Answers with the page.
pub async fn page(service: &Arc<Service>, parameters: Parameters) -> Response<Body> {
    let parameters = with_defaults(parameters);
    let form = Form::of(&parameters);
    let asked = service
        .ask(move |snapshot| Ok((Facts::of(snapshot), report(snapshot, &parameters))))
        .await;
    let (facts, result) = match asked {
        Ok((facts, Ok(result))) => (facts, Ok(result)),
        Ok((facts, Err(error))) => (facts, Err(Refusal::from(error))),
        Err(refusal) => (Facts::default(), Err(refusal)),
    };
    let (result, refusal) = match result {
        Ok(result) => (result, None),
        Err(refusal) => (None, Some(refusal)),
    };
    let page = Page {
        facts,
        form,
        error: refusal.as_ref().map(ToString::to_string),
        result,
    };
    respond(&page, refusal.as_ref())
}

/// The report asked for; none if no target is named.
fn report(snapshot: &Snapshot, parameters: &Parameters) -> openrefs_query::Result<Option<Report>> {
    if parameters.target.trim().is_empty() {
        return Ok(None);
    }
    let request = parameters.refdomains(snapshot.suffix_list())?;
    page_rows(request.limit)?;
    // One row more than the page shows tells whether there is another page.
    let wider = RefdomainsRequest {
        limit: request.limit.saturating_add(1),
        ..request.clone()
    };
    let mut answer = openrefs_query::refdomains::refdomains(snapshot, &wider)?;
    let more = answer.rows.len() as u64 > request.limit;
    answer
        .rows
        .truncate(usize::try_from(request.limit).unwrap_or(usize::MAX));
    let rated = rated(snapshot, parameters)?;
    Ok(Some(Report {
        rated,
        ..Report::new(&answer, &request, parameters, more)
    }))
}

/// The rating of the target's domain, if it has one.
fn rated(snapshot: &Snapshot, parameters: &Parameters) -> openrefs_query::Result<Option<Rated>> {
    let domain = request::domain(snapshot.suffix_list(), "target", &parameters.target)?;
    let row = Domains::new(snapshot).row(&domain)?;
    Ok(row.map(|row| Rated {
        link: link::to_rating(&row.domain),
        rating: row.rating,
        domain: row.domain,
    }))
}

impl Report {
    fn new(answer: &Answer, request: &RefdomainsRequest, parameters: &Parameters, more: bool) -> Self {
        let totals = &answer.totals;
        let shown = answer.rows.len() as u64;
        let first = if shown == 0 {
            0
        } else {
            request.offset.saturating_add(1)
        };
        Self {
            scope: scope_in_words(parameters),
            refdomains: grouped(totals.refdomains),
            ips: grouped(totals.ips),
            networks: grouped(totals.class_c),
            rated: None,
            heads: heads(parameters),
            rows: answer.rows.iter().map(|row| Row::new(row, parameters)).collect(),
            first: grouped(first),
            last: grouped(if shown == 0 {
                0
            } else {
                request.offset.saturating_add(shown)
            }),
            pager: Pager::new("/", parameters, request.offset, request.limit, more),
        }
    }
}

impl Row {
    fn new(row: &Refdomain, parameters: &Parameters) -> Self {
        let evidence = Parameters {
            target: parameters.target.clone(),
            mode: parameters.mode.clone(),
            refdomain: row.refdomain.clone(),
            ..Parameters::default()
        };
        Self {
            refdomain: row.refdomain.clone(),
            evidence: link::to("/backlinks", &evidence),
            rating: row.domain_rating,
            rating_link: link::to_rating(&row.refdomain),
            backlinks: grouped(row.backlinks),
            refpages: grouped(row.refpages),
            first_seen: time::format(row.first_seen),
            last_visited: time::format(row.last_visited),
        }
    }
}

fn heads(parameters: &Parameters) -> Vec<Head> {
    let columns = [
        ("refdomain", "Referring domain", false),
        ("domain_rating", "Rating", true),
        ("backlinks", "Backlinks", true),
        ("refpages", "Pages", true),
        ("first_seen", "First seen", false),
        ("last_visited", "Last seen", false),
    ];
    let current = match parameters.order_by.as_str() {
        "" => "refdomain",
        order_by => order_by,
    };
    let head = |(name, label, number): (&'static str, &'static str, bool)| {
        let (ascending, descending) = (current == name, current == format!("{name}:desc"));
        // Names go up first, figures and dates down.
        let turn = if ascending || (!descending && name != "refdomain") {
            format!("{name}:desc")
        } else {
            name.to_owned()
        };
        let ordered = Parameters {
            order_by: turn,
            offset: String::new(),
            ..parameters.clone()
        };
        let sorted = match (ascending, descending) {
            (true, _) => Some("ascending"),
            (_, true) => Some("descending"),
            _ => None,
        };
        Head {
            label,
            link: link::to("/", &ordered),
            number,
            sorted,
        }
    };
    columns.map(head).into()
}

/// What a target and a mode mean, as the heading of a report.
pub(super) fn scope_in_words(parameters: &Parameters) -> String {
    let target = parameters.target.trim();
    match parameters.mode.as_str() {
        "subdomains" => format!("{target} and all hosts below it"),
        "prefix" => format!("URLs that begin with {target}"),
        "exact" => format!("the URL {target}"),
        // A path does not count here; with one, that had better be said.
        _ if target.contains('/') => format!("the host of {target}"),
        _ => target.to_owned(),
    }
}
