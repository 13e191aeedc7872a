//! What a case expects, how it compares with what was found, and both in words.

use crate::policy::{
    CompanyIx, ContentKind, KindSet, NetworkIx, PersonId, Reason, Settings, Verdict,
};

/// What must come of a case. Found answers have the same form, with nothing left open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expectation {
    /// It may pass. What is `None` is not looked at.
    Allow {
        /// Whether it is recorded.
        recorded: Option<bool>,
        /// The network a greeting goes out on, if one does.
        greet: Option<Option<NetworkIx>>,
    },
    /// It may not. What is `None` is not looked at; `Some(None)` is that none may be told.
    Block {
        /// The first rule that does not allow.
        reason: Reason,
        /// The network.
        network: Option<Option<NetworkIx>>,
        /// The company.
        company: Option<Option<CompanyIx>>,
        /// The kind of content.
        kind: Option<Option<ContentKind>>,
    },
    /// The one is shown to the other as `unknown`, or not.
    Unknown(bool),
    /// The other may not even learn that there is the one, or may.
    Concealed(bool),
    /// The room vanishes; for this reason, if one is named.
    Hidden(Option<Reason>),
    /// The room is there.
    Visible,
    /// The function buttons that are off.
    ButtonsOff(KindSet),
    /// The colleagues whom rule 6 names.
    Fails {
        /// Who they are, in the order of the room.
        people: Vec<PersonId>,
        /// The network that they may not use.
        network: NetworkIx,
    },
}

impl Expectation {
    /// Whether what was found is what is expected.
    pub(super) fn matches(&self, found: &Self) -> bool {
        match (self, found) {
            (
                Self::Allow { recorded, greet },
                Self::Allow {
                    recorded: was_recorded,
                    greet: greeted,
                },
            ) => is(recorded, was_recorded) && is(greet, greeted),
            (
                Self::Block {
                    reason,
                    network,
                    company,
                    kind,
                },
                Self::Block {
                    reason: found_reason,
                    network: found_network,
                    company: found_company,
                    kind: found_kind,
                },
            ) => {
                reason == found_reason
                    && is(network, found_network)
                    && is(company, found_company)
                    && is(kind, found_kind)
            }
            (Self::Hidden(None), Self::Hidden(_)) => true,
            _ => self == found,
        }
    }
}

/// Whether a part is as expected; one that is not named is.
fn is<T: PartialEq>(expected: &Option<T>, found: &Option<T>) -> bool {
    expected.is_none() || expected == found
}

/// A verdict in the form of an expectation.
pub(super) fn found_verdict(verdict: &Verdict) -> Expectation {
    match verdict {
        Verdict::Allow(owed) => Expectation::Allow {
            recorded: Some(owed.record),
            greet: Some(owed.greet),
        },
        Verdict::Block(block) => Expectation::Block {
            reason: block.reason,
            network: Some(block.network),
            company: Some(block.company),
            kind: Some(block.kind),
        },
    }
}

/// An expectation in the words of the format.
pub(super) fn words_of(settings: &Settings, expectation: &Expectation) -> String {
    match expectation {
        Expectation::Allow { recorded, greet } => {
            let recorded = recorded.map(|is| if is { "recorded" } else { "unrecorded" });
            let mut words = Words::of("allow", recorded.unwrap_or("either way"));
            words.part("greet", greet.map(|on| on.map(|on| network(settings, on))));
            words.finish()
        }
        Expectation::Block {
            reason,
            network: through,
            company: by,
            kind,
        } => {
            let mut words = Words::of("block", reason.as_str());
            words.part(
                "network",
                through.map(|on| on.map(|on| network(settings, on))),
            );
            words.part("company", by.map(|by| by.map(|by| company(settings, by))));
            words.part("kind", kind.map(|kind| kind.map(ContentKind::as_str)));
            words.finish()
        }
        Expectation::Unknown(true) => "unknown".to_owned(),
        Expectation::Unknown(false) => "known".to_owned(),
        Expectation::Concealed(true) => "concealed".to_owned(),
        Expectation::Concealed(false) => "disclosed".to_owned(),
        Expectation::Hidden(None) => "hidden".to_owned(),
        Expectation::Hidden(Some(reason)) => Words::of("hidden", reason.as_str()).finish(),
        Expectation::Visible => "visible".to_owned(),
        Expectation::ButtonsOff(kinds) => {
            let kinds: Vec<_> = kinds.iter().map(ContentKind::as_str).collect();
            Words::of("buttons_off", &format!("[{}]", kinds.join(", "))).finish()
        }
        Expectation::Fails {
            people,
            network: on,
        } => {
            let people: Vec<_> = people.iter().map(PersonId::as_str).collect();
            let mut words = Words::of("fails", &format!("[{}]", people.join(", ")));
            words.part("network", Some(Some(network(settings, *on))));
            words.finish()
        }
    }
}

fn network(settings: &Settings, network: NetworkIx) -> &str {
    settings.network(network).map_or("?", |it| it.id.as_str())
}

fn company(settings: &Settings, company: CompanyIx) -> &str {
    let company = settings.companies.get(usize::from(company.0));
    company.map_or("?", |it| it.id.as_str())
}

/// A mapping on one line, as a case writes it.
struct Words(String);

impl Words {
    fn of(key: &str, value: &str) -> Self {
        Self(format!("{{ {key}: {value}"))
    }

    /// Adds a part, where it is looked at.
    fn part(&mut self, key: &str, value: Option<Option<&str>>) {
        if let Some(value) = value {
            self.0
                .push_str(&format!(", {key}: {}", value.unwrap_or("nobody")));
        }
    }

    fn finish(self) -> String {
        self.0 + " }"
    }
}
