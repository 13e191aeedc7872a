//! A file of cases as written → what it asks and expects.

use std::collections::HashSet;
use std::sync::Arc;

use super::reader::{Reader, get};
use super::setting::{read_given, read_kinds, read_settings};
use super::town::{Room, Town, standing_of};
use super::{Asked, Case, Story};
use crate::policy::question::Contact;
use crate::policy::{Act, Settings, Standing};
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
    "when",
    "expect",
];

/// Reads a file of cases. Networks and companies that it declares come upon those of `base`, which
/// is empty for a file that stands for itself.
///
/// # Errors
/// All that is wrong in it.
pub fn read(document: &Document, base: &Settings) -> Result<Story, Vec<Diagnostic>> {
    read_among(document, base, &|_| Standing::UNCLASSIFIED)
}

/// [`read`], where people whom the story does not declare are looked up: those of a configuration.
/// Whoever is unclassified there is taken for a slip of the pen; a story that means it declares it.
///
/// # Errors
/// The same.
pub fn read_among(
    document: &Document,
    base: &Settings,
    people: &dyn Fn(&str) -> Standing,
) -> Result<Story, Vec<Diagnostic>> {
    let mut reader = Reader::new(document);
    let root = &document.root;
    reader.only(root, "a story", STORY_KEYS);
    let title = get(root, "story").and_then(|node| reader.text(node, "`story`"));
    let settings = read_settings(&mut reader, root, base);
    let town = Town::read(&mut reader, root, settings, people);
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

impl<'d> Town<'d, '_> {
    /// A case, or one for each of what it lists.
    fn read_case(&self, reader: &mut Reader<'d>, node: &'d Node) -> Vec<Case> {
        reader.only(node, "a case", CASE_KEYS);
        match get(node, "when") {
            Some(when) => {
                let (town, otherwise) = self.after(reader, when);
                let mut cases = town.read_question(reader, node);
                for case in &mut cases {
                    case.otherwise.clone_from(&otherwise);
                }
                cases
            }
            None => self.read_question(reader, node),
        }
    }

    fn read_question(&self, reader: &mut Reader<'d>, node: &'d Node) -> Vec<Case> {
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
            otherwise: None,
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
}
