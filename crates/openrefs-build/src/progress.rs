//! What a build tells about itself while it runs.

/// A part of a build whose end can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading archives; counted in bytes of the archives.
    Read,
    /// Merging runs into `links` and `visits`; counted in rows.
    Merge,
    /// Rolling up; counted in backlinks.
    RollUp,
    /// Rating domains; counted in rounds, of which there may be fewer than foreseen.
    Rank,
    /// Writing ratings beside the roll-ups; counted in their rows.
    Rate,
    /// Checking the bytes of files; counted in these.
    Check,
    /// Making what is derived once more, to compare it; counted in backlinks.
    Recompute,
}

/// Is told how far a build is, from many threads.
pub trait Progress: Sync {
    /// A phase starts, of so many units; 0 = not known.
    fn start(&self, phase: Phase, total: u64);
    /// So many more of them are done.
    fn advance(&self, count: u64);
    /// The phase has ended.
    fn end(&self);
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Quiet;

impl Progress for Quiet {
    fn start(&self, _phase: Phase, _total: u64) {}
    fn advance(&self, _count: u64) {}
    fn end(&self) {}
}
