//! What a viewer may see of an answer or an event, as edits: items dropped or withheld, people
//! masked, function buttons off, counts right.

mod graves;
mod numbers;
mod people;
mod words;

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use super::facts::{Facts, PlaceKey, Wanted};
use super::items::{Item, ReadBody};
use super::masks::Masks;
use super::tally::Decided;
use crate::cache::{Pseudonyms, Snapshot};
use crate::dialect::Dialect;
use crate::dialect::json::splice::{Edit, rewrite_embedded};
use crate::dialect::json::string::quote;
use crate::dialect::program::Meaning;
use crate::dialect::reading::{JsonType, ScopeIx, SlotIx};
use crate::policy::question::Contact;
use crate::policy::{
    Act, Block, KindSet, PersonId, Question, Reason, RoomStanding, Side, Standing, Verdict,
};

/// What is shown, to whom, where.
pub struct Shown<'a> {
    /// The body.
    pub body: ReadBody<'a>,
    /// Its items.
    pub items: &'a [Item],
    /// Who reads it; `None` on a surface that is open to everyone.
    pub viewer: Option<&'a PersonId>,
    /// For whom.
    pub reads: Reads,
    /// What the request's target named.
    pub about: &'a About,
    /// Where the reader reached the gateway: it stands for the upstream's own address.
    pub own_origin: Option<&'a str>,
    /// What the reader has been shown before, where clients keep it.
    pub seen: Option<Seen<'a>>,
    /// The request's or event's id, by which its record is found.
    pub id: &'a str,
    /// When, in milliseconds since 1970: told to clients, and nothing is decided by it.
    pub now_ms: u128,
    /// How many elements of a page were asked for.
    pub page: Option<usize>,
    /// Who was named in the request by a pseudonym: an answer's words could have the own id back.
    pub named: &'a [PersonId],
}

/// For whom somebody reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// For themselves: whoever asks was shown by the message server what is theirs.
    Alone,
    /// For everybody on the same side. What is of a place where none of them is, and of none of them,
    /// is not theirs, whatever the message server pushes.
    ForTheirSide,
}

/// Places that a client keeps once it was shown them.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// Those that it has.
    pub places: &'a HashSet<PlaceKey>,
    /// Whether the policy has changed since, so that also a place that is not in the body may be gone.
    pub is_outdated: bool,
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
        /// Places that the client has from now on.
        had: Vec<PlaceKey>,
        /// Places that it is told are gone.
        gone: Vec<PlaceKey>,
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
        spots: shown.body.spots(),
        wanted: Wanted::default(),
        edits: Vec::new(),
        dropped: HashSet::new(),
        effects: Effects::default(),
        decisions: Vec::new(),
        had: Vec::new(),
        gone: Vec::new(),
        masks: Masks::new(),
    };
    let hidden = planner.judge_items();
    planner.judge_listed();
    planner.lay_tombstones();
    planner.edits.extend(shown.body.stripped());
    planner.say_own_url();
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
        had: planner.had,
        gone: planner.gone,
    }
}

struct Planner<'a, 'b> {
    shown: &'b Shown<'a>,
    judges: &'b Judges<'a>,
    viewer: Standing,
    /// What gives way to the placeholder, by the item it is in.
    spots: HashMap<ScopeIx, Vec<Range<usize>>>,
    wanted: Wanted,
    edits: Vec<Edit>,
    /// What goes.
    dropped: HashSet<SlotIx>,
    effects: Effects,
    decisions: Vec<Decided>,
    had: Vec<PlaceKey>,
    gone: Vec<PlaceKey>,
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

    /// A place that is only listed goes where it is not there for the viewer.
    fn judge_listed(&mut self) {
        for (place, slot) in self.shown.items.iter().flat_map(|item| &item.listed) {
            if self.is_place_hidden(place) {
                self.effects.dropped += 1;
                self.drop_slot(*slot);
            }
        }
    }

    /// Whether a place is not there for the viewer, or nobody may know of it.
    fn is_place_hidden(&mut self, place: &PlaceKey) -> bool {
        let facts = self.judges.facts.place(place, &mut self.wanted);
        facts.is_none_or(|facts| self.is_hidden(&facts.standing(self.judges.snapshot).1))
    }

    fn is_hidden(&self, room: &RoomStanding) -> bool {
        let hidden = self.judges.snapshot.is_hidden_from(room, self.viewer);
        let is_ours = self.shown.reads == Reads::Alone || room.has(self.viewer.side);
        hidden.is_some() || !is_ours
    }

    /// Whether somebody on the viewer's side wrote it, comes in by it, or goes: of that their side is
    /// told, even if none of them is left there.
    fn is_of_our_side(&self, item: &Item) -> bool {
        let mut people = (item.author.iter().chain(&item.joiners)).chain(&item.leavers);
        people.any(|person| {
            let standing = self.judges.snapshot.standing(person.as_str());
            standing.side.is_with(self.viewer.side)
        })
    }

    fn fate(&mut self, item: &'a Item) -> Fate {
        let Some(place) = self.place_of(item) else {
            return if item.is_odd {
                Fate::Hidden
            } else {
                self.fate_of_direct(item)
            };
        };
        let Some(facts) = self.judges.facts.place(place, &mut self.wanted) else {
            // Not learnt yet, or nobody may know it: then it is not there.
            return Fate::Hidden;
        };
        let standing = facts.standing(self.judges.snapshot);
        let is_told = self.shown.reads == Reads::ForTheirSide && self.is_of_our_side(item);
        if self.is_hidden(&standing.1) && !is_told {
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
                let author = self.judges.snapshot.standing(author.as_str());
                self.judge(item, author, &RoomStanding::of([author, self.viewer]))
            }
            _ => Fate::Shown,
        }
    }

    /// Content that tells no author may be of anybody who is there: what one of them could not have
    /// sent is withheld.
    fn judge_of_nobody(&mut self, item: &Item, people: &[PersonId], room: &RoomStanding) -> Fate {
        if self.kinds_of(item) == KindSet::EMPTY || !self.holds_content(item) {
            return Fate::Shown;
        }
        for person in people {
            let author = self.judges.snapshot.standing(person.as_str());
            if let Fate::Withheld(block) = self.judge(item, author, room)
                && matches!(
                    block.reason,
                    Reason::AttachmentRestricted | Reason::Encrypted
                )
            {
                return Fate::Withheld(block);
            }
        }
        Fate::Shown
    }

    /// What an item is; of the whole body, the request's target may tell.
    fn kinds_of(&self, item: &Item) -> KindSet {
        match item.scope.0 {
            0 => item.kinds.union(self.shown.about.kinds),
            _ => item.kinds,
        }
    }

    /// Whether the item has a place for the placeholder, and so content of its own.
    fn holds_content(&self, item: &Item) -> bool {
        self.spots.contains_key(&item.scope)
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
            self.edits
                .push(Edit::Replace(find.span.clone(), quote(&told)));
        }
    }

    fn judge(&mut self, item: &Item, author: Standing, room: &RoomStanding) -> Fate {
        let question = Question {
            actor: author,
            viewer: Some(self.viewer),
            act: Act::Show,
            kinds: self.kinds_of(item),
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
    fn place_of(&self, item: &'a Item) -> Option<&'a PlaceKey> {
        let told = self.shown.body.place_of(item, self.shown.items);
        told.or(self.shown.about.place.as_ref())
    }

    /// The place of the item that a scope belongs to.
    fn place_around(&self, scope: ScopeIx) -> Option<&'a PlaceKey> {
        let items = self.shown.items;
        let around = self.shown.body.item_scope(scope);
        let at = items.binary_search_by_key(&around, |item| item.scope);
        self.place_of(items.get(at.ok()?)?)
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
        let spots = self.spots.get(&item.scope).cloned().unwrap_or_default();
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

    /// Documents inside strings are judged as the rest; `true`: one of them is hidden as a whole,
    /// and nothing can stand in its place.
    fn enter_embedded(&mut self) -> bool {
        let body = self.shown.body;
        let mut hidden = false;
        for inner in &body.reading.embedded {
            let place = self.place_around(inner.scope).cloned();
            let document = body.inner(inner);
            let about = About {
                place,
                ..About::default()
            };
            let shown = Shown {
                body: document,
                items: &document.items(),
                viewer: self.shown.viewer,
                reads: self.shown.reads,
                about: &about,
                own_origin: self.shown.own_origin,
                seen: None,
                id: self.shown.id,
                now_ms: self.shown.now_ms,
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
                    ..
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
