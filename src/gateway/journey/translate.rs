//! The people whom a request names by the pseudonyms that its sender was shown, put in their place.

use http::uri::PathAndQuery;

use super::Travel;
use super::met::Met;
use crate::dialect::json::splice::{Edit, splice};
use crate::dialect::program::{Meaning, Program};
use crate::dialect::{Capture, QueryDocument, RouteFault, rewrite_target};
use crate::gateway::items::{Item, ReadBody};
use crate::gateway::pseudonym::{self, Translated};
use crate::gateway::read::{self, HeldBody};
use crate::gateway::refusal::Refused;
use crate::policy::PersonId;

impl Travel<'_> {
    pub(super) fn translate_target(
        &self,
        actor: Option<&PersonId>,
        target: &str,
        captures: &mut [Capture],
        documents: &[QueryDocument<'_>],
        translated: &mut Translated,
    ) -> Result<PathAndQuery, Refused> {
        let mut rewrites = Vec::new();
        for document in documents {
            let text = self.translate_document(actor, document, translated)?;
            rewrites.extend(text.map(|text| (document.span.clone(), text)));
        }
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
            rewrites.sort_by_key(|(span, _)| span.start);
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

    /// A document in the query, if anything in it must be another; `None`: it stays as it stands.
    fn translate_document(
        &self,
        actor: Option<&PersonId>,
        document: &QueryDocument<'_>,
        translated: &mut Translated,
    ) -> Result<Option<String>, Refused> {
        let bytes = document.text.clone().into_bytes();
        let limits = &self.parts.limits;
        let held = read::document(&self.service.dialect, limits, bytes, document.program)?;
        let edits = self.edits_of(actor, &held, document.program, translated)?;
        if edits.is_empty() {
            return Ok(None);
        }
        let spliced = splice(&held.bytes, &held.reading, edits);
        String::from_utf8(spliced)
            .map(Some)
            .map_err(|_| Refused::Internal)
    }

    /// What is put in the place of pseudonyms, and what is taken out of every request.
    fn edits_of(
        &self,
        actor: Option<&PersonId>,
        held: &HeldBody,
        program: &Program,
        translated: &mut Translated,
    ) -> Result<Vec<Edit>, Refused> {
        let body = self.read_body(held, program);
        let mut edits = body.stripped();
        if let Some(actor) = actor {
            let snapshot = self.parts.current.load();
            edits.extend(pseudonym::edits(
                &self.service.dialect,
                &self.parts.pseudonyms,
                &snapshot,
                actor,
                &body,
                translated,
            )?);
        }
        Ok(edits)
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
        if items.iter().any(|item| item.is_never) {
            return Err(Refused::Route(RouteFault::Never {
                why: "the dialect lets no request have this".to_owned(),
            }));
        }
        let edits = self.edits_of(met.translated_for(), &held, program, &mut translated)?;
        if edits.is_empty() {
            return Ok((held, items, translated.people()));
        }
        for item in &mut items {
            translated.apply(item);
        }
        let bytes = splice(&held.bytes, &held.reading, edits);
        let reading = held.reading;
        Ok((HeldBody { bytes, reading }, items, translated.people()))
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
