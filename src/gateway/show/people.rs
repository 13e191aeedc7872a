//! People who are unknown to the viewer: their ids, and their attributes.

use std::collections::{HashMap, HashSet};

use super::Planner;
use crate::dialect::program::{Meaning, Part, Unknown};
use crate::dialect::reading::ScopeIx;
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
    fn unknown_of_target(&mut self) -> Option<PersonId> {
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
        let mut unknown_scopes: HashMap<ScopeIx, Option<PersonId>> = HashMap::new();
        if let Some(person) = self.unknown_of_target() {
            unknown_scopes.insert(ScopeIx(0), Some(person));
        }
        let dropped = body.reading.finds.iter();
        let dropped = dropped.filter(|find| find.meaning == Meaning::Dropped);
        let goes: HashSet<usize> = dropped.map(|find| find.span.start).collect();
        for scope in body.nobodys_scopes() {
            unknown_scopes.insert(scope, None);
            hidden |= self.drop_unknown(scope);
        }
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
            if part == Part::Subject {
                unknown_scopes.insert(body.item_scope(find.scope), Some(person.clone()));
            }
            if let (Some(slot), true) = (find.slot, goes.contains(&find.span.start)) {
                self.drop_slot(slot);
            }
            if body.is_described(find) {
                unknown_scopes.insert(find.scope, Some(person.clone()));
                hidden |= self.drop_unknown(find.scope);
            }
            self.masks.add(person, pseudonym);
        }
        for find in &body.reading.finds {
            let Meaning::Attribute(mask) = find.meaning else {
                continue;
            };
            if let Some(person) = unknown_scopes.get(&find.scope) {
                let text = body.text(find);
                if let Some(person) = person
                    && Masks::tells_who(mask, &text)
                {
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

    /// Takes the description of somebody unknown out where the dialect says so; `true`: it is the
    /// whole body.
    pub(super) fn drop_unknown(&mut self, scope: ScopeIx) -> bool {
        let Some(scope) = self.shown.body.reading.scopes.get(scope.0 as usize) else {
            return false;
        };
        if scope.opens.map(|opens| opens.unknown) != Some(Unknown::Dropped) {
            return false;
        }
        match scope.slot {
            Some(slot) => self.drop_slot(slot),
            None => return true,
        }
        false
    }
}
