//! What is gone for a client that had it before: a tombstone in its place.

use std::collections::{HashMap, HashSet};

use super::Planner;
use crate::dialect::Vars;
use crate::dialect::json::splice::Edit;
use crate::dialect::json::string::quote;
use crate::dialect::program::{GraveIx, Meaning};
use crate::dialect::reading::{Find, JsonType, SlotIx};
use crate::gateway::facts::PlaceKey;
use crate::gateway::items::Item;
use crate::policy::PersonId;

impl<'a> Planner<'a, '_> {
    /// The places that the reader has now, and those that are gone for them, as far as the body tells.
    pub(super) fn lay_tombstones(&mut self) {
        let body = self.shown.body;
        let Some(seen) = self.shown.seen else { return };
        let mut gone: Vec<(GraveIx, PlaceKey)> = Vec::new();
        let places = self.places_by_slot();
        for find in &body.reading.finds {
            let (Meaning::Tombstone(grave), Some(slot)) = (find.meaning, find.slot) else {
                continue;
            };
            let Some(&Some(place)) = places.get(&slot) else {
                continue;
            };
            if !self.dropped.contains(&slot) {
                self.had.push(place.clone());
            } else if seen.places.contains(place) {
                gone.push((grave, place.clone()));
            }
        }
        let grave = body
            .reading
            .finds
            .iter()
            .find_map(|find| match find.meaning {
                Meaning::Grave(grave, _) => Some(grave),
                _ => None,
            });
        if let (Some(grave), true) = (grave, seen.is_outdated) {
            let told = self.had.iter().chain(gone.iter().map(|(_, place)| place));
            let told: HashSet<PlaceKey> = told.cloned().collect();
            for place in seen.places {
                if !told.contains(place) && self.is_place_hidden(place) {
                    gone.push((grave, place.clone()));
                }
            }
        }
        let mut graves: Vec<GraveIx> = gone.iter().map(|(grave, _)| *grave).collect();
        graves.dedup();
        for grave in graves {
            let of_grave = gone.iter().filter(|(known, _)| *known == grave);
            let places: Vec<&PlaceKey> = of_grave.map(|(_, place)| place).collect();
            self.bury(grave, &places);
        }
        self.gone.extend(gone.into_iter().map(|(_, place)| place));
    }

    /// The places of the items that are members.
    fn places_by_slot(&self) -> HashMap<SlotIx, Option<&'a PlaceKey>> {
        let scopes = &self.shown.body.reading.scopes;
        let place = |item: &'a Item| {
            let scope = scopes.get(item.scope.0 as usize)?;
            Some((scope.slot?, item.place.as_ref()))
        };
        // Of several items at one member the outermost says where it is.
        self.shown.items.iter().rev().filter_map(place).collect()
    }

    /// Puts tombstones into the object for them; what is missing on the way to it is made.
    fn bury(&mut self, grave: GraveIx, places: &[&PlaceKey]) {
        let body = self.shown.body;
        let Some(keys) = body.program.graves.get(usize::from(grave.0)) else {
            return;
        };
        let on_the_way = body
            .reading
            .finds
            .iter()
            .filter_map(|find| match find.meaning {
                Meaning::Grave(known, depth) if known == grave => Some((usize::from(depth), find)),
                _ => None,
            });
        let Some((depth, object)) = on_the_way.max_by_key(|(depth, _)| *depth) else {
            return;
        };
        let JsonType::Object { empty } = object.json else {
            return;
        };
        let mut members = Vec::new();
        for (nth, place) in places.iter().enumerate() {
            if nth > 0 {
                members.push(b',');
            }
            members.extend(quote(&place.id));
            members.push(b':');
            members.extend(self.stone(nth));
        }
        for key in keys.iter().skip(depth).rev() {
            let mut outer = quote(key);
            outer.extend_from_slice(b":{");
            outer.append(&mut members);
            outer.push(b'}');
            members = outer;
        }
        if !empty && self.keeps_members(object) {
            members.insert(0, b',');
        }
        let end = object.span.end.saturating_sub(1);
        self.edits.push(Edit::Replace(end..end, members));
    }

    /// What stands for a place that is gone, the nth of this answer.
    fn stone(&self, nth: usize) -> Vec<u8> {
        let fresh = format!("{}-{nth}", self.shown.id);
        let now_ms = self.shown.now_ms.to_string();
        self.judges.dialect.refuse.tombstone(&Vars {
            viewer: self.shown.viewer.map(PersonId::as_str),
            fresh: Some(&fresh),
            now_ms: Some(&now_ms),
            ..Vars::default()
        })
    }

    /// Whether anything stays in an object that is not empty. What can't be dropped has no slot.
    fn keeps_members(&self, object: &Find) -> bool {
        let body = self.shown.body;
        let slots = body.reading.slots.iter().enumerate();
        let mut inside = slots.filter(|(_, slot)| {
            object.span.start < slot.span.start && slot.span.end < object.span.end
        });
        let Some((first_ix, first)) = inside.next() else {
            return true;
        };
        let before = body.bytes.get(object.span.start + 1..first.span.start);
        if !before.is_some_and(|before| before.trim_ascii().is_empty()) {
            return true;
        }
        let is_dropped = |ix: usize| self.dropped.contains(&SlotIx(ix as u32));
        let mut end = first.span.end;
        let mut all_go = is_dropped(first_ix);
        for (ix, slot) in inside.filter(|(_, slot)| slot.container == first.container) {
            end = slot.span.end;
            all_go &= is_dropped(ix);
        }
        let after = body.bytes.get(end..object.span.end.saturating_sub(1));
        let ends_there = after.is_some_and(|after| after.trim_ascii().is_empty());
        !(all_go && ends_there)
    }
}
