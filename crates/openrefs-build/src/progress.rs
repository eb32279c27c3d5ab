//! What a build tells about itself while it runs.

/// A part of a build whose end can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Reading archives; counted in bytes of the archives.
    Read,
    /// Merging buckets; counted in buckets.
    Merge,
}

/// Is told how far a build is, from many threads.
pub trait Progress: Sync {
    /// A phase starts, of so many bytes or buckets; 0 = not known.
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
