//! `openrefs step`: the steps of an ingest one by one, for a cluster's scheduler.

use std::io::{self, Write};
use std::ops::RangeInclusive;
use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, Subcommand};
use indicatif::HumanCount;
use openrefs_build::step::{self, Made};
use openrefs_store::index::BUCKETS_MAX;
use openrefs_store::{Index, TableName};

use crate::cli::ingest::{options, read_suffix_list};
use crate::progress::Shown;

/// Runs one step of an ingest, for a scheduler that spreads them over machines with one folder
///
/// In this order: extract, for any part of the archives; merge and then rollup of each bucket; rank, once; rate of each
/// bucket; publish, once. Steps of different archives and buckets may run at the same time. The outcome is the same as
/// of 'openrefs ingest'.
#[derive(Args, Debug)]
#[command(
    after_help = "Example: openrefs step extract crawl/ --index idx\n         openrefs step merge --index idx --bucket 0-15\n         openrefs step publish --index idx"
)]
pub struct StepCommand {
    #[command(subcommand)]
    step: Step,
}

#[derive(Debug, Subcommand)]
enum Step {
    /// Read archives and stage them
    #[command(after_help = "Example: openrefs step extract part-1/*.warc.gz --index idx")]
    Extract {
        /// Files, folders, patterns, @LIST (a file of paths): WARC, WAT, ARC, WACZ
        #[arg(required = true, value_name = "ARCHIVE")]
        archives: Vec<PathBuf>,
        #[command(flatten)]
        place: Place,
        /// Parts of a new index [default: 64]
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(BUCKETS_MAX)))]
        buckets: Option<u32>,
        /// Public Suffix List of a new index [default: the one of this program]
        #[arg(long, value_name = "FILE")]
        suffix_list: Option<PathBuf>,
    },
    /// Merge what is staged with the last snapshot, bucket by bucket
    #[command(after_help = "Example: openrefs step merge --index idx --bucket 0-15 --bucket 17")]
    Merge(Buckets),
    /// Roll up buckets that are merged
    #[command(after_help = "Example: openrefs step rollup --index idx --bucket 0-15")]
    Rollup(Buckets),
    /// Rate all domains, once all buckets are rolled up
    #[command(after_help = "Example: openrefs step rank --index idx")]
    Rank(Place),
    /// Write the ratings beside the roll-ups of buckets
    #[command(after_help = "Example: openrefs step rate --index idx --bucket 0-15")]
    Rate(Buckets),
    /// Publish what the steps have made of all buckets
    #[command(after_help = "Example: openrefs step publish --index idx")]
    Publish {
        /// Folder of the index
        #[arg(long, value_name = "DIR")]
        index: PathBuf,
    },
}

#[derive(Args, Debug)]
struct Place {
    /// Folder of the index
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Memory to work in, like 512M or 2G [default: a quarter of the machine's]
    #[arg(long, value_name = "SIZE")]
    memory: Option<String>,
}

#[derive(Args, Debug)]
struct Buckets {
    #[command(flatten)]
    place: Place,
    /// A bucket, or several like 0-15; may be given again [default: all]
    #[arg(long, value_name = "N", value_parser = range, value_delimiter = ',')]
    bucket: Vec<RangeInclusive<u32>>,
}

impl StepCommand {
    /// Runs the command.
    ///
    /// # Errors
    /// When the step before it is missing, or the index cannot be read or written.
    pub fn run(self) -> anyhow::Result<()> {
        match self.step {
            Step::Extract {
                archives,
                place,
                buckets,
                suffix_list,
            } => extract(&archives, &place, buckets, suffix_list),
            Step::Merge(buckets) => buckets.run("merged", step::merge),
            Step::Rollup(buckets) => buckets.run("rolled up", step::roll_up),
            Step::Rate(buckets) => buckets.run("rated", step::rate),
            Step::Rank(place) => {
                let options = options(place.threads, place.memory.as_deref())?;
                let index = Index::open(&place.index)?;
                let made = step::rank(&index, options.memory_bytes, &Shown::new())?;
                tell("rated all domains", &made);
                Ok(())
            }
            Step::Publish { index } => {
                let manifest = step::publish(&Index::open(&index)?)?;
                let backlinks = HumanCount(manifest.rows(TableName::Links));
                let _ = writeln!(
                    io::stderr(),
                    "published snapshot {}: {backlinks} backlinks",
                    manifest.snapshot
                );
                Ok(())
            }
        }
    }
}

impl Buckets {
    fn run(
        self,
        done: &str,
        step: impl Fn(&Index, &[u32], usize, &dyn openrefs_build::Progress) -> openrefs_build::Result<Made>,
    ) -> anyhow::Result<()> {
        let options = options(self.place.threads, self.place.memory.as_deref())?;
        let index = Index::open(&self.place.index)?;
        let mut buckets: Vec<u32> = self.bucket.into_iter().flatten().collect();
        if buckets.is_empty() {
            buckets = (0..index.settings().buckets).collect();
        }
        buckets.sort_unstable();
        buckets.dedup();
        let made = step(&index, &buckets, options.memory_bytes, &Shown::new())?;
        let plural = if buckets.len() == 1 { "" } else { "s" };
        tell(&format!("{done} {} bucket{plural}", buckets.len()), &made);
        Ok(())
    }
}

fn extract(
    archives: &[PathBuf],
    place: &Place,
    buckets: Option<u32>,
    suffix_list: Option<PathBuf>,
) -> anyhow::Result<()> {
    let options = options(place.threads, place.memory.as_deref())?;
    let list = suffix_list.as_deref().map(read_suffix_list).transpose()?;
    let inputs = openrefs_archive::expand(archives)?;
    if inputs.is_empty() {
        bail!("no archive found; name files, folders or patterns");
    }
    let index = Index::open_or_create(&place.index, buckets, list.as_ref())?;
    let extracted = step::extract(&index, inputs, &options, &Shown::new())?;
    let groups = extracted.groups.values();
    let staged: usize = groups.clone().map(|group| group.archives.len()).sum();
    let damages: usize = groups.map(|group| group.damages.len()).sum();
    let archives = if staged == 1 { "archive" } else { "archives" };
    let mut text = format!(
        "staged {staged} {archives}; in the index already: {}",
        extracted.known
    );
    if damages > 0 {
        text.push_str(&format!("; {damages} damaged places in them"));
    }
    let _ = writeln!(io::stderr(), "{text}");
    Ok(())
}

fn tell(done: &str, made: &Made) {
    let _ = writeln!(
        io::stderr(),
        "{done} for snapshot {}: {} files, {} rows",
        made.snapshot,
        HumanCount(made.files as u64),
        HumanCount(made.rows)
    );
}

/// Reads `7` or `0-15`.
fn range(text: &str) -> Result<RangeInclusive<u32>, String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.parse(), last.parse()) {
        (Ok(first), Ok(last)) if first <= last && last < BUCKETS_MAX => Ok(first..=last),
        _ => Err("write a number like 7 or a range like 0-15".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_of_buckets() {
        assert_eq!(range("7"), Ok(7..=7));
        assert_eq!(range("0-15"), Ok(0..=15));
        for text in ["", "-", "1-", "-1", "5-4", "a", "99999999999", "0-4096"] {
            assert!(range(text).is_err(), "{text}");
        }
    }
}
