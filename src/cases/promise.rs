//! What a case expects, as written.

use super::expectation::Expectation;
use super::reader::{Reader, get};
use super::setting::{company, network, read_kinds};
use super::town::Town;
use crate::policy::{ContentKind, Reason, Settings};
use crate::yaml::Node;

impl<'d> Town<'d, '_> {
    /// What must come of a case.
    pub(super) fn read_expectation(
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
        "concealed" => Some(Expectation::Concealed(true)),
        "disclosed" => Some(Expectation::Concealed(false)),
        "hidden" => Some(Expectation::Hidden(None)),
        "visible" => Some(Expectation::Visible),
        other => {
            let words = [
                "allow",
                "unknown",
                "known",
                "concealed",
                "disclosed",
                "hidden",
                "visible",
            ];
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
