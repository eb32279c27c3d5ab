//! The first so many rows of an order.

/// A row that may be among them: its place in an order of so many keys, and its number.
type Candidate<const KEYS: usize> = ([i64; KEYS], usize);

/// Candidates are held until there are so many, or twice as many as are wanted; then the worse ones leave.
const HELD: usize = 1_024;

/// The best candidates so far, in no order.
pub struct Best<const KEYS: usize> {
    wanted: usize,
    candidates: Vec<Candidate<KEYS>>,
    /// The last of the best, once there are enough: what comes behind it is out.
    last: Option<Candidate<KEYS>>,
}

impl<const KEYS: usize> Best<KEYS> {
    pub fn new(wanted: usize) -> Self {
        Self {
            wanted,
            candidates: Vec::new(),
            last: None,
        }
    }

    pub fn add(&mut self, candidate: Candidate<KEYS>) {
        if self.last.is_some_and(|last| candidate > last) {
            return;
        }
        self.candidates.push(candidate);
        if self.candidates.len() >= self.wanted.saturating_mul(2).max(HELD) {
            self.shrink();
        }
    }

    /// The greatest first key that can still be among the best; None as long as any can.
    pub fn first_key_max(&self) -> Option<i64> {
        self.last.and_then(|(keys, _)| keys.first().copied())
    }

    fn shrink(&mut self) {
        if self.wanted > 0 && self.candidates.len() > self.wanted {
            let (_, last, _) = self.candidates.select_nth_unstable(self.wanted - 1);
            self.last = Some(*last);
            self.candidates.truncate(self.wanted);
        }
    }

    pub fn joined(mut self, mut other: Self) -> Self {
        self.candidates.append(&mut other.candidates);
        self.shrink();
        self
    }

    /// The numbers of the rows, in order.
    pub fn rows(mut self) -> Vec<usize> {
        self.candidates.sort_unstable();
        self.candidates.truncate(self.wanted);
        self.candidates.into_iter().map(|(_, row)| row).collect()
    }
}
