//! What is counted and logged of a journey.

use std::time::Instant;

use tracing::{debug, warn};

use super::{Journey, Travel};
use crate::clock;
use crate::gateway::arrival::Answer;
use crate::gateway::refusal::Refused;
use crate::telemetry::Name;

impl Journey {
    pub(super) fn count(&self, surface: &str, answer: &Answer, started: Instant) {
        let meters = &self.parts.meters;
        let class = match answer.status().as_u16() / 100 {
            2 => "2xx",
            3 => "3xx",
            4 => "4xx",
            _ => "5xx",
        };
        let labels = vec![
            ("surface", surface.to_owned().into()),
            ("status", class.into()),
        ];
        meters.counter(Name::Requests, labels).increment(1);
        meters
            .histogram(Name::StageSeconds, vec![("stage", "request".into())])
            .record(clock::now().duration_since(started).as_secs_f64());
    }
}

impl Travel<'_> {
    pub(super) fn note(&self, refused: &Refused) {
        let cause = refused.cause();
        self.parts
            .meters
            .counter(Name::Refusals, vec![("cause", cause.into())])
            .increment(1);
        if let Some(limit) = refused.limit() {
            self.parts
                .meters
                .counter(Name::LimitHits, vec![("limit", limit.into())])
                .increment(1);
        }
        match refused {
            Refused::Upstream(fault) => {
                let kind = format!("{:?}", fault.kind).to_lowercase();
                self.parts
                    .meters
                    .counter(Name::UpstreamFaults, vec![("kind", kind.into())])
                    .increment(1);
                warn!(request.id = self.id, %fault, "the upstream gave no answer");
            }
            Refused::LookupFailed | Refused::UnreadableAnswer | Refused::Internal => {
                warn!(request.id = self.id, cause, "refused");
            }
            _ => debug!(request.id = self.id, cause, "refused"),
        }
    }
}
