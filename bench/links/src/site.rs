//! The visit of a site: its pages in order, and on each page its links to other sites.
//!
//! What a page links to is a function of the seed, the site and the page alone; when and from where it was fetched
//! depends on the crawl and the visit too. So a page that is visited again holds the same backlinks at another date.

use anyhow::Result;
use openrefs_model::{Flags, LinkType};

use crate::chance::Chance;
use crate::names::Domain;
use crate::universe::{GIANT, Universe};

/// One link row, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// Key of the linked URL.
    pub target_key: &'a str,
    /// Registrable domain of the page.
    pub refdomain: &'a str,
    /// Key of the page.
    pub source_key: &'a str,
    /// How it links.
    pub link_type: LinkType,
    /// Anchor text.
    pub anchor: &'a str,
    /// nofollow, ugc, sponsored, image.
    pub flags: Flags,
    /// When the page was visited, seconds since 1970.
    pub time: i64,
    /// From which address.
    pub ip: Option<&'a str>,
    /// Scheme of the page's URL.
    pub source_https: bool,
    /// Scheme of the linked URL.
    pub target_https: bool,
}

/// Takes rows; false ends the crawl.
pub type Sink<'a> = dyn FnMut(&Row<'_>) -> Result<bool> + 'a;

/// Which visit of which site.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// The number of the site.
    pub site: u64,
    /// 0 = the first crawl, 1 = the second.
    pub crawl: u64,
    /// 0 = the first visit of that crawl.
    pub number: u64,
}

/// 2024-03-01 and 2024-07-01.
const CRAWL_STARTS: [i64; 2] = [1_709_251_200, 1_719_792_000];
const CRAWL_SECONDS: u64 = 90 * 86_400;
/// Pages of an ordinary site at the most.
pub const SITE_PAGES_MAX: u64 = 5_000;
/// Added to the number of a page that is new in a later crawl.
const NEW_PAGE: u64 = 1 << 32;

/// The share of sites with a link to the giant on all pages, and of other links that lead there.
const GIANT_SITEWIDE: f64 = 0.11;
const GIANT_LINKS: f64 = 0.015;

/// A site as its pages need it.
struct Site<'a> {
    universe: &'a Universe,
    number: u64,
    domain: Domain,
    name: String,
    nofollow: bool,
    sitewide: u64,
    giant_sitewide: bool,
}

/// Texts that are written anew for every row, in the same memory.
#[derive(Default)]
struct Texts {
    source_key: String,
    target_key: String,
    target_name: String,
    anchor: String,
}

/// The pages of an ordinary site.
pub fn pages(universe: &Universe, site: u64) -> u64 {
    Chance::of(&[universe.seed, site, 26]).tail(1.2, SITE_PAGES_MAX)
}

/// Visits pages of a site. In the second crawl one page in ten is gone and one in ten is new. Returns false when the
/// sink has had enough.
///
/// # Errors
/// The sink's.
pub fn visit(
    universe: &Universe,
    visit: Visit,
    pages: std::ops::Range<u64>,
    sink: &mut Sink<'_>,
) -> Result<bool> {
    let site = Site::new(universe, visit.site);
    let mut chance = Chance::of(&[
        universe.seed,
        visit.site,
        visit.crawl,
        visit.number,
        pages.start,
        27,
    ]);
    let moved = (visit.crawl, visit.number) != (0, 0) && chance.holds(0.05);
    let address = universe.address(visit.site, moved);
    let https = chance.holds(0.9);
    let slack = 4 * (pages.end - pages.start) + 1;
    let start = CRAWL_STARTS[usize::from(visit.crawl > 0)]
        + i64::try_from(chance.below(CRAWL_SECONDS - slack)).unwrap_or(0);
    let mut texts = Texts::default();
    for (seconds, page) in (0i64..).step_by(3).zip(pages) {
        let fate = if visit.crawl > 0 { chance.unit() } else { 1.0 };
        let page = match fate {
            _ if fate < 0.1 => continue,
            _ if fate < 0.2 => page + NEW_PAGE,
            _ => page,
        };
        let about = (start + seconds, address.as_deref(), https);
        if !site.page(page, about, &mut texts, sink)? {
            return Ok(false);
        }
    }
    Ok(true)
}

impl<'a> Site<'a> {
    fn new(universe: &'a Universe, number: u64) -> Self {
        let mut chance = Chance::of(&[universe.seed, number, 28]);
        let domain = universe.names.domain(number);
        let mut name = String::new();
        domain.write(&mut name);
        let giant_sitewide = chance.holds(GIANT_SITEWIDE);
        let sitewide = chance.unit();
        Self {
            universe,
            number,
            domain,
            name,
            nofollow: chance.holds(0.05),
            sitewide: u64::from(sitewide > 0.65) + u64::from(sitewide > 0.85) + u64::from(sitewide > 0.95),
            giant_sitewide,
        }
    }

    /// The links of a page visited at a time, from an address, by a scheme.
    fn page(
        &self,
        page: u64,
        about: (i64, Option<&str>, bool),
        texts: &mut Texts,
        sink: &mut Sink<'_>,
    ) -> Result<bool> {
        let seed = self.universe.seed;
        let mut chance = Chance::of(&[seed, self.number, page, 29]);
        self.universe.write_host(
            self.number,
            &self.domain,
            page < 50,
            &mut chance,
            &mut texts.source_key,
        );
        texts.source_key.push(')');
        self.universe
            .names
            .write_path(self.number, page, &mut texts.source_key);
        let own = 1 + chance.run(0.45, 40);
        let sitewide = self.sitewide + u64::from(self.giant_sitewide);
        for number in 0..own + sitewide {
            let mut chance = if number < sitewide {
                Chance::of(&[seed, self.number, number, 30])
            } else {
                Chance::of(&[seed, self.number, page, number, 31])
            };
            let giant = if number < sitewide {
                self.giant_sitewide && number == 0
            } else {
                chance.holds(GIANT_LINKS)
            };
            if !self.link(giant, about, &mut chance, texts, sink)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn link(
        &self,
        giant: bool,
        (time, ip, source_https): (i64, Option<&str>, bool),
        chance: &mut Chance,
        texts: &mut Texts,
        sink: &mut Sink<'_>,
    ) -> Result<bool> {
        let Some(target) = self.target(giant, chance, texts) else {
            return Ok(true);
        };
        let link_type = link_type(chance);
        let mut flags = self.flags(chance);
        texts.anchor.clear();
        if link_type == LinkType::Href {
            let names = &self.universe.names;
            names.write_anchor(chance, &target, &mut texts.anchor);
        } else {
            flags.image = false;
        }
        sink(&Row {
            target_key: &texts.target_key,
            refdomain: &self.name,
            source_key: &texts.source_key,
            link_type,
            anchor: &texts.anchor,
            flags,
            time,
            ip,
            source_https,
            target_https: chance.holds(0.85),
        })
    }

    /// Writes the key of a target and returns its domain; None if that is the site's own.
    fn target(&self, giant: bool, chance: &mut Chance, texts: &mut Texts) -> Option<Domain> {
        let universe = self.universe;
        // Three of ten links go to a few sites that this one links again and again.
        let (number, pages) = if giant {
            (GIANT, 0)
        } else if chance.holds(0.3) {
            let favourite = chance.below(3);
            universe.target(&mut Chance::of(&[universe.seed, self.number, favourite, 32]))
        } else {
            universe.target(chance)
        };
        let domain = universe.names.domain(number);
        domain.write(&mut texts.target_name);
        if texts.target_name == self.name {
            return None;
        }
        if number == GIANT {
            universe.write_giant_key(chance, &mut texts.target_key);
        } else {
            let page = Universe::target_page(chance, pages);
            universe.write_host(number, &domain, false, chance, &mut texts.target_key);
            texts.target_key.push(')');
            universe.names.write_path(number, page, &mut texts.target_key);
        }
        Some(domain)
    }

    fn flags(&self, chance: &mut Chance) -> Flags {
        let kind = chance.unit();
        Flags {
            nofollow: self.nofollow || kind < 0.11,
            ugc: (0.09..0.115).contains(&kind),
            sponsored: (0.085..0.095).contains(&kind),
            image: chance.holds(0.2),
        }
    }
}

fn link_type(chance: &mut Chance) -> LinkType {
    let kind = chance.unit();
    match kind {
        _ if kind < 0.96 => LinkType::Href,
        _ if kind < 0.972 => LinkType::Redirect,
        _ if kind < 0.982 => LinkType::Frame,
        _ if kind < 0.987 => LinkType::Form,
        _ if kind < 0.992 => LinkType::Canonical,
        _ if kind < 0.997 => LinkType::Alternate,
        _ => LinkType::Rss,
    }
}
