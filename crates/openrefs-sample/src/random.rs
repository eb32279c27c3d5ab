//! Random choices that are a pure function of (seed, purpose, number).
//!
//! Every fact of the crawl has its own stream, found from what the fact is about, so that nothing has to be kept and
//! nothing depends on the order in which facts are asked for. The generator is SplitMix64 (Steele, Lea and Flood,
//! 2014), written here because the bytes of a sample must not change with a library. No floating point: logarithms
//! and powers differ between machines.

/// What a stream decides. The numbers are part of the format of the sample: changing one changes every sample.
#[derive(Clone, Copy, Debug)]
pub enum Purpose {
    /// Name and nature of a domain.
    Domain = 1,
    /// The hosts it answers on, and where they stand.
    Address = 2,
    /// The domains it links to.
    Partner = 3,
    /// Which page a slot of the crawl visits.
    Slot = 4,
    /// URL of a page, and what kind of response it is.
    Location = 5,
    /// What a page holds.
    Page = 6,
    /// One visit: date, identifiers, headers.
    Visit = 7,
    /// The parts that all pages of a site share.
    Site = 8,
    /// The path of a page that others link to.
    Target = 9,
}

/// One stream of choices.
#[derive(Clone, Debug)]
pub struct Stream(u64);

impl Stream {
    /// The stream for one purpose and one thing.
    pub fn new(seed: u64, purpose: Purpose, of: u64) -> Self {
        Self(mix(mix(mix(seed) ^ purpose as u64).wrapping_add(of)))
    }

    /// A stream of its own for a part, so that the length of the part moves nothing after it.
    pub fn branch(&mut self) -> Self {
        Self(mix(self.bits()))
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number below `end`, which must not be 0.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// A number from `first` to `last`, both included.
    pub fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last - first + 1)
    }

    /// True so many times in a thousand.
    pub fn per_mille(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// One of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }

    /// One of a list by its weights, whose sum must not be 0.
    pub fn weighted<T: Copy>(&mut self, list: &[(u64, T)]) -> T {
        let sum = list.iter().map(|(weight, _)| weight).sum();
        let mut left = self.below(sum);
        for (weight, item) in list {
            if left < *weight {
                return *item;
            }
            left -= weight;
        }
        list[list.len() - 1].1
    }

    /// A number below `end` whose logarithm is uniform: a Zipf law of exponent 1, in steps. The chance of 0 is one in
    /// the number of binary digits of `end`.
    pub fn skewed(&mut self, end: u64) -> u64 {
        let levels = u64::from(64 - end.leading_zeros());
        let first = (1 << self.below(levels)) - 1;
        first + self.below((end - first).min(first + 1))
    }
}

/// The finaliser of SplitMix64.
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_never_changes() {
        let mut stream = Stream::new(1, Purpose::Page, 2);
        let drawn = [stream.bits(), stream.below(1000), stream.skewed(1000)];
        assert_eq!(drawn, EXPECTED);
    }

    const EXPECTED: [u64; 3] = [16_890_175_624_529_104_292, 772, 61];

    #[test]
    fn skewed_numbers_stay_below_the_end_and_reach_both_sides() {
        for end in [1, 2, 3, 7, 8, 9, 1000] {
            let mut stream = Stream::new(7, Purpose::Domain, end);
            let drawn: Vec<u64> = (0..20_000).map(|_| stream.skewed(end)).collect();
            assert_eq!(drawn.iter().min(), Some(&0), "{end}");
            assert_eq!(drawn.iter().max(), Some(&(end - 1)), "{end}");
        }
    }
}
