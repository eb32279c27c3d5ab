//! URLs as the index knows them: which are kept, and their keys and domains (section 2 of the rules of counting).
//!
//! Parsing and serialising is the URL standard's (crate `url`); this file only drops parts (fragment, user-info,
//! default port, one trailing dot) and decides which hosts can be hosts of the web.

use std::sync::Arc;

use hashbrown::HashMap;
use url::{Position, Url};

use crate::key;
use crate::limits::URL_BYTES_MAX;
use crate::suffix::{Registrable, SuffixList};

/// Hosts whose facts a [`Canonicaliser`] remembers; beyond it, it starts anew. About 100 bytes each.
const HOSTS_REMEMBERED_MAX: usize = 1 << 17;

/// Why a URL is no URL of the index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dropped {
    /// The URL standard's parser fails on it.
    Unparsable,
    /// It is neither `http` nor `https`.
    Scheme,
    /// Its host has an empty label.
    HostEmptyLabel,
    /// Its host has no dot.
    HostWithoutDot,
    /// Its host is a public suffix of the ICANN section.
    HostBareSuffix,
    /// The Public Suffix List does not know its top-level domain.
    HostUnknownTld,
    /// It is longer than [`URL_BYTES_MAX`].
    TooLong,
}

impl Dropped {
    /// The reason's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unparsable => "unparsable",
            Self::Scheme => "scheme",
            Self::HostEmptyLabel => "host_empty_label",
            Self::HostWithoutDot => "host_without_dot",
            Self::HostBareSuffix => "host_bare_suffix",
            Self::HostUnknownTld => "host_unknown_tld",
            Self::TooLong => "too_long",
        }
    }
}

/// A URL of the index. Key and scheme together are the whole URL ([`key::to_url`]).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canonical {
    /// Its key.
    pub key: String,
    /// Its scheme is `https`.
    pub https: bool,
    /// The registrable domain of its host.
    pub domain: Arc<str>,
}

/// Makes URLs canonical, remembering hosts.
#[derive(Clone, Debug)]
pub struct Canonicaliser {
    list: Arc<SuffixList>,
    hosts: HashMap<Box<str>, Result<Host, Dropped>>,
}

/// A kept host in sort form, and its registrable domain.
#[derive(Clone, Debug)]
struct Host {
    reversed: Arc<str>,
    domain: Arc<str>,
}

impl Canonicaliser {
    /// One for a list.
    pub fn new(list: Arc<SuffixList>) -> Self {
        Self {
            list,
            hosts: HashMap::new(),
        }
    }

    /// Parses a text against a base and makes it canonical.
    ///
    /// # Errors
    /// The reason why the URL is dropped.
    pub fn resolve(&mut self, base: &Url, text: &str) -> Result<Canonical, Dropped> {
        self.canonical(&base.join(text).map_err(|_| Dropped::Unparsable)?)
    }

    /// Parses an absolute URL and makes it canonical.
    ///
    /// # Errors
    /// The reason why the URL is dropped.
    pub fn absolute(&mut self, text: &str) -> Result<Canonical, Dropped> {
        self.canonical(&Url::parse(text).map_err(|_| Dropped::Unparsable)?)
    }

    /// Makes a parsed URL canonical.
    ///
    /// # Errors
    /// The reason why the URL is dropped.
    pub fn canonical(&mut self, url: &Url) -> Result<Canonical, Dropped> {
        let https = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Dropped::Scheme),
        };
        let host = self.host(url.host_str().unwrap_or_default())?;
        let path = &url[Position::BeforePath..Position::AfterQuery];
        let mut key = String::with_capacity(host.reversed.len() + path.len() + 8);
        key.push_str(&host.reversed);
        if let Some(port) = url.port() {
            key.push(':');
            key.push_str(&port.to_string());
        }
        // The URL has what the key has, but for `://` in place of `)`.
        let url_bytes = key.len() + path.len() + if https { "https://" } else { "http://" }.len();
        if url_bytes > URL_BYTES_MAX {
            return Err(Dropped::TooLong);
        }
        key.push(')');
        key.push_str(path);
        Ok(Canonical {
            key,
            https,
            domain: Arc::clone(&host.domain),
        })
    }

    fn host(&mut self, host: &str) -> Result<Host, Dropped> {
        if let Some(known) = self.hosts.get(host) {
            return known.clone();
        }
        if self.hosts.len() >= HOSTS_REMEMBERED_MAX {
            self.hosts.clear();
        }
        let facts = host_facts(&self.list, host);
        self.hosts.insert(host.into(), facts.clone());
        facts
    }
}

fn host_facts(list: &SuffixList, host: &str) -> Result<Host, Dropped> {
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.split('.').any(str::is_empty) && !key::is_ip_literal(host) {
        return Err(Dropped::HostEmptyLabel);
    }
    if !host.contains('.') && !host.starts_with('[') {
        return Err(Dropped::HostWithoutDot);
    }
    match list.registrable(host) {
        Registrable::Domain(domain) => Ok(Host {
            reversed: key::reverse_host(host).into(),
            domain: domain.into(),
        }),
        Registrable::BareSuffix => Err(Dropped::HostBareSuffix),
        Registrable::Unknown => Err(Dropped::HostUnknownTld),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> Result<String, Dropped> {
        let mut canonicaliser = Canonicaliser::new(Arc::new(SuffixList::bundled()));
        canonicaliser.absolute(text).map(|c| key::to_url(&c.key, c.https))
    }

    #[test]
    fn what_is_dropped_from_a_url() {
        for (text, expected) in [
            (
                "HTTP://User:pw@Example.COM:80/a/../b?q#frag",
                "http://example.com/b?q",
            ),
            ("https://example.com:443", "https://example.com/"),
            ("https://example.com:80/", "https://example.com:80/"),
            ("http://example.com./x", "http://example.com/x"),
            (
                "https://b\u{fc}cher.example.com/\u{fc}?\u{fc}",
                "https://xn--bcher-kva.example.com/%C3%BC?%C3%BC",
            ),
            (
                "http://\u{43f}\u{440}\u{438}\u{43c}\u{435}\u{440}.\u{440}\u{444}/",
                "http://xn--e1afmkfd.xn--p1ai/",
            ),
            ("http://0x7f.1/", "http://127.0.0.1/"),
            ("http://[2001:DB8::0:1]/", "http://[2001:db8::1]/"),
            (
                "http://www.example.com/index.html?utm_source=x",
                "http://www.example.com/index.html?utm_source=x",
            ),
        ] {
            assert_eq!(canonical(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_url_of_the_index() {
        for (text, reason) in [
            ("http://", Dropped::Unparsable),
            ("mailto:a@example.com", Dropped::Scheme),
            ("http://a..example.com/", Dropped::HostEmptyLabel),
            ("http://example.com../", Dropped::HostEmptyLabel),
            ("http://localhost/", Dropped::HostWithoutDot),
            ("http://com./", Dropped::HostWithoutDot),
            ("http://co.uk/", Dropped::HostBareSuffix),
            ("http://example.nosuchtld/", Dropped::HostUnknownTld),
        ] {
            assert_eq!(canonical(text), Err(reason), "{text}");
        }
        let exact = format!("http://example.com/{}", "a".repeat(URL_BYTES_MAX - 19));
        assert_eq!(exact.len(), URL_BYTES_MAX);
        assert!(canonical(&exact).is_ok());
        assert_eq!(canonical(&format!("{exact}a")), Err(Dropped::TooLong));
    }
}
