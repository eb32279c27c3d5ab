//! The domains of the sample: invented names that no one can have registered by chance, since each carries its number
//! after two plain words, under suffixes of every kind that the Public Suffix List knows.

use crate::random::{Purpose, Stream};
use crate::words::{self, Language};

/// How names below a suffix are given out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    /// A registry: a site may answer on `www.` and other hosts.
    Registry,
    /// A hosting platform of the list's private section: one host a customer.
    Platform,
}

/// A suffix with its weight, its kind, the language of most of its pages, and how many names in a thousand are IDN.
type Suffix = (u64, (&'static str, Kind, &'static Language, u64));

const SUFFIXES: &[Suffix] = &[
    (440, ("com", Kind::Registry, &words::ENGLISH, 8)),
    (70, ("org", Kind::Registry, &words::ENGLISH, 0)),
    (60, ("net", Kind::Registry, &words::ENGLISH, 8)),
    (60, ("de", Kind::Registry, &words::GERMAN, 120)),
    (45, ("co.uk", Kind::Registry, &words::ENGLISH, 0)),
    (45, ("com.br", Kind::Registry, &words::PORTUGUESE, 60)),
    (40, ("fr", Kind::Registry, &words::FRENCH, 100)),
    (40, ("ru", Kind::Registry, &words::RUSSIAN, 0)),
    (35, ("jp", Kind::Registry, &words::JAPANESE, 200)),
    (15, ("co.jp", Kind::Registry, &words::JAPANESE, 0)),
    (20, ("gr", Kind::Registry, &words::GREEK, 200)),
    (20, ("io", Kind::Registry, &words::ENGLISH, 0)),
    (15, ("in", Kind::Registry, &words::HINDI, 0)),
    (15, ("com.sa", Kind::Registry, &words::ARABIC, 0)),
    (15, ("рф", Kind::Registry, &words::RUSSIAN, 1000)),
    (30, ("github.io", Kind::Platform, &words::ENGLISH, 0)),
    (25, ("blogspot.com", Kind::Platform, &words::PORTUGUESE, 0)),
    (10, ("s3.amazonaws.com", Kind::Platform, &words::ENGLISH, 0)),
];

/// Hosts of a site beside the one it prefers.
const OTHER_HOSTS: &[(u64, &str)] = &[
    (5, "www"),
    (3, "blog"),
    (2, "shop"),
    (1, "m"),
    (1, "news.archive"),
];

/// A registrable domain of the sample.
#[derive(Clone, Debug)]
pub struct Domain {
    /// Its number, which is its rank by popularity: 0 is the most linked one.
    pub rank: u64,
    /// The name in ASCII.
    pub ascii: String,
    /// The name in Unicode, if that differs.
    pub unicode: Option<String>,
    /// The language of its pages.
    pub language: &'static Language,
    /// The label before the name on its preferred host.
    home: &'static str,
    platform: bool,
}

/// A host, in both spellings.
#[derive(Clone, Debug)]
pub struct Host {
    /// In ASCII.
    pub ascii: String,
    /// In Unicode, if that differs.
    pub unicode: Option<String>,
}

impl Domain {
    /// The domain of a rank.
    pub fn new(seed: u64, rank: u64) -> Self {
        let mut stream = Stream::new(seed, Purpose::Domain, rank);
        let (suffix, kind, language, idn_per_mille) = stream.weighted(SUFFIXES);
        let idn = stream.per_mille(idn_per_mille);
        let long = if idn { long_words(language) } else { Vec::new() };
        let list = if idn { &long } else { words::NAMES };
        let spelled = format!("{}-{}{rank}.{suffix}", stream.pick(list), stream.pick(list));
        // The test below resolves every suffix and every word, so the other branch is never taken.
        let ascii = if idn {
            idna::domain_to_ascii(&spelled).unwrap_or_default()
        } else {
            spelled.clone()
        };
        let platform = kind == Kind::Platform;
        let home = if platform || stream.per_mille(400) {
            ""
        } else {
            "www"
        };
        Self {
            rank,
            unicode: (ascii != spelled).then_some(spelled),
            ascii,
            language,
            home,
            platform,
        }
    }

    /// The host the site prefers.
    pub fn home(&self) -> Host {
        self.below(self.home)
    }

    /// The preferred host, mostly; sometimes the bare name or another host below it.
    pub fn any_host(&self, stream: &mut Stream) -> Host {
        if self.platform || stream.per_mille(850) {
            self.home()
        } else if stream.per_mille(500) {
            self.below("")
        } else {
            self.below(stream.weighted(OTHER_HOSTS))
        }
    }

    fn below(&self, label: &str) -> Host {
        let full = |name: &str| {
            if label.is_empty() {
                name.to_owned()
            } else {
                format!("{label}.{name}")
            }
        };
        Host {
            ascii: full(&self.ascii),
            unicode: self.unicode.as_deref().map(full),
        }
    }
}

/// Words that say something: what names and titles of other scripts are made of. A German sharp s is left out, since
/// old software writes it as `ss`, which is another host.
fn long_words(language: &Language) -> Vec<&'static str> {
    let long = |word: &&&str| word.chars().count() > 1 && word.len() > 3 && !word.contains('ß');
    language.words.iter().filter(long).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_distinct_and_their_ascii_form_is_stable() {
        let mut seen = std::collections::BTreeSet::new();
        let mut idn = 0;
        for rank in 0..5000 {
            let domain = Domain::new(3, rank);
            assert_eq!(idna::domain_to_ascii(&domain.ascii).unwrap(), domain.ascii);
            if let Some(unicode) = &domain.unicode {
                assert_eq!(idna::domain_to_ascii(unicode).unwrap(), domain.ascii);
                idn += 1;
            }
            assert!(seen.insert(domain.ascii));
        }
        assert!(idn > 100, "{idn}");
    }

    #[test]
    fn every_word_that_names_are_made_of_can_stand_in_a_host() {
        for (_, (suffix, _, language, idn)) in SUFFIXES.iter().filter(|suffix| suffix.1.3 > 0) {
            for word in long_words(language) {
                let name = format!("{word}-{word}7.{suffix}");
                assert!(!idna::domain_to_ascii(&name).unwrap().is_empty(), "{name} {idn}");
            }
        }
    }
}
