//! What is counted and logged of a request that does not pass.

use tracing::{debug, warn};

use super::Travel;
use crate::gateway::refusal::Refused;

impl Travel<'_> {
    pub(super) fn note(&self, refused: &Refused) {
        let cause = refused.cause();
        self.tally.refused(cause);
        if let Some(limit) = refused.limit() {
            self.tally.hit(limit);
        }
        match refused {
            Refused::Upstream(fault) => {
                self.tally.upstream_failed(fault.kind.as_str());
                warn!(request.id = self.id, %fault, "the upstream gave no answer");
            }
            Refused::LookupFailed | Refused::UnreadableAnswer | Refused::Internal => {
                warn!(request.id = self.id, cause, "refused");
            }
            _ => debug!(request.id = self.id, cause, "refused"),
        }
    }
}
