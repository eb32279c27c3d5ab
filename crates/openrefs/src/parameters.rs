//! A request as text, whoever wrote it: the command line, an HTTP client, a form. Checked here once for all of them.

use std::sync::Arc;

use openrefs_model::suffix::Registrable;
use openrefs_model::{Mode, Scope, SuffixList};
use openrefs_query::request::{self, shown};
use openrefs_query::{BacklinksRequest, DomainRatingRequest, Error, RefdomainsRequest, Result};

/// The parameters of a request as they were given; an empty text is one that was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// What it is about.
    pub target: String,
    /// How much of it.
    pub mode: String,
    /// Columns to return.
    pub select: String,
    /// Conditions on rows before grouping.
    pub where_: String,
    /// Conditions on groups.
    pub having: String,
    /// The order of the rows.
    pub order_by: String,
    /// Rows to return at the most.
    pub limit: String,
    /// Rows to pass over first.
    pub offset: String,
    /// Only backlinks from this referring domain.
    pub refdomain: String,
    /// The domain whose rating is shown.
    pub domain: String,
}

impl Parameters {
    /// Reads them as a request for referring domains.
    ///
    /// # Errors
    /// The first one that is wrong.
    pub fn refdomains(&self, list: &Arc<SuffixList>) -> Result<RefdomainsRequest> {
        RefdomainsRequest::read(list, &self.of_table())
    }

    /// Reads them as a request for the rating of the target's domain.
    ///
    /// # Errors
    /// The first one that is wrong.
    pub fn domain_rating(&self, list: &Arc<SuffixList>) -> Result<DomainRatingRequest> {
        DomainRatingRequest::read(list, &self.of_table())
    }

    /// Those that the tables of the wire format have.
    fn of_table(&self) -> openrefs_query::Parameters {
        openrefs_query::Parameters {
            target: self.target.clone(),
            mode: self.mode.clone(),
            select: self.select.clone(),
            where_: self.where_.clone(),
            having: self.having.clone(),
            order_by: self.order_by.clone(),
            limit: self.limit.clone(),
            offset: self.offset.clone(),
        }
    }

    /// Reads them as a request for backlinks.
    ///
    /// # Errors
    /// The first one that is wrong.
    pub fn backlinks(&self, list: &Arc<SuffixList>) -> Result<BacklinksRequest> {
        Ok(BacklinksRequest {
            scope: request::scope(list, &self.target, &self.mode)?,
            refdomain: refdomain(list, &self.refdomain)?,
            limit: request::limit(&self.limit)?,
            offset: request::offset(&self.offset)?,
        })
    }
}

/// Reads `refdomain`. A host that is no referring domain could match no backlink, so it is an error, not an empty answer.
fn refdomain(list: &Arc<SuffixList>, text: &str) -> Result<Option<String>> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let scope = Scope::new(list, text, Mode::Domain)
        .map_err(|why| Error::request("refdomain", format!("invalid value '{}', {why}", shown(text))))?;
    match list.registrable(&scope.host) {
        Registrable::Domain(domain) if domain != scope.host => {
            let (given, domain) = (shown(text), shown(domain));
            let what = format!("'{given}' is part of a referring domain, use '{domain}'");
            Err(Error::request("refdomain", what))
        }
        _ => Ok(Some(scope.host)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn referring_domains() {
        let list = Arc::new(SuffixList::bundled());
        let read = |text: &str| refdomain(&list, text).map_err(|e| e.to_string());
        assert_eq!(read(" "), Ok(None));
        assert_eq!(read("Example.COM"), Ok(Some("example.com".into())));
        assert_eq!(
            read("b\u{fc}cher.example"),
            Err("refdomain: invalid value 'b\u{fc}cher.example', the top-level domain is not in the Public Suffix List".into())
        );
        assert_eq!(
            read("www.example.com"),
            Err("refdomain: 'www.example.com' is part of a referring domain, use 'example.com'".into())
        );
        // Found by fuzzing: a domain may be as long as its text.
        let long = read(&format!("www.{}.com", "d".repeat(300))).unwrap_err();
        assert!(
            long.starts_with("refdomain: 'www.dd") && long.chars().count() < 300,
            "{long}"
        );
        assert_eq!(read("a.github.io"), Ok(Some("a.github.io".into())));
        assert_eq!(read("192.0.2.1"), Ok(Some("192.0.2.1".into())));
    }
}
