//! People who are unknown to the viewer: their ids, their attributes, and their names in texts.

use std::collections::{HashMap, HashSet};

use super::Planner;
use crate::dialect::json::splice::Edit;
use crate::dialect::json::string::quote;
use crate::dialect::program::{Meaning, Part, ScopeKind, UnknownPerson};
use crate::dialect::reading::{JsonType, ScopeIx};
use crate::gateway::facts::PlaceKey;
use crate::gateway::masks::Masks;
use crate::policy::PersonId;

impl Planner<'_, '_> {
    pub(super) fn is_unknown(&self, person: &PersonId) -> bool {
        if Some(person) == self.shown.viewer {
            return false;
        }
        let subject = self.judges.snapshot.standing(person.as_str());
        self.judges.snapshot.is_unknown_to(subject, self.viewer)
    }

    pub(super) fn pseudonym(&self, person: &PersonId) -> String {
        let subject = self.judges.snapshot.standing(person.as_str());
        let audience = self.judges.snapshot.audience(subject, self.viewer);
        self.judges
            .dialect
            .people
            .pseudonym_id(&self.judges.pseudonyms.of(person, &audience))
    }

    /// Whom the request named, where that person is unknown: an answer that names nobody is about them.
    pub(super) fn unknown_of_target(&mut self) -> Option<PersonId> {
        let person = self.shown.about.person.clone()?;
        if !self.is_unknown(&person) {
            return None;
        }
        let pseudonym = self.pseudonym(&person);
        self.masks.add(person.clone(), pseudonym);
        Some(person)
    }

    /// Masks who is unknown; `true`: the body as a whole is about somebody who is dropped.
    pub(super) fn mask_people(&mut self) -> bool {
        let mut hidden = false;
        let body = self.shown.body;
        let mut unknown_scopes: HashMap<ScopeIx, PersonId> = HashMap::new();
        if let Some(person) = self.unknown_of_target() {
            unknown_scopes.insert(ScopeIx(0), person);
        }
        let dropped = body.reading.finds.iter();
        let dropped = dropped.filter(|find| find.meaning == Meaning::Dropped);
        let goes: HashSet<usize> = dropped.map(|find| find.span.start).collect();
        for find in &body.reading.finds {
            let Meaning::Person(part) = find.meaning else {
                continue;
            };
            let Some(person) = body.id(find).map(|id| PersonId::from(&*id)) else {
                continue;
            };
            if !self.judges.dialect.people.is_id(person.as_str()) || !self.is_unknown(&person) {
                continue;
            }
            let pseudonym = self.pseudonym(&person);
            self.effects.masked += 1;
            self.edits.push(self.masks.replace_id(find, &pseudonym));
            let opens = body
                .reading
                .scopes
                .get(find.scope.0 as usize)
                .and_then(|scope| scope.opens);
            if part == Part::Subject {
                unknown_scopes.insert(body.item_scope(find.scope), person.clone());
            }
            if let Some(opens) = opens
                && opens.scope == ScopeKind::Person
            {
                unknown_scopes.insert(find.scope, person.clone());
                if opens.unknown == UnknownPerson::Dropped {
                    let scope = body.reading.scopes.get(find.scope.0 as usize);
                    match scope.and_then(|scope| scope.slot) {
                        Some(slot) => self.drop_slot(slot),
                        None => hidden = true,
                    }
                }
            }
            if let (Some(slot), true) = (find.slot, goes.contains(&find.span.start)) {
                self.drop_slot(slot);
            }
            self.masks.add(person, pseudonym);
        }
        for find in &body.reading.finds {
            let Meaning::Attribute(mask) = find.meaning else {
                continue;
            };
            if let Some(person) = unknown_scopes.get(&find.scope) {
                let text = body.text(find);
                if Masks::tells_who(mask, &text) {
                    self.masks.add_name(person, &text);
                }
                self.edits.push(self.masks.replace_attribute(
                    find,
                    mask,
                    &self.judges.dialect.people.unknown_name,
                ));
            }
        }
        hidden
    }

    /// Masks the names of unknown people in texts: of those who appear in the body, and of those
    /// who are in the places it is about.
    pub(super) fn mask_texts(&mut self) {
        let body = self.shown.body;
        if !body
            .reading
            .finds
            .iter()
            .any(|find| find.meaning == Meaning::Text)
        {
            return;
        }
        for person in self.people_around() {
            if self.is_unknown(&person) {
                let pseudonym = self.pseudonym(&person);
                self.masks.add(person, pseudonym);
            }
        }
        for person in self.masks.people() {
            if let Some(known) = self.judges.facts.known_as(&person, &mut self.wanted) {
                for name in &known.0 {
                    self.masks.add_name(&person, name);
                }
            }
        }
        if self.masks.is_empty() {
            return;
        }
        let unknown = &self.judges.dialect.people.unknown_name;
        for find in body
            .reading
            .finds
            .iter()
            .filter(|find| find.meaning == Meaning::Text)
        {
            if let JsonType::String { .. } = find.json
                && let Some(masked) = self.masks.mask_text(&body.text(find), unknown)
            {
                self.effects.masked += 1;
                self.edits
                    .push(Edit::Replace(find.span.clone(), quote(&masked)));
            }
        }
    }

    pub(super) fn people_around(&mut self) -> Vec<PersonId> {
        let mut keys: Vec<PlaceKey> = Vec::new();
        for item in &self.items {
            if let Some(key) = self.place_of(item)
                && !keys.contains(&key)
            {
                keys.push(key);
            }
        }
        let mut people: Vec<PersonId> = self.shown.named.to_vec();
        for key in &keys {
            if let Some(place) = self.judges.facts.place(key, &mut self.wanted) {
                people.extend(place.people().iter().cloned());
            }
        }
        people.sort_unstable();
        people.dedup();
        people
    }
}
