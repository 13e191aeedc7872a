//! A file of cases as written → what it asks and expects.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::expectation::Expectation;
use super::reader::{Reader, get, one_or_more};
use super::setting::{company, network, networks, read_given, read_kinds, read_settings};
use super::{Asked, Case, Story};
use crate::policy::question::Contact;
use crate::policy::{
    Act, ContentKind, KindSet, PersonId, Reason, RoomStanding, Settings, Side, Standing,
};
use crate::yaml::{Diagnostic, Document, Node};

const STORY_KEYS: &[&str] = &[
    "story",
    "networks",
    "between_companies",
    "companies",
    "people",
    "rooms",
    "cases",
];
const CASE_KEYS: &[&str] = &[
    "name",
    "who",
    "does",
    "kinds",
    "each_kind",
    "in",
    "after",
    "brings",
    "history",
    "contact",
    "shown_to",
    "given",
    "expect",
];

/// Reads a file of cases. Networks and companies that it declares come upon those of `base`, which
/// is empty for a file that stands for itself.
///
/// # Errors
/// All that is wrong in it.
pub fn read(document: &Document, base: &Settings) -> Result<Story, Vec<Diagnostic>> {
    let mut reader = Reader::new(document);
    let root = &document.root;
    reader.only(root, "a story", STORY_KEYS);
    let title = get(root, "story").and_then(|node| reader.text(node, "`story`"));
    let settings = read_settings(&mut reader, root, base);
    let mut town = Town {
        settings: Arc::new(settings),
        people: BTreeMap::new(),
        rooms: BTreeMap::new(),
    };
    town.read_people(&mut reader, root);
    town.read_rooms(&mut reader, root);
    let mut story = Story {
        title: title.unwrap_or_default().to_owned(),
        cases: Vec::new(),
    };
    match get(root, "cases") {
        Some(cases) => {
            for node in reader.list(cases, "`cases`") {
                story.cases.extend(town.read_case(&mut reader, node));
            }
            check_names(&mut reader, cases, &story);
        }
        None => reader.wrong(root, "there are no cases", "write them under `cases`"),
    }
    reader.finish(story)
}

/// Every case has a name of its own, by which it is found.
fn check_names(reader: &mut Reader<'_>, cases: &Node, story: &Story) {
    let mut names = HashSet::new();
    for case in &story.cases {
        if !names.insert(case.name.as_str()) {
            let message = format!("two cases have the name `{}`", case.name);
            reader.wrong(cases, message, "give each its own");
        }
    }
}

/// Those that a story is about.
struct Town<'d> {
    settings: Arc<Settings>,
    people: BTreeMap<&'d str, Standing>,
    rooms: BTreeMap<&'d str, Room>,
}

/// The people of a room, in the order written; `None`: nobody knows.
type Room = Option<Vec<(PersonId, Standing)>>;

fn standing_of(room: &Room) -> RoomStanding {
    room.as_ref().map_or_else(RoomStanding::unknown, |people| {
        RoomStanding::of(people.iter().map(|(_, person)| *person))
    })
}

impl<'d> Town<'d> {
    fn read_people(&mut self, reader: &mut Reader<'d>, root: &'d Node) {
        let Some(people) = get(root, "people") else {
            return;
        };
        for (key, node) in reader.entries(people, "`people`") {
            if let Some(person) = self.read_person(reader, node) {
                self.people.insert(&key.text, person);
            }
        }
    }

    fn read_person(&self, reader: &mut Reader<'d>, node: &'d Node) -> Option<Standing> {
        if node.as_text() == Some("unclassified") {
            return Some(Standing::UNCLASSIFIED);
        }
        reader.only(
            node,
            "a person",
            &["company", "network", "grants", "suspended"],
        );
        let grants = get(node, "grants").map(|node| networks(reader, &self.settings, node));
        let suspended = get(node, "suspended").and_then(|node| {
            reader.choice(node, "`suspended`", &[("true", true), ("false", false)])
        });
        let side = match (get(node, "company"), get(node, "network")) {
            (Some(of), None) => Side::Company(company(reader, &self.settings, of)?),
            (None, Some(on)) => Side::Network(network(reader, &self.settings, on)?),
            _ => {
                let help = "write `company`, or `network`, or `unclassified` in place of both";
                reader.wrong(node, "it is not said where this person stands", help);
                return None;
            }
        };
        Some(Standing {
            side,
            grants: grants.unwrap_or_default(),
            suspended: suspended.unwrap_or(false),
        })
    }

    fn read_rooms(&mut self, reader: &mut Reader<'d>, root: &'d Node) {
        let Some(rooms) = get(root, "rooms") else {
            return;
        };
        for (key, node) in reader.entries(rooms, "`rooms`") {
            let room = self.room(reader, node);
            self.rooms.insert(&key.text, room);
        }
    }

    /// A room by its name, by its people, or `unknown`.
    fn room(&self, reader: &mut Reader<'d>, node: &'d Node) -> Room {
        match node.as_text() {
            Some("unknown") => None,
            Some(name) => {
                let room = self.rooms.get(name);
                if room.is_none() {
                    let rooms = self.rooms.keys().copied().chain(["unknown"]);
                    reader.no_such(node, "a room", name, rooms);
                }
                room.cloned().flatten()
            }
            None => Some(self.folk(reader, node)),
        }
    }

    fn folk(&self, reader: &mut Reader<'d>, node: &'d Node) -> Vec<(PersonId, Standing)> {
        let nodes = one_or_more(node).iter();
        nodes
            .filter_map(|node| self.person(reader, node))
            .map(|(name, person)| (name.into(), person))
            .collect()
    }

    fn person(&self, reader: &mut Reader<'d>, node: &'d Node) -> Option<(&'d str, Standing)> {
        let name = reader.text(node, "a person")?;
        let person = self.people.get(name).copied();
        if person.is_none() {
            reader.no_such(node, "a person", name, self.people.keys().copied());
        }
        Some((name, person?))
    }

    /// A case, or one for each of what it lists.
    fn read_case(&self, reader: &mut Reader<'d>, node: &'d Node) -> Vec<Case> {
        reader.only(node, "a case", CASE_KEYS);
        let settings = match get(node, "given") {
            Some(given) => Arc::new(read_given(reader, given, &self.settings)),
            None => Arc::clone(&self.settings),
        };
        let required = |reader: &mut Reader<'d>, key: &str| {
            let found = get(node, key);
            if found.is_none() {
                reader.wrong(node, format!("this case has no `{key}`"), "write it");
            }
            found
        };
        let name = required(reader, "name").and_then(|node| reader.text(node, "`name`"));
        let who = required(reader, "who").and_then(|node| self.person(reader, node));
        let expected = required(reader, "expect")
            .and_then(|node| self.read_expectation(reader, node, &settings));
        // Somebody stands for a person who can't be read, so that what is wrong besides is found.
        let somebody = who.map_or(Standing::UNCLASSIFIED, |(_, who)| who);
        let asked = self.read_asked(reader, node, somebody);
        let variants = self.variants(reader, node);
        let (Some(name), Some(expected), Some(_)) = (name, expected, who) else {
            return Vec::new();
        };
        let case = Case {
            name: name.to_owned(),
            settings,
            asked,
            expected,
        };
        variants
            .into_iter()
            .map(|variant| variant.of(&case))
            .collect()
    }

    fn read_asked(&self, reader: &mut Reader<'d>, node: &'d Node, who: Standing) -> Asked {
        let room = get(node, "in").map(|node| self.room(reader, node));
        let room = room.unwrap_or_else(|| Some(Vec::new()));
        let after = self.read_after(reader, node, &room);
        let kinds = get(node, "kinds").map(|node| read_kinds(reader, node));
        let history = get(node, "history").and_then(|node| {
            reader.choice(node, "`history`", &[("visible", true), ("hidden", false)])
        });
        let contacts = [("made", Contact::Made), ("missing", Contact::Missing)];
        let contact =
            get(node, "contact").and_then(|node| reader.choice(node, "`contact`", &contacts));
        Asked {
            who,
            viewer: None,
            act: Act::Send,
            kinds: kinds.unwrap_or_default(),
            room: standing_of(&room),
            after: after.as_ref().map(standing_of),
            history_visible: history.unwrap_or(false),
            contact: contact.unwrap_or(Contact::Made),
            people: after.unwrap_or(room).unwrap_or_default(),
        }
    }

    /// The room after the act: written as such, or the room and those who come in.
    fn read_after(&self, reader: &mut Reader<'d>, node: &'d Node, room: &Room) -> Option<Room> {
        match (get(node, "after"), get(node, "brings")) {
            (None, None) => None,
            (Some(after), None) => Some(self.room(reader, after)),
            (None, Some(brings)) => {
                let coming = self.folk(reader, brings);
                let here = room.clone();
                Some(here.map(|here| here.into_iter().chain(coming).collect()))
            }
            (Some(_), Some(brings)) => {
                let help = "write one of the two";
                reader.wrong(brings, "`brings` and `after` say the same thing", help);
                None
            }
        }
    }

    /// What a case lists one by one: acts, kinds, viewers.
    fn variants(&self, reader: &mut Reader<'d>, node: &'d Node) -> Vec<Variant<'d>> {
        let mut variants = vec![Variant::default()];
        if let Some(acts) = get(node, "does") {
            let words: Vec<_> = Act::ALL.iter().map(|act| act.as_str()).collect();
            let acts = one_or_more(acts).iter();
            let acts: Vec<_> = acts
                .filter_map(|node| reader.word::<Act>(node, "`does`", &words))
                .collect();
            variants = each(&variants, &acts, |variant, act| variant.act = Some(act));
        }
        if let Some(kinds) = get(node, "each_kind") {
            let kinds: Vec<_> = read_kinds(reader, kinds).iter().collect();
            variants = each(&variants, &kinds, |variant, kind| variant.kind = Some(kind));
        }
        if let Some(viewers) = get(node, "shown_to") {
            let nodes = one_or_more(viewers).iter();
            let viewers: Vec<_> = nodes.filter_map(|node| self.person(reader, node)).collect();
            variants = each(&variants, &viewers, |variant, to| variant.viewer = Some(to));
        }
        variants
    }

    fn read_expectation(
        &self,
        reader: &mut Reader<'d>,
        node: &'d Node,
        settings: &Settings,
    ) -> Option<Expectation> {
        if node.as_text().is_some() {
            return read_short(reader, node);
        }
        let reasons: Vec<_> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
        if let Some(allow) = get(node, "allow") {
            reader.only(node, "an allowed act", &["allow", "greet"]);
            let words = [("recorded", true), ("unrecorded", false)];
            return Some(Expectation::Allow {
                recorded: reader.choice(allow, "`allow`", &words),
                greet: part(node, "greet", |on| network(reader, settings, on)),
            });
        }
        if let Some(block) = get(node, "block") {
            reader.only(node, "a block", &["block", "network", "company", "kind"]);
            let kinds: Vec<_> = ContentKind::ALL.iter().map(|kind| kind.as_str()).collect();
            return Some(Expectation::Block {
                reason: reader.word(block, "a reason", &reasons)?,
                network: part(node, "network", |on| network(reader, settings, on)),
                company: part(node, "company", |by| company(reader, settings, by)),
                kind: part(node, "kind", |kind| reader.word(kind, "a kind", &kinds)),
            });
        }
        if let Some(hidden) = get(node, "hidden") {
            reader.only(node, "a hidden room", &["hidden"]);
            let reason = reader.word(hidden, "a reason", &reasons)?;
            return Some(Expectation::Hidden(Some(reason)));
        }
        if let Some(kinds) = get(node, "buttons_off") {
            reader.only(node, "function buttons", &["buttons_off"]);
            return Some(Expectation::ButtonsOff(read_kinds(reader, kinds)));
        }
        if let (Some(fails), Some(on)) = (get(node, "fails"), get(node, "network")) {
            reader.only(node, "whom it fails for", &["fails", "network"]);
            let people = self.folk(reader, fails);
            return Some(Expectation::Fails {
                people: people.into_iter().map(|(id, _)| id).collect(),
                network: network(reader, settings, on)?,
            });
        }
        let help = "write `allow`, `block`, `hidden`, `buttons_off`, or `fails` with `network`";
        reader.wrong(node, "it is not said what is expected", help);
        None
    }
}

fn read_short(reader: &mut Reader<'_>, node: &Node) -> Option<Expectation> {
    match reader.text(node, "`expect`")? {
        "allow" => Some(Expectation::Allow {
            recorded: None,
            greet: None,
        }),
        "unknown" => Some(Expectation::Unknown(true)),
        "known" => Some(Expectation::Unknown(false)),
        "hidden" => Some(Expectation::Hidden(None)),
        "visible" => Some(Expectation::Visible),
        other => {
            let words = ["allow", "unknown", "known", "hidden", "visible"];
            reader.no_such(node, "`expect`", other, words.into_iter());
            None
        }
    }
}

/// A part of an expectation: not named, named `nobody`, or what it is.
fn part<'d, T>(
    node: &'d Node,
    key: &str,
    read: impl FnOnce(&'d Node) -> Option<T>,
) -> Option<Option<T>> {
    let part = get(node, key)?;
    if part.as_text() == Some("nobody") {
        Some(None)
    } else {
        Some(read(part))
    }
}

/// One of the acts, kinds and viewers that a case lists.
#[derive(Clone, Default)]
struct Variant<'d> {
    act: Option<Act>,
    kind: Option<ContentKind>,
    viewer: Option<(&'d str, Standing)>,
    /// What tells it from the others of its case, for its name.
    told_by: Vec<&'d str>,
}

impl Variant<'_> {
    fn of(self, case: &Case) -> Case {
        let mut case = case.clone();
        case.asked.viewer = self.viewer.map(|(_, viewer)| viewer);
        if let Some(kind) = self.kind {
            case.asked.kinds = case.asked.kinds.union(KindSet::of(kind));
        }
        case.asked.act = match (self.act, self.viewer) {
            (Some(act), _) => act,
            (None, Some(_)) => Act::Show,
            (None, None) => Act::Send,
        };
        if !self.told_by.is_empty() {
            case.name = format!("{} ({})", case.name, self.told_by.join(", "));
        }
        case
    }
}

/// Something that a case can list.
trait Listed<'d>: Copy {
    fn told(self) -> &'d str;
}

impl<'d> Listed<'d> for Act {
    fn told(self) -> &'d str {
        self.as_str()
    }
}

impl<'d> Listed<'d> for ContentKind {
    fn told(self) -> &'d str {
        self.as_str()
    }
}

impl<'d> Listed<'d> for (&'d str, Standing) {
    fn told(self) -> &'d str {
        self.0
    }
}

/// Each variant with each of the items; named by it, where there are several.
fn each<'d, T: Listed<'d>>(
    variants: &[Variant<'d>],
    items: &[T],
    set: impl Fn(&mut Variant<'d>, T),
) -> Vec<Variant<'d>> {
    let pairs = variants
        .iter()
        .flat_map(|variant| items.iter().map(move |item| (variant, *item)));
    pairs
        .map(|(variant, item)| {
            let mut variant = variant.clone();
            if items.len() > 1 {
                variant.told_by.push(item.told());
            }
            set(&mut variant, item);
            variant
        })
        .collect()
}
