//! The meters: handles that are resolved once and then cost a few nanoseconds.

use std::borrow::Cow;
use std::sync::Arc;

use dashmap::DashMap;
use metrics::{Counter, Gauge, Histogram, Label};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::names::Name;

/// The labels of one series: values in the order of the metric's label names.
pub type Labels = Vec<(&'static str, Cow<'static, str>)>;

/// Where everything is counted. Cheap to clone.
#[derive(Clone)]
pub struct Meters(Arc<Inner>);

struct Inner {
    recorder: metrics_exporter_prometheus::PrometheusRecorder,
    handle: PrometheusHandle,
    /// Filled as series first appear; bounded since labels come from closed lists.
    counters: DashMap<(&'static str, Labels), Counter>,
    histograms: DashMap<(&'static str, Labels), Histogram>,
    gauges: DashMap<(&'static str, Labels), Gauge>,
}

/// Upper bounds of the latency histograms, seconds.
const BUCKETS: [f64; 12] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.05, 0.25, 1.0, 5.0, 30.0,
];

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

impl Meters {
    /// Meters of their own: nothing global.
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new();
        let recorder = match builder.set_buckets(&BUCKETS) {
            Ok(builder) => builder.build_recorder(),
            Err(_) => PrometheusBuilder::new().build_recorder(),
        };
        let handle = recorder.handle();
        let meters = Self(Arc::new(Inner {
            recorder,
            handle,
            counters: DashMap::new(),
            histograms: DashMap::new(),
            gauges: DashMap::new(),
        }));
        meters.describe();
        meters
    }

    fn describe(&self) {
        use metrics::Recorder;
        for name in Name::ALL {
            let key = metrics::KeyName::from(name.as_str());
            let (unit, help) = (name.unit(), name.help().into());
            match name {
                Name::StageSeconds => self.0.recorder.describe_histogram(key, unit, help),
                Name::CacheEntries
                | Name::Connections
                | Name::ReloadSuccessful
                | Name::ReloadApplied
                | Name::ReloadSeconds
                | Name::PolicyRevision
                | Name::StoreUp
                | Name::BuildInfo => self.0.recorder.describe_gauge(key, unit, help),
                _ => self.0.recorder.describe_counter(key, unit, help),
            }
        }
    }

    /// The counter of one series.
    pub fn counter(&self, name: Name, labels: Labels) -> Counter {
        use metrics::Recorder;
        let key = (name.as_str(), labels);
        if let Some(found) = self.0.counters.get(&key) {
            return found.clone();
        }
        let counter = self
            .0
            .recorder
            .register_counter(&metric_key(&key), &METADATA);
        self.0.counters.insert(key, counter.clone());
        counter
    }

    /// The histogram of one series.
    pub fn histogram(&self, name: Name, labels: Labels) -> Histogram {
        use metrics::Recorder;
        let key = (name.as_str(), labels);
        if let Some(found) = self.0.histograms.get(&key) {
            return found.clone();
        }
        let histogram = self
            .0
            .recorder
            .register_histogram(&metric_key(&key), &METADATA);
        self.0.histograms.insert(key, histogram.clone());
        histogram
    }

    /// The gauge of one series.
    pub fn gauge(&self, name: Name, labels: Labels) -> Gauge {
        use metrics::Recorder;
        let key = (name.as_str(), labels);
        if let Some(found) = self.0.gauges.get(&key) {
            return found.clone();
        }
        let gauge = self.0.recorder.register_gauge(&metric_key(&key), &METADATA);
        self.0.gauges.insert(key, gauge.clone());
        gauge
    }

    /// Everything in Prometheus' text form.
    pub fn render(&self) -> String {
        self.0.handle.run_upkeep();
        self.0.handle.render()
    }

    /// Drains queued samples; to be called every few seconds, since histograms queue every one.
    pub fn upkeep(&self) {
        self.0.handle.run_upkeep();
    }
}

static METADATA: metrics::Metadata<'static> =
    metrics::Metadata::new("borderpost", metrics::Level::INFO, None);

fn metric_key((name, labels): &(&'static str, Labels)) -> metrics::Key {
    let labels: Vec<Label> = labels
        .iter()
        .map(|(key, value)| Label::new(*key, value.to_string()))
        .collect();
    metrics::Key::from_parts(*name, labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_is_rendered_with_its_labels() {
        let meters = Meters::new();
        meters
            .counter(Name::Refusals, vec![("cause", "head".into())])
            .increment(2);
        let text = meters.render();
        assert!(
            text.contains(r#"borderpost_refusals_total{cause="head"} 2"#),
            "{text}"
        );
        assert!(text.contains("# HELP borderpost_refusals_total"), "{text}");
    }

    #[test]
    fn handles_of_one_series_count_together() {
        let meters = Meters::new();
        meters
            .counter(Name::Reloads, vec![("result", "applied".into())])
            .increment(1);
        meters
            .counter(Name::Reloads, vec![("result", "applied".into())])
            .increment(1);
        assert!(
            meters
                .render()
                .contains(r#"borderpost_config_reloads_total{result="applied"} 2"#)
        );
    }
}
