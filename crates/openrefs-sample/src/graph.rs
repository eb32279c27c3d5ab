//! Who links to whom, and which page each slot of the crawl visits. Nothing is stored: every answer is computed from
//! the seed, so a crawl of millions of pages needs no more memory than one of ten.
//!
//! The tails: a partner of a domain is drawn so that the logarithm of its rank is uniform (the top domain is in about
//! one draw of twenty, whatever the size), with a part drawn evenly so that the many small domains are reached once or
//! twice; the number of partners has a uniform logarithm too, with some directories far above the rest.

use crate::Options;
use crate::date::DAY;
use crate::random::{Purpose, Stream};

/// The first crawl begins here, 2025-01-06T00:00:00Z.
const FIRST_CRAWL: u64 = 1_736_121_600;
/// So many crawls are in the archives.
const CRAWLS: u64 = 6;
/// Time from the begin of a crawl to the begin of the next.
const CRAWL_DISTANCE: u64 = 75 * DAY;
/// How long one takes.
const CRAWL_LENGTH: u64 = 12 * DAY;
/// When the last one is over.
const LAST_CRAWL_END: u64 = FIRST_CRAWL + (CRAWLS - 1) * CRAWL_DISTANCE + CRAWL_LENGTH;

/// Of a hundred domains so many are crawled.
const CRAWLED_PERCENT: u64 = 30;
/// Of a hundred visits so many go to a page that is visited before or later too.
const REPEATS_PERCENT: u64 = 18;

/// The shape of one sample.
#[derive(Clone, Debug)]
pub struct World {
    /// The options it follows from.
    pub seed: u64,
    domains: u64,
    pages: u64,
    /// Domains of which pages are visited.
    crawled: u64,
    /// Distinct pages; the other visits are repeats of these.
    distinct: u64,
    stride: u64,
    shift: u64,
}

/// One visit to be made.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// The number of the page.
    pub page: u64,
    /// The visit is not the one that the page was made for.
    pub again: bool,
    /// When, in seconds since 1970.
    pub time: u64,
}

impl World {
    /// The shape for some options.
    pub fn new(options: &Options) -> Self {
        let Options { domains, pages, seed } = *options;
        let domains = u64::from(domains);
        let distinct = pages - pages * REPEATS_PERCENT / 100;
        let crawled = (domains * CRAWLED_PERCENT).div_ceil(100).clamp(1, distinct);
        let mut stream = Stream::new(seed, Purpose::Slot, u64::MAX);
        let shift = stream.below(pages);
        let stride = stride(&mut stream, pages);
        Self {
            seed,
            domains,
            pages,
            crawled,
            distinct,
            stride,
            shift,
        }
    }

    /// What the visit of a number is. Numbers near each other are pages far from each other, as in a real crawl.
    pub fn slot(&self, visit: u64) -> Slot {
        let mixed =
            (u128::from(visit) * u128::from(self.stride) + u128::from(self.shift)) % u128::from(self.pages);
        let place = mixed as u64;
        let mut stream = Stream::new(self.seed, Purpose::Slot, visit);
        let again = place >= self.distinct;
        let page = if again { stream.below(self.distinct) } else { place };
        let time = FIRST_CRAWL + stream.below(CRAWLS) * CRAWL_DISTANCE + stream.below(CRAWL_LENGTH);
        Slot { page, again, time }
    }

    /// The page is the home page of its domain. Every crawled domain has one, so that it is crawled at all.
    pub fn is_home(&self, page: u64) -> bool {
        page < self.crawled
    }

    /// The rank of the domain of a page. Crawled domains are spread evenly over the ranks; the more popular one has
    /// more pages.
    pub fn owner(&self, page: u64) -> u64 {
        let place = if self.is_home(page) {
            page
        } else {
            let mut stream = Stream::new(self.seed, Purpose::Location, page);
            if stream.per_mille(500) {
                stream.skewed(self.crawled)
            } else {
                stream.below(self.crawled)
            }
        };
        place * self.domains / self.crawled
    }

    /// How many other domains the domain of a rank links to.
    pub fn partners(&self, rank: u64) -> u64 {
        let mut stream = Stream::new(self.seed, Purpose::Partner, rank << 16);
        match stream.below(1000) {
            0..80 => 0,
            80..84 => stream.between(1000, 3000),
            _ => 1 + stream.skewed(511),
        }
    }

    /// The rank of one of them; `index` is below [`World::partners`], and the low ones are the closest.
    pub fn partner(&self, rank: u64, index: u64) -> u64 {
        let mut stream = Stream::new(self.seed, Purpose::Partner, (rank << 16) | (index + 1));
        let found = if stream.per_mille(300) {
            stream.below(self.domains)
        } else {
            stream.skewed(self.domains)
        };
        if found == rank {
            (found + 1) % self.domains
        } else {
            found
        }
    }

    /// Whether a link of some nature is there at a time: most always are, some appear and some go between the crawls.
    pub fn is_alive(stream: &mut Stream, time: u64) -> bool {
        let kind = stream.below(1000);
        let turn = FIRST_CRAWL + stream.below(LAST_CRAWL_END - FIRST_CRAWL);
        match kind {
            0..720 => true,
            720..860 => time >= turn,
            _ => time < turn,
        }
    }

    /// The number of the crawl that a time belongs to.
    pub fn crawl_of(time: u64) -> u64 {
        (time - FIRST_CRAWL) / CRAWL_DISTANCE
    }
}

/// A step that goes through all of `pages` before it returns to the first: one without a common factor.
fn stride(stream: &mut Stream, pages: u64) -> u64 {
    loop {
        let step = 1 + stream.below(pages);
        if common_factor(step, pages) == 1 {
            return step;
        }
    }
}

fn common_factor(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_gets_its_visit() {
        let world = World::new(&Options {
            domains: 50,
            pages: 1000,
            seed: 5,
        });
        let mut pages: Vec<u64> = (0..1000)
            .map(|n| world.slot(n))
            .filter(|s| !s.again)
            .map(|s| s.page)
            .collect();
        pages.sort_unstable();
        assert_eq!(pages, (0..820).collect::<Vec<u64>>());
    }

    #[test]
    fn ranks_stay_below_the_number_of_domains() {
        for (domains, pages) in [(2, 1), (2, 100), (1000, 10), (1000, 5000)] {
            let world = World::new(&Options {
                domains,
                pages,
                seed: 5,
            });
            for page in 0..world.distinct {
                let rank = world.owner(page);
                assert!(rank < u64::from(domains));
                for index in 0..world.partners(rank).min(20) {
                    let partner = world.partner(rank, index);
                    assert!(partner < u64::from(domains) && partner != rank);
                }
            }
        }
    }
}
