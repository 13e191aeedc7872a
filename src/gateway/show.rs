//! What a viewer may see of an answer or an event, as edits: items dropped or withheld, people
//! masked, function buttons off, counts right.

mod numbers;
mod words;

use std::collections::{HashMap, HashSet};

use super::facts::{Facts, PlaceKey, Wanted};
use super::items::{Item, ReadBody};
use super::masks::Masks;
use super::tally::Decided;
use crate::cache::{Pseudonyms, Snapshot};
use crate::dialect::Dialect;
use crate::dialect::json::splice::{Edit, rewrite_embedded};
use crate::dialect::program::{Meaning, Unknown};
use crate::dialect::reading::{ScopeIx, SlotIx};
use crate::policy::question::Contact;
use crate::policy::{Act, Block, PersonId, Question, RoomStanding, Side, Standing, Verdict};

/// What is shown, to whom, where.
pub struct Shown<'a> {
    /// The body.
    pub body: ReadBody<'a>,
    /// Its items.
    pub items: &'a [Item],
    /// Who reads it; `None` on a surface that is open to everyone.
    pub viewer: Option<&'a PersonId>,
    /// The place that the request named: items without one of their own are there.
    pub place: Option<&'a PlaceKey>,
    /// The request's or event's id, by which its record is found.
    pub id: &'a str,
    /// How many elements of a page were asked for.
    pub page: Option<usize>,
    /// Who was named in the request by a pseudonym: an answer's words could have the own id back.
    pub named: &'a [PersonId],
}

/// With what it is judged.
pub struct Judges<'a> {
    /// The policy.
    pub snapshot: &'a Snapshot,
    /// The dialect's own words for unknown people and withheld items.
    pub dialect: &'a Dialect,
    /// The pseudonyms.
    pub pseudonyms: &'a Pseudonyms,
    /// What is known of places and people.
    pub facts: &'a Facts,
}

/// What comes of it.
pub enum Plan {
    /// Facts are missing.
    Wanted(Wanted),
    /// The whole of it is not there for this viewer.
    Hidden,
    /// It is shown with these edits; none: as it is.
    Edits {
        /// The edits.
        edits: Vec<Edit>,
        /// How many items were dropped, withheld, and how many people masked.
        effects: Effects,
        /// Items that were judged and withheld, for counting.
        decisions: Vec<Decided>,
    },
}

/// What was done to a body, for counting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Effects {
    /// Items taken out.
    pub dropped: u64,
    /// Items that gave way to the placeholder.
    pub withheld: u64,
    /// Places in which an unknown person was masked.
    pub masked: u64,
}

/// Plans what `viewer` may see. Pure: what must be learnt first comes back as wanted.
pub fn plan(shown: &Shown<'_>, judges: &Judges<'_>) -> Plan {
    let viewer = match shown.viewer {
        Some(viewer) => judges.snapshot.standing(viewer.as_str()),
        None => Standing::UNCLASSIFIED,
    };
    let mut planner = Planner {
        shown,
        judges,
        viewer,
        wanted: Wanted::default(),
        edits: Vec::new(),
        dropped: HashSet::new(),
        effects: Effects::default(),
        decisions: Vec::new(),
        masks: Masks::new(),
    };
    let hidden = planner.judge_items();
    planner.clear_misfits();
    let hidden = planner.mask_people() || hidden;
    let hidden = planner.mask_texts() || hidden;
    planner.turn_buttons_off();
    planner.correct_counts();
    planner.cut_pages();
    planner.correct_shown();
    let inner_hidden = planner.enter_embedded();
    if !planner.wanted.is_empty() {
        return Plan::Wanted(planner.wanted);
    }
    if hidden || inner_hidden {
        return Plan::Hidden;
    }
    Plan::Edits {
        edits: planner.edits,
        effects: planner.effects,
        decisions: planner.decisions,
    }
}

struct Planner<'a, 'b> {
    shown: &'b Shown<'a>,
    judges: &'b Judges<'a>,
    viewer: Standing,
    wanted: Wanted,
    edits: Vec<Edit>,
    /// What goes.
    dropped: HashSet<SlotIx>,
    effects: Effects,
    decisions: Vec<Decided>,
    masks: Masks,
}

/// What becomes of one item.
enum Fate {
    Shown,
    Hidden,
    Withheld(Block),
}

impl<'a> Planner<'a, '_> {
    /// Judges every item; `true`: the body as a whole is hidden.
    fn judge_items(&mut self) -> bool {
        let mut hidden = false;
        for item in self.shown.items {
            match self.fate(item) {
                Fate::Shown => {}
                Fate::Hidden => hidden |= self.hide(item),
                Fate::Withheld(block) => hidden |= self.withhold(item, block),
            }
        }
        hidden
    }

    fn fate(&mut self, item: &Item) -> Fate {
        let Some(place) = self.place_of(item) else {
            return if item.is_odd {
                Fate::Hidden
            } else {
                Fate::Shown
            };
        };
        let Some(facts) = self.judges.facts.place(&place, &mut self.wanted) else {
            // Not learnt yet, or nobody may know it: then it is not there.
            return Fate::Hidden;
        };
        let standing = facts.standing(self.judges.snapshot);
        if self
            .judges
            .snapshot
            .is_hidden_from(&standing.1, self.viewer)
            .is_some()
        {
            return Fate::Hidden;
        }
        match &item.author {
            Some(author) if Some(author) == self.shown.viewer => Fate::Shown,
            Some(author) => {
                let author = self.judges.snapshot.standing(author.as_str());
                self.judge(item, author, &standing.1)
            }
            // Somebody may have written it, and nobody knows who.
            None if item.is_odd => self.judge(item, Standing::UNCLASSIFIED, &standing.1),
            None => Fate::Shown,
        }
    }

    fn judge(&mut self, item: &Item, author: Standing, room: &RoomStanding) -> Fate {
        let question = Question {
            actor: author,
            viewer: Some(self.viewer),
            act: Act::Show,
            kinds: item.kinds,
            room,
            after: None,
            history_visible: false,
            contact: Contact::Made,
        };
        match self.judges.snapshot.decide(&question) {
            Verdict::Allow(_) => Fate::Shown,
            Verdict::Block(block) => Fate::Withheld(block),
        }
    }

    /// The place an item is in: its own, else that of what holds it, else the request's.
    fn place_of(&self, item: &Item) -> Option<PlaceKey> {
        if item.place.is_some() {
            return item.place.clone();
        }
        let scopes = &self.shown.body.reading.scopes;
        let mut scope = item.scope;
        while scope.0 != 0 {
            scope = scopes.get(scope.0 as usize)?.parent;
            let around = self.shown.body.item_scope(scope);
            let holder = self.shown.items.iter().find(|other| other.scope == around);
            if let Some(place) = holder.and_then(|holder| holder.place.clone()) {
                return Some(place);
            }
            scope = around;
        }
        self.shown.place.cloned()
    }

    /// Takes an item out; `true`: it is the whole body.
    fn hide(&mut self, item: &Item) -> bool {
        let Some(scope) = self.shown.body.reading.scopes.get(item.scope.0 as usize) else {
            return true;
        };
        self.effects.dropped += 1;
        match scope.slot {
            Some(slot) => self.drop_slot(slot),
            None if item.scope.0 == 0 => return true,
            None => self
                .edits
                .push(Edit::Replace(scope.span.clone(), b"null".to_vec())),
        }
        false
    }

    fn drop_slot(&mut self, slot: SlotIx) {
        if self.dropped.insert(slot) {
            self.edits.push(Edit::Drop(slot));
        }
    }

    /// Puts the placeholder where the dialect has a place for it; else the item goes.
    fn withhold(&mut self, item: &Item, block: Block) -> bool {
        let body = self.shown.body;
        let spots: Vec<_> = body
            .reading
            .finds
            .iter()
            .filter(|find| find.meaning == Meaning::Withheld)
            .filter(|find| body.item_scope(find.scope) == item.scope)
            .map(|find| find.span.clone())
            .collect();
        let decided = Decided::new(Act::Show, item.kinds, Some(&block));
        self.decisions.push(decided);
        if spots.is_empty() {
            return self.hide(item);
        }
        self.effects.withheld += 1;
        let placeholder =
            self.judges
                .dialect
                .refuse
                .placeholder(&super::refusal::placeholder_vars(
                    &block,
                    self.is_own(&block),
                    self.shown.id,
                ));
        self.edits.extend(
            spots
                .into_iter()
                .map(|span| Edit::Replace(span, placeholder.clone())),
        );
        false
    }

    fn is_own(&self, block: &Block) -> bool {
        matches!(self.viewer.side, Side::Company(own) if block.company.is_none_or(|company| company == own))
    }

    fn is_unknown(&self, person: &PersonId) -> bool {
        if Some(person) == self.shown.viewer {
            return false;
        }
        let subject = self.judges.snapshot.standing(person.as_str());
        self.judges.snapshot.is_unknown_to(subject, self.viewer)
    }

    fn pseudonym(&self, person: &PersonId) -> String {
        let subject = self.judges.snapshot.standing(person.as_str());
        let audience = self.judges.snapshot.audience(subject, self.viewer);
        self.judges
            .dialect
            .people
            .pseudonym_id(&self.judges.pseudonyms.of(person, &audience))
    }

    /// Masks who is unknown; `true`: the body as a whole is about somebody who is dropped.
    fn mask_people(&mut self) -> bool {
        let mut hidden = false;
        let body = self.shown.body;
        let mut unknown_scopes: HashMap<ScopeIx, Option<PersonId>> = HashMap::new();
        for scope in body.nobodys_scopes() {
            unknown_scopes.insert(scope, None);
            hidden |= self.drop_unknown(scope);
        }
        for find in &body.reading.finds {
            let Meaning::Person(_) = find.meaning else {
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
    fn drop_unknown(&mut self, scope: ScopeIx) -> bool {
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

    /// Documents inside strings are judged as the rest; `true`: one of them is hidden as a whole,
    /// and nothing can stand in its place.
    fn enter_embedded(&mut self) -> bool {
        let body = self.shown.body;
        let mut hidden = false;
        for inner in &body.reading.embedded {
            let around = body.item_scope(inner.scope);
            let place = self
                .shown
                .items
                .iter()
                .find(|item| item.scope == around)
                .and_then(|item| self.place_of(item));
            let document = body.inner(inner);
            let shown = Shown {
                body: document,
                items: &document.items(),
                viewer: self.shown.viewer,
                place: place.as_ref(),
                id: self.shown.id,
                page: self.shown.page,
                named: self.shown.named,
            };
            match plan(&shown, self.judges) {
                Plan::Wanted(more) => self.wanted.extend(more),
                Plan::Hidden => hidden = true,
                Plan::Edits {
                    edits,
                    effects,
                    decisions,
                } => {
                    self.effects.add(effects);
                    self.decisions.extend(decisions);
                    if !edits.is_empty() {
                        self.edits.push(rewrite_embedded(inner, edits));
                    }
                }
            }
        }
        hidden
    }
}

impl Effects {
    fn add(&mut self, more: Effects) {
        self.dropped += more.dropped;
        self.withheld += more.withheld;
        self.masked += more.masked;
    }
}
