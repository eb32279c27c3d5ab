//! What a step tells: a line of JSON on standard output with seconds and the peak memory of the process.

use std::time::Instant;

use serde_json::{Value, json};

/// Measures a step from its start.
pub struct Watch(Instant);

impl Watch {
    /// From now on.
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// How long ago it started.
    pub fn seconds(&self) -> f64 {
        self.0.elapsed().as_secs_f64()
    }

    /// Prints what was measured, and other facts.
    pub fn report(&self, phase: &str, rows: u64, more: Value) {
        let mut line = json!({
            "engine": "openrefs", "phase": phase, "rows": rows,
            "seconds": (self.seconds() * 1e3).round() / 1e3, "peak_rss": peak_memory(),
        });
        if let (Some(line), Value::Object(more)) = (line.as_object_mut(), more) {
            line.extend(more);
        }
        println!("{line}");
    }
}

/// The most memory this process has held, bytes; 0 where the system does not tell.
pub fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

/// The value that a share of sorted ones does not exceed.
pub fn quantile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let place = (last as f64 * share).round() as usize;
    sorted.get(place).copied().unwrap_or(0.0)
}
