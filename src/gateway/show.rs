//! What a viewer may see of an answer or an event, as edits: items dropped or withheld, people
//! masked, function buttons off, counts right.

mod numbers;

use std::collections::{HashMap, HashSet};

use super::enforce::Decided;
use super::facts::{Facts, PlaceKey, Wanted};
use super::items::{Item, ReadBody};
use super::masks::Masks;
use crate::cache::{Pseudonyms, Snapshot};
use crate::dialect::Dialect;
use crate::dialect::json::splice::{Edit, rewrite_embedded};
use crate::dialect::json::string::quote;
use crate::dialect::program::{Meaning, Part, ScopeKind, UnknownPerson};
use crate::dialect::reading::{JsonType, ScopeIx, SlotIx};
use crate::policy::question::Contact;
use crate::policy::{
    Act, Block, KindSet, PersonId, Question, Reason, RoomStanding, Side, Standing, Verdict,
};

/// What is shown, to whom, where.
pub struct Shown<'a> {
    /// The body.
    pub body: ReadBody<'a>,
    /// Who reads it; `None` on a surface that is open to everyone.
    pub viewer: Option<&'a PersonId>,
    /// What the request's target named.
    pub about: &'a About,
    /// Where the reader reached the gateway: it stands for the upstream's own address.
    pub own_origin: Option<&'a str>,
    /// The request's or event's id, by which its record is found.
    pub id: &'a str,
    /// Who was named in the request by a pseudonym: an answer's words could have the own id back.
    pub named: &'a [PersonId],
}

/// What the target of a request named: its answer need not name it again.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Where items without a place of their own are.
    pub place: Option<PlaceKey>,
    /// Whom an answer describes that names nobody.
    pub person: Option<PersonId>,
    /// What an answer is.
    pub kinds: KindSet,
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
        items: shown.body.items(),
        wanted: Wanted::default(),
        edits: Vec::new(),
        dropped: HashSet::new(),
        effects: Effects::default(),
        decisions: Vec::new(),
        masks: Masks::new(),
    };
    if let Some(whole) = planner.items.first_mut() {
        whole.kinds = whole.kinds.union(shown.about.kinds);
    }
    let hidden = planner.judge_items();
    planner.judge_listed();
    planner.edits.extend(shown.body.stripped());
    planner.say_own_url();
    let hidden = planner.mask_people() || hidden;
    planner.mask_texts();
    planner.turn_buttons_off();
    planner.correct_counts();
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
    items: Vec<Item>,
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
        for item in std::mem::take(&mut self.items) {
            match self.fate(&item) {
                Fate::Shown => {}
                Fate::Hidden => hidden |= self.hide(&item),
                Fate::Withheld(block) => hidden |= self.withhold(&item, block),
            }
            self.items.push(item);
        }
        hidden
    }

    /// A place that is only listed goes where it is not there for the viewer.
    fn judge_listed(&mut self) {
        for item in std::mem::take(&mut self.items) {
            for (place, slot) in &item.listed {
                let facts = self.judges.facts.place(place, &mut self.wanted);
                let hidden = facts.is_none_or(|facts| {
                    let standing = facts.standing(self.judges.snapshot);
                    let hidden = self.judges.snapshot.is_hidden_from(&standing.1, self.viewer);
                    hidden.is_some()
                });
                if hidden {
                    self.effects.dropped += 1;
                    self.drop_slot(*slot);
                }
            }
            self.items.push(item);
        }
    }

    fn fate(&mut self, item: &Item) -> Fate {
        let Some(place) = self.place_of(item) else {
            return self.fate_of_direct(item);
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
            Some(author) if Some(author) != self.shown.viewer => {
                self.judge(item, author, &standing.1)
            }
            Some(_) => Fate::Shown,
            None => self.judge_of_nobody(item, facts.people(), &standing.1),
        }
    }

    /// What comes from somebody in no place is judged as between the two.
    fn fate_of_direct(&mut self, item: &Item) -> Fate {
        match &item.author {
            Some(author) if Some(author) != self.shown.viewer => {
                if self.is_unknown(author) {
                    return Fate::Hidden;
                }
                let standing = self.judges.snapshot.standing(author.as_str());
                self.judge(item, author, &RoomStanding::of([standing, self.viewer]))
            }
            _ => Fate::Shown,
        }
    }

    /// Content that tells no author may be of anybody who is there: what one of them could not have
    /// sent is withheld.
    fn judge_of_nobody(&mut self, item: &Item, people: &[PersonId], room: &RoomStanding) -> Fate {
        if item.kinds == KindSet::EMPTY || !self.holds_content(item) {
            return Fate::Shown;
        }
        for person in people {
            if let Fate::Withheld(block) = self.judge(item, person, room)
                && matches!(block.reason, Reason::AttachmentRestricted | Reason::Encrypted)
            {
                return Fate::Withheld(block);
            }
        }
        Fate::Shown
    }

    /// Whether the item has a place for the placeholder, and so content of its own.
    fn holds_content(&self, item: &Item) -> bool {
        let body = self.shown.body;
        let mut finds = body.reading.finds.iter();
        finds.any(|find| {
            find.meaning == Meaning::Withheld && body.item_scope(find.scope) == item.scope
        })
    }

    /// Clients are told the gateway's address, not the upstream's own.
    fn say_own_url(&mut self) {
        let body = self.shown.body;
        for find in &body.reading.finds {
            if find.meaning != Meaning::OwnUrl || !matches!(find.json, JsonType::String { .. }) {
                continue;
            }
            let own = self.shown.own_origin.unwrap_or_default();
            let told = format!("{own}{}", path_of_url(&body.text(find)));
            self.edits.push(Edit::Replace(find.span.clone(), quote(&told)));
        }
    }

    fn judge(&mut self, item: &Item, author: &PersonId, room: &RoomStanding) -> Fate {
        let question = Question {
            actor: self.judges.snapshot.standing(author.as_str()),
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
            let holder = self.items.binary_search_by_key(&around, |other| other.scope);
            let holder = holder.ok().and_then(|at| self.items.get(at));
            if let Some(place) = holder.and_then(|holder| holder.place.clone()) {
                return Some(place);
            }
            scope = around;
        }
        self.shown.about.place.clone()
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
        self.decisions.push(self.decided(item.kinds, block.clone()));
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

    fn decided(&self, kinds: KindSet, block: Block) -> Decided {
        let snapshot = self.judges.snapshot;
        Decided {
            act: Act::Show,
            kinds,
            company: block
                .company
                .map(|company| snapshot.company_id(company).to_owned())
                .unwrap_or_default(),
            network: block
                .network
                .map(|network| snapshot.network_id(network).to_owned())
                .unwrap_or_default(),
            block: Some(block),
        }
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
    fn mask_people(&mut self) -> bool {
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
    fn mask_texts(&mut self) {
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
                self.edits.push(Edit::Replace(
                    find.span.clone(),
                    crate::dialect::json::string::quote(&masked),
                ));
            }
        }
    }

    fn people_around(&mut self) -> Vec<PersonId> {
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

    /// Documents inside strings are judged as the rest; `true`: one of them is hidden as a whole,
    /// and nothing can stand in its place.
    fn enter_embedded(&mut self) -> bool {
        let body = self.shown.body;
        let mut hidden = false;
        for inner in &body.reading.embedded {
            let around = body.item_scope(inner.scope);
            let place = self
                .items
                .iter()
                .find(|item| item.scope == around)
                .and_then(|item| self.place_of(item));
            let about = About {
                place,
                ..About::default()
            };
            let shown = Shown {
                body: body.inner(inner),
                viewer: self.shown.viewer,
                about: &about,
                own_origin: self.shown.own_origin,
                id: self.shown.id,
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

/// What follows the origin of a URL: its path and query. A value that is none has nothing.
fn path_of_url(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else {
        return "";
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    rest.get(end..).unwrap_or_default()
}
