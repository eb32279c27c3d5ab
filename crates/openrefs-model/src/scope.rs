//! What a request is about: a target and a mode, as ranges of keys (section 6 of the rules of counting).

use std::sync::Arc;

use url::Url;

use crate::canonical::{Canonicaliser, Dropped};
use crate::key;
use crate::suffix::SuffixList;

/// How much of a target a request means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The one URL.
    Exact,
    /// Every URL of exactly that host and port.
    Domain,
    /// That host and every host below it, same port.
    Subdomains,
    /// Every URL of that host and port whose path and query begin with the given path.
    Prefix,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Exact, Self::Domain, Self::Subdomains, Self::Prefix];

    /// Its name in requests.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Domain => "domain",
            Self::Subdomains => "subdomains",
            Self::Prefix => "prefix",
        }
    }

    /// The mode of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|m| m.name() == name)
    }
}

/// A target that no key could match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was given.
    #[error("missing")]
    Missing,
    /// The URL is one that an index never holds.
    #[error("{}", explain(*.0))]
    Dropped(Dropped),
}

fn explain(reason: Dropped) -> &'static str {
    match reason {
        Dropped::Unparsable => "not a host or URL",
        Dropped::Scheme => "only http and https URLs have backlinks here",
        Dropped::HostEmptyLabel => "the host has an empty label",
        Dropped::HostWithoutDot => "the host has no dot",
        Dropped::HostBareSuffix => "the host is a public suffix, not a domain under one",
        Dropped::HostUnknownTld => "the top-level domain is not in the Public Suffix List",
        Dropped::TooLong => "the URL is longer than 2048 bytes",
    }
}

/// A range of keys, bytewise: `start` included, `end` not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRange {
    /// First key in it, if that exists.
    pub start: String,
    /// First key after it.
    pub end: String,
}

/// The set of keys a request is about: all keys in `ranges` whose port is `port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The mode it came from.
    pub mode: Mode,
    /// Disjoint ranges in ascending order.
    pub ranges: Vec<KeyRange>,
    /// The canonical host of the target.
    pub host: String,
    /// The port as in keys: empty for the default one.
    pub port: String,
    /// The key of the target itself.
    pub key: String,
}

impl Scope {
    /// The scope of a target (`host[:port]/path?query`, scheme optional) and a mode.
    ///
    /// # Errors
    /// A target that no URL of an index can match is an error, never an empty scope.
    pub fn new(list: &Arc<SuffixList>, target: &str, mode: Mode) -> Result<Self, TargetError> {
        let url = parse_target(target)?;
        let target = Canonicaliser::new(Arc::clone(list))
            .canonical(&url)
            .map_err(TargetError::Dropped)?;
        let (host_part, path) = key::split(&target.key);
        let (reversed, port) = key::split_port(host_part);
        let whole_host = KeyRange::of_prefix(format!("{host_part})/"));
        let ranges = match mode {
            Mode::Exact => vec![KeyRange {
                end: format!("{}\0", target.key),
                start: target.key.clone(),
            }],
            Mode::Domain => vec![whole_host],
            Mode::Prefix => vec![KeyRange::of_prefix(format!("{host_part}){path}"))],
            Mode::Subdomains if key::is_ip_literal(reversed) => vec![whole_host],
            Mode::Subdomains => vec![whole_host, KeyRange::of_prefix(format!("{reversed},"))],
        };
        let mut scope = Self {
            mode,
            ranges,
            host: key::host_of(reversed),
            port: port.to_owned(),
            key: target.key.clone(),
        };
        scope.ranges.sort_by(|a, b| a.start.cmp(&b.start));
        Ok(scope)
    }

    /// Whether it is every URL of one host and port: mode `domain`, and other modes that come to the same.
    pub fn is_whole_host(&self) -> bool {
        let host_part = key::split(&self.key).0;
        let whole_host = KeyRange::of_prefix(format!("{host_part})/"));
        self.ranges == [whole_host]
    }

    /// Whether a key that lies in one of the ranges is in the scope. Only hosts below the target can have another port.
    pub fn holds_port_of(&self, key: &str) -> bool {
        self.mode != Mode::Subdomains || key::split_port(key::split(key).0).1 == self.port
    }

    /// Whether a key is in the scope.
    pub fn holds(&self, key: &str) -> bool {
        self.ranges
            .iter()
            .any(|r| r.start.as_str() <= key && key < r.end.as_str())
            && self.holds_port_of(key)
    }
}

impl KeyRange {
    /// All keys that begin with a prefix (ASCII, not empty).
    fn of_prefix(start: String) -> Self {
        let mut end = start.clone();
        // Keys are ASCII without DEL, so the next character is one byte too.
        if let Some(last) = end.pop() {
            end.push(char::from_u32(u32::from(last) + 1).unwrap_or(char::MAX));
        }
        Self { start, end }
    }
}

/// Reads a target as a URL. Without a scheme it is http; its fragment, if any, means nothing.
///
/// # Errors
/// A target that is empty or that the URL standard cannot parse.
pub fn parse_target(target: &str) -> Result<Url, TargetError> {
    let target = target.trim();
    if target.is_empty() {
        return Err(TargetError::Missing);
    }
    let text = match target.find("://") {
        Some(end)
            if target[..end]
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) =>
        {
            target.to_owned()
        }
        _ => format!("http://{}", target.strip_prefix("//").unwrap_or(target)),
    };
    Url::parse(&text).map_err(|_| TargetError::Dropped(Dropped::Unparsable))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn scope(target: &str, mode: Mode) -> Scope {
        Scope::new(&Arc::new(SuffixList::bundled()), target, mode).unwrap()
    }

    #[test]
    fn the_table_of_modes() {
        let keys = [
            "com,example)/",
            "com,example)/a",
            "com,example)/a/b",
            "com,example)/ab",
            "com,example,www)/a",
            "com,example,www:81)/a",
            "com,example:81)/a",
            "com,example-x)/a",
            "com,examples)/",
        ];
        let held = |target: &str, mode| -> Vec<usize> {
            let scope = scope(target, mode);
            (0..keys.len()).filter(|&i| scope.holds(keys[i])).collect()
        };
        assert_eq!(held("example.com", Mode::Exact), [0]);
        assert_eq!(held("https://example.com/a#x", Mode::Exact), [1]);
        assert_eq!(held("example.com/a", Mode::Domain), [0, 1, 2, 3]);
        assert_eq!(held("example.com/a", Mode::Prefix), [1, 2, 3]);
        assert_eq!(held("example.com/a/", Mode::Prefix), [2]);
        assert_eq!(held("example.com", Mode::Prefix), [0, 1, 2, 3]);
        assert_eq!(held("example.com", Mode::Subdomains), [0, 1, 2, 3, 4]);
        assert_eq!(held("example.com:81", Mode::Subdomains), [5, 6]);
        assert_eq!(held("EXAMPLE.com.:80", Mode::Subdomains), [0, 1, 2, 3, 4]);
    }

    #[test]
    fn a_private_suffix_holds_all_hosts_below() {
        assert!(scope("amazonaws.com", Mode::Subdomains).holds("com,amazonaws,s3,x)/"));
        assert!(scope("192.0.2.1", Mode::Subdomains).holds("192.0.2.1)/a"));
    }

    #[test]
    fn targets_that_nothing_can_match() {
        let list = Arc::new(SuffixList::bundled());
        for target in [
            "",
            "  ",
            "co.uk",
            "localhost",
            "http://",
            "com",
            "ftp://example.com/",
            "a..com",
            "x.nosuchtld",
        ] {
            assert!(Scope::new(&list, target, Mode::Domain).is_err(), "{target}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_scope_or_an_error(target in "\\PC{0,40}") {
            let list = Arc::new(SuffixList::from_text("// BEGIN ICANN DOMAINS\ncom\n").unwrap());
            for mode in Mode::ALL {
                if let Ok(scope) = Scope::new(&list, &target, mode) {
                    prop_assert!(scope.holds(&scope.key));
                }
            }
        }
    }
}
