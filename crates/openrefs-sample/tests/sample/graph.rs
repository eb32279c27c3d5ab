//! The graph of a sample as its WAT files tell it, by the rules of counting in short: links of pages between
//! registrable domains.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use openrefs_model::{Canonicaliser, SuffixList, Url};
use serde_json::Value;

use crate::archives::Record;

/// Who links to whom.
#[derive(Default)]
pub struct Graph {
    /// Referring domains of each domain.
    pub by_target: BTreeMap<String, BTreeSet<String>>,
    /// Linked domains of each domain.
    pub by_source: BTreeMap<String, BTreeSet<String>>,
    /// Distinct pages.
    pub pages: usize,
    /// Pages with more than one visit.
    pub visited_again: usize,
    /// Of those, pages with other links in one visit than in another.
    pub changed: usize,
    /// Visits whose URL is no URL of the index.
    pub dropped_pages: usize,
}

impl Graph {
    /// Reads the records of a WAT.
    pub fn read(records: &[Record]) -> Self {
        let mut canonicaliser = Canonicaliser::new(Arc::new(SuffixList::bundled()));
        let mut graph = Self::default();
        let mut visits: BTreeMap<String, Vec<BTreeSet<String>>> = BTreeMap::new();
        for record in records {
            let url = record.fields.get("WARC-Target-URI");
            let html = html_of_page(record);
            if let (Some(url), Some(html)) = (url, html) {
                match canonicaliser.absolute(url) {
                    Err(_) => graph.dropped_pages += 1,
                    Ok(page) => {
                        let links = graph.page(&mut canonicaliser, url, &page.domain, &html);
                        visits.entry(page.key).or_default().push(links);
                    }
                }
            }
        }
        graph.pages = visits.len();
        graph.visited_again = visits.values().filter(|links| links.len() > 1).count();
        graph.changed = visits
            .values()
            .filter(|links| links.iter().any(|one| *one != links[0]))
            .count();
        graph
    }

    /// How many domains are in it.
    pub fn domains(&self) -> usize {
        self.by_target
            .keys()
            .chain(self.by_source.keys())
            .collect::<BTreeSet<_>>()
            .len()
    }

    fn page(
        &mut self,
        canonicaliser: &mut Canonicaliser,
        url: &str,
        domain: &str,
        html: &Value,
    ) -> BTreeSet<String> {
        let mut base = Url::parse(url).unwrap();
        if let Some(href) = html["Head"]["Base"].as_str() {
            base = base.join(href).unwrap();
        }
        let mut keys = BTreeSet::new();
        for link in html["Links"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|link| link["path"] != "IMG@/src")
        {
            let target = canonicaliser.resolve(&base, link["url"].as_str().unwrap());
            if let Some(target) = target.ok().filter(|target| *target.domain != *domain) {
                self.by_target
                    .entry(target.domain.to_string())
                    .or_default()
                    .insert(domain.to_owned());
                self.by_source
                    .entry(domain.to_owned())
                    .or_default()
                    .insert(target.domain.to_string());
                keys.insert(target.key);
            }
        }
        keys
    }
}

/// What a record of a WAT says of the markup, if it describes a page.
fn html_of_page(record: &Record) -> Option<Value> {
    let envelope = (record.fields["WARC-Type"] == "metadata").then(|| record.json())?;
    let response = &envelope["Envelope"]["Payload-Metadata"]["HTTP-Response-Metadata"];
    let is_page = response["Response-Message"]["Status"] == "200";
    response.get("HTML-Metadata").filter(|_| is_page).cloned()
}
