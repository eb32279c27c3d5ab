//! Sums of floats whose error does not grow with their length, always added in the same order.
//!
//! A domain may have tens of millions of in-neighbours: added one by one, each addition would round. Here up to
//! `BLOCK` values are added plainly in four lanes (independent of each other, so that the processor need not wait for
//! one addition before the next), and blocks are added with their rounding errors kept (Neumaier, 1974).

/// How many values are added plainly before the rounding error is looked after.
const BLOCK: usize = 256;

/// Fewer values than this are added one after the other, at the place of the call: most domains have a handful of
/// in-neighbours, and a fifth of the time of a round went into calls and lanes for them.
const SHORT: usize = 16;

/// A sum that keeps what its additions round away.
#[derive(Clone, Copy, Debug, Default)]
pub struct Total {
    sum: f64,
    lost: f64,
}

impl Total {
    /// Adds a value.
    pub fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.lost += if self.sum.abs() >= value.abs() {
            (self.sum - sum) + value
        } else {
            (value - sum) + self.sum
        };
        self.sum = sum;
    }

    /// The sum of all values added.
    pub fn value(self) -> f64 {
        self.sum + self.lost
    }
}

impl FromIterator<f64> for Total {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut total = Self::default();
        values.into_iter().for_each(|value| total.add(value));
        total
    }
}

/// The sum of the values at the given places. Panics if a place is outside of the values.
#[inline]
pub fn gather(places: &[u32], values: &[f64]) -> f64 {
    if places.len() < SHORT {
        return places
            .iter()
            .fold(0.0, |sum, &place| sum + values[place as usize]);
    }
    gather_long(places, values)
}

fn gather_long(places: &[u32], values: &[f64]) -> f64 {
    let blocks = places.chunks(BLOCK);
    blocks
        .map(|block| gather_block(block, values))
        .collect::<Total>()
        .value()
}

fn gather_block(places: &[u32], values: &[f64]) -> f64 {
    let (fours, rest) = places.as_chunks::<4>();
    let mut lanes = [0.0; 4];
    for four in fours {
        for (lane, &place) in lanes.iter_mut().zip(four) {
            *lane += values[place as usize];
        }
    }
    let rest: f64 = rest.iter().map(|&place| values[place as usize]).sum();
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]) + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_lost() {
        let total: Total = [1.0, 1e100, 1.0, -1e100].into_iter().collect();
        assert_eq!(total.value(), 2.0);
    }

    #[test]
    fn a_long_sum_is_as_exact_as_a_short_one() {
        let values = [0.1];
        let places = vec![0; 10_000_000];
        let error = gather(&places, &values) / 1e6 - 1.0;
        assert!(error.abs() < 1e-14, "{error:e}");
    }

    #[test]
    fn every_place_counts_once() {
        let values: Vec<f64> = (0..1000).map(f64::from).collect();
        for length in 0..1000_u32 {
            let places: Vec<u32> = (0..length).collect();
            let expected: u32 = (0..length).sum();
            assert_eq!(gather(&places, &values), f64::from(expected));
        }
    }
}
