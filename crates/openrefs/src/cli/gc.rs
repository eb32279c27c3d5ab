//! `openrefs gc`: removes old snapshots and what only they need.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use indicatif::{HumanBytes, HumanCount};
use openrefs_store::Index;

/// Removes old snapshots, but for those that somebody reads, and the files that only they need
#[derive(Args, Debug)]
#[command(after_help = "Example: openrefs gc --index idx --keep 3")]
pub struct Gc {
    /// Folder of the index
    #[arg(long, value_name = "DIR")]
    index: PathBuf,
    /// Snapshots to keep, the published one among them
    #[arg(long, value_name = "N", default_value = "1", value_parser = clap::value_parser!(u32).range(1..))]
    keep: u32,
}

impl Gc {
    /// Runs the command.
    ///
    /// # Errors
    /// When another process writes, a manifest that stays is damaged, or a file cannot be removed.
    pub fn run(self) -> anyhow::Result<()> {
        let index = Index::open(&self.index)?;
        let lock = index.lock()?;
        let removed = openrefs_store::gc::gc(&index, self.keep as usize, &lock)?;
        let mut text = format!(
            "removed {}: {} files, {}",
            snapshots(&removed.snapshots),
            HumanCount(removed.files),
            HumanBytes(removed.bytes)
        );
        if !removed.in_use.is_empty() {
            text.push_str(&format!("; still read and kept: {}", snapshots(&removed.in_use)));
        }
        let _ = writeln!(io::stderr(), "{text}");
        Ok(())
    }
}

fn snapshots(numbers: &[u64]) -> String {
    let list: Vec<String> = numbers.iter().map(ToString::to_string).collect();
    match numbers {
        [] => "no snapshot".to_owned(),
        [one] => format!("snapshot {one}"),
        _ => format!("snapshots {}", list.join(", ")),
    }
}
