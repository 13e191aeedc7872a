//! The people whom a request names by the pseudonyms that its sender was shown, put in their place.

use http::uri::PathAndQuery;

use super::{Met, Travel};
use crate::dialect::json::splice::splice;
use crate::dialect::program::{Meaning, Program};
use crate::dialect::{Capture, rewrite_target};
use crate::gateway::items::{Item, ReadBody};
use crate::gateway::pseudonym::{self, Translated};
use crate::gateway::read::HeldBody;
use crate::gateway::refusal::Refused;
use crate::policy::PersonId;

impl Travel<'_> {
    pub(super) fn translate_target(
        &self,
        actor: Option<&PersonId>,
        target: &str,
        captures: &mut [Capture],
        translated: &mut Translated,
    ) -> Result<PathAndQuery, Refused> {
        let mut rewrites = Vec::new();
        for capture in captures.iter_mut() {
            match (capture.meaning, actor) {
                (Some(Meaning::Person(_)), Some(actor)) => {
                    if let Some(person) = self.translate(actor, &capture.value, translated)? {
                        rewrites.push((capture.span.clone(), person.as_str().to_owned()));
                        capture.value = person.as_str().to_owned();
                    }
                }
                (Some(Meaning::Limit(most)), _) => {
                    rewrites.push((capture.span.clone(), most.to_string()));
                }
                _ => {}
            }
        }
        let rewritten = if rewrites.is_empty() {
            target.to_owned()
        } else {
            let rewrites: Vec<_> = rewrites
                .iter()
                .map(|(span, id)| (span.clone(), id.as_str()))
                .collect();
            rewrite_target(target, &rewrites)
        };
        PathAndQuery::try_from(rewritten).map_err(|_| Refused::Hidden)
    }

    pub(super) fn translate(
        &self,
        actor: &PersonId,
        id: &str,
        translated: &mut Translated,
    ) -> Result<Option<PersonId>, Refused> {
        let snapshot = self.parts.current.load();
        pseudonym::person(
            &self.service.dialect,
            &self.parts.pseudonyms,
            &snapshot,
            actor,
            id,
            translated,
        )
    }

    /// Reads what must be read, learns what must be known, decides.
    pub(super) fn translate_body(
        &self,
        met: &Met<'_>,
        held: HeldBody,
        program: &Program,
    ) -> Result<(HeldBody, Vec<Item>, Vec<PersonId>), Refused> {
        let mut translated = Translated::default();
        let mut items = self.items(&held, program);
        if let Some(actor) = &met.actor {
            let snapshot = self.parts.current.load();
            let edits = pseudonym::edits(
                &self.service.dialect,
                &self.parts.pseudonyms,
                &snapshot,
                actor,
                &self.read_body(&held, program),
                &mut translated,
            )?;
            if !edits.is_empty() {
                for item in &mut items {
                    translated.apply(item);
                }
                let bytes = splice(&held.bytes, &held.reading, edits);
                return Ok((
                    HeldBody {
                        bytes,
                        reading: held.reading,
                    },
                    items,
                    translated.people(),
                ));
            }
        }
        Ok((held, items, translated.people()))
    }

    pub(super) fn read_body<'b>(
        &'b self,
        held: &'b HeldBody,
        program: &'b crate::dialect::Program,
    ) -> ReadBody<'b> {
        ReadBody {
            bytes: &held.bytes,
            reading: &held.reading,
            program,
            drive_hosts: &self.service.drive_hosts,
        }
    }

    pub(super) fn items(&self, held: &HeldBody, program: &Program) -> Vec<Item> {
        self.read_body(held, program).all_items()
    }
}
