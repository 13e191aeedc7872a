//! A surface: one place in the protocol where something passes, and what it is.

use std::ops::Range;
use std::sync::Arc;

use super::automaton::Automata;
use super::names::{self, Names, Word};
use super::pattern::{self, Template};
use super::program::{Meaning, Program};
use super::shape::{Shapes, inside};
use super::template::{self, Fixed, Vars};
use crate::policy::Act;
use crate::yaml::{Decoder, Key, Node, Value};

/// The most elements that a page can have.
const PAGE_ELEMENTS_MAX: u32 = 10_000;

/// Where a surface stands in its dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SurfaceIx(pub u16);

/// One surface.
#[derive(Clone, Debug)]
pub struct Surface {
    /// Its route as written; the label of its metrics.
    pub name: String,
    /// Where it stands.
    pub ix: SurfaceIx,
    /// What is done by it.
    pub act: Act,
    /// Whether the request needs a credential.
    pub identity: Required,
    /// Whether the owner of the credential is to be asked for anew afterwards.
    pub forgets_identity: bool,
    /// Whether those who come in by this act can read what was said before.
    pub history_visible: bool,
    /// What comes in.
    pub body: Body,
    /// Whether JSON may be left out.
    pub empty_body: bool,
    /// What goes out.
    pub answer: AnswerForm,
    /// What goes out in its place about somebody unknown, where that is not "not there".
    pub(super) unknown: Option<template::Template>,
    /// What the captures of the path mean, in order.
    pub(super) captures: Vec<Option<Meaning>>,
    /// The query parameters that may stand, and what each means.
    pub(super) query: Vec<(Box<str>, Parameter)>,
    /// Whether others may stand, too.
    pub(super) query_open: bool,
    /// Why the surface is always refused, if it is.
    pub never: Option<String>,
    pub(super) slashes: Slashes,
    pub(super) semicolons: Semicolons,
}

/// What a query parameter is.
#[derive(Clone, Debug)]
pub(super) enum Parameter {
    /// A value of this meaning, or of none.
    Value(Option<Meaning>),
    /// The same, and it may stand several times.
    Each(Option<Meaning>),
    /// JSON of this form, or, where it begins otherwise, a word of no meaning.
    Json(Arc<Program>),
}

/// Whether a credential is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Required {
    /// It is.
    Required,
    /// Anyone may ask.
    Open,
}

/// Whether captures may hold an escaped slash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slashes {
    Refused,
    Allowed,
}

/// Whether captures may hold a raw semicolon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Semicolons {
    Refused,
    Allowed,
}

/// What a request carries.
#[derive(Clone, Debug)]
pub enum Body {
    /// Nothing.
    Nothing,
    /// JSON of this form.
    Json(Arc<Program>),
    /// The bytes of a file.
    Bytes,
    /// JSON of this form that is not asked for but shown, to the reader of the leg: it is judged and
    /// changed as an answer is.
    Shown(Arc<Program>),
    /// JSON of this form that goes on as it came, whatever is in it: what it tells is learnt.
    Noted(Arc<Program>),
}

/// What an answer carries.
#[derive(Clone, Debug)]
pub enum AnswerForm {
    /// Nothing.
    Nothing,
    /// JSON of this form.
    Json(Arc<Program>),
    /// The bytes of a file.
    Bytes,
    /// A stream of events.
    Events(EventForms),
    /// Nothing that the policy speaks of, for this reason.
    Untouched(String),
}

impl AnswerForm {
    /// Whether it is read, and so must come whole and uncoded.
    pub fn is_read(&self) -> bool {
        match self {
            Self::Json(_) | Self::Events(_) | Self::Nothing => true,
            Self::Bytes | Self::Untouched(_) => false,
        }
    }

    fn has_page(&self) -> bool {
        let AnswerForm::Json(program) = self else {
            return false;
        };
        let mut meanings = program.nodes.iter().flat_map(|node| &node.meanings);
        meanings.any(|meaning| matches!(meaning, Meaning::Page(_)))
    }
}

/// The events of a stream that are let through; others are dropped.
#[derive(Clone, Debug)]
pub struct EventForms {
    /// Sorted.
    forms: Vec<(Box<str>, Arc<Program>)>,
}

impl EventForms {
    /// How the data of an event of this name is read; `None`: the event is dropped.
    pub fn form(&self, name: &str) -> Option<&Arc<Program>> {
        let ix = self
            .forms
            .binary_search_by(|(known, _)| (**known).cmp(name));
        ix.ok().and_then(|ix| self.forms.get(ix)).map(|(_, p)| p)
    }

    /// The names of all events that are let through.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.forms.iter().map(|(name, _)| &**name)
    }
}

/// What the sections of a file share while its surfaces are read.
pub(super) struct Parts<'p, 's> {
    pub(super) names: &'p Names,
    pub(super) shapes: &'s Shapes,
    pub(super) automata: &'p mut Automata<'s>,
}

impl Surface {
    /// Reads one entry of `surfaces`, with its route.
    pub(super) fn read<'d>(
        key: &'d Key,
        node: &'d Node,
        ix: SurfaceIx,
        parts: &mut Parts<'_, '_>,
        decoder: &mut Decoder<'d>,
    ) -> Option<(Self, Template)> {
        let template = match pattern::parse(&key.text) {
            Ok(template) => Some(template),
            Err(fault) => {
                let at = inside(decoder, &key.span, &fault.at);
                decoder.error(&at, fault.message);
                None
            }
        };
        let mut fields = decoder.mapping(node)?;
        let never = fields.optional("never").map(|n| decoder.string(n));
        let act = match fields.optional("act") {
            Some(act) => names::act(act, decoder),
            None if never.is_some() => Some(Act::Show),
            None => {
                decoder
                    .error(&key.span, "what is done by this surface is not said")
                    .set_help("say its `act`, or `never: WHY` if it is always refused");
                None
            }
        };
        let identity = fields.optional("identity");
        let forgets = fields.optional("forgets");
        let history = fields.optional("history");
        let slashes = fields.optional("encoded_slash");
        let semicolons = fields.optional("raw_semicolon");
        let query = fields.optional("query");
        let body = fields.optional("body");
        let empty_body = fields.optional("empty_body");
        let answer = fields.optional("answer");
        let unknown = fields.optional("unknown");
        fields.finish(decoder);
        let word = |node: Option<&'d Node>, word: &str, decoder: &mut Decoder<'d>| {
            node.is_some_and(|node| decoder.word(node, &[(word, ())]).is_some())
        };
        let captures = template
            .as_ref()
            .map(|t| captures(t, key, parts.names, decoder));
        let query_node = query;
        let (query, query_open) = read_query(query, parts, decoder);
        let body = body.map_or(Some(Body::Nothing), |node| read_body(node, parts, decoder));
        let answer = answer.map_or(Some(AnswerForm::Nothing), |node| {
            read_answer(node, parts, decoder)
        });
        let is_limited = query
            .iter()
            .any(|(_, p)| matches!(p, Parameter::Value(Some(Meaning::Limit(_)))));
        if let (Some(node), Some(answer), true) = (query_node, &answer, is_limited)
            && !answer.has_page()
        {
            decoder
                .error(&node.span, "no list of the answer is a `page`")
                .set_help("say in its shape which list the gateway is to cut: `people: page`");
        }
        let told_of_unknown = unknown.map(|node| template::Template::read(node, decoder));
        let named = query.iter().filter_map(|(_, parameter)| match parameter {
            Parameter::Value(meaning) | Parameter::Each(meaning) => *meaning,
            Parameter::Json(_) => None,
        });
        let mut named = named.chain(captures.iter().flatten().copied().flatten());
        if let Some(node) = unknown
            && !named.any(|meaning| matches!(meaning, Meaning::Person(_)))
        {
            decoder
                .error(&node.span, "the target of this surface names nobody")
                .set_help("say in its path or query where a `person` stands");
        }
        let surface = Self {
            name: key.text.clone(),
            ix,
            act: act?,
            identity: if word(identity, "none", decoder) {
                Required::Open
            } else {
                Required::Required
            },
            forgets_identity: word(forgets, "identity", decoder),
            history_visible: word(history, "visible", decoder),
            body: body?,
            empty_body: word(empty_body, "allowed", decoder),
            answer: answer?,
            unknown: told_of_unknown,
            captures: captures?,
            query,
            query_open,
            never: never.flatten().map(str::to_owned),
            slashes: if word(slashes, "allowed", decoder) {
                Slashes::Allowed
            } else {
                Slashes::Refused
            },
            semicolons: if word(semicolons, "allowed", decoder) {
                Semicolons::Allowed
            } else {
                Semicolons::Refused
            },
        };
        Some((surface, template?))
    }

    /// What is answered about somebody whom the request names, and who is unknown to the one who
    /// asks; `None`: nobody of that name is there.
    pub fn answer_of_unknown(&self) -> Option<Vec<u8>> {
        let template = self.unknown.as_ref()?;
        Some(template.fill(Fixed::default(), &Vars::default()))
    }

    /// What a query parameter of this name is; `None` if none may stand here.
    pub(super) fn parameter(&self, name: &str) -> Option<&Parameter> {
        match self.query.iter().find(|(known, _)| **known == *name) {
            Some((_, parameter)) => Some(parameter),
            None => self.query_open.then_some(&Parameter::Value(None)),
        }
    }
}

fn captures(
    template: &Template,
    key: &Key,
    names: &Names,
    decoder: &mut Decoder<'_>,
) -> Vec<Option<Meaning>> {
    let mut meanings = Vec::new();
    for (name, part) in &template.captures {
        let spot = inside(decoder, &key.span, part);
        meanings.push(meaning_of_text(name, &spot, names, decoder));
    }
    meanings
}

/// What a capture or query parameter means: an id, a text, a file's name, or nothing.
fn meaning_of_text(
    name: &str,
    span: &Range<usize>,
    names: &Names,
    decoder: &mut Decoder<'_>,
) -> Option<Meaning> {
    if name == "_" {
        return None;
    }
    match names.in_target(name) {
        Some(Word::Ignored) => None,
        Some(Word::Means(
            meaning @ (Meaning::Place(_)
            | Meaning::Person(_)
            | Meaning::Thing(_)
            | Meaning::Kind(_)
            | Meaning::Text
            | Meaning::Link
            | Meaning::FileName
            | Meaning::MediaType),
        )) => Some(meaning),
        Some(Word::Means(_) | Word::Page) => {
            decoder.error(span, format!("`{name}` can't be in a path or query"));
            None
        }
        None => {
            names.unknown(span, name, decoder);
            None
        }
    }
}

type QueryForm = (Vec<(Box<str>, Parameter)>, bool);

fn read_query<'d>(
    node: Option<&'d Node>,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> QueryForm {
    let mut query = Vec::new();
    let mut open = false;
    for (key, value) in names::entries(node, decoder) {
        if let (Value::Mapping(entries), true) = (&value.value, key.text != "*") {
            let parameter = match entries.as_slice() {
                [(key, each)] if key.text == "each" => decoder.string(each).map(|text| {
                    Parameter::Each(meaning_of_text(text, &each.span, parts.names, decoder))
                }),
                _ if entries.iter().any(|(key, _)| key.text == "page") => {
                    Some(Parameter::Value(read_limit(value, decoder)))
                }
                _ => parts.program(value, decoder).map(Parameter::Json),
            };
            query.extend(parameter.map(|parameter| (key.text.as_str().into(), parameter)));
            continue;
        }
        let Some(text) = decoder.string(value) else {
            continue;
        };
        let meaning = meaning_of_text(text, &value.span, parts.names, decoder);
        if key.text == "*" {
            open = true;
            if text != "ignored" {
                decoder.error(
                    &value.span,
                    "parameters that are not named can only be `ignored`",
                );
            }
        } else {
            query.push((key.text.as_str().into(), Parameter::Value(meaning)));
        }
    }
    (query, open)
}

/// `{ page: MOST }`: how many elements of the answer's page are wanted.
fn read_limit<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Option<Meaning> {
    let mut fields = decoder.mapping(node)?;
    let most = fields.required(decoder, "page");
    fields.finish(decoder);
    let most = decoder.integer(most?, 1..=u64::from(PAGE_ELEMENTS_MAX))?;
    u32::try_from(most).ok().map(Meaning::Limit)
}

fn read_body<'d>(
    node: &'d Node,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> Option<Body> {
    match node.as_text() {
        Some("none") => return Some(Body::Nothing),
        Some("bytes") => return Some(Body::Bytes),
        _ => {}
    }
    if let Value::Mapping(entries) = &node.value
        && let [(key, shape)] = entries.as_slice()
    {
        match key.text.as_str() {
            "shown" => return parts.program(shape, decoder).map(Body::Shown),
            "noted" => return parts.program(shape, decoder).map(Body::Noted),
            _ => {}
        }
    }
    parts.program(node, decoder).map(Body::Json)
}

fn read_answer<'d>(
    node: &'d Node,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> Option<AnswerForm> {
    match node.as_text() {
        Some("none") => return Some(AnswerForm::Nothing),
        Some("bytes") => return Some(AnswerForm::Bytes),
        Some("untouched") => {
            decoder
                .error(&node.span, "`untouched` needs a reason")
                .set_help("`answer: { untouched: WHY }`; `check` prints it");
            return None;
        }
        _ => {}
    }
    if let Value::Mapping(entries) = &node.value
        && let [(key, value)] = entries.as_slice()
    {
        match key.text.as_str() {
            "untouched" => {
                return decoder
                    .string(value)
                    .map(|why| AnswerForm::Untouched(why.to_owned()));
            }
            "events" => return read_events(value, parts, decoder),
            _ => {}
        }
    }
    parts.program(node, decoder).map(AnswerForm::Json)
}

fn read_events<'d>(
    node: &'d Node,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> Option<AnswerForm> {
    let mut forms: Vec<(Box<str>, Arc<Program>)> = Vec::new();
    for (key, value) in decoder.entries(node)? {
        if let Some(program) = parts.program(value, decoder) {
            forms.push((key.text.as_str().into(), program));
        }
    }
    forms.sort_by(|a, b| a.0.cmp(&b.0));
    Some(AnswerForm::Events(EventForms { forms }))
}

impl Parts<'_, '_> {
    /// The program for a use of a shape.
    pub(super) fn program<'d>(
        &mut self,
        node: &'d Node,
        decoder: &mut Decoder<'d>,
    ) -> Option<Arc<Program>> {
        let usage = self.shapes.usage(node, decoder)?;
        Some(self.automata.program(&usage, decoder))
    }
}
