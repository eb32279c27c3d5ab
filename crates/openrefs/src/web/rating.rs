//! The page at `/rating`: the rating of a domain, where its score comes from, and how ratings are spread; without a domain
//! the last alone.

use std::sync::Arc;

use askama::Template;
use axum::body::Body;
use axum::http::Response;
use openrefs_query::{Snapshot, domains};

use crate::parameters::Parameters;
use crate::plot::{self, Place};
use crate::rating::{self, Contributor, NotInIndex, Part, Rating};
use crate::service::{Refusal, Service};
use crate::value::grouped;
use crate::web::layout::{Facts, page_rows, respond};
use crate::web::link;

#[derive(Template, Default)]
#[template(path = "rating.html")]
struct Page {
    facts: Facts,
    domain: String,
    error: Option<String>,
    result: Option<Explained>,
    /// A picture; its texts are escaped.
    plot: String,
}

/// A rating as the page shows it.
struct Explained {
    domain: String,
    report: String,
    rating: u8,
    rank: String,
    domains: String,
    score: String,
    refdomains: String,
    linked_domains: String,
    backlinks: String,
    base: Share,
    contributors: Vec<Row>,
    others: Option<Others>,
}

struct Share {
    percent: String,
    score: String,
}

struct Row {
    refdomain: String,
    link: String,
    evidence: String,
    rating: u8,
    linked_domains: String,
    share: Share,
}

struct Others {
    refdomains: String,
    more: Option<String>,
    share: Share,
}

/// Answers with the page.
pub async fn page(service: &Arc<Service>, parameters: Parameters) -> Response<Body> {
    let domain = parameters.domain.clone();
    let asked = service
        .ask(move |snapshot| Ok((Facts::of(snapshot), shown(snapshot, &parameters))))
        .await;
    let (facts, shown) = match asked {
        Ok((facts, Ok(shown))) => (facts, shown.map_err(Refusal::from)),
        Ok((facts, Err(error))) => (facts, Err(Refusal::from(error))),
        Err(refusal) => (Facts::default(), Err(refusal)),
    };
    let page = Page {
        facts,
        domain,
        ..Page::default()
    };
    match shown {
        Ok((result, plot)) => respond(&Page { result, plot, ..page }, None),
        Err(refusal) => {
            let error = Some(refusal.to_string());
            respond(&Page { error, ..page }, Some(&refusal))
        }
    }
}

type Found = Result<(Option<Explained>, String), NotInIndex>;

fn shown(snapshot: &Snapshot, parameters: &Parameters) -> openrefs_query::Result<Found> {
    let counts = domains::distribution(snapshot)?;
    if parameters.domain.trim().is_empty() {
        return Ok(Ok((None, plot::distribution(&counts, None))));
    }
    let (domain, limit) = rating::request(snapshot, &parameters.domain, &parameters.limit)?;
    let limit = page_rows(limit)?;
    let rating = match Rating::of(snapshot, &domain)? {
        Ok(rating) => rating,
        Err(missing) => return Ok(Err(missing)),
    };
    let explained = rating.explain(snapshot, limit)?;
    let place = Place {
        domain: &domain,
        rating: rating.row.rating,
    };
    let picture = plot::distribution(&counts, Some(place));
    Ok(Ok((Some(Explained::new(&rating, &explained)), picture)))
}

impl Explained {
    fn new(rating: &Rating, explained: &rating::Explained) -> Self {
        let row = &rating.row;
        let others = explained.others;
        let wider = Parameters {
            domain: row.domain.clone(),
            limit: "1000".to_owned(),
            ..Parameters::default()
        };
        Self {
            domain: row.domain.clone(),
            report: link::to("/", &all_links(&row.domain)),
            rating: row.rating,
            rank: grouped(row.rank),
            domains: grouped(rating.domains),
            score: score(row.score),
            refdomains: grouped(row.refdomains),
            linked_domains: grouped(row.linked_domains),
            backlinks: grouped(row.backlinks),
            base: Share::of(explained.base),
            contributors: explained
                .contributions
                .iter()
                .map(|one| Row::new(one, &row.domain))
                .collect(),
            others: (others.refdomains > 0).then(|| Others {
                refdomains: grouped(others.refdomains),
                more: (explained.contributions.len() < 1_000).then(|| link::to("/rating", &wider)),
                share: Share::of(others.part),
            }),
        }
    }
}

impl Row {
    fn new(contributor: &Contributor, domain: &str) -> Self {
        let evidence = Parameters {
            refdomain: contributor.refdomain.clone(),
            ..all_links(domain)
        };
        Self {
            refdomain: contributor.refdomain.clone(),
            link: link::to_rating(&contributor.refdomain),
            evidence: link::to("/backlinks", &evidence),
            rating: contributor.domain_rating,
            linked_domains: grouped(contributor.linked_domains_followed),
            share: Share::of(contributor.part),
        }
    }
}

impl Share {
    fn of(part: Part) -> Self {
        Self {
            percent: format!("{:.3}", part.percent),
            score: score(part.score),
        }
    }
}

/// The request for all that links to a domain.
fn all_links(domain: &str) -> Parameters {
    Parameters {
        target: domain.to_owned(),
        mode: "subdomains".to_owned(),
        ..Parameters::default()
    }
}

fn score(score: f64) -> String {
    format!("{score:.6e}")
}
