//! Chance that is the same for the same seed for ever: SplitMix64 (Steele, Lea, Flood 2014), and the few shapes of
//! distribution that the generator needs. A library's generator may change its sequence with a version; rows that
//! figures were measured on must not.

/// A sequence of draws.
pub struct Chance(u64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl Chance {
    /// The sequence that belongs to some numbers, in their order.
    pub fn of(numbers: &[u64]) -> Self {
        let state = numbers.iter().fold(STEP, |state, number| {
            mix(state ^ mix(number.wrapping_add(STEP)).wrapping_mul(3))
        });
        Self(state)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number from 0 to `count - 1`, each as likely as the others.
    pub fn below(&mut self, count: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(count);
        u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A place in a slice or table of so many entries.
    pub fn index(&mut self, count: usize) -> usize {
        usize::try_from(self.below(count as u64)).unwrap_or(0)
    }

    /// A number from 0 up to, but not including, 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether something of this probability happens.
    pub fn holds(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// A rank from 0 to `count - 1` where rank `r` is about as likely as `(r + 1)^-exponent` (Zipf). The exponent is
    /// not 1.
    pub fn rank(&mut self, count: u64, exponent: f64) -> u64 {
        let power = 1.0 - exponent;
        let end = (count as f64 + 1.0).powf(power);
        let drawn = (1.0 + (end - 1.0) * self.unit()).powf(power.recip());
        (drawn as u64).clamp(1, count.max(1)) - 1
    }

    /// At least `x` with probability `x^-exponent`, from 1 to `max` (Pareto).
    pub fn tail(&mut self, exponent: f64, max: u64) -> u64 {
        let drawn = (1.0 - self.unit()).powf(-exponent.recip());
        (drawn as u64).clamp(1, max)
    }

    /// How often something of this probability happens before it fails, at most `max` times.
    pub fn run(&mut self, probability: f64, max: u64) -> u64 {
        (0..max).take_while(|_| self.holds(probability)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_follow_their_power() {
        let mut chance = Chance::of(&[1, 2]);
        let mut counts = [0u32; 1000];
        for _ in 0..1_000_000 {
            counts[usize::try_from(chance.rank(1000, 0.9)).unwrap()] += 1;
        }
        let ratio = f64::from(counts[9]) / f64::from(counts[99]);
        assert!((7.0..9.5).contains(&ratio), "10^0.9 is 7.9: {ratio}");
        assert!(counts.iter().all(|&n| n > 0));
    }

    #[test]
    fn numbers_and_their_order_make_the_sequence() {
        let first = |numbers: &[u64]| Chance::of(numbers).bits();
        assert_eq!(first(&[1, 2]), first(&[1, 2]));
        assert_ne!(first(&[1, 2]), first(&[2, 1]));
        assert_ne!(first(&[0]), first(&[0, 0]));
    }

    #[test]
    fn tails_are_bounded() {
        let mut chance = Chance::of(&[3]);
        let drawn: Vec<u64> = (0..100_000).map(|_| chance.tail(1.2, 5_000)).collect();
        assert!(drawn.iter().all(|n| (1..=5_000).contains(n)));
        assert!(drawn.iter().filter(|&&n| n >= 10).count() > 4_000);
    }
}
