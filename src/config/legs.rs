//! The legs that `gateway.yaml` names, and whether the dialect has them.

use std::ops::Range;
use std::sync::Arc;

use super::gateway_file::GatewayReader;
use super::view::View;
use crate::cache::Directory;
use crate::dialect::{Dialect, Sender};
use crate::gateway::settings::{Leg, Listener};
use crate::policy::Side;
use crate::yaml::{Diagnostic, Source, suggest};

/// The most legs.
const LEGS_MAX: usize = 64;

/// Where a leg was named, to be held against the dialect.
pub(super) struct NamedLeg {
    name: Range<usize>,
    reader: Option<Range<usize>>,
}

impl<'d> GatewayReader<'_, 'd> {
    /// The legs, whose listeners are added to those of the clients.
    pub(super) fn legs(
        &mut self,
        list: View<'d>,
        listeners: &mut Vec<Listener>,
    ) -> (Vec<Leg>, Vec<NamedLeg>) {
        let (mut legs, mut named) = (Vec::new(), Vec::new());
        for node in list.items() {
            let view = View::of(node);
            let (Some(name), Some(at)) = (view.key("leg").text(), view.key("leg").0) else {
                continue;
            };
            if legs.len() == LEGS_MAX {
                let message = format!("more than {LEGS_MAX} legs");
                self.complain(node, &message, "start another gateway for them");
                break;
            }
            self.listeners(view.key("listeners"), Some(legs.len()), listeners);
            let upstream = view.key("upstream");
            for key in ["lookup_token", "name"] {
                if let Some(node) = upstream.key(key).0 {
                    let message = "what must be learnt is asked of the message server, not here";
                    self.complain(node, message, "remove it");
                }
            }
            let reader = view.key("reader");
            legs.push(Leg {
                name: name.into(),
                upstream: self.upstream(upstream),
                reader: reader.text().map(Into::into),
            });
            named.push(NamedLeg {
                name: at.span.clone(),
                reader: reader.0.map(|node| node.span.clone()),
            });
        }
        (legs, named)
    }
}

/// What the legs must agree with.
pub(super) struct Others<'o> {
    pub(super) dialect: &'o Dialect,
    pub(super) directory: &'o Directory,
    /// Whether the gateway has a token of its own for look-ups.
    pub(super) may_ask: bool,
}

/// What of the legs does not agree with the other settings.
pub(super) fn disagreements(
    legs: &[Leg],
    named: &[NamedLeg],
    others: &Others<'_>,
    source: &Arc<Source>,
) -> Vec<Diagnostic> {
    let dialect = others.dialect;
    let mut found = Vec::new();
    for (leg, at) in legs.iter().zip(named) {
        let mut complain = |span: &Range<usize>, message: String, help: String| {
            found.push(Diagnostic::new(source, span.clone(), message).help(help));
        };
        let Some((_, known)) = dialect.leg(Some(&leg.name)) else {
            let help = match suggest(&leg.name, dialect.leg_names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "its legs stand under `legs` in the dialect's file".to_owned(),
            };
            let message = format!("the dialect `{}` has no leg `{}`", dialect.name, leg.name);
            complain(&at.name, message, help);
            continue;
        };
        if !matches!(known.sender, Sender::Credential) && !others.may_ask {
            complain(
                &at.name,
                format!("who is in a room can't be learnt on `{}`", leg.name),
                "say `lookup_token` under `upstream`: nobody who asks here has a token".to_owned(),
            );
        }
        if dialect.wants_upstream_name(known) {
            complain(
                &at.name,
                format!(
                    "whose things are asked for on `{}` can't be learnt",
                    leg.name
                ),
                "say `name` under `upstream`: what the message server calls itself".to_owned(),
            );
        }
        let is_open = matches!(known.sender, Sender::Reader);
        match (&leg.reader, &at.reader) {
            (None, _) if is_open => complain(
                &at.name,
                format!("by whose eyes `{}` is read is not said", leg.name),
                "say `reader`: the id of a person of the network behind it".to_owned(),
            ),
            (Some(_), Some(span)) if !is_open => complain(
                span,
                format!("`{}` tells by itself who reads it", leg.name),
                "remove `reader`".to_owned(),
            ),
            (Some(reader), Some(span)) if !dialect.people.is_id(reader) => complain(
                span,
                format!("`{reader}` is no id of a person in this dialect"),
                "such as those that stand in the companies' files".to_owned(),
            ),
            (Some(reader), Some(span)) => {
                // Of nobody's network: all would be unknown to it, and every place hidden.
                if let Some(message) = no_peer(reader, others.directory) {
                    let help = "name somebody whose id is one of a network's `people`";
                    complain(span, message, help.to_owned());
                }
            }
            _ => {}
        }
    }
    found
}

/// Why somebody can't read for the people of a network.
fn no_peer(id: &str, directory: &Directory) -> Option<String> {
    match directory.lookup(id).side {
        Side::Network(_) => None,
        Side::Company(_) => Some(format!("`{id}` is a company's member, of no network")),
        Side::Unclassified => Some(format!("`{id}` is of no network")),
    }
}
