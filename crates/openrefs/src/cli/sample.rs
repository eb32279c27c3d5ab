//! `openrefs sample`: a synthetic crawl to try things on.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use openrefs_build::Progress;
use openrefs_sample::{Options, Written};

use crate::progress::Shown;

/// Makes a synthetic crawl, as WARC and as WAT of the same pages; the same seed gives the same bytes
#[derive(Args, Debug)]
#[command(after_help = "Example: openrefs sample --domains 1000 --pages 20000 --seed 7 --out crawl")]
pub struct Sample {
    /// Domains that exist in it
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    domains: u32,
    /// Visits of pages
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    pages: u64,
    /// What all choices are drawn from
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// A new or empty folder
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Sample {
    /// Runs the command.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn run(self) -> anyhow::Result<()> {
        let options = Options {
            domains: self.domains,
            pages: self.pages,
            seed: self.seed,
        };
        let written = write(&options, &self.out)?;
        let _ = writeln!(
            io::stderr(),
            "{} pages with {} links in {} files\nnext: openrefs ingest {} --index idx",
            written.pages,
            written.links,
            written.files,
            self.out.join("warc").display()
        );
        Ok(())
    }
}

/// Makes a crawl, with progress.
///
/// # Errors
/// When a file cannot be written.
pub fn write(options: &Options, out: &Path) -> anyhow::Result<Written> {
    let shown = Shown::new();
    shown.begin("making pages", "pages", options.pages);
    let written = openrefs_sample::write(options, out, &|done| shown.reach(done))?;
    shown.end();
    Ok(written)
}
