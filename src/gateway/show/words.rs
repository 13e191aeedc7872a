//! What words tell: names of unknown people in them, and what stands where words are due.

use std::collections::BTreeSet;

use super::super::facts::PlaceKey;
use super::Planner;
use crate::dialect::json::splice::Edit;
use crate::dialect::json::string::quote;
use crate::dialect::program::{Meaning, ScopeKind, Unknown};
use crate::dialect::reading::{JsonType, Misfit, Missed, ScopeIx};
use crate::policy::PersonId;

impl Planner<'_, '_> {
    /// What is not of a type that is due tells nothing that could be decided on: it becomes `null`
    /// for everyone. Odd words are their reader's, unless somebody could be named in them.
    pub(super) fn clear_misfits(&mut self) {
        for misfit in &self.shown.body.reading.misfits {
            if misfit.missed != Missed::Words {
                self.clear(misfit);
            }
        }
    }

    fn clear(&mut self, misfit: &Misfit) {
        self.edits
            .push(Edit::Replace(misfit.span.clone(), b"null".to_vec()));
    }

    /// Masks the names of unknown people in texts: of those who appear in the body, and of those
    /// who are in the places it is about; `true`: the body as a whole is dropped for that.
    pub(super) fn mask_texts(&mut self) -> bool {
        let body = self.shown.body;
        if !body
            .reading
            .finds
            .iter()
            .any(|find| find.meaning == Meaning::Text)
        {
            return false;
        }
        for person in self.unknown_around() {
            let pseudonym = self.pseudonym(&person);
            self.masks.add(person, pseudonym);
        }
        for person in self.masks.people() {
            if let Some(known) = self.judges.facts.known_as(&person, &mut self.wanted) {
                for name in &known.0 {
                    self.masks.add_name(&person, name);
                }
            }
        }
        if self.masks.is_empty() {
            return false;
        }
        let mut hidden = false;
        for misfit in &body.reading.misfits {
            if misfit.missed == Missed::Words {
                self.clear(misfit);
                hidden |= self.drop_masked(misfit.scope);
            }
        }
        // Nobody comes to be masked from here on.
        let masks = std::mem::take(&mut self.masks);
        let search = masks.search(&self.judges.dialect.people.unknown_name);
        for find in body
            .reading
            .finds
            .iter()
            .filter(|find| find.meaning == Meaning::Text)
        {
            if let JsonType::String { .. } | JsonType::Number = find.json
                && let Some(masked) = search.mask(&body.text(find))
            {
                self.effects.masked += 1;
                self.edits
                    .push(Edit::Replace(find.span.clone(), quote(&masked)));
                hidden |= self.drop_masked(find.scope);
            }
        }
        hidden
    }

    /// Takes out the element that words stood in which had to be masked, where the dialect says so:
    /// that a search finds it would tell which words they are. `true`: the body as a whole goes.
    fn drop_masked(&mut self, scope: ScopeIx) -> bool {
        let scopes = &self.shown.body.reading.scopes;
        let (mut at, mut drops) = (scope, false);
        loop {
            let Some(scope) = scopes.get(at.0 as usize) else {
                return drops;
            };
            drops |= scope.opens.is_some_and(|opens| {
                opens.scope == ScopeKind::Item && opens.unknown == Unknown::Dropped
            });
            match scope.slot {
                Some(slot) if drops => {
                    self.drop_slot(slot);
                    return false;
                }
                _ if at.0 == 0 => return drops,
                _ => at = scope.parent,
            }
        }
    }

    /// Who is unknown of those who appear by name, and of those in the places.
    fn unknown_around(&mut self) -> Vec<PersonId> {
        let places = self.shown.items.iter();
        let places: BTreeSet<&PlaceKey> = places.filter_map(|item| self.place_of(item)).collect();
        let named = self.shown.named.iter();
        let mut unknown: Vec<PersonId> = named.filter(|id| self.is_unknown(id)).cloned().collect();
        let snapshot = self.judges.snapshot;
        for place in places {
            if let Some(place) = self.judges.facts.place(place, &mut self.wanted)
                && !snapshot.all_are_known(&place.standing(snapshot).1, self.viewer)
            {
                let people = place.people().iter();
                unknown.extend(people.filter(|id| self.is_unknown(id)).cloned());
            }
        }
        unknown.sort_unstable();
        unknown.dedup();
        unknown
    }
}
