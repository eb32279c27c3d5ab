//! What is told of a domain's rating: the figures, and where its score comes from. Shared by the command line, the page and
//! its JSON.
//!
//! Invariant: the base, the contributions shown and the sum of the others add up to the score, whatever number is shown.

use openrefs_query::domains::{self, Contribution, Domains};
use openrefs_query::{Result, Snapshot, request};
use openrefs_store::TableName;
use openrefs_store::domains::DomainRow;
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// Contributions shown unless told otherwise.
const CONTRIBUTIONS_DEFAULT: u64 = 20;

/// A domain that has no rating.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} is neither source nor target of a backlink in this index, so it has no rating; add a crawl that holds one"
)]
pub struct NotInIndex(pub String);

/// The figures of a domain.
#[derive(Clone, Debug)]
pub struct Rating {
    /// What is known of it.
    pub row: DomainRow,
    /// Domains of the index.
    pub domains: u64,
}

impl Serialize for Rating {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Rating", 9)?;
        object.serialize_field("domain", &self.row.domain)?;
        object.serialize_field("domain_rating", &self.row.rating)?;
        object.serialize_field("rank", &self.row.rank)?;
        object.serialize_field("domains", &self.domains)?;
        object.serialize_field("score", &self.row.score)?;
        object.serialize_field("refdomains", &self.row.refdomains)?;
        object.serialize_field("linked_domains", &self.row.linked_domains)?;
        object.serialize_field("linked_domains_followed", &self.row.linked_domains_followed)?;
        object.serialize_field("backlinks", &self.row.backlinks)?;
        object.end()
    }
}

/// A part of a score.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Part {
    /// How much of it.
    pub score: f64,
    /// The same in percent.
    pub percent: f64,
}

/// A part of a score that one domain passes on.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Contributor {
    /// The domain that links.
    pub refdomain: String,
    /// Its rating.
    pub domain_rating: u8,
    /// To how many domains it passes parts of the same size.
    pub linked_domains_followed: u64,
    /// What it passes on.
    #[serde(flatten)]
    pub part: Part,
}

/// Contributions that are not shown one by one.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Others {
    /// How many.
    pub refdomains: u64,
    /// All of them together.
    #[serde(flatten)]
    pub part: Part,
}

/// Where a score comes from.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Explained {
    /// What every domain has, whoever links to it.
    pub base: Part,
    /// The strongest contributions, strongest first.
    pub contributions: Vec<Contributor>,
    /// The rest of them.
    pub others: Others,
}

/// All of it, as JSON writes it.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Shown {
    /// The figures.
    #[serde(flatten)]
    pub rating: Rating,
    /// Where the score comes from, if that is asked for.
    #[serde(flatten)]
    pub explanation: Option<Explained>,
    /// How many domains of the index have each rating, 0 to 100, if that is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distribution: Option<Vec<u64>>,
}

/// Reads a host or URL as its domain, and a number of contributions.
///
/// # Errors
/// The first one that is wrong.
pub fn request(snapshot: &Snapshot, domain: &str, limit: &str) -> Result<(String, u64)> {
    let domain = request::domain(snapshot.suffix_list(), "domain", domain)?;
    let limit = match limit.trim() {
        "" => CONTRIBUTIONS_DEFAULT,
        limit => request::limit(limit)?,
    };
    Ok((domain, limit))
}

impl Rating {
    /// The figures of a domain, or that it has none.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn of(snapshot: &Snapshot, domain: &str) -> Result<std::result::Result<Self, NotInIndex>> {
        let Some(row) = Domains::new(snapshot).row(domain)? else {
            return Ok(Err(NotInIndex(domain.to_owned())));
        };
        let domains = snapshot.manifest().rows(TableName::Domains);
        Ok(Ok(Self { row, domains }))
    }

    /// Where its score comes from, with the strongest contributions one by one.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub fn explain(&self, snapshot: &Snapshot, limit: u64) -> Result<Explained> {
        let explanation = domains::explain(snapshot, &self.row)?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let (shown, others) = explanation
            .contributions
            .split_at(shown.min(explanation.contributions.len()));
        Ok(Explained {
            base: self.part(explanation.base),
            contributions: shown.iter().map(|one| self.contributor(one)).collect(),
            others: Others {
                refdomains: others.len() as u64,
                // The weakest first, so that small parts are not lost in the sum.
                part: self.part(others.iter().rev().fold(0.0, |sum, one| sum + one.share)),
            },
        })
    }

    fn contributor(&self, contribution: &Contribution) -> Contributor {
        Contributor {
            refdomain: contribution.refdomain.clone(),
            domain_rating: contribution.domain_rating,
            linked_domains_followed: contribution.linked_domains_followed,
            part: self.part(contribution.share),
        }
    }

    fn part(&self, score: f64) -> Part {
        Part {
            score,
            percent: 100.0 * score / self.row.score,
        }
    }
}
