//! What a request is about: what it says itself, and what the ids in it stand for.

use std::sync::Arc;

use super::facts::{Facts, PlaceKey, ThingFacts, Wanted};
use super::items::Item;
use crate::cache::PlaceFacts;
use crate::dialect::Place;
use crate::policy::{Act, KindSet, PersonId};

/// Everything the request itself says of the act.
pub struct ActAsked<'a> {
    /// Who asks; `None` on a surface that is open to everyone.
    pub actor: Option<&'a PersonId>,
    /// What is done.
    pub act: Act,
    /// What the path and the query name.
    pub target: &'a Item,
    /// What the body names, if there is one.
    pub body: &'a [Item],
    /// The kinds that the bytes of an upload turned out to be.
    pub upload: KindSet,
    /// Whether those who come in can read what was said before.
    pub history_visible: bool,
    /// Who was named by a pseudonym that the actor was shown.
    pub by_pseudonym: &'a [PersonId],
    /// The dialect's sorts of places.
    pub sorts: &'a [Place],
}

impl ActAsked<'_> {
    /// Whether a place is not there for others where people of one side are among themselves.
    pub fn is_closed(&self, place: &PlaceKey) -> bool {
        let sort = self.sorts.get(usize::from(place.sort.0));
        sort.is_some_and(|sort| sort.is_closed)
    }

    /// What is done. A body can say that the act is another one than the surface's: a message with
    /// a time is sent later.
    pub fn act(&self) -> Act {
        let told = self.body.iter().find_map(|item| item.act);
        told.unwrap_or(self.act)
    }
}

/// What the act is about, with every id looked up.
pub struct About {
    /// Where it is.
    pub places: Vec<(PlaceKey, Arc<PlaceFacts>)>,
    /// Places of things that are sent on from elsewhere: they must be visible to the actor.
    pub sources: Vec<Arc<PlaceFacts>>,
    /// All that is in it.
    pub kinds: KindSet,
    /// Who would come in.
    pub comers: Vec<PersonId>,
    /// Who stands on the other side of a contact.
    pub contacts: Vec<PersonId>,
    /// Who is sent it directly.
    pub addressees: Vec<PersonId>,
    /// Whom the things that are named invite.
    pub invitees: Vec<PersonId>,
    /// Who is spoken of by the own id.
    pub named: Vec<PersonId>,
    /// Who wrote what the target names.
    pub author: Option<PersonId>,
    /// Whether those who come in can read what was said before.
    pub history_visible: bool,
}

impl About {
    /// `None`: something named is not there, or not for the gateway to see.
    pub fn gather(asked: &ActAsked<'_>, facts: &Facts, wanted: &mut Wanted) -> Option<Self> {
        let items = || std::iter::once(asked.target).chain(asked.body);
        let mut about = About {
            places: Vec::new(),
            sources: Vec::new(),
            kinds: asked.upload,
            comers: Vec::new(),
            contacts: Vec::new(),
            addressees: Vec::new(),
            invitees: Vec::new(),
            named: Vec::new(),
            author: None,
            history_visible: asked.history_visible,
        };
        let mut found = true;
        for item in items() {
            let listed = item.listed.iter().map(|(place, _)| place);
            for place in item.place.iter().chain(&item.more_places).chain(listed) {
                found &= about.add_place(place, facts, wanted);
            }
            about.kinds = about.kinds.union(item.kinds);
            about.comers.extend(
                item.invitees
                    .iter()
                    .chain(item.members.iter().flatten())
                    .cloned(),
            );
            about.contacts.extend(item.contacts.iter().cloned());
            about.addressees.extend(item.addressees.iter().cloned());
            let by_own_id = |person: &&PersonId| !asked.by_pseudonym.contains(person);
            about
                .named
                .extend(item.people.iter().filter(by_own_id).cloned());
            about.history_visible |= item.history_visible;
        }
        let named_a_place = !about.places.is_empty();
        for (in_path, item) in items().enumerate().map(|(ix, item)| (ix == 0, item)) {
            for key in &item.things {
                match facts.thing(key, wanted).cloned() {
                    Some(thing) => {
                        let target_of = (in_path && !named_a_place).then_some(asked.act);
                        found &= about.add_thing(&thing, target_of, facts, wanted);
                    }
                    None => found = false,
                }
            }
        }
        if asked.act == Act::Join {
            about.comers.extend(asked.actor.cloned());
        }
        found.then_some(about)
    }

    fn add_place(&mut self, key: &PlaceKey, facts: &Facts, wanted: &mut Wanted) -> bool {
        let Some(place) = facts.place(key, wanted) else {
            return false;
        };
        if !self.places.iter().any(|(known, _)| known == key) {
            self.places.push((key.clone(), place.clone()));
        }
        true
    }

    /// A thing in the path of a request that names no place tells where the act is; any other is
    /// content that is sent on: it counts as what it is, and where it is from must be visible.
    fn add_thing(
        &mut self,
        thing: &ThingFacts,
        target_of: Option<Act>,
        facts: &Facts,
        wanted: &mut Wanted,
    ) -> bool {
        self.contacts.extend(thing.contact.iter().cloned());
        self.invitees.extend(thing.invitees.iter().cloned());
        if let Some(act) = target_of {
            self.author.clone_from(&thing.author);
            // What is there already counts where it is fetched or sent again, not where it gives
            // way to something else.
            if matches!(
                act,
                Act::Download | Act::Send | Act::Forward | Act::Schedule | Act::Write
            ) {
                self.kinds = self.kinds.union(thing.kinds);
            }
            return thing
                .place
                .as_ref()
                .is_none_or(|place| self.add_place(place, facts, wanted));
        }
        self.kinds = self.kinds.union(thing.kinds);
        match &thing.place {
            Some(place) => match facts.place(place, wanted) {
                Some(source) => {
                    self.sources.push(source.clone());
                    true
                }
                None => false,
            },
            None => true,
        }
    }
}
