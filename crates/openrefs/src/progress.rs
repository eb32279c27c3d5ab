//! How far a long command is: a bar with rate and time left on a terminal, a line every few seconds elsewhere. All of it
//! goes to standard error.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{HumanBytes, HumanCount, HumanDuration, ProgressBar, ProgressStyle};
use openrefs_build::Phase;

/// Without a terminal, lines come this far apart; a command that is done before says nothing.
const LINE_EVERY: Duration = Duration::from_secs(5);

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Bytes,
    Things(&'static str),
}

/// Shows one phase after another.
pub struct Shown {
    terminal: bool,
    phase: Mutex<Option<Running>>,
    /// Bytes of archives read so far.
    bytes_read: Mutex<u64>,
}

struct Running {
    what: &'static str,
    unit: Unit,
    total: u64,
    done: u64,
    started: Instant,
    told: Instant,
    bar: Option<ProgressBar>,
}

impl Shown {
    /// For standard error as it is.
    pub fn new() -> Self {
        Self {
            terminal: console::Term::stderr().is_term(),
            phase: Mutex::new(None),
            bytes_read: Mutex::new(0),
        }
    }

    /// Bytes of archives that were read.
    pub fn bytes_read(&self) -> u64 {
        *lock(&self.bytes_read)
    }

    /// Starts a phase of its own, of `total` things.
    pub fn begin(&self, what: &'static str, things: &'static str, total: u64) {
        self.run(what, Unit::Things(things), total);
    }

    /// Says how many are done in all.
    pub fn reach(&self, done: u64) {
        self.step(|phase| phase.done = done);
    }

    fn run(&self, what: &'static str, unit: Unit, total: u64) {
        let now = Instant::now();
        *lock(&self.phase) = Some(Running {
            what,
            unit,
            total,
            done: 0,
            started: now,
            told: now,
            bar: self.terminal.then(|| bar(what, unit, total)),
        });
    }

    fn step(&self, change: impl FnOnce(&mut Running)) {
        let mut phase = lock(&self.phase);
        let Some(phase) = phase.as_mut() else { return };
        change(phase);
        match &phase.bar {
            Some(bar) => bar.set_position(phase.done),
            None if phase.told.elapsed() >= LINE_EVERY => {
                phase.told = Instant::now();
                let _ = writeln!(io::stderr(), "{}", phase.line());
            }
            None => {}
        }
    }
}

impl Default for Shown {
    fn default() -> Self {
        Self::new()
    }
}

impl openrefs_build::Progress for Shown {
    fn start(&self, phase: Phase, total: u64) {
        match phase {
            Phase::Read => self.run("reading", Unit::Bytes, total),
            Phase::Merge => self.run("merging", Unit::Things("rows"), total),
            Phase::RollUp => self.run("rolling up", Unit::Things("backlinks"), total),
            Phase::Rank => self.run("rating domains", Unit::Things("rounds at most"), total),
            Phase::Check => self.run("checking files", Unit::Bytes, total),
            Phase::Recompute => self.run("rolling up again", Unit::Things("backlinks"), total),
            Phase::Rate => self.run("writing ratings", Unit::Things("rows"), total),
        }
    }

    fn advance(&self, count: u64) {
        self.step(|phase| {
            phase.done += count;
            if phase.unit == Unit::Bytes {
                *lock(&self.bytes_read) += count;
            }
        });
    }

    fn end(&self) {
        if let Some(bar) = lock(&self.phase).take().and_then(|phase| phase.bar) {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Shown {
    /// A command that fails leaves no bar behind.
    fn drop(&mut self) {
        openrefs_build::Progress::end(self);
    }
}

impl Running {
    fn line(&self) -> String {
        let amount = |n| match self.unit {
            Unit::Bytes => HumanBytes(n).to_string(),
            Unit::Things(_) => HumanCount(n).to_string(),
        };
        let things = match self.unit {
            Unit::Bytes => "",
            Unit::Things(things) => things,
        };
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let rate = self.done as f64 / seconds;
        if self.total == 0 {
            return format!("{}: {} {things}", self.what, amount(self.done))
                .trim_end()
                .to_owned();
        }
        let left = (self.total.saturating_sub(self.done)) as f64 / rate.max(0.001);
        format!(
            "{}: {} of {} {things}, {} % done, {} left",
            self.what,
            amount(self.done),
            amount(self.total),
            self.done.saturating_mul(100) / self.total,
            HumanDuration(Duration::from_secs_f64(left.min(1e9))),
        )
        .replace(" ,", ",")
    }
}

fn bar(what: &'static str, unit: Unit, total: u64) -> ProgressBar {
    let known = match unit {
        Unit::Bytes => "{msg} [{bar:30}] {bytes}/{total_bytes}  {bytes_per_sec}  {eta} left",
        Unit::Things(_) => "{msg} [{bar:30}] {human_pos}/{human_len}  {per_sec}  {eta} left",
    };
    let unknown = match unit {
        Unit::Bytes => "{spinner} {msg} {bytes}  {bytes_per_sec}",
        Unit::Things(_) => "{spinner} {msg} {human_pos}",
    };
    let (bar, template) = if total == 0 {
        (ProgressBar::new_spinner(), unknown)
    } else {
        (ProgressBar::new(total), known)
    };
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("=> "));
    bar.set_message(what);
    bar
}

/// A panic of another thread while it held the lock is reported there; here only figures are at stake.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
