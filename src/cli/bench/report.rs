//! What was seen, and how it is told.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use hdrhistogram::Histogram;
use http::StatusCode;

/// What went wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Failed {
    /// No connection could be opened.
    Open,
    /// The connection ended before the answer was whole.
    Answer,
    /// It took too long.
    Patience,
}

impl Failed {
    fn word(self) -> &'static str {
        match self {
            Self::Open => "no connection",
            Self::Answer => "no whole answer",
            Self::Patience => "out of patience",
        }
    }
}

/// What was seen.
pub(super) struct Seen {
    /// From the first request to the last answer.
    pub lasted: Duration,
    statuses: BTreeMap<StatusCode, u64>,
    failures: BTreeMap<Failed, u64>,
    bytes: u64,
    latencies_us: Histogram<u64>,
}

impl Default for Seen {
    fn default() -> Self {
        Self {
            lasted: Duration::ZERO,
            statuses: BTreeMap::new(),
            failures: BTreeMap::new(),
            bytes: 0,
            latencies_us: histogram(),
        }
    }
}

/// Three digits of each, however long.
#[expect(clippy::expect_used, reason = "that many digits can be had")]
fn histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three digits")
}

impl Seen {
    pub fn answer(&mut self, status: StatusCode, bytes: u64, took: Duration) {
        *self.statuses.entry(status).or_default() += 1;
        self.bytes += bytes;
        let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        // It grows as it must: nothing is too long for it.
        let _ = self.latencies_us.record(took_us);
    }

    pub fn failed(&mut self, failed: Failed) {
        *self.failures.entry(failed).or_default() += 1;
    }

    /// How many requests were answered.
    pub fn answered(&self) -> u64 {
        self.statuses.values().sum()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (answered, seconds) = (self.answered(), self.lasted.as_secs_f64());
        writeln!(
            f,
            "answers   {answered} in {seconds:.1} s, {:.1} a second, {:.2} MB of bodies",
            answered as f64 / seconds,
            self.bytes as f64 / 1e6
        )?;
        let at = |quantile| self.latencies_us.value_at_quantile(quantile) as f64 / 1e3;
        writeln!(
            f,
            "latency   p50 {:.3} ms, p90 {:.3} ms, p99 {:.3} ms, max {:.3} ms",
            at(0.5),
            at(0.9),
            at(0.99),
            at(1.0)
        )?;
        let statuses = self.statuses.iter();
        let statuses = statuses.map(|(status, count)| format!("{}: {count}", status.as_u16()));
        writeln!(f, "statuses  {}", listed(statuses))?;
        let failures = self.failures.iter();
        let failures = failures.map(|(failed, count)| format!("{}: {count}", failed.word()));
        write!(f, "failures  {}", listed(failures))
    }
}

fn listed(words: impl Iterator<Item = String>) -> String {
    let words: Vec<String> = words.collect();
    match words.is_empty() {
        true => "none".to_owned(),
        false => words.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latencies_are_told_by_how_many_were_quicker() {
        let mut seen = Seen {
            lasted: Duration::from_secs(2),
            ..Seen::default()
        };
        for ms in 1..=100 {
            seen.answer(StatusCode::OK, 10_000, Duration::from_millis(ms));
        }
        seen.failed(Failed::Patience);
        assert_eq!(
            seen.to_string(),
            "answers   100 in 2.0 s, 50.0 a second, 1.00 MB of bodies
latency   p50 50.015 ms, p90 90.047 ms, p99 99.007 ms, max 100.031 ms
statuses  200: 100
failures  out of patience: 1"
        );
    }
}
