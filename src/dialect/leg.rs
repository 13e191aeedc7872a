//! Legs: where else than from clients a protocol's requests come, and who stands behind them.

use std::ops::Range;

use http::HeaderMap;
use http::header::AUTHORIZATION;

use super::names;
use super::route::Router;
use crate::glob::Glob;
use crate::yaml::{Decoder, Node, Value};

/// What stands for the claim in [`Claim::people`].
const HOLE: &str = "{claim}";

/// Where a leg stands in its dialect: the clients' own is the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LegIx(pub u8);

impl LegIx {
    /// The leg of the clients.
    pub const CLIENTS: Self = Self(0);
}

/// One leg: its own routes, and who acts and reads there.
#[derive(Clone, Debug)]
pub struct Leg {
    /// What the file calls it; the clients' own has no name.
    pub name: Option<Box<str>>,
    /// Who acts and reads there.
    pub sender: Sender,
    /// Which of the dialect's surfaces are its own.
    pub surfaces: Range<usize>,
    pub(super) router: Router,
}

/// Who stands behind the requests of a leg.
#[derive(Clone, Debug)]
pub enum Sender {
    /// The owner of the credential.
    Credential,
    /// Always the one whom the gateway's settings name: a bridge that is pushed what its people read.
    Reader,
    /// A server that says which it is. The upstream makes sure of it: here it is only read.
    Claimed(Claim),
}

/// What a server says of itself: `Authorization: SCHEME PARAMETER="…", …` (RFC 9110, 11.4).
#[derive(Clone, Debug)]
pub struct Claim {
    scheme: Box<str>,
    parameter: Box<str>,
    /// What the ids of its people look like.
    people: Box<str>,
}

/// A claim that was read: a server, and what the ids of its people look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// The id of a person of that server who is nobody in particular.
    pub anybody: String,
    people: Glob,
}

impl Claimed {
    /// Whether somebody is one of that server's people.
    pub fn covers(&self, id: &str) -> bool {
        self.people.matches(id)
    }
}

impl Claim {
    /// What a request claims; `None` where it can't be read, or in two ways.
    pub fn read_from(&self, headers: &HeaderMap) -> Option<Claimed> {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let (value, None) = (values.next()?.to_str().ok()?, values.next()) else {
            return None;
        };
        let (scheme, parameters) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case(&self.scheme) {
            return None;
        }
        let mut claim = None;
        for parameter in parameters.split(',') {
            let (name, text) = parameter.trim_matches([' ', '\t']).split_once('=')?;
            let text = unquoted(text)?;
            if name.eq_ignore_ascii_case(&self.parameter) && claim.replace(text).is_some() {
                return None;
            }
        }
        let people = self.people.replace(HOLE, claim?);
        Some(Claimed {
            anybody: people.replace('*', ""),
            people: Glob::new(&people),
        })
    }
}

/// The text of a parameter, if no reader could take it in another way.
fn unquoted(text: &str) -> Option<&str> {
    let bare = match text.strip_prefix('"') {
        Some(text) => text.strip_suffix('"')?,
        None => text,
    };
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:[]/+=".contains(&b);
    (!bare.is_empty() && bare.bytes().all(plain)).then_some(bare)
}

/// Reads what `identity` says on a leg; without it, the clients' own holds.
pub(super) fn read_sender<'d>(node: Option<&'d Node>, decoder: &mut Decoder<'d>) -> Option<Sender> {
    let Some(node) = node else {
        return Some(Sender::Credential);
    };
    if !matches!(node.value, Value::Mapping(_)) {
        return decoder.word(node, &[("reader", Sender::Reader)]);
    }
    let mut fields = decoder.mapping(node)?;
    let scheme = fields.required(decoder, "scheme");
    let parameter = fields.required(decoder, "parameter");
    let people = fields.required(decoder, "people");
    fields.finish(decoder);
    let people = people?;
    let pattern = decoder.string(people)?;
    if pattern.matches(HOLE).count() != 1 {
        decoder
            .error(&people.span, "nothing ties these people to the claim")
            .set_help("such as `@*:{claim}`");
    }
    Some(Sender::Claimed(Claim {
        scheme: decoder.string(scheme?)?.into(),
        parameter: decoder.string(parameter?)?.into(),
        people: pattern.into(),
    }))
}

/// The entries of `legs`, each with what it may hold.
pub(super) struct LegNodes<'d> {
    pub(super) name: &'d str,
    pub(super) sender: Sender,
    pub(super) surfaces: Option<&'d Node>,
}

/// Reads the section `legs`, but for the surfaces.
pub(super) fn read_legs<'d>(
    node: Option<&'d Node>,
    decoder: &mut Decoder<'d>,
) -> Vec<LegNodes<'d>> {
    let mut legs = Vec::new();
    for (key, node) in names::entries(node, decoder) {
        if legs.len() + 1 >= usize::from(u8::MAX) {
            decoder.error(&key.span, "more legs than there can be");
            break;
        }
        let Some(mut fields) = decoder.mapping(node) else {
            continue;
        };
        let identity = fields.optional("identity");
        let surfaces = fields.required(decoder, "surfaces");
        fields.finish(decoder);
        if let Some(sender) = read_sender(identity, decoder) {
            legs.push(LegNodes {
                name: &key.text,
                sender,
                surfaces,
            });
        }
    }
    legs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claimed(values: &[&str]) -> Option<Claimed> {
        let claim = Claim {
            scheme: "X-Sig".into(),
            parameter: "origin".into(),
            people: "@*:{claim}".into(),
        };
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, value.parse().unwrap());
        }
        claim.read_from(&headers)
    }

    #[test]
    fn a_claim_is_read_in_every_spelling_that_has_one_meaning() {
        for value in [
            "X-Sig origin=a.example:8448,key=k,sig=s",
            "x-sig origin=\"a.example:8448\",key=\"ed25519:1\",sig=\"s+/=\"",
            "X-Sig key=k, origin=a.example:8448 ,sig=s",
            "X-Sig key=k,\torigin=\"a.example:8448\"",
        ] {
            let claimed = claimed(&[value]).expect(value);
            assert_eq!(claimed.anybody, "@:a.example:8448", "{value}");
            assert!(claimed.covers("@xavier:a.example:8448"));
            assert!(!claimed.covers("@xavier:b.example"));
        }
    }

    #[test]
    fn a_claim_that_two_readers_could_take_differently_is_none() {
        for values in [
            &[][..],
            &["X-Sig key=k,sig=s"],
            &["Bearer origin=a"],
            &["X-Sig origin=a,origin=b"],
            &["X-Sig origin=a,ORIGIN=a"],
            &["X-Sig origin=\"a"],
            &["X-Sig origin=a\""],
            &["X-Sig origin=\"a\\\"b\""],
            &["X-Sig origin=a*"],
            &["X-Sig origin="],
            &["X-Sig origin=a b"],
            &["X-Sig origin=a,,key=k"],
            &["X-Sig origin=a", "X-Sig origin=b"],
            &["X-Sig origin=a", "X-Sig origin=a"],
        ] {
            assert_eq!(claimed(values), None, "{values:?}");
        }
    }
}
