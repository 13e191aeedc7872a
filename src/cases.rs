//! Policy cases that an administrator writes in YAML, and what came of them.
//!
//! A file is one [`Story`]: networks, companies, people, rooms, and cases that each ask one thing of
//! the policy and say what must come of it:
//!
//! ```yaml
//! story: Acme lets some of its members talk to peers
//! networks:
//!   line: { requires_contact: true, restricted_kinds: [camera, contacts, drive, file] }
//! companies:
//!   acme:
//!     line: { connect: allow, permission: by_member, restrict_attachments: outbound }
//! people:
//!   alice: { company: acme, grants: [line] }
//!   bob: { company: acme }
//!   lin: { network: line }
//! rooms:
//!   tea: [alice, bob, lin]
//! cases:
//!   - name: Alice may write to Lin
//!     who: alice
//!     does: send
//!     kinds: [text]
//!     in: tea
//!     expect: allow
//! ```
//!
//! | key of a case | meaning |
//! | --- | --- |
//! | `name` | what is promised, in words; no two cases of a story share one |
//! | `who` | who acts; with `shown_to`: who wrote it, or who is looked at; else who looks |
//! | `does` | an act, `send` if nothing is said; a list makes one case each |
//! | `kinds` | the kinds of content in it, together |
//! | `each_kind` | kinds of content, one case each; `all` of them |
//! | `in` | a room by its name, a list of people, or `unknown` |
//! | `after` | the room as it would be afterwards |
//! | `brings` | who would come into the room by it, instead of `after` |
//! | `history` | `hidden` or `visible` to those who come in; `hidden` if nothing is said |
//! | `contact` | `made` or `missing`; `made` if nothing is said |
//! | `shown_to` | who reads it; a list makes one case each |
//! | `given` | what is otherwise than the story has it: company, network, settings; `nothing` for a network that the company says nothing of |
//! | `when` | what happens before, step by step: see below |
//! | `expect` | one of the following |
//!
//! | expect | what is asked |
//! | --- | --- |
//! | `allow`, `{ allow: recorded, greet: line }` | the act may pass; `recorded` or `unrecorded`; the network a greeting goes out on, or `nobody` |
//! | `{ block: not_permitted, network: line, company: acme, kind: camera }` | it may not, for this reason; what is not named is not looked at, `nobody` means that none may be told |
//! | `unknown`, `known` | how `who` is shown to `shown_to` |
//! | `concealed`, `disclosed` | whether a refusal may not, or may, tell `shown_to` that there is `who` |
//! | `hidden`, `{ hidden: connect_denied }`, `visible` | whether the room is there for `who` |
//! | `{ buttons_off: [camera, drive] }` | the kinds that `who` is told are off; `all`, or `[]` for none |
//! | `{ fails: [bob], network: line }` | the colleagues of `who` in the room whom rule 6 names |
//!
//! | step of `when` | what happens |
//! | --- | --- |
//! | `{ given: … }` | the settings become these |
//! | `{ appears: bob }` | a member is seen; for the first time, if the people's list says `new: true` |
//! | `{ grant: bob, on: line }`, `revoke` | an administrator gives or takes a grant |
//! | `{ suspend: bob }`, `resume`, `delete`, `create` | an administrator does so |
//! | … with `refused: all_members` | it conflicts: `all_members`, `provisioned`, `suspended_by_file`, `deleted` |
//!
//! In the list of people, `grants` are given at run time; a grant that stands in a file is
//! `provisioned: [line]`.
//!
//! Start at [`read`], then [`Story::run`].

mod decode;
mod expectation;
mod history;
mod promise;
mod reader;
mod setting;
#[cfg(test)]
mod tests;
mod town;
mod variant;

use std::sync::Arc;

use crate::policy::question::Contact;
use crate::policy::{
    Act, KindSet, NetworkIx, PersonId, Question, RoomStanding, Settings, Side, Standing, Verdict,
    decide, unknown,
};

pub use decode::{read, read_among};
pub use expectation::Expectation;
use expectation::{found_verdict, words_of};

/// One file of cases.
#[derive(Clone, Debug)]
pub struct Story {
    /// What it is about.
    pub title: String,
    /// The cases, in the order written.
    pub cases: Vec<Case>,
}

/// One promise: something asked of the policy, and what must come of it.
#[derive(Clone, Debug)]
pub struct Case {
    /// The promise in words.
    pub name: String,
    /// The settings it is asked of.
    pub settings: Arc<Settings>,
    /// What is asked.
    pub asked: Asked,
    /// What must come of it.
    pub expected: Expectation,
    /// What went otherwise before it was asked than its `when` says.
    pub otherwise: Option<Mistake>,
}

/// What a case asks. An expectation looks at those parts of it that it is about.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Who acts, wrote, looks or is looked at.
    pub who: Standing,
    /// Who reads it, if it is one.
    pub viewer: Option<Standing>,
    /// What is done.
    pub act: Act,
    /// The kinds of content in it.
    pub kinds: KindSet,
    /// The room.
    pub room: RoomStanding,
    /// The room afterwards, if it changes.
    pub after: Option<RoomStanding>,
    /// Whether those who come in could read what was said before.
    pub history_visible: bool,
    /// Whether there is a contact.
    pub contact: Contact,
    /// The people of the room as it would be afterwards.
    pub people: Vec<(PersonId, Standing)>,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The case.
    pub name: String,
    /// What was expected and what was found, where the two differ.
    pub mistake: Option<Mistake>,
}

/// What was expected and what was found, in the words of the format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// What the case says.
    pub expected: String,
    /// What the policy says.
    pub found: String,
}

impl Story {
    /// Asks every case.
    pub fn run(&self) -> Vec<Outcome> {
        self.cases.iter().map(Case::run).collect()
    }
}

impl Case {
    /// Asks the policy, and compares.
    pub fn run(&self) -> Outcome {
        let settings = &self.settings;
        let found = self.expected.found_by(settings, &self.asked);
        let mistake = (!self.expected.matches(&found)).then(|| Mistake {
            expected: words_of(settings, &self.expected),
            found: words_of(settings, &found),
        });
        Outcome {
            name: self.name.clone(),
            mistake: self.otherwise.clone().or(mistake),
        }
    }
}

impl Asked {
    fn verdict(&self, settings: &Settings) -> Verdict {
        let question = Question {
            actor: self.who,
            viewer: self.viewer,
            act: self.act,
            kinds: self.kinds,
            room: &self.room,
            after: self.after.as_ref(),
            history_visible: self.history_visible,
            contact: self.contact,
        };
        decide(settings, &question)
    }

    fn failing(&self, settings: &Settings, network: NetworkIx) -> Vec<PersonId> {
        let Side::Company(own) = self.who.side else {
            return Vec::new();
        };
        let people = self.people.iter().map(|(id, person)| (id.clone(), *person));
        unknown::who_fails(settings, own, network, people).collect()
    }
}

impl Expectation {
    /// What the policy says to a question of this form.
    fn found_by(&self, settings: &Settings, asked: &Asked) -> Self {
        match self {
            Self::Allow { .. } | Self::Block { .. } => found_verdict(&asked.verdict(settings)),
            Self::Unknown(_) => {
                let viewer = asked.viewer.unwrap_or(Standing::UNCLASSIFIED);
                Self::Unknown(unknown::is_unknown_to(settings, asked.who, viewer))
            }
            Self::Concealed(_) => {
                let viewer = asked.viewer.unwrap_or(Standing::UNCLASSIFIED);
                Self::Concealed(unknown::is_concealed_from(settings, asked.who, viewer))
            }
            Self::Hidden(_) | Self::Visible => {
                match unknown::is_hidden_from(settings, &asked.room, asked.who) {
                    Some(reason) => Self::Hidden(Some(reason)),
                    None => Self::Visible,
                }
            }
            Self::ButtonsOff(_) => {
                Self::ButtonsOff(unknown::buttons_off(settings, &asked.room, asked.who))
            }
            Self::Fails { network, .. } => Self::Fails {
                people: asked.failing(settings, *network),
                network: *network,
            },
        }
    }
}
