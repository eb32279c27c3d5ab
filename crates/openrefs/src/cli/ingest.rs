//! `openrefs ingest`: archives in, a published snapshot out, and a report of all that was counted.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::Args;
use openrefs_build::Options;
use openrefs_model::SuffixList;
use openrefs_store::Index;
use openrefs_store::index::BUCKETS_MAX;

use crate::cli::report::Report;
use crate::cli::usage::WrongUsage;
use crate::progress::Shown;

/// With less than this the index is written in too many small pieces.
const MEMORY_BYTES_MIN: usize = 16 << 20;

/// Reads crawl archives into an index; run it again to add more, or to go on after a stop
#[derive(Args, Debug)]
#[command(after_help = "Example: openrefs ingest crawl/*.warc.gz more-crawls/ @list.txt --index idx")]
pub struct Ingest {
    /// Files, folders, patterns, @LIST (a file of paths) or - (standard input): WARC, WAT, ARC, WACZ
    #[arg(required = true, value_name = "ARCHIVE")]
    archives: Vec<PathBuf>,
    /// Folder of the index; made if it is not there
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Parts of a new index [default: 64]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(BUCKETS_MAX)))]
    buckets: Option<u32>,
    /// Public Suffix List of a new index [default: the one of this program]
    #[arg(long, value_name = "FILE")]
    suffix_list: Option<PathBuf>,
    /// Threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Memory to work in, like 512M or 2G [default: a quarter of the machine's]
    #[arg(long, value_name = "SIZE")]
    memory: Option<String>,
    /// Write the report as JSON too, with every damaged place
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

impl Ingest {
    /// Runs the command.
    ///
    /// # Errors
    /// When an archive cannot be opened, or the index not be written.
    pub fn run(self) -> anyhow::Result<()> {
        let options = options(self.threads, self.memory.as_deref())?;
        let list = self.suffix_list.as_deref().map(read_suffix_list).transpose()?;
        let report = ingest(&self.archives, &self.index, self.buckets, list.as_ref(), &options)?;
        if let Some(file) = &self.report {
            let cannot = || format!("cannot write the report {}", file.display());
            fs::write(file, report.json()).with_context(cannot)?;
        }
        let _ = write!(io::stderr(), "{}", report.text());
        let _ = writeln!(
            io::stderr(),
            "next: openrefs refdomains TARGET --index {}",
            self.index.display()
        );
        Ok(())
    }
}

/// How to work, and on so many threads.
///
/// # Errors
/// When there are no such threads, or the memory is no size.
pub fn options(threads: Option<u16>, memory: Option<&str>) -> anyhow::Result<Options> {
    let mut options = Options::default();
    if let Some(threads) = threads {
        options.workers = threads.into();
        // The merge runs on the global pool.
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build_global()
            .context("cannot start threads; try fewer with --threads")?;
    }
    options.memory_bytes = working_memory(memory)?;
    Ok(options)
}

/// The memory to work in: what is asked for, or a quarter of the machine's.
///
/// # Errors
/// When it is no size.
pub fn working_memory(memory: Option<&str>) -> Result<usize, WrongUsage> {
    memory.map_or_else(|| Ok(a_quarter()), self::memory)
}

/// Ingests one folder with the defaults, and tells the outcome.
///
/// # Errors
/// As the command.
pub fn quick(archives: &Path, index: &Path) -> anyhow::Result<()> {
    let report = ingest(&[archives.to_owned()], index, None, None, &Options::default())?;
    let _ = write!(io::stderr(), "{}", report.text());
    Ok(())
}

fn ingest(
    archives: &[PathBuf],
    index: &Path,
    buckets: Option<u32>,
    list: Option<&SuffixList>,
    options: &Options,
) -> anyhow::Result<Report> {
    let started = Instant::now();
    let inputs = openrefs_archive::expand(archives)?;
    if inputs.is_empty() {
        bail!("no archive found; name files, folders or patterns");
    }
    let index = Index::open_or_create(index, buckets, list)?;
    let shown = Shown::new();
    let done = openrefs_build::ingest(&index, inputs, options, &shown)?;
    Ok(Report::new(done, shown.bytes_read(), started.elapsed()))
}

/// Reads a Public Suffix List.
///
/// # Errors
/// When it cannot be read, or holds no rule.
pub fn read_suffix_list(file: &Path) -> anyhow::Result<SuffixList> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    SuffixList::from_text(&text).with_context(|| format!("cannot use {}", file.display()))
}

/// A quarter of the memory of the machine, or of what a container leaves of it.
pub fn a_quarter() -> usize {
    let total = sysinfo::System::new().map(|mut system| {
        system.refresh_memory();
        system
            .cgroup_limits()
            .map_or(system.total_memory(), |limits| limits.total_memory)
    });
    usize::try_from(total.unwrap_or(0) / 4)
        .unwrap_or(usize::MAX)
        .max(MEMORY_BYTES_MIN)
}

/// Reads a size: a number, then perhaps K, M or G (times 1,024).
///
/// # Errors
/// Another text, or less than a build can work in.
pub fn memory(text: &str) -> Result<usize, WrongUsage> {
    let wrong = || {
        let what = "write a number and a unit like 512M, at least 16M";
        WrongUsage(format!("--memory: invalid value '{text}'; {what}"))
    };
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err(wrong()),
    };
    let number: usize = digits.trim().parse().map_err(|_| wrong())?;
    number
        .checked_mul(1 << shift)
        .filter(|bytes| *bytes >= MEMORY_BYTES_MIN)
        .ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("512M", 512 << 20),
            ("2g", 2 << 30),
            ("16777216", 16 << 20),
            ("64 MiB", 64 << 20),
        ] {
            assert_eq!(memory(text).ok(), Some(bytes), "{text}");
        }
        for text in ["", "M", "-1G", "1T", "1M", "99999999999G", "1.5G"] {
            assert!(memory(text).is_err(), "{text}");
        }
    }
}
