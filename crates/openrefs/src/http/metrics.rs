//! Figures for Prometheus, in its text format 0.0.4. No label holds a token, a target or anything else that was sent.

use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The media type of the text.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The table `refdomains`.
    Refdomains,
    /// The table `domain_rating`.
    DomainRating,
    /// The table `subscription_info`.
    SubscriptionInfo,
    /// A page for a browser, or what stands behind one.
    Page,
    /// Anything else: no table, or a path of its own.
    Other,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// With an answer.
    Ok,
    /// The request is wrong.
    Error,
    /// No good token.
    InvalidToken,
    /// Too few rows left.
    NoRows,
    /// Too many requests at once.
    Busy,
    /// Took too long.
    Timeout,
    /// The server failed.
    Failed,
}

const ASKED: [(Asked, &str); 5] = [
    (Asked::Refdomains, "refdomains"),
    (Asked::DomainRating, "domain_rating"),
    (Asked::SubscriptionInfo, "subscription_info"),
    (Asked::Page, "page"),
    (Asked::Other, "other"),
];
const OUTCOMES: [(Outcome, &str); 7] = [
    (Outcome::Ok, "ok"),
    (Outcome::Error, "error"),
    (Outcome::InvalidToken, "invalid_token"),
    (Outcome::NoRows, "no_rows"),
    (Outcome::Busy, "busy"),
    (Outcome::Timeout, "timeout"),
    (Outcome::Failed, "failed"),
];
/// Upper bounds of the histogram, in microseconds and as Prometheus writes them, in seconds.
const BUCKETS: [(u64, &str); 14] = [
    (500, "0.0005"),
    (1_000, "0.001"),
    (2_500, "0.0025"),
    (5_000, "0.005"),
    (10_000, "0.01"),
    (25_000, "0.025"),
    (50_000, "0.05"),
    (100_000, "0.1"),
    (250_000, "0.25"),
    (500_000, "0.5"),
    (1_000_000, "1"),
    (5_000_000, "5"),
    (30_000_000, "30"),
    (120_000_000, "120"),
];

impl Asked {
    /// Its name in labels.
    pub fn name(self) -> &'static str {
        ASKED[self as usize].1
    }
}

impl Outcome {
    /// Its name in labels.
    pub fn name(self) -> &'static str {
        OUTCOMES[self as usize].1
    }
}

/// Counters of one server.
pub struct Metrics {
    started: u64,
    requests: [[AtomicU64; OUTCOMES.len()]; ASKED.len()],
    rows: AtomicU64,
    /// The last one is for what is above all bounds.
    durations: [AtomicU64; BUCKETS.len() + 1],
    micros: AtomicU64,
}

impl Default for Metrics {
    fn default() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            started: since.unwrap_or_default().as_secs(),
            requests: Default::default(),
            rows: AtomicU64::default(),
            durations: Default::default(),
            micros: AtomicU64::default(),
        }
    }
}

impl Metrics {
    /// Counts a request. Durations are those of the table `refdomains`, up to the head of the answer.
    pub fn count(&self, asked: Asked, outcome: Outcome, rows: u64, duration: Duration) {
        // Counters need no order among themselves.
        let add = |counter: &AtomicU64, n| counter.fetch_add(n, Ordering::Relaxed);
        add(&self.requests[asked as usize][outcome as usize], 1);
        if asked != Asked::Refdomains {
            return;
        }
        add(&self.rows, rows);
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let bucket = BUCKETS.partition_point(|(bound, _)| *bound < micros);
        add(&self.durations[bucket], 1);
        add(&self.micros, micros);
    }

    /// All figures.
    pub fn text(&self, snapshot: u64) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text, snapshot);
        text
    }

    fn write(&self, text: &mut String, snapshot: u64) -> std::fmt::Result {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        head(
            text,
            "openrefs_requests_total",
            "counter",
            "Requests, by what was asked and how it ended.",
        )?;
        for (asked, name) in ASKED {
            for (outcome, ended) in OUTCOMES {
                let count = get(&self.requests[asked as usize][outcome as usize]);
                writeln!(
                    text,
                    "openrefs_requests_total{{table=\"{name}\",outcome=\"{ended}\"}} {count}"
                )?;
            }
        }
        head(
            text,
            "openrefs_rows_returned_total",
            "counter",
            "Rows in answers of the table refdomains.",
        )?;
        writeln!(text, "openrefs_rows_returned_total {}", get(&self.rows))?;

        let name = "openrefs_answer_seconds";
        head(
            text,
            name,
            "histogram",
            "From a request for the table refdomains to the head of its answer.",
        )?;
        let mut sum = 0;
        for ((_, bound), count) in BUCKETS.iter().zip(&self.durations) {
            sum += get(count);
            writeln!(text, "{name}_bucket{{le=\"{bound}\"}} {sum}")?;
        }
        sum += get(&self.durations[BUCKETS.len()]);
        let micros = get(&self.micros);
        writeln!(text, "{name}_bucket{{le=\"+Inf\"}} {sum}")?;
        writeln!(
            text,
            "{name}_sum {}.{:06}",
            micros / 1_000_000,
            micros % 1_000_000
        )?;
        writeln!(text, "{name}_count {sum}")?;

        head(
            text,
            "openrefs_snapshot",
            "gauge",
            "Number of the snapshot that answers.",
        )?;
        writeln!(text, "openrefs_snapshot {snapshot}")?;
        head(
            text,
            "process_start_time_seconds",
            "gauge",
            "Start of the process, seconds since 1970.",
        )?;
        writeln!(text, "process_start_time_seconds {}", self.started)
    }
}

fn head(text: &mut String, name: &str, kind: &str, help: &str) -> std::fmt::Result {
    writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_stand_at_the_place_of_their_variant() {
        assert!(
            ASKED
                .iter()
                .enumerate()
                .all(|(n, (asked, _))| *asked as usize == n)
        );
        assert!(
            OUTCOMES
                .iter()
                .enumerate()
                .all(|(n, (outcome, _))| *outcome as usize == n)
        );
    }

    #[test]
    fn buckets_add_up() {
        let metrics = Metrics::default();
        for micros in [1, 500, 501, 200_000_000] {
            metrics.count(Asked::Refdomains, Outcome::Ok, 2, Duration::from_micros(micros));
        }
        metrics.count(Asked::Page, Outcome::Error, 0, Duration::from_secs(1));
        let text = metrics.text(7);
        for line in [
            "openrefs_requests_total{table=\"refdomains\",outcome=\"ok\"} 4",
            "openrefs_requests_total{table=\"page\",outcome=\"error\"} 1",
            "openrefs_rows_returned_total 8",
            "openrefs_answer_seconds_bucket{le=\"0.0005\"} 2",
            "openrefs_answer_seconds_bucket{le=\"0.001\"} 3",
            "openrefs_answer_seconds_bucket{le=\"120\"} 3",
            "openrefs_answer_seconds_bucket{le=\"+Inf\"} 4",
            "openrefs_answer_seconds_sum 200.001002",
            "openrefs_answer_seconds_count 4",
            "openrefs_snapshot 7",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
    }
}
