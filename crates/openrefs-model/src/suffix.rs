//! The Public Suffix List and registrable domains.
//!
//! The algorithm is publicsuffix.org's (the longest matching rule prevails, an exception before all) without the
//! implicit `*` rule: a name under no rule has an unknown top-level domain. The list is read at run time, because an
//! index keeps the list it was created with; the crates that read lists at run time cannot answer by the ICANN section
//! alone beside the whole list, which the rules of counting need.

use std::collections::{HashMap, HashSet};

use crate::key::is_ip_literal;

/// The rules as compiled into this build; see the head of the file for its version.
const BUNDLED: &str = include_str!("../data/public_suffix_list.dat");

/// A Public Suffix List, and its text.
#[derive(Debug)]
pub struct SuffixList {
    rules: HashMap<Box<str>, Rules>,
    /// Every name with a suffix of the ICANN section below it.
    above_icann_suffixes: HashSet<Box<str>>,
    text: String,
}

/// Which rules end at one name: for `ck`, the rule `*.ck` is a wildcard.
#[derive(Clone, Copy, Debug, Default)]
struct Rules {
    plain: Sections,
    wildcard: Sections,
    exception: Sections,
}

#[derive(Clone, Copy, Debug, Default)]
struct Sections {
    icann: bool,
    private: bool,
}

/// Which part of the list counts.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Whole,
    Icann,
}

/// What a list says about a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registrable<'a> {
    /// Its registrable domain (an IP literal is its own).
    Domain(&'a str),
    /// It is itself a public suffix of the ICANN section.
    BareSuffix,
    /// No rule matches: the list does not know its top-level domain.
    Unknown,
}

/// A list that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error(
    "the Public Suffix List holds no rule of its ICANN section; give the whole file from publicsuffix.org"
)]
pub struct NoRules;

impl SuffixList {
    /// The list of this build.
    pub fn bundled() -> Self {
        match Self::from_text(BUNDLED) {
            Ok(list) => list,
            Err(_) => unreachable!("the bundled list holds rules; a test reads it"),
        }
    }

    /// Reads a list in the format of publicsuffix.org: a rule a line, `//` comments, section marks in comments.
    ///
    /// # Errors
    /// When it holds no rule in its ICANN section.
    pub fn from_text(text: &str) -> Result<Self, NoRules> {
        let mut list = Self {
            rules: HashMap::new(),
            above_icann_suffixes: HashSet::new(),
            text: text.to_owned(),
        };
        let mut private = None;
        for line in text.lines() {
            if line.starts_with("//") {
                private = section_mark(line).unwrap_or(private);
            } else if let (Some(private), Some(rule)) = (private, line.split_whitespace().next()) {
                list.add(rule, private);
            }
        }
        let known = list.rules.values().any(|r| r.plain.icann || r.wildcard.icann);
        if known { Ok(list) } else { Err(NoRules) }
    }

    /// The text it was read from, for an index to keep.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The registrable domain of a canonical host (lower case, ASCII), with the private section; a host that is a
    /// suffix of that section goes by the ICANN section alone.
    pub fn registrable<'a>(&self, host: &'a str) -> Registrable<'a> {
        match self.by(host, Part::Whole) {
            Registrable::BareSuffix => self.by(host, Part::Icann),
            found => found,
        }
    }

    /// The registrable domain by the ICANN section alone: `a.github.io` -> `github.io`.
    pub fn icann_registrable<'a>(&self, host: &'a str) -> Registrable<'a> {
        self.by(host, Part::Icann)
    }

    /// Whether names below a host can have ICANN registrable domains that are not the host's own: `kobe.jp` is a domain,
    /// and `*.kobe.jp` is a suffix.
    pub fn has_icann_suffix_below(&self, host: &str) -> bool {
        self.above_icann_suffixes.contains(host)
    }

    /// Whether a host has a roll-up of its own together with all hosts below it: it is a registrable domain, and all of them
    /// are in its bucket.
    pub fn is_tree(&self, host: &str) -> bool {
        self.registrable(host) == Registrable::Domain(host) && !self.has_icann_suffix_below(host)
    }

    fn by<'a>(&self, host: &'a str, part: Part) -> Registrable<'a> {
        if is_ip_literal(host) {
            return Registrable::Domain(host);
        }
        match self.suffix_start(host, part) {
            None => Registrable::Unknown,
            Some(0) => Registrable::BareSuffix,
            Some(suffix) => {
                let label = host[..suffix - 1].rfind('.').map_or(0, |dot| dot + 1);
                Registrable::Domain(&host[label..])
            }
        }
    }

    /// Where the public suffix of a host starts.
    fn suffix_start(&self, host: &str, part: Part) -> Option<usize> {
        let mut longest = None;
        let mut end = host.len();
        let mut below = None; // where the name just above (one label shorter) starts
        loop {
            let start = host[..end].rfind('.').map_or(0, |dot| dot + 1);
            let rules = self.rules.get(&host[start..]).copied().unwrap_or_default();
            if rules.exception.holds(part) {
                return below;
            }
            if rules.plain.holds(part) {
                longest = Some(start);
            }
            if rules.wildcard.holds(part) && start > 0 {
                let one_more = host[..start - 1].rfind('.').map_or(0, |dot| dot + 1);
                // An exception to the wildcard, if any, is met in the next round.
                longest = Some(one_more);
            }
            if start == 0 {
                return longest;
            }
            below = Some(start);
            end = start - 1;
        }
    }

    fn add(&mut self, rule: &str, private: bool) {
        let (name, pick): (&str, fn(&mut Rules) -> &mut Sections) =
            if let Some(name) = rule.strip_prefix("*.") {
                (name, |r| &mut r.wildcard)
            } else if let Some(name) = rule.strip_prefix('!') {
                (name, |r| &mut r.exception)
            } else {
                (rule, |r| &mut r.plain)
            };
        // A rule that is no name (none exists in published lists) can match no host.
        let Ok(name) = idna::domain_to_ascii(name) else {
            return;
        };
        let sections = pick(self.rules.entry(name.as_str().into()).or_default());
        if private {
            sections.private = true;
            return;
        }
        sections.icann = true;
        let parents = name.match_indices('.').map(|(dot, _)| &name[dot + 1..]);
        let parents = parents.chain(rule.starts_with("*.").then_some(name.as_str()));
        self.above_icann_suffixes.extend(parents.map(Box::from));
    }
}

impl Sections {
    fn holds(self, part: Part) -> bool {
        self.icann || (self.private && part == Part::Whole)
    }
}

/// Some(private) when a comment opens a section.
fn section_mark(comment: &str) -> Option<Option<bool>> {
    if comment.contains("BEGIN ICANN DOMAINS") {
        Some(Some(false))
    } else if comment.contains("BEGIN PRIVATE DOMAINS") {
        Some(Some(true))
    } else if comment.contains("END ICANN DOMAINS") || comment.contains("END PRIVATE DOMAINS") {
        Some(None)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> SuffixList {
        let text = "// ===BEGIN ICANN DOMAINS===\ncom\nio\njp\n*.kawasaki.jp\n!city.kawasaki.jp\nco.uk\n*.ck\n!www.ck\n\
            рф\n// ===END ICANN DOMAINS===\n// ===BEGIN PRIVATE DOMAINS===\ngithub.io\n*.compute.example.com\n\
            a.b.compute.example.com\n// ===END PRIVATE DOMAINS===\n";
        SuffixList::from_text(text).unwrap()
    }

    #[test]
    fn registrable_domains() {
        use Registrable::{BareSuffix, Domain, Unknown};
        let list = small();
        for (host, expected) in [
            ("www.example.com", Domain("example.com")),
            ("a.github.io", Domain("a.github.io")),
            ("x.a.github.io", Domain("a.github.io")),
            ("github.io", Domain("github.io")),
            ("io", BareSuffix),
            ("co.uk", BareSuffix),
            ("x.co.uk", Domain("x.co.uk")),
            ("x.uk", Unknown),
            ("a.kawasaki.jp", BareSuffix),
            ("b.a.kawasaki.jp", Domain("b.a.kawasaki.jp")),
            ("city.kawasaki.jp", Domain("city.kawasaki.jp")),
            ("www.city.kawasaki.jp", Domain("city.kawasaki.jp")),
            ("kawasaki.jp", Domain("kawasaki.jp")),
            ("ck", Unknown),
            ("x.ck", BareSuffix),
            ("www.ck", Domain("www.ck")),
            ("x.www.ck", Domain("www.ck")),
            ("b.compute.example.com", Domain("example.com")),
            ("z.b.compute.example.com", Domain("z.b.compute.example.com")),
            ("192.0.2.1", Domain("192.0.2.1")),
            ("x.xn--p1ai", Domain("x.xn--p1ai")),
        ] {
            assert_eq!(list.registrable(host), expected, "{host}");
        }
        assert_eq!(list.icann_registrable("x.a.github.io"), Domain("github.io"));
    }

    #[test]
    fn domains_with_suffixes_below() {
        let list = small();
        for (host, expected) in [
            ("kawasaki.jp", true),
            ("city.kawasaki.jp", false),
            ("b.a.kawasaki.jp", false),
            ("example.com", false),
            ("wasaki.jp", false),
            ("github.io", false),
        ] {
            assert_eq!(list.has_icann_suffix_below(host), expected, "{host}");
        }
    }

    #[test]
    fn the_bundled_list_holds_rules_of_both_sections() {
        let list = SuffixList::bundled();
        assert_eq!(
            list.registrable("a.b.github.io"),
            Registrable::Domain("b.github.io")
        );
        assert_eq!(
            list.icann_registrable("a.b.github.io"),
            Registrable::Domain("github.io")
        );
    }

    #[test]
    fn a_text_without_rules_is_refused() {
        assert!(SuffixList::from_text("<html>not found</html>").is_err());
    }
}
