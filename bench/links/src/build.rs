//! From staged runs to a published snapshot: an ingest that has nothing to read.

use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::Result;
use openrefs_build::{Options, Phase, Progress, ingest};
use openrefs_store::Index;
use serde_json::json;

use crate::measure::Watch;

/// What to build.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Folder of the index.
    #[arg(long)]
    index: PathBuf,
    /// Memory to work in, bytes.
    #[arg(long, default_value_t = 2 << 30)]
    memory: usize,
}

/// Builds, and says how long each phase took.
///
/// # Errors
/// When the index cannot be read or written.
pub fn run(arguments: &Arguments) -> Result<()> {
    let watch = Watch::start();
    let index = Index::open(&arguments.index)?;
    let options = Options {
        memory_bytes: arguments.memory,
        ..Options::default()
    };
    let phases = Phases::default();
    let done = ingest(&index, Vec::new(), &options, &phases)?;
    let phases = phases.take();
    watch.report(
        "build",
        done.backlinks,
        json!({ "phases": phases, "snapshot": done.snapshot }),
    );
    Ok(())
}

/// Notes how long each phase takes.
#[derive(Default)]
struct Phases(Mutex<State>);

#[derive(Default)]
struct State {
    current: Option<(String, Watch)>,
    done: Vec<(String, f64)>,
}

impl Phases {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn take(&self) -> Vec<(String, f64)> {
        self.with(|state| std::mem::take(&mut state.done))
    }
}

impl Progress for Phases {
    fn start(&self, phase: Phase, total: u64) {
        eprintln!("build: {phase:?} of {total}");
        self.with(|state| state.current = Some((format!("{phase:?}"), Watch::start())));
    }

    fn advance(&self, _count: u64) {}

    fn end(&self) {
        self.with(|state| {
            if let Some((name, watch)) = state.current.take() {
                let seconds = (watch.seconds() * 1e3).round() / 1e3;
                eprintln!("build: {name} took {seconds:.1} s");
                state.done.push((name, seconds));
            }
        });
    }
}
