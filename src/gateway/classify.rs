//! Learning what a decision needs: who is in the place, what an id stands for, how people are known.

use std::rc::Rc;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt};

use super::facts::{Facts, KnownAs, Learned, Missing, PlaceKey, ThingFacts, ThingKey};
use super::items::{Item, ReadBody};
use super::lookup::{Asker, Found};
use super::masks::Masks;
use super::parts::{InService, Parts};
use super::refusal::Refused;
use super::tally::Tally;
use crate::cache::PlaceFacts;
use crate::dialect::program::Meaning;
use crate::dialect::reading::JsonType;
use crate::dialect::{AskedBy, Lookup, PlaceLookup, Reading};
use crate::policy::{KindSet, PersonId};

/// How many look-ups one request may have under way at once.
const LOOKUPS_AT_ONCE: usize = 16;

/// Who learns, with which credential.
#[derive(Clone)]
pub struct Learner {
    /// What is shared.
    pub parts: Arc<Parts>,
    /// The dialect and its memories.
    pub service: Arc<InService>,
    /// Where it is counted.
    pub tally: Rc<Tally>,
    /// Asks in the name of whoever acts, where that is somebody whom the message server knows.
    pub own: Option<Asker>,
    /// Asks with the gateway's own credential, where it has one.
    pub gateway: Option<Asker>,
}

impl Learner {
    /// Learns all that is missing, from memory or from the upstream.
    pub async fn learn(&self, facts: &mut Facts, missing: Vec<Missing>) -> Result<(), Refused> {
        let unknown = self.recall(facts, missing);
        if unknown.is_empty() {
            return Ok(());
        }
        let asked = unknown
            .into_iter()
            .map(|missing| Box::pin(self.learn_one(missing)));
        let mut coming = stream::iter(asked).buffer_unordered(LOOKUPS_AT_ONCE);
        while let Some(learned) = coming.next().await {
            facts.learn(learned?);
        }
        Ok(())
    }

    /// Puts in what is remembered; what is not comes back.
    pub fn recall(
        &self,
        facts: &mut Facts,
        missing: impl IntoIterator<Item = Missing>,
    ) -> Vec<Missing> {
        let mut unknown = Vec::new();
        for missing in missing {
            match self.remembered(missing) {
                Ok(known) => facts.learn(known),
                Err(missing) => unknown.push(missing),
            }
        }
        unknown
    }

    fn remembered(&self, missing: Missing) -> Result<Learned, Missing> {
        match missing {
            Missing::Place(key) => match self.service.places.get(&key) {
                Some(known) => Ok(Learned::Place(key, Some(known))),
                None => Err(Missing::Place(key)),
            },
            Missing::Thing(key) => match self.service.things.get(&key) {
                Some(known) => Ok(Learned::Thing(key, Some(known))),
                None => Err(Missing::Thing(key)),
            },
            Missing::KnownAs(person) => match self.service.known_as.get(&person) {
                Some(known) => Ok(Learned::KnownAs(person, Some(known))),
                None => Err(Missing::KnownAs(person)),
            },
        }
    }

    async fn learn_one(&self, missing: Missing) -> Result<Learned, Refused> {
        match missing {
            Missing::Place(key) => {
                let known = self
                    .service
                    .places
                    .get_or_learn(&key, || self.ask_place(&key))
                    .await;
                Ok(Learned::Place(key, or_nothing(known)?))
            }
            Missing::Thing(key) => {
                let known = self
                    .service
                    .things
                    .get_or_learn(&key, || self.ask_thing(&key))
                    .await;
                Ok(Learned::Thing(key, or_nothing(known)?))
            }
            Missing::KnownAs(person) => {
                let known = self
                    .service
                    .known_as
                    .get_or_learn(&person, || self.ask_known_as(&person))
                    .await;
                Ok(Learned::KnownAs(person, or_nothing(known)?))
            }
        }
    }

    async fn ask_place(&self, key: &PlaceKey) -> Result<Arc<PlaceFacts>, Gap<Arc<PlaceFacts>>> {
        let place = self
            .service
            .dialect
            .places
            .get(usize::from(key.sort.0))
            .ok_or(Gap::Nothing)?;
        for PlaceLookup { lookup, by } in &place.people {
            let asker = match by {
                AskedBy::Anyone => self.anyone(),
                AskedBy::Actor => self.own.as_ref(),
                AskedBy::Gateway => self.gateway.as_ref(),
            };
            let Some(asker) = asker else {
                continue;
            };
            let (body, reading) = match self.ask_by("place", asker, lookup, &key.id).await {
                Ok(answer) => answer,
                Err(Gap::Nothing) => continue,
                Err(fault) => return Err(fault),
            };
            let items = self.read(&body, &reading, lookup).items();
            match people_of(key, items) {
                (members, _) if !members.is_empty() => {
                    return Ok(Arc::new(PlaceFacts::new(members)));
                }
                // A place of nobody would be an internal one. An answer that names nobody says nothing.
                (_, present) if present.is_empty() => {}
                // What one person is told of a place is not to be believed by others.
                (_, present) => return Err(Gap::Partly(Arc::new(PlaceFacts::new(present)))),
            }
        }
        Err(Gap::Nothing)
    }

    async fn ask_thing(&self, key: &ThingKey) -> Result<Arc<ThingFacts>, Gap<Arc<ThingFacts>>> {
        let thing = self
            .service
            .dialect
            .things
            .get(usize::from(key.sort.0))
            .ok_or(Gap::Nothing)?;
        let (body, reading) = self.ask("thing", &thing.lookup, &key.id).await?;
        let items = self.read(&body, &reading, &thing.lookup).items();
        Ok(Arc::new(thing_facts(&items)))
    }

    async fn ask_known_as(&self, person: &PersonId) -> Result<Arc<KnownAs>, Gap<Arc<KnownAs>>> {
        let profile = self
            .service
            .dialect
            .people
            .profile
            .as_ref()
            .ok_or(Gap::Nothing)?;
        let (body, reading) = self.ask("profile", profile, person.as_str()).await?;
        Ok(Arc::new(known_as(&self.read(&body, &reading, profile))))
    }

    async fn ask<T>(
        &self,
        what: &'static str,
        lookup: &Lookup,
        id: &str,
    ) -> Result<(Vec<u8>, Reading), Gap<T>> {
        let asker = self.anyone().ok_or(Gap::Nothing)?;
        self.ask_by(what, asker, lookup, id).await
    }

    fn anyone(&self) -> Option<&Asker> {
        self.gateway.as_ref().or(self.own.as_ref())
    }

    async fn ask_by<T>(
        &self,
        what: &'static str,
        asker: &Asker,
        lookup: &Lookup,
        id: &str,
    ) -> Result<(Vec<u8>, Reading), Gap<T>> {
        match asker.ask(what, &self.parts.limits, lookup, id).await {
            Ok(Found::Body(body, reading)) => Ok((body, reading)),
            Ok(Found::Nothing | Found::Unauthenticated) => Err(Gap::Nothing),
            Err(refused) => Err(Gap::Fault(refused)),
        }
    }

    fn read<'b>(
        &'b self,
        bytes: &'b [u8],
        reading: &'b Reading,
        lookup: &'b Lookup,
    ) -> ReadBody<'b> {
        ReadBody {
            bytes,
            reading,
            program: &lookup.program,
            drive_hosts: &self.service.drive_hosts,
        }
    }
}

/// Why a look-up brought no fact.
enum Gap<T> {
    /// There is none: that is a fact too, but one that is not remembered.
    Nothing,
    /// This much was told to the one who asked. It is not remembered either.
    Partly(T),
    /// Nobody knows.
    Fault(Refused),
}

/// Everybody who is in the place by a look-up's answer, and those whom it names without saying that
/// they are all.
fn people_of(key: &PlaceKey, items: Vec<Item>) -> (Vec<PersonId>, Vec<PersonId>) {
    let (mut members, mut present) = (Vec::new(), Vec::new());
    for item in items {
        let elsewhere = item.place.as_ref().is_some_and(|place| place != key);
        if elsewhere {
            continue;
        }
        members.extend(item.members.unwrap_or_default());
        members.extend(item.joiners);
        present.extend(item.present);
    }
    (members, present)
}

fn or_nothing<T>(known: Result<T, Gap<T>>) -> Result<Option<T>, Refused> {
    match known {
        Ok(fact) | Err(Gap::Partly(fact)) => Ok(Some(fact)),
        Err(Gap::Nothing) => Ok(None),
        Err(Gap::Fault(refused)) => Err(refused),
    }
}

/// A thing as its look-up tells it: the outermost item that says where it is or who is behind it,
/// and every kind in it, what it quotes included.
fn thing_facts(items: &[Item]) -> ThingFacts {
    let outer = items
        .iter()
        .find(|item| item.place.is_some() || item.author.is_some() || !item.contacts.is_empty())
        .or_else(|| items.first());
    let kinds = items
        .iter()
        .fold(KindSet::default(), |all, item| all.union(item.kinds));
    outer.map_or_else(ThingFacts::default, |item| ThingFacts {
        place: item.place.clone(),
        author: item.author.clone(),
        contact: item.contacts.first().cloned(),
        invitees: item.invitees.clone(),
        kinds,
    })
}

/// Every text by which a profile makes its person known.
pub fn known_as(body: &ReadBody<'_>) -> KnownAs {
    let texts = body
        .reading
        .finds
        .iter()
        .filter(|find| matches!(find.json, JsonType::String { .. } | JsonType::Number))
        .filter_map(|find| match find.meaning {
            Meaning::Attribute(mask) => Some((mask, body.text(find))),
            _ => None,
        })
        .filter(|(mask, text)| Masks::tells_who(*mask, text))
        .map(|(_, text)| text.into_owned());
    KnownAs(texts.collect())
}
