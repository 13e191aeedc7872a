//! The verdict on a request, carried out: it is cleared for the upstream, or refused.

use super::about::About;
pub use super::about::ActAsked;
use super::facts::{Facts, PlaceKey, Wanted};
use super::refusal::Refused;
use super::tally::Decided;
use crate::cache::{PlaceFacts, Snapshot};
use crate::policy::question::Contact;
use crate::policy::{
    Act, Block, PersonId, Question, Reason, RoomStanding, Side, Standing, Verdict,
};

/// Proof that a request was judged and may go upstream. Only this module makes one.
#[derive(Debug)]
pub struct Cleared(());

impl Cleared {
    /// For the gateway's own GET: nothing of a client's stands in it but an id and a credential.
    pub(super) fn own_question() -> Self {
        Self(())
    }

    /// For a route that the dialect says is forwarded unjudged.
    pub(super) fn unjudged() -> Self {
        Self(())
    }
}

/// A judged request.
#[must_use]
pub enum Judged {
    /// It may pass.
    Cleared {
        /// The proof.
        cleared: Cleared,
        /// The places whose people the act changes, and who would come in.
        changes: Vec<(PlaceKey, Vec<PersonId>)>,
        /// Who would come into the place that the act makes, if it makes one.
        makes: Option<Vec<PersonId>>,
        /// The decisions that were made, for counting.
        decisions: Vec<Decided>,
        /// Whether somebody who is unknown to the actor is there, or wrote what is fetched: words
        /// that can't be masked on their way back must not be shown.
        conceals: bool,
    },
    /// Facts are missing.
    Wanted(Wanted),
    /// It may not.
    Refused(Refused, Vec<Decided>),
}

impl Judged {
    /// The decisions that were made, for counting.
    pub fn decisions(&self) -> &[Decided] {
        match self {
            Judged::Cleared { decisions, .. } | Judged::Refused(_, decisions) => decisions,
            Judged::Wanted(_) => &[],
        }
    }
}

/// Judges a request on one snapshot. Pure: what must be learnt first comes back as wanted.
pub fn judge(snapshot: &Snapshot, asked: &ActAsked<'_>, facts: &Facts) -> Judged {
    let Some(actor) = asked.actor else {
        return Judged::Cleared {
            cleared: Cleared(()),
            changes: Vec::new(),
            makes: None,
            decisions: Vec::new(),
            conceals: false,
        };
    };
    let mut wanted = Wanted::default();
    let about = About::gather(asked, facts, &mut wanted);
    if !wanted.is_empty() {
        return Judged::Wanted(wanted);
    }
    let Some(about) = about else {
        return Judged::Refused(Refused::Hidden, Vec::new());
    };
    Bench {
        asked,
        snapshot,
        actor,
        standing: snapshot.standing(actor.as_str()),
        act: asked.act(),
        about,
    }
    .judge()
}

struct Bench<'a> {
    asked: &'a ActAsked<'a>,
    snapshot: &'a Snapshot,
    actor: &'a PersonId,
    standing: Standing,
    act: Act,
    about: About,
}

impl Bench<'_> {
    fn judge(&self) -> Judged {
        let mut decisions = Vec::new();
        if self.hides_a_source() || self.names_somebody_concealed() {
            return Judged::Refused(Refused::Hidden, decisions);
        }
        for (key, place) in &self.about.places {
            let standing = place.standing(self.snapshot);
            if self.act == Act::Show || self.act == Act::Download {
                let hidden = self.snapshot.is_hidden_from(&standing.1, self.standing);
                let room = &standing.1;
                let is_among_others = !room.is_external() && !room.has(self.standing.side);
                let is_shut = self.asked.is_closed(key) && is_among_others;
                if hidden.is_some() || is_shut {
                    return Judged::Refused(Refused::Hidden, decisions);
                }
                if self.act == Act::Show {
                    continue;
                }
            }
            if let Some(refused) = self.decide(place, &standing.1, &mut decisions) {
                return Judged::Refused(refused, decisions);
            }
        }
        if self.about.places.is_empty()
            && let Some(refused) = self.decide_without_place(&mut decisions)
        {
            return Judged::Refused(refused, decisions);
        }
        if let Some(refused) = self.decide_directly(&mut decisions) {
            return Judged::Refused(refused, decisions);
        }
        if self.names_somebody_unknown() {
            return Judged::Refused(Refused::Hidden, decisions);
        }
        Judged::Cleared {
            cleared: Cleared(()),
            changes: self.changes(),
            makes: (self.act == Act::Create).then(|| self.about.comers.clone()),
            decisions,
            conceals: self.conceals(),
        }
    }

    fn hides_a_source(&self) -> bool {
        self.about.sources.iter().any(|source| {
            let room = source.standing(self.snapshot);
            self.snapshot
                .is_hidden_from(&room.1, self.standing)
                .is_some()
                || self.is_stranger_to(source, &room.1)
        })
    }

    fn decide(
        &self,
        place: &PlaceFacts,
        room: &RoomStanding,
        decisions: &mut Vec<Decided>,
    ) -> Option<Refused> {
        let after = (!self.about.comers.is_empty()).then(|| {
            room.with(
                self.about
                    .comers
                    .iter()
                    .map(|person| self.snapshot.standing(person.as_str())),
            )
        });
        let (actor, viewer) = match (&self.about.author, self.act) {
            (Some(author), Act::Download) => {
                (self.snapshot.standing(author.as_str()), Some(self.standing))
            }
            _ => (self.standing, None),
        };
        let question = Question {
            actor,
            viewer,
            act: self.act,
            kinds: self.about.kinds,
            room,
            after: after.as_ref(),
            history_visible: self.about.history_visible,
            contact: Contact::Missing,
        };
        let refused = self.ask(question, place.people(), decisions)?;
        // A member who was invited knows of the place, and is told what is against coming in.
        let is_invited = self.about.invitees.contains(self.actor);
        let is_told = is_invited && self.standing.side.company().is_some();
        let may_know = is_told || !self.is_stranger_to(place, room);
        if !may_know {
            return Some(Refused::Hidden);
        }
        let is_in = place.people().contains(self.actor);
        Some(self.naming(refused, if is_in { place.people() } else { &[] }))
    }

    /// Rule 6 names to the own company for which of its members the room can't be opened.
    fn naming(&self, refused: Refused, there: &[PersonId]) -> Refused {
        let Refused::Blocked { block, .. } = refused else {
            return refused;
        };
        let mut failed_for = Vec::new();
        if block.reason == Reason::WouldBecomeExternal
            && let (Some(company), Some(network)) = (block.company, block.network)
        {
            let people = there.iter().chain(&self.about.comers).chain([self.actor]);
            let people = people.map(|person| (person, self.snapshot.standing(person.as_str())));
            let failing = self.snapshot.who_fails(company, network, people);
            failed_for.extend(failing.map(|person| person.as_str().to_owned()));
            failed_for.sort_unstable();
            failed_for.dedup();
        }
        Refused::Blocked { block, failed_for }
    }

    /// Whether the actor can't know of the place: a refusal must not tell that it is there. Members
    /// may know of places that their colleagues are in, everyone else of their own.
    fn is_stranger_to(&self, place: &PlaceFacts, room: &RoomStanding) -> bool {
        match self.standing.side {
            Side::Company(own) => room.company(own).is_none(),
            Side::Network(_) | Side::Unclassified => !place.people().contains(self.actor),
        }
    }

    /// What is fetched from no place at all is judged as between its author and the one who asks.
    fn decide_fetched(&self, decisions: &mut Vec<Decided>) -> Option<Refused> {
        let author = self.about.author.as_ref()?;
        if self.act != Act::Download || author == self.actor {
            return None;
        }
        let author = self.snapshot.standing(author.as_str());
        if self.snapshot.is_unknown_to(author, self.standing) {
            return Some(Refused::Hidden);
        }
        let question = Question {
            actor: author,
            viewer: Some(self.standing),
            act: self.act,
            kinds: self.about.kinds,
            room: &RoomStanding::of([author, self.standing]),
            after: None,
            history_visible: false,
            contact: Contact::Made,
        };
        self.ask(question, &[], decisions)
    }

    fn decide_without_place(&self, decisions: &mut Vec<Decided>) -> Option<Refused> {
        if let Some(refused) = self.decide_fetched(decisions) {
            return Some(refused);
        }
        let others: Vec<&PersonId> = self
            .about
            .comers
            .iter()
            .chain(&self.about.contacts)
            .collect();
        if others.is_empty() {
            return None;
        }
        let alone = RoomStanding::of([self.standing]);
        let together = alone.with(
            others
                .iter()
                .map(|person| self.snapshot.standing(person.as_str())),
        );
        let is_contact = self.act == Act::AddContact;
        let question = Question {
            actor: self.standing,
            viewer: is_contact
                .then(|| {
                    self.about
                        .contacts
                        .first()
                        .map(|other| self.snapshot.standing(other.as_str()))
                })
                .flatten(),
            act: self.act,
            kinds: self.about.kinds,
            room: if is_contact { &together } else { &alone },
            after: (!is_contact).then_some(&together),
            history_visible: false,
            contact: if is_contact {
                Contact::Made
            } else {
                Contact::Missing
            },
        };
        let refused = self.ask(question, &[], decisions)?;
        if !self.about.contacts.is_empty() {
            // A contact URL of somebody whom the actor may not talk to is as dead as any other.
            return Some(Refused::Hidden);
        }
        Some(self.naming(refused, &[]))
    }

    /// What is sent to people directly is judged as in a room of the sender and all of them.
    fn decide_directly(&self, decisions: &mut Vec<Decided>) -> Option<Refused> {
        let addressees = &self.about.addressees;
        if addressees.is_empty() {
            return None;
        }
        let others = addressees
            .iter()
            .map(|person| self.snapshot.standing(person.as_str()));
        let room = RoomStanding::of([self.standing].into_iter().chain(others));
        let question = Question {
            actor: self.standing,
            viewer: None,
            act: self.act,
            kinds: self.about.kinds,
            room: &room,
            after: None,
            history_visible: false,
            contact: Contact::Missing,
        };
        self.ask(question, addressees, decisions)
    }

    /// Decides. Whether there are contacts is found out only if the verdict hangs on it, since that
    /// takes as long as there are people.
    fn ask(
        &self,
        mut question: Question<'_>,
        there: &[PersonId],
        decisions: &mut Vec<Decided>,
    ) -> Option<Refused> {
        let mut verdict = self.snapshot.decide(&question);
        let may_lack_contact = verdict.block().is_some_and(|block| {
            matches!(block.reason, Reason::NoContact | Reason::PeerSideDenied)
        });
        if may_lack_contact && question.contact == Contact::Missing {
            question.contact = self.contact(there);
            verdict = self.snapshot.decide(&question);
        }
        let (block, record) = match verdict {
            Verdict::Allow(obligations) => (None, obligations.record),
            Verdict::Block(block) => (Some(block), true),
        };
        if record {
            decisions.push(self.decided(block.as_ref()));
        }
        block.map(|block| self.refused(block))
    }

    fn decided(&self, block: Option<&Block>) -> Decided {
        let mut decided = Decided::new(self.act, self.about.kinds, block);
        match self.standing.side {
            Side::Company(company) => decided.company = decided.company.or(Some(company)),
            Side::Network(network) => decided.network = decided.network.or(Some(network)),
            Side::Unclassified => {}
        }
        decided
    }

    /// A member is told the reason of the own company's rule; everyone else gets one neutral answer.
    fn refused(&self, block: Block) -> Refused {
        match self.standing.side {
            Side::Company(own) if block.company.is_none_or(|company| company == own) => {
                Refused::Blocked {
                    block,
                    failed_for: Vec::new(),
                }
            }
            Side::Company(_) => Refused::Blocked {
                block: Block {
                    reason: Reason::PeerSideDenied,
                    company: None,
                    kind: None,
                    ..block
                },
                failed_for: Vec::new(),
            },
            Side::Network(_) | Side::Unclassified => Refused::Neutral,
        }
    }

    fn contact(&self, there: &[PersonId]) -> Contact {
        contact_known(self.snapshot, self.actor, &self.about.comers, there)
    }

    /// Somebody who is unknown to the actor can be named by the pseudonym only, and that was
    /// translated before: the own id is nobody's.
    fn names_somebody_unknown(&self) -> bool {
        self.about.named.iter().any(|person| {
            person != self.actor
                && self
                    .snapshot
                    .is_unknown_to(self.snapshot.standing(person.as_str()), self.standing)
        })
    }

    /// Whether somebody is named of whom the actor may not even learn that they are there: that
    /// looks like naming nobody, whatever else would be said of the act.
    fn names_somebody_concealed(&self) -> bool {
        self.about.named.iter().any(|person| {
            person != self.actor
                && self
                    .snapshot
                    .is_concealed_from(self.snapshot.standing(person.as_str()), self.standing)
        })
    }

    fn conceals(&self) -> bool {
        let around = self
            .about
            .places
            .iter()
            .filter(|(_, place)| {
                let room = place.standing(self.snapshot);
                !self.snapshot.all_are_known(&room.1, self.standing)
            })
            .flat_map(|(_, place)| place.people());
        around.chain(&self.about.author).any(|person| {
            person != self.actor
                && self
                    .snapshot
                    .is_unknown_to(self.snapshot.standing(person.as_str()), self.standing)
        })
    }

    fn changes(&self) -> Vec<(PlaceKey, Vec<PersonId>)> {
        match self.act {
            Act::Create | Act::Invite | Act::Join | Act::Leave | Act::AddContact => {
                let comers = &self.about.comers;
                self.about
                    .places
                    .iter()
                    .map(|(key, _)| (key.clone(), comers.clone()))
                    .collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Whether the contacts that rule 3 may ask for are there: with every peer who would come in, or,
/// where nobody comes in, with one of those who are there.
pub fn contact_known(
    snapshot: &Snapshot,
    actor: &PersonId,
    comers: &[PersonId],
    there: &[PersonId],
) -> Contact {
    let own = snapshot.standing(actor.as_str()).side;
    let has = |person: &PersonId| snapshot.contact(actor.as_str(), person.as_str());
    let across = |person: &&PersonId| snapshot.standing(person.as_str()).side != own;
    let made = if comers.iter().any(|person| across(&person)) {
        comers.iter().filter(across).all(has)
    } else {
        there.iter().filter(across).any(has)
    };
    if made {
        Contact::Made
    } else {
        Contact::Missing
    }
}
