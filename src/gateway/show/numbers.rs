//! What follows from what was taken out: function buttons and numbers.

use super::Planner;
use crate::dialect::json::splice::Edit;
use crate::dialect::program::{ListIx, Meaning, SumIx};
use crate::dialect::reading::{Find, JsonType, ScopeIx, SlotIx};

impl Planner<'_, '_> {
    pub(super) fn turn_buttons_off(&mut self) {
        let body = self.shown.body;
        for find in &body.reading.finds {
            let Meaning::Button(kind) = find.meaning else {
                continue;
            };
            if find.json != JsonType::Bool(true) {
                continue;
            }
            let scope = body.item_scope(find.scope);
            let Some(place) = self
                .shown
                .items
                .iter()
                .find(|item| item.scope == scope)
                .and_then(|item| self.place_of(item))
            else {
                continue;
            };
            let off = match self.judges.facts.place(&place, &mut self.wanted) {
                Some(facts) => self
                    .judges
                    .snapshot
                    .buttons_off(&facts.standing(self.judges.snapshot).1, self.viewer),
                None => continue,
            };
            if off.contains(kind) {
                self.edits
                    .push(Edit::Replace(find.span.clone(), b"false".to_vec()));
            }
        }
    }

    /// Numbers that tell of a list follow what was dropped from it.
    pub(super) fn correct_counts(&mut self) {
        let body = self.shown.body;
        for find in &body.reading.finds {
            let right = match find.meaning {
                Meaning::Count(list) => {
                    let dropped = self.dropped_from(find.scope, list);
                    (dropped > 0).then(|| self.number(find).saturating_sub(dropped))
                }
                Meaning::Shown(list) => {
                    let all = self.elements(find.scope, list).count() as u64;
                    Some(all.saturating_sub(self.dropped_from(find.scope, list)))
                }
                Meaning::Sum(sum) => {
                    let lost = self.lost(sum);
                    (lost > 0).then(|| self.number(find).saturating_sub(lost))
                }
                _ => None,
            };
            if let Some(right) = right.filter(|right| *right != self.number(find)) {
                self.edits.push(Edit::Replace(
                    find.span.clone(),
                    right.to_string().into_bytes(),
                ));
            }
        }
    }

    pub(super) fn number(&self, find: &Find) -> u64 {
        self.shown.body.text(find).parse().unwrap_or(0)
    }

    pub(super) fn elements(&self, scope: ScopeIx, list: ListIx) -> impl Iterator<Item = SlotIx> {
        let slots = self.shown.body.reading.slots.iter().enumerate();
        slots
            .filter(move |(_, slot)| slot.scope == scope && slot.list == Some(list))
            .map(|(ix, _)| SlotIx(ix as u32))
    }

    pub(super) fn dropped_from(&self, scope: ScopeIx, list: ListIx) -> u64 {
        self.elements(scope, list)
            .filter(|slot| self.dropped.contains(slot))
            .count() as u64
    }

    /// What the dropped items added to a sum.
    pub(super) fn lost(&self, sum: SumIx) -> u64 {
        let body = self.shown.body;
        let is_dropped = |find: &&Find| {
            self.dropped.iter().any(|slot| {
                let slot = body.reading.slots.get(slot.0 as usize);
                slot.is_some_and(|slot| {
                    slot.span.start <= find.span.start && find.span.end <= slot.span.end
                })
            })
        };
        let addends = body
            .reading
            .finds
            .iter()
            .filter(|find| find.meaning == Meaning::Addend(sum));
        addends
            .filter(is_dropped)
            .map(|find| self.number(find))
            .sum()
    }
}
