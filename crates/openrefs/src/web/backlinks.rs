//! The page at `/backlinks`: the evidence behind a figure, link by link.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::http::Response;
use openrefs_model::{Backlink, time};
use openrefs_query::Snapshot;

use crate::parameters::Parameters;
use crate::service::{Refusal, Service};
use crate::value::{self, grouped};
use crate::web::layout::{Facts, Form, filters, page_rows, respond, with_defaults};
use crate::web::link::{self, Pager};
use crate::web::refdomains::scope_in_words;

#[derive(Template)]
#[template(path = "backlinks.html")]
struct Page {
    facts: Facts,
    form: Form,
    error: Option<String>,
    result: Option<Evidence>,
}

/// Backlinks as the page shows them.
struct Evidence {
    scope: String,
    refdomain: String,
    report: String,
    rows: Vec<Row>,
    first: String,
    last: String,
    pager: Pager,
}

struct Row {
    source: String,
    target: String,
    anchor: String,
    link_type: &'static str,
    flags: Vec<String>,
    ip: String,
    first_seen: String,
    last_visited: String,
}

/// Answers with the page.
pub async fn page(service: &Arc<Service>, parameters: Parameters) -> Response<Body> {
    let parameters = with_defaults(parameters);
    let form = Form::of(&parameters);
    let asked = service
        .ask(move |snapshot| Ok((Facts::of(snapshot), evidence(snapshot, &parameters))))
        .await;
    let (facts, result) = match asked {
        Ok((facts, result)) => (facts, result.map_err(Refusal::from)),
        Err(refusal) => (Facts::default(), Err(refusal)),
    };
    let page = Page {
        facts,
        form,
        error: result.as_ref().err().map(ToString::to_string),
        result: None,
    };
    match result {
        Ok(evidence) => respond(
            &Page {
                result: Some(evidence),
                ..page
            },
            None,
        ),
        Err(refusal) => respond(&page, Some(&refusal)),
    }
}

fn evidence(snapshot: &Snapshot, parameters: &Parameters) -> openrefs_query::Result<Evidence> {
    let mut request = parameters.backlinks(snapshot.suffix_list())?;
    let limit = page_rows(request.limit)?;
    // One more than is shown tells whether there is a next page.
    request.limit = limit + 1;
    let mut rows = Vec::new();
    openrefs_query::backlinks::backlinks(snapshot, &request, &mut |backlink| {
        rows.push(Row::new(&backlink));
        Ok(())
    })?;
    let more = rows.len() as u64 > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let shown = rows.len() as u64;
    let report = Parameters {
        refdomain: String::new(),
        offset: String::new(),
        ..parameters.clone()
    };
    Ok(Evidence {
        scope: scope_in_words(parameters),
        refdomain: request.refdomain.unwrap_or_default(),
        report: link::to("/", &report),
        first: grouped(if shown == 0 {
            0
        } else {
            request.offset.saturating_add(1)
        }),
        last: grouped(if shown == 0 {
            0
        } else {
            request.offset.saturating_add(shown)
        }),
        rows,
        pager: Pager::new("/backlinks", parameters, request.offset, limit, more),
    })
}

impl Row {
    fn new(backlink: &Backlink) -> Self {
        let flags = value::flags(backlink);
        let sighting = &backlink.sighting;
        Self {
            source: backlink.source_url(),
            target: backlink.target_url(),
            anchor: backlink.anchor.to_string(),
            link_type: backlink.link_type.name(),
            flags: flags.split_whitespace().map(str::to_owned).collect(),
            ip: sighting.ip.map(|ip| ip.to_string()).unwrap_or_default(),
            first_seen: time::format(sighting.first_seen),
            last_visited: time::format(sighting.last_visited),
        }
    }
}
