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
            let Some(place) = self.place_around(find.scope) else {
                continue;
            };
            let off = match self.judges.facts.place(place, &mut self.wanted) {
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

    /// Numbers that tell of all there is follow what was dropped from it.
    pub(super) fn correct_counts(&mut self) {
        for find in &self.shown.body.reading.finds {
            match find.meaning {
                Meaning::Count(list) => {
                    let dropped = self.dropped_from(find.scope, list);
                    self.put_right(find, self.number(find).saturating_sub(dropped));
                }
                Meaning::Sum(sum) => {
                    let lost = self.lost(sum);
                    self.put_right(find, self.number(find).saturating_sub(lost));
                }
                _ => {}
            }
        }
    }

    /// A page has as many elements as were asked for, of those that are shown.
    pub(super) fn cut_pages(&mut self) {
        let Some(wanted) = self.shown.page else {
            return;
        };
        for find in &self.shown.body.reading.finds {
            let Meaning::Page(list) = find.meaning else {
                continue;
            };
            let shown = self.elements(find.scope, list);
            let shown = shown.filter(|slot| !self.dropped.contains(slot));
            let beyond: Vec<SlotIx> = shown.skip(wanted).collect();
            beyond.into_iter().for_each(|slot| self.drop_slot(slot));
        }
    }

    /// Numbers that tell of what is shown are made anew.
    pub(super) fn correct_shown(&mut self) {
        for find in &self.shown.body.reading.finds {
            if let Meaning::Shown(list) = find.meaning {
                let all = self.elements(find.scope, list).count() as u64;
                let shown = all.saturating_sub(self.dropped_from(find.scope, list));
                self.put_right(find, shown);
            }
        }
    }

    fn put_right(&mut self, find: &Find, right: u64) {
        if right != self.number(find) {
            self.edits.push(Edit::Replace(
                find.span.clone(),
                right.to_string().into_bytes(),
            ));
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
