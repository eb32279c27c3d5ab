//! `openrefs verify`: reads all of an index and names what is wrong.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Args;
use indicatif::{HumanBytes, HumanCount};
use openrefs_store::Index;

use crate::cli::ingest::working_memory;
use crate::cli::output::{CANNOT_WRITE, stdout};
use crate::progress::Shown;

/// Checks every file of an index: its bytes, its order, and all that is derived, made once more from the backlinks
///
/// Prints a line for each thing that is wrong, and then ends with status 1.
#[derive(Args, Debug)]
#[command(after_help = "Example: openrefs verify --index idx")]
pub struct Verify {
    /// Folder of the index
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Memory to work in, like 512M or 2G [default: a quarter of the machine's]
    #[arg(long, value_name = "SIZE")]
    memory: Option<String>,
}

impl Verify {
    /// Runs the command.
    ///
    /// # Errors
    /// When something is wrong, or the index cannot be read.
    pub fn run(self) -> anyhow::Result<()> {
        let memory_bytes = working_memory(self.memory.as_deref())?;
        let index = Index::open(&self.index)?;
        let shown = Shown::new();
        let verified = openrefs_build::verify(&index, memory_bytes, &shown)?;
        drop(shown);
        let mut text: String = verified
            .findings
            .iter()
            .map(|finding| format!("{}: {}\n", finding.file, finding.what.replace(['\n', '\r'], " ")))
            .collect();
        if verified.findings.is_empty() {
            text = format!(
                "all is well: snapshot {}, {} backlinks; {} files, {}, older snapshots: {}\n",
                verified.snapshot,
                HumanCount(verified.backlinks),
                HumanCount(verified.files),
                HumanBytes(verified.bytes),
                verified.older
            );
        }
        let mut out = stdout();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .context(CANNOT_WRITE)?;
        match verified.findings.len() {
            0 => Ok(()),
            count => bail!(
                "findings: {count}, in the index at {}; restore these files from a copy, or build the index again from its archives",
                self.index.display()
            ),
        }
    }
}
