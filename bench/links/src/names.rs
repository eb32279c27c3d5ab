//! Invented names: registrable domains under real public suffixes, words, anchors and paths.
//!
//! Everything is a function of the seed and of numbers, so nothing is remembered but the list of words.

use std::fmt::Write;

use crate::chance::Chance;

/// Public suffixes with their weights. Those of the list's private section come last.
pub const SUFFIXES: [(&str, &str, u64); 24] = [
    ("com", "com", 470),
    ("org", "org", 80),
    ("de", "de", 80),
    ("net", "net", 60),
    ("ru", "ru", 40),
    ("co.uk", "uk,co", 45),
    ("fr", "fr", 30),
    ("nl", "nl", 30),
    ("it", "it", 25),
    ("pl", "pl", 20),
    ("com.br", "br,com", 25),
    ("com.au", "au,com", 15),
    ("co.jp", "jp,co", 15),
    ("es", "es", 15),
    ("ch", "ch", 10),
    ("info", "info", 15),
    ("eu", "eu", 10),
    ("io", "io", 10),
    ("cz", "cz", 8),
    ("se", "se", 7),
    ("blogspot.com", "com,blogspot", 15),
    ("github.io", "io,github", 10),
    ("netlify.app", "app,netlify", 3),
    ("herokuapp.com", "com,herokuapp", 2),
];
/// Where the private ones start.
const PRIVATE_FROM: usize = 20;

const SYLLABLES: &str = "ba be bi bo bra bu ca ce ci co cu da de di do dra du el en fa fe fi fo fra ga ge gi go gra \
    gu ha he hi ho hu il in ja jo ka ke ki ko kra la le li lo lu ma me mi mo mu na ne ni no nu or pa pe pi po pra ra \
    re ri ro ru sa se si so sta su ta te ti to tra tu un va ve vi vo wa we wi xa ya yo za ze zi zo ber dan fer gal \
    han kel lan mar nor pol ras sel ton ver win";

const STEMS: &str = "shop home tech blog web art med sport auto travel photo music book garden hotel news club lab \
    media design food fit bike boat city cloud craft data deal dental energy event farm film finance game gift gold \
    green group health house job kid law life light link live market mobile park pet pizza power press print pro \
    school soft solar star store studio style team time tool toy trade video wine work world yoga";

const PHRASES: [&str; 24] = [
    "Website",
    "here",
    "click here",
    "read more",
    "Homepage",
    "More information",
    "Visit website",
    "link",
    "Source",
    "via",
    "Follow us",
    "Privacy policy",
    "Facebook",
    "Download",
    "Continue reading \u{2192}",
    "weiterlesen",
    "plus d\u{2019}infos",
    "Ver m\u{e1}s",
    "Book now",
    "official site",
    "Powered by",
    "Share",
    "Contact",
    "www",
];

const SUBDOMAINS: [&str; 8] = ["blog", "shop", "news", "m", "en", "forum", "support", "cdn"];

const WORDS: u64 = 6_000;

/// A registrable domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Domain {
    /// The label before the public suffix.
    pub label: String,
    suffix: usize,
}

impl Domain {
    /// As it is written: `example.co.uk`.
    pub fn write(&self, out: &mut String) {
        out.clear();
        out.push_str(&self.label);
        out.push('.');
        out.push_str(SUFFIXES[self.suffix].0);
    }

    /// The start of the keys of its hosts: `uk,co,example`.
    pub fn write_reversed(&self, out: &mut String) {
        out.clear();
        out.push_str(SUFFIXES[self.suffix].1);
        out.push(',');
        out.push_str(&self.label);
    }

    /// Sites below a private suffix have one host.
    pub fn is_private(&self) -> bool {
        self.suffix >= PRIVATE_FROM
    }
}

/// All the names of a seed.
pub struct Names {
    seed: u64,
    syllables: Vec<&'static str>,
    stems: Vec<&'static str>,
    words: Vec<String>,
}

impl Names {
    /// The names of a seed.
    pub fn new(seed: u64) -> Self {
        let mut names = Self {
            seed,
            syllables: SYLLABLES.split_whitespace().collect(),
            stems: STEMS.split_whitespace().collect(),
            words: Vec::new(),
        };
        names.words = (0..WORDS).map(|number| names.invent_word(number)).collect();
        names
    }

    fn invent_word(&self, number: u64) -> String {
        let mut chance = Chance::of(&[self.seed, number, 11]);
        if chance.holds(0.1) {
            return self.stems[chance.index(self.stems.len())].to_owned();
        }
        let mut word = String::new();
        let syllables = 1 + u64::from(number > 20) + chance.below(3);
        for _ in 0..syllables {
            word.push_str(self.syllables[chance.index(self.syllables.len())]);
        }
        word
    }

    /// The domain of a number.
    pub fn domain(&self, number: u64) -> Domain {
        let mut chance = Chance::of(&[self.seed, number, 12]);
        let total: u64 = SUFFIXES.iter().map(|(_, _, weight)| weight).sum();
        let mut place = chance.below(total);
        let mut suffix = 0;
        while place >= SUFFIXES[suffix].2 {
            place -= SUFFIXES[suffix].2;
            suffix += 1;
        }
        let mut label = String::with_capacity(16);
        let with_stem = chance.holds(0.55);
        let stem = self.stems[chance.index(self.stems.len())];
        let hyphen = chance.holds(0.12);
        if with_stem && chance.holds(0.3) {
            label.push_str(stem);
            label.push_str(if hyphen { "-" } else { "" });
        }
        let stem_first = !label.is_empty();
        for _ in 0..(if with_stem { 3 } else { 4 + chance.below(2) }) {
            label.push_str(self.syllables[chance.index(self.syllables.len())]);
        }
        if with_stem && !stem_first {
            label.push_str(if hyphen { "-" } else { "" });
            label.push_str(stem);
        }
        if chance.holds(0.03) {
            let _ = write!(label, "{}", chance.below(1000));
        }
        Domain { label, suffix }
    }

    /// A word, the common ones often.
    fn word(&self, chance: &mut Chance) -> &str {
        let rank = chance.rank(WORDS, 0.95);
        &self.words[usize::try_from(rank).unwrap_or(0)]
    }

    /// Words joined by a separator.
    fn words(&self, chance: &mut Chance, count: u64, separator: char, out: &mut String) {
        for number in 0..count {
            if number > 0 {
                out.push(separator);
            }
            out.push_str(self.word(chance));
        }
    }

    /// Appends path and query of a page of a domain; page 0 is the home page.
    pub fn write_path(&self, domain: u64, page: u64, out: &mut String) {
        if page == 0 {
            out.push('/');
            return;
        }
        let mut chance = Chance::of(&[self.seed, domain, page, 13]);
        match chance.below(10) {
            0..3 => {
                out.push('/');
                self.words(&mut chance, 1, '-', out);
                out.push('/');
                let count = 5 + chance.below(7);
                self.words(&mut chance, count, '-', out);
            }
            3..6 => {
                let _ = write!(out, "/{}/{:02}/", 2008 + chance.below(17), 1 + chance.below(12));
                let count = 5 + chance.below(7);
                self.words(&mut chance, count, '-', out);
                out.push('/');
            }
            6..8 => {
                out.push('/');
                self.words(&mut chance, 2, '/', out);
                let _ = write!(out, "/{}-", chance.below(100_000));
                let count = 4 + chance.below(7);
                self.words(&mut chance, count, '-', out);
                out.push_str(".html");
            }
            8 => {
                out.push('/');
                self.words(&mut chance, 1, '-', out);
                let _ = write!(out, ".php?id={}&", chance.below(1_000_000));
                self.words(&mut chance, 2, '=', out);
            }
            _ => {
                out.push('/');
                let count = 2 + chance.below(5);
                self.words(&mut chance, count, '-', out);
            }
        }
    }

    /// Appends the label of a host below a domain: its `number`th, counted from the most usual.
    pub fn write_subdomain(number: usize, out: &mut String) {
        out.push_str(SUBDOMAINS[number % SUBDOMAINS.len()]);
    }

    /// Writes an anchor of a link to a domain.
    pub fn write_anchor(&self, chance: &mut Chance, target: &Domain, out: &mut String) {
        out.clear();
        let kind = chance.unit();
        if kind < 0.08 {
            return;
        }
        if kind < 0.20 {
            out.push_str(PHRASES[chance.index(PHRASES.len())]);
        } else if kind < 0.40 {
            out.push_str(&target.label);
        } else if kind < 0.52 {
            target.write(out);
        } else {
            let count = 2 + chance.below(4);
            self.words(chance, count, ' ', out);
            if let Some(first) = out.get_mut(..1) {
                first.make_ascii_uppercase();
            }
        }
    }
}
