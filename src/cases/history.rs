//! What happens before a case is asked: its `when`, step by step.

use std::sync::Arc;

use super::Mistake;
use super::reader::{Reader, get, one_or_more};
use super::setting::{network, read_given};
use super::town::Town;
use crate::policy::NetworkIx;
use crate::policy::grants::{Event, Refusal, after};
use crate::yaml::Node;

/// What can happen to somebody, and whether it is about a network.
const EVENTS: &[&str] = &[
    "appears", "create", "grant", "revoke", "suspend", "resume", "delete",
];

/// The ways in which it can be refused.
const REFUSALS: [Refusal; 4] = [
    Refusal::AllMembers(NetworkIx(0)),
    Refusal::Provisioned(NetworkIx(0)),
    Refusal::SuspendedByFile,
    Refusal::Deleted,
];

impl<'d, 'p> Town<'d, 'p> {
    /// The town after these steps, and the first of them that went otherwise than is written.
    pub(super) fn after(
        &self,
        reader: &mut Reader<'d>,
        when: &'d Node,
    ) -> (Town<'d, 'p>, Option<Mistake>) {
        let mut town = self.clone();
        let mut mistake = None;
        for (number, step) in (1..).zip(reader.list(when, "`when`")) {
            let wrong = town.step(reader, step);
            mistake = mistake.or_else(|| wrong.map(|wrong| wrong.at(number)));
        }
        town.look_again();
        (town, mistake)
    }

    fn step(&mut self, reader: &mut Reader<'d>, step: &'d Node) -> Option<Wrong> {
        if let Some(given) = get(step, "given") {
            reader.only(step, "a step of settings", &["given"]);
            self.settings = Arc::new(read_given(reader, given, &self.settings));
            return None;
        }
        let known: Vec<_> = EVENTS.iter().copied().chain(["on", "refused"]).collect();
        reader.only(step, "a step", &known);
        let words: Vec<_> = REFUSALS.iter().map(|one| (one.as_str(), *one)).collect();
        let refused =
            get(step, "refused").and_then(|node| reader.choice(node, "`refused`", &words));
        let on = get(step, "on").and_then(|node| network(reader, &self.settings, node));
        let named = EVENTS
            .iter()
            .find_map(|word| Some((*word, get(step, word)?)));
        let event = named.and_then(|(word, people)| Some((event(word, on)?, people)));
        let Some((event, people)) = event else {
            let help = "write `appears: alice`, `grant: alice` with `on: line`, or `given`";
            reader.wrong(step, "it is not said what happens", help);
            return None;
        };
        let mut wrong = None;
        for node in one_or_more(people) {
            let name = reader.text(node, "a person")?;
            let Some((company, files, member)) = self.members.get(name).copied() else {
                let members = self.members.keys().copied();
                reader.no_such(node, "a member", name, members);
                continue;
            };
            let change = after(&self.settings, company, files, member, event);
            let found = change.err().map(Refusal::as_str);
            if found != refused.map(Refusal::as_str) {
                wrong = Some(Wrong(refused.map(Refusal::as_str), found));
            }
            if let Ok(change) = change {
                self.members.insert(name, (company, files, change.member));
            }
        }
        wrong
    }
}

fn event(word: &str, on: Option<NetworkIx>) -> Option<Event> {
    match (word, on) {
        ("appears", None) => Some(Event::Appear),
        ("create", None) => Some(Event::Create),
        ("grant", Some(network)) => Some(Event::Grant(network)),
        ("revoke", Some(network)) => Some(Event::Revoke(network)),
        ("suspend", None) => Some(Event::Suspend),
        ("resume", None) => Some(Event::Resume),
        ("delete", None) => Some(Event::Delete),
        _ => None,
    }
}

/// How a step should have gone, and how it went: refused by these words, or not.
struct Wrong(Option<&'static str>, Option<&'static str>);

impl Wrong {
    fn at(self, step: usize) -> Mistake {
        let words = |refused: Option<&str>| match refused {
            Some(word) => format!("step {step} is refused: {word}"),
            None => format!("step {step} happens"),
        };
        Mistake {
            expected: words(self.0),
            found: words(self.1),
        }
    }
}
