//! Pseudonyms in requests, taken back to the people behind them.

use super::items::{Item, ReadBody};
use super::refusal::Refused;
use crate::cache::{Pseudonyms, Snapshot};
use crate::dialect::Dialect;
use crate::dialect::json::splice::Edit;
use crate::dialect::json::string::quote;
use crate::dialect::program::Meaning;
use crate::dialect::reading::JsonType;
use crate::policy::PersonId;

/// Who was named by a pseudonym: the pseudonym, and the person.
#[derive(Clone, Debug, Default)]
pub struct Translated(Vec<(PersonId, PersonId)>);

impl Translated {
    /// The people.
    pub fn people(&self) -> Vec<PersonId> {
        self.0.iter().map(|(_, person)| person.clone()).collect()
    }

    /// Puts the people where an item has their pseudonyms.
    pub fn apply(&self, item: &mut Item) {
        let lists = [
            &mut item.invitees,
            &mut item.joiners,
            &mut item.leavers,
            &mut item.contacts,
            &mut item.present,
            &mut item.addressees,
            &mut item.people,
        ];
        let all = lists
            .into_iter()
            .flatten()
            .chain(item.members.iter_mut().flatten());
        for person in all.chain(&mut item.author).chain(&mut item.subject) {
            if let Some((_, real)) = self.0.iter().find(|(pseudonym, _)| pseudonym == person) {
                *person = real.clone();
            }
        }
    }
}

/// The person behind `id` if it is a pseudonym; a pseudonym that was never shown to this actor's
/// side names nobody.
pub fn person(
    dialect: &Dialect,
    pseudonyms: &Pseudonyms,
    snapshot: &Snapshot,
    actor: &PersonId,
    id: &str,
    translated: &mut Translated,
) -> Result<Option<PersonId>, Refused> {
    let Some(pseudonym) = dialect.people.pseudonym_hash(id) else {
        return Ok(None);
    };
    match lookup(pseudonyms, snapshot, actor, pseudonym) {
        Some(person) => {
            translated.0.push((PersonId::from(id), person.clone()));
            Ok(Some(person))
        }
        None => Err(Refused::Hidden),
    }
}

/// Who stands behind a pseudonym that this actor's side was shown.
fn lookup(
    pseudonyms: &Pseudonyms,
    snapshot: &Snapshot,
    actor: &PersonId,
    pseudonym: &str,
) -> Option<PersonId> {
    let viewer = snapshot.standing(actor.as_str());
    let audiences = snapshot.audiences(viewer);
    let mut people = audiences.iter();
    people.find_map(|audience| pseudonyms.person(pseudonym, audience))
}

/// A text in which a mention of somebody unknown stands by the pseudonym, with the real id for those
/// who may know it. `None` if there is nothing to put back; words that only look like a pseudonym
/// are words.
fn text_with_people(
    dialect: &Dialect,
    text: &str,
    person: impl Fn(&str) -> Option<PersonId>,
) -> Option<String> {
    let mut real = String::new();
    let mut kept = 0;
    for (span, hash) in dialect.people.pseudonyms_in(text) {
        let Some(person) = person(hash) else { continue };
        real.push_str(text.get(kept..span.start)?);
        real.push_str(person.as_str());
        kept = span.end;
    }
    if kept == 0 {
        return None;
    }
    real.push_str(text.get(kept..)?);
    Some(real)
}

/// The edits that put the people where a body has their pseudonyms.
pub fn edits(
    dialect: &Dialect,
    pseudonyms: &Pseudonyms,
    snapshot: &Snapshot,
    actor: &PersonId,
    body: &ReadBody<'_>,
    translated: &mut Translated,
) -> Result<Vec<Edit>, Refused> {
    let mut edits = Vec::new();
    for find in &body.reading.finds {
        if find.meaning == Meaning::Text
            && matches!(find.json, JsonType::String { .. })
            && dialect.people.could_stand_in(body.raw(find))
        {
            let text = body.text(find);
            let real = text_with_people(dialect, &text, |pseudonym| {
                lookup(pseudonyms, snapshot, actor, pseudonym)
            });
            edits.extend(real.map(|real| Edit::Replace(find.span.clone(), quote(&real))));
        }
        let Meaning::Person(_) = find.meaning else {
            continue;
        };
        let Some(id) = body.id(find) else { continue };
        if let Some(real) = person(dialect, pseudonyms, snapshot, actor, &id, translated)? {
            edits.push(Edit::Replace(find.span.clone(), quote(real.as_str())));
        }
    }
    Ok(edits)
}
