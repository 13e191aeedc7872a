//! Why a rule says what it says: the setting, its place, and what would have to change.

use super::act::Scene;
use super::world::World;
use crate::policy::findings::Says;
use crate::policy::settings::{Connect, Direction, EncryptedRooms, Permission, Restrict, Rules};
use crate::policy::unknown::{may_use, who_fails};
use crate::policy::{CompanyIx, ContentKind, Finding, KindSet, NetworkIx, PersonId, Reason, Side};

/// Why.
pub(super) struct Why {
    pub why: String,
    /// Where the setting stands.
    pub at: Option<String>,
    /// What would have to change, where it does not allow.
    pub change: Option<String>,
}

/// One company's rules for one network, as a reason is looked for.
struct Desk<'a> {
    world: &'a World,
    scene: &'a Scene<'a>,
    finding: &'a Finding,
    company: CompanyIx,
    network: NetworkIx,
    rules: Option<&'a Rules>,
}

/// Why a rule says what it says.
pub(super) fn why(world: &World, scene: &Scene<'_>, finding: &Finding) -> Why {
    let (company, network) = match (finding.company, finding.network) {
        (Some(company), Some(network)) => (company, network),
        (Some(company), None) if finding.says == Says::No => return beyond(world, scene, company),
        (Some(_), None) => {
            return plain("it opens to nobody whom its members may not talk to".to_owned());
        }
        (None, _) => return unspoken(world, scene),
    };
    let desk = Desk {
        world,
        scene,
        finding,
        company,
        network,
        rules: world.rules(company, network),
    };
    match finding.rule {
        Reason::ConnectDenied => desk.connect(),
        Reason::NotPermitted => desk.permission(),
        Reason::NoContact => desk.contact(),
        Reason::Encrypted => desk.encrypted(),
        Reason::AttachmentRestricted => desk.attachments(),
        Reason::WouldBecomeExternal | Reason::PeerSideDenied => desk.opening(),
    }
}

fn plain(why: String) -> Why {
    Why {
        why,
        at: None,
        change: None,
    }
}

/// Nobody's policy speaks for it.
fn unspoken(world: &World, scene: &Scene<'_>) -> Why {
    let strangers = strangers(world, scene);
    if strangers.is_empty() {
        return Why {
            why: "no company is in the room, so no policy speaks for it".to_owned(),
            at: None,
            change: Some("only a company's policy could allow it".to_owned()),
        };
    }
    Why {
        why: format!(
            "nobody knows where {} stand: nobody's policy speaks for them",
            listed(&strangers)
        ),
        at: None,
        change: Some(declare(world, &strangers)),
    }
}

/// People who are reached through no network that is known.
fn beyond(world: &World, scene: &Scene<'_>, company: CompanyIx) -> Why {
    let strangers = strangers(world, scene);
    let own = world.company(company);
    if !strangers.is_empty() {
        return Why {
            why: format!(
                "nobody knows where {} stand, so it is as denied",
                listed(&strangers)
            ),
            at: None,
            change: Some(declare(world, &strangers)),
        };
    }
    if scene.asked.room.is_none() {
        return Why {
            why: "nobody knows who is in the room, so it is as denied".to_owned(),
            at: None,
            change: Some("the message server must tell who is in the room".to_owned()),
        };
    }
    Why {
        why: format!("no network joins `{own}` and other companies"),
        at: Some(world.path.display().to_string()),
        change: Some(format!(
            "set `between_companies: true` for one of the `networks` in {}",
            world.path.display()
        )),
    }
}

fn strangers<'a>(world: &World, scene: &Scene<'a>) -> Vec<&'a PersonId> {
    let everyone = scene.everyone().into_iter().map(|(_, id)| id);
    everyone
        .filter(|id| world.standing(id).side == Side::Unclassified)
        .collect()
}

fn declare(world: &World, strangers: &[&PersonId]) -> String {
    format!(
        "list {} under the `members` of a company, or let a pattern of `networks.….people` in {} fit",
        listed(strangers),
        world.path.display()
    )
}

impl Desk<'_> {
    fn connect(&self) -> Why {
        if self.finding.says == Says::Nothing {
            return plain("what was sent while it was open stays".to_owned());
        }
        let (company, network) = (
            self.world.company(self.company),
            self.world.network(self.network),
        );
        match self.rules.map(|rules| rules.connect) {
            None => {
                let at = self.world.at_company(self.company, "external_messaging");
                let place = at.clone().unwrap_or_default();
                Why {
                    why: format!("`{company}` says nothing of `{network}`, so it is denied"),
                    at,
                    change: Some(format!(
                        "write `external_messaging.{network}` with `connect: allow` for `{company}` in {place}"
                    )),
                }
            }
            Some(Connect::Deny) => self.setting("connect", "`connect` is `deny`", |_| {
                self.set("connect", "allow")
            }),
            Some(Connect::Allow) => {
                self.setting("connect", "`connect` is `allow`", |_| String::new())
            }
        }
    }

    fn permission(&self) -> Why {
        let Some(rules) = self.rules.filter(|rules| rules.connect == Connect::Allow) else {
            return plain("rule 1 denies it to everyone".to_owned());
        };
        if self.finding.says == Says::Nothing {
            return plain("what was sent while it was permitted stays".to_owned());
        }
        let subjects = self.subjects();
        let names = listed(&subjects);
        let everyone = rules.permission == Permission::AllMembers;
        if self.finding.says == Says::Yes {
            return if everyone {
                self.setting("permission", "`permission` is `all_members`", |_| {
                    String::new()
                })
            } else {
                let settings = self.world.snapshot.settings();
                let holds = |id: &&PersonId| {
                    may_use(settings, self.world.standing(id), self.network).is_ok()
                };
                let holders: Vec<&PersonId> = subjects.into_iter().filter(holds).collect();
                let why = format!("{} may: a grant is held", listed(&holders));
                self.setting("connected_members", &why, |_| String::new())
            };
        }
        let suspended = |id: &&&PersonId| self.world.standing(id).suspended;
        if subjects.iter().any(|id| suspended(&id)) {
            let at = self.world.at_company(self.company, "suspended");
            let place = at.clone().unwrap_or_default();
            return Why {
                why: format!("{names}: suspended, so as without a grant"),
                at,
                change: Some(format!("take them out of `suspended` in {place}")),
            };
        }
        let network = self.world.network(self.network);
        let why = format!("`permission` is `by_member`, and no grant is held by {names}");
        self.setting("connected_members", &why, |place| {
            let everyone = self.set("permission", "all_members");
            format!("grant {names} `{network}`: add to {place}; or {everyone}")
        })
    }

    /// Those who have to be permitted: who acts, who reads, or somebody of those who are there.
    fn subjects(&self) -> Vec<&PersonId> {
        let asked = self.scene.asked;
        match (self.finding.direction, &asked.shown_to) {
            (Some(Direction::Inbound), Some(viewer)) => vec![viewer],
            (Some(Direction::Outbound), _) => vec![&asked.who],
            _ => self.scene.members(self.world, self.company),
        }
    }

    fn contact(&self) -> Why {
        let network = self.world.network(self.network);
        if self.finding.says == Says::Nothing {
            return plain("what is shown needs no contact".to_owned());
        }
        let at = self.world.at_network(self.network, "requires_contact");
        if !self
            .world
            .snapshot
            .settings()
            .requires_contact(self.network)
        {
            let why = format!("`{network}` requires no contact");
            return Why {
                why,
                at: Some(at),
                change: None,
            };
        }
        if self.finding.says == Says::Yes {
            let why = format!("`{network}` requires a contact, and there is one");
            return Why {
                why,
                at: Some(at),
                change: None,
            };
        }
        let place = self
            .world
            .at_company(self.company, "contacts")
            .unwrap_or_default();
        let change = format!(
            "a contact must be made, or declared under `contacts` in {place}; or set \
             `networks.{network}.requires_contact: false` in {at}"
        );
        Why {
            why: format!("`{network}` requires a contact, and there is none"),
            at: Some(at),
            change: Some(change),
        }
    }

    fn encrypted(&self) -> Why {
        if self.finding.says == Says::Nothing {
            return plain("nothing in it is encrypted".to_owned());
        }
        let Some(rules) = self.rules else {
            return self.silent();
        };
        let word = match rules.encrypted_rooms {
            EncryptedRooms::Auto => "auto",
            EncryptedRooms::Refuse => "refuse",
            EncryptedRooms::Pass => "pass",
        };
        let why = format!("`encrypted_rooms` is `{word}`");
        self.setting("encrypted_rooms", &why, |_| {
            self.set("encrypted_rooms", "pass")
        })
    }

    fn attachments(&self) -> Why {
        if self.finding.says == Says::Nothing {
            return plain("it has no content that is judged".to_owned());
        }
        let Some(rules) = self.rules else {
            return self.silent();
        };
        let word = match rules.restrict_attachments {
            Restrict::Both => "true",
            Restrict::Nothing => "false",
            Restrict::Outbound => "outbound",
        };
        let kinds = self.scene.asked.kinds;
        if self.finding.says == Says::Yes {
            let covers = self
                .finding
                .direction
                .is_some_and(|way| rules.restrict_attachments.covers(way));
            let about = if covers {
                format!(", which does not cover {}", kinds_of(kinds))
            } else {
                String::new()
            };
            let why = format!("`restrict_attachments` is `{word}`{about}");
            return self.setting("restrict_attachments", &why, |_| String::new());
        }
        let restricted = self
            .world
            .snapshot
            .settings()
            .restricted_kinds(Some(rules), self.network);
        let held = kinds.intersection(restricted);
        let why = format!(
            "`restrict_attachments` is `{word}`, which covers {}",
            kinds_of(held)
        );
        let inbound = self.finding.direction == Some(Direction::Inbound);
        let or_outbound = if inbound { ", or to `outbound`" } else { "" };
        let list = self.list_of_kinds(rules, held);
        self.setting("restrict_attachments", &why, |_| {
            let off = self.set("restrict_attachments", "false");
            format!("{off}{or_outbound}{list}")
        })
    }

    /// The other way: the list of what is restricted.
    fn list_of_kinds(&self, rules: &Rules, held: KindSet) -> String {
        // What could not be classified is restricted without being named.
        if held.contains(ContentKind::Other) {
            return String::new();
        }
        let place = match rules.restricted_kinds {
            Some(_) => self
                .world
                .at(self.company, self.network, "restricted_kinds")
                .unwrap_or_default(),
            None => self.world.at_network(self.network, "restricted_kinds"),
        };
        format!(
            "; or take {} out of `restricted_kinds` ({place})",
            kinds_of(held)
        )
    }

    fn opening(&self) -> Why {
        let network = self.world.network(self.network);
        let members = self.scene.members(self.world, self.company);
        let people = members.into_iter().map(|id| (id, self.world.standing(id)));
        let failing: Vec<&PersonId> = who_fails(
            self.world.snapshot.settings(),
            self.company,
            self.network,
            people,
        )
        .collect();
        if failing.is_empty() {
            let why = "what was said before would become visible outside";
            return self.setting("history_on_external", why, |_| {
                let allow = self.set("history_on_external", "allow");
                format!("hide the past from those who come in, or {allow}")
            });
        }
        let names = listed(&failing);
        let why = format!("{names} may not use `{network}`, and would be in an external room");
        self.setting("connected_members", &why, |place| {
            format!("permit {names} to use `{network}`: {place}; or make the room without them")
        })
    }

    /// A company that says nothing of a network is as strict as can be.
    fn silent(&self) -> Why {
        let (company, network) = (
            self.world.company(self.company),
            self.world.network(self.network),
        );
        plain(format!(
            "`{company}` says nothing of `{network}`, so it is as strict as can be"
        ))
    }

    /// That a setting would have to be another, and where.
    fn set(&self, key: &str, value: &str) -> String {
        let (company, network) = (
            self.world.company(self.company),
            self.world.network(self.network),
        );
        let at = self.world.at(self.company, self.network, key);
        let place = at.unwrap_or_else(|| self.world.path.display().to_string());
        format!("set `external_messaging.{network}.{key}: {value}` for `{company}` in {place}")
    }

    /// A reason that is a setting, and where it stands. `change` is told that place.
    fn setting(&self, key: &str, why: &str, change: impl Fn(&str) -> String) -> Why {
        let (company, network) = (
            self.world.company(self.company),
            self.world.network(self.network),
        );
        let at = self.world.at(self.company, self.network, key);
        let place = format!(
            "`external_messaging.{network}.{key}` of `{company}` ({})",
            at.as_deref().unwrap_or("not written")
        );
        Why {
            why: why.to_owned(),
            change: (self.finding.says == Says::No).then(|| change(&place)),
            at,
        }
    }
}

/// Ids in words.
fn listed(people: &[&PersonId]) -> String {
    let ids: Vec<String> = people.iter().map(|id| format!("`{id}`")).collect();
    ids.join(", ")
}

fn kinds_of(kinds: KindSet) -> String {
    let words: Vec<String> = kinds.iter().map(|kind| format!("`{kind}`")).collect();
    words.join(", ")
}
