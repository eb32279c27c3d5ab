//! Shards by hash: each thread has its own, and in the end those of one number are joined, all numbers side by side.

use rayon::prelude::*;

/// The shard of a hash. Tables within a shard use other bits of it.
pub fn shard_of(hash: u64, shards: usize) -> usize {
    (hash >> 32) as usize % shards
}

/// Joins the shards of several threads: calls `join` with those of each number.
pub fn joined<T: Send, R: Send>(threads: Vec<Vec<T>>, join: impl Fn(Vec<T>) -> R + Sync + Send) -> Vec<R> {
    let several = threads.len() > 1;
    let shards = threads.first().map_or(0, Vec::len);
    let mut by_number: Vec<Vec<T>> = (0..shards).map(|_| Vec::new()).collect();
    for own in threads {
        by_number
            .iter_mut()
            .zip(own)
            .for_each(|(shards, shard)| shards.push(shard));
    }
    // Waking other threads takes longer than most answers.
    if several {
        by_number.into_par_iter().map(join).collect()
    } else {
        by_number.into_iter().map(join).collect()
    }
}
