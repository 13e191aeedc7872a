//! May this person do this in a room of these people? Every rule's answer, and what would have to
//! change.

use serde::Serialize;

use super::why::{self, Why};
use super::world::World;
use crate::gateway::enforce::contact_known;
use crate::policy::findings::Says;
use crate::policy::question::Contact;
use crate::policy::settings::Direction;
use crate::policy::{
    Act, Finding, KindSet, PersonId, Question, Reason, RoomStanding, Side, Standing, findings,
};

/// What is asked.
pub(super) struct ActOf {
    pub who: PersonId,
    pub act: Act,
    pub kinds: KindSet,
    /// `None`: nobody knows who is there.
    pub room: Option<Vec<PersonId>>,
    pub brings: Vec<PersonId>,
    pub shown_to: Option<PersonId>,
    pub history_visible: bool,
}

/// The answer.
#[derive(Serialize)]
pub(super) struct Explained {
    pub allowed: bool,
    pub who: String,
    pub act: &'static str,
    pub kinds: Vec<&'static str>,
    /// What blocks it: of the rule that comes first.
    pub block: Option<Blocked>,
    pub people: Vec<Person>,
    pub room: Room,
    pub rules: Vec<Rule>,
    /// What would have to change: all of it.
    pub changes: Vec<String>,
}

/// Why it is blocked.
#[derive(Serialize)]
pub(super) struct Blocked {
    /// The reason by the rule itself.
    pub reason: &'static str,
    pub rule: u8,
    pub company: Option<String>,
    pub network: Option<String>,
    pub kind: Option<&'static str>,
    /// The reason as the person is told it.
    pub told: &'static str,
    pub sentence: &'static str,
}

/// Somebody who is spoken of.
#[derive(Serialize)]
pub(super) struct Person {
    pub id: String,
    pub part: &'static str,
    pub stands: String,
}

/// What the people of the room add up to.
#[derive(Serialize)]
pub(super) struct Room {
    pub external: bool,
    /// Whether it would be external afterwards, where somebody comes in.
    pub external_afterwards: Option<bool>,
    pub companies: Vec<String>,
    pub networks: Vec<String>,
    /// Whether somebody could not be classified, or nobody knows who is there.
    pub unclassified: bool,
    /// Why the room is not there for who acts or reads, if it isn't.
    pub hidden: Option<&'static str>,
    /// Whether who wrote it is `unknown` to who reads it.
    pub author_unknown: Option<bool>,
}

/// What one rule says.
#[derive(Serialize)]
pub(super) struct Rule {
    pub company: Option<String>,
    pub network: Option<String>,
    pub direction: Option<&'static str>,
    pub rule: u8,
    pub name: &'static str,
    /// `yes`, `no`, or `not asked`.
    pub allows: &'static str,
    pub why: String,
    /// The file and line of the setting.
    pub at: Option<String>,
}

/// A room with those of it who count as being there.
pub(super) struct Scene<'a> {
    pub asked: &'a ActOf,
    pub before: RoomStanding,
    pub after: Option<RoomStanding>,
}

/// Answers.
pub(super) fn explain_act(world: &World, asked: &ActOf) -> Explained {
    let scene = Scene::of(world, asked);
    let question = scene.question(world);
    let found = findings(world.snapshot.settings(), &question);
    let block = world.snapshot.decide(&question).block().cloned();
    let rules: Vec<(&Finding, Why)> = found
        .iter()
        .map(|finding| (finding, why::why(world, &scene, finding)))
        .collect();
    let blocking = block.as_ref().and_then(|block| {
        let of_it = |finding: &&Finding| finding.told.as_ref() == Some(block);
        found
            .iter()
            .filter(of_it)
            .min_by_key(|finding| finding.rule)
    });
    let mut changes: Vec<String> = Vec::new();
    for change in rules.iter().filter_map(|(_, why)| why.change.clone()) {
        if !changes.contains(&change) {
            changes.push(change);
        }
    }
    Explained {
        allowed: block.is_none(),
        who: asked.who.to_string(),
        act: asked.act.as_str(),
        kinds: asked.kinds.iter().map(|kind| kind.as_str()).collect(),
        block: blocking.map(|finding| blocked(world, finding)),
        people: scene.people(world),
        room: scene.room(world),
        rules: rules
            .into_iter()
            .map(|(finding, why)| rule(world, finding, why))
            .collect(),
        changes,
    }
}

impl<'a> Scene<'a> {
    /// The people are looked up as the gateway would.
    pub fn of(world: &World, asked: &'a ActOf) -> Self {
        let standings = |ids: &[PersonId]| -> Vec<Standing> {
            ids.iter().map(|id| world.standing(id)).collect()
        };
        let before = match &asked.room {
            Some(room) => RoomStanding::of(standings(room)),
            None => RoomStanding::unknown(),
        };
        let after = (!asked.brings.is_empty()).then(|| before.with(standings(&asked.brings)));
        Self {
            asked,
            before,
            after,
        }
    }

    fn question(&self, world: &World) -> Question<'_> {
        let asked = self.asked;
        Question {
            actor: world.standing(&asked.who),
            viewer: asked.shown_to.as_ref().map(|viewer| world.standing(viewer)),
            act: asked.act,
            kinds: asked.kinds,
            room: &self.before,
            after: self.after.as_ref(),
            history_visible: asked.history_visible,
            contact: self.contact(world),
        }
    }

    fn contact(&self, world: &World) -> Contact {
        let there = self.asked.room.as_deref().unwrap_or_default();
        if self.asked.act == Act::AddContact {
            return Contact::Made;
        }
        contact_known(&world.snapshot, &self.asked.who, &self.asked.brings, there)
    }

    /// Everyone who is or would be there, with the part in which they are spoken of; each once.
    pub fn everyone(&self) -> Vec<(&'static str, &'a PersonId)> {
        let asked = self.asked;
        let wrote = if asked.shown_to.is_some() {
            "wrote it"
        } else {
            "acts"
        };
        let mut all = vec![(wrote, &asked.who)];
        let reader = asked.shown_to.iter().map(|id| ("reads it", id));
        let room = asked.room.iter().flatten().map(|id| ("in the room", id));
        let comers = asked.brings.iter().map(|id| ("comes in", id));
        for (part, id) in reader.chain(room).chain(comers) {
            if !all.iter().any(|(_, known)| *known == id) {
                all.push((part, id));
            }
        }
        all
    }

    fn people(&self, world: &World) -> Vec<Person> {
        let everyone = self.everyone().into_iter();
        everyone
            .map(|(part, id)| Person {
                id: id.to_string(),
                part,
                stands: world.stands(id),
            })
            .collect()
    }

    /// Who acts counts as being in the room.
    fn room(&self, world: &World) -> Room {
        let asked = self.asked;
        let here = self.before.with([world.standing(&asked.who)]);
        let viewer = asked.shown_to.as_ref().unwrap_or(&asked.who);
        let seen = world
            .snapshot
            .is_hidden_from(&self.before, world.standing(viewer));
        let author_unknown = asked.shown_to.as_ref().map(|viewer| {
            let (author, viewer) = (world.standing(&asked.who), world.standing(viewer));
            world.snapshot.is_unknown_to(author, viewer)
        });
        let companies = here
            .companies
            .iter()
            .map(|it| world.company(it.company).to_owned());
        Room {
            external: here.is_external(),
            external_afterwards: self.after.as_ref().map(RoomStanding::is_external),
            companies: companies.collect(),
            networks: here
                .networks
                .iter()
                .map(|it| world.network(it).to_owned())
                .collect(),
            unclassified: here.unclassified,
            hidden: seen.map(Reason::as_str),
            author_unknown,
        }
    }

    /// The members of a company who are or would be there.
    pub fn members(&self, world: &World, company: crate::policy::CompanyIx) -> Vec<&'a PersonId> {
        let own = |id: &PersonId| world.standing(id).side == Side::Company(company);
        let everyone = self.everyone().into_iter().map(|(_, id)| id);
        everyone.filter(|id| own(id)).collect()
    }
}

/// The number of a rule in the order of the rules.
pub(super) fn number(rule: Reason) -> u8 {
    let at = Reason::ALL.iter().position(|known| *known == rule);
    at.and_then(|at| u8::try_from(at + 1).ok())
        .unwrap_or_default()
}

fn blocked(world: &World, finding: &Finding) -> Blocked {
    let told = finding
        .told
        .as_ref()
        .map_or(finding.rule, |block| block.reason);
    let kind = finding.told.as_ref().and_then(|block| block.kind);
    Blocked {
        reason: finding.rule.as_str(),
        rule: number(finding.rule),
        company: finding
            .company
            .map(|company| world.company(company).to_owned()),
        network: finding
            .network
            .map(|network| world.network(network).to_owned()),
        kind: kind.map(|kind| kind.as_str()),
        told: told.as_str(),
        sentence: told.sentence(),
    }
}

fn rule(world: &World, finding: &Finding, why: Why) -> Rule {
    Rule {
        company: finding
            .company
            .map(|company| world.company(company).to_owned()),
        network: finding
            .network
            .map(|network| world.network(network).to_owned()),
        direction: finding.direction.map(|direction| match direction {
            Direction::Outbound => "outbound",
            Direction::Inbound => "inbound",
        }),
        rule: number(finding.rule),
        name: finding.rule.as_str(),
        allows: match finding.says {
            Says::Yes => "yes",
            Says::No => "no",
            Says::Nothing => "not asked",
        },
        why: why.why,
        at: why.at,
    }
}
