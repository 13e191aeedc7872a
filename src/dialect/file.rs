//! A dialect as a whole: its file compiled, and requests routed to its surfaces.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::automaton::Automata;
use super::identity::Identity;
use super::json::scan::Twins;
use super::lookup::Lookup;
use super::names::{self, Names};
use super::people::People;
use super::program::{Meaning, Program};
use super::refuse::Refuse;
use super::route::{RouteIx, Router, Template};
use super::shape::Shapes;
use super::surface::{Parts, Semicolons, Slashes, Surface, SurfaceIx};
use super::target::{self, PathFault, Segment};
use crate::yaml::{Decoder, Diagnostic, Document, Key, Node};

/// The most surfaces of one dialect.
const SURFACES_MAX: usize = 2_000;
/// The longest that the people of a place can be believed unasked, seconds.
const STALE_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

/// A compiled dialect.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// What it is called.
    pub name: String,
    /// Which keys of a request's object count as twins.
    pub twins: Twins,
    /// The media types of JSON bodies, in small letters, without parameters.
    pub content_types: Vec<String>,
    /// Whose credential is this?
    pub identity: Identity,
    /// What does a person's id look like?
    pub people: People,
    /// What holds people, by [`PlaceIx`](super::program::PlaceIx).
    pub places: Vec<Place>,
    /// What stands for something said elsewhere, by [`ThingIx`](super::program::ThingIx).
    pub things: Vec<Thing>,
    /// How does the protocol say no?
    pub refuse: Refuse,
    /// How the upstream's own errors are read: they can name people, too.
    pub errors: Option<Arc<Program>>,
    /// What happens to a request that is on no surface.
    pub unmatched: Unmatched,
    /// All surfaces, by [`SurfaceIx`].
    pub surfaces: Vec<Surface>,
    router: Router,
}

/// A compiled dialect, and what its author should look at.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The dialect.
    pub dialect: Dialect,
    /// Warnings.
    pub warnings: Vec<Diagnostic>,
}

/// A sort of what holds people.
#[derive(Clone, Debug)]
pub struct Place {
    /// What the file calls it.
    pub name: String,
    /// How its people are asked for.
    pub people: Lookup,
    /// After which time they are asked for anew, unless the gateway's own setting is shorter.
    pub stale_after: Option<Duration>,
}

/// A sort of what stands for something else.
#[derive(Clone, Debug)]
pub struct Thing {
    /// What the file calls it.
    pub name: String,
    /// How what it stands for is asked for.
    pub lookup: Lookup,
}

/// What happens to a request that is on no surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unmatched {
    /// It is refused.
    Refuse,
    /// It is forwarded unread.
    Forward,
}

/// A request on its surface.
#[derive(Clone, Debug)]
pub struct Routed<'d> {
    /// The surface.
    pub surface: &'d Surface,
    /// The captures of the path and the listed query parameters, in order.
    pub captures: Vec<Capture>,
}

/// A value out of a request target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// What it means, if it means something.
    pub meaning: Option<Meaning>,
    /// It, decoded once.
    pub value: String,
    /// Where it stands in the target, for [`rewrite_target`](super::rewrite_target).
    pub span: Range<usize>,
}

/// Why a request is on no surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RouteFault {
    /// There is none.
    NoSurface,
    /// There is one, for these methods.
    Method {
        /// The methods, as `Allow` lists them.
        allow: String,
    },
    /// Readers of URLs could take the target differently.
    Malformed(PathFault),
    /// This query parameter may not stand here, or stands twice.
    Query {
        /// Its name.
        name: String,
    },
    /// The dialect refuses it always.
    Never {
        /// Why.
        why: String,
    },
    /// There is none, and the dialect says that the request is forwarded.
    Forward,
}

impl Dialect {
    /// Compiles a dialect file. All mistakes are found at once.
    pub fn compile(document: &Document) -> Result<Compiled, Vec<Diagnostic>> {
        let mut decoder = Decoder::new(document);
        let dialect = read(document, &mut decoder);
        let failed = decoder.has_errors();
        let found = decoder.finish();
        match dialect {
            Some(dialect) if !failed => Ok(Compiled {
                dialect,
                warnings: found,
            }),
            _ => Err(found),
        }
    }

    /// The surface of a request, by its method and its target as it stands on the wire.
    pub fn route<'d>(&'d self, method: &str, target: &str) -> Result<Routed<'d>, RouteFault> {
        let (path, query) = target::split(target);
        let segments = target::segments(path).map_err(RouteFault::Malformed)?;
        let parameters = target::parameters(query.unwrap_or_default(), path.len() + 1)
            .map_err(RouteFault::Malformed)?;
        let matched = self.router.find(&segments).map_err(RouteFault::Malformed)?;
        let Some(matched) = matched else {
            return Err(self.unmatched_fault(&segments));
        };
        let asked = if method == "HEAD" { "GET" } else { method };
        let route = |asked: &str| matched.ends.iter().find(|(known, _)| &**known == asked);
        let Some((_, ix)) = route(method).or_else(|| route(asked)) else {
            return Err(RouteFault::Method {
                allow: allow(matched.ends),
            });
        };
        let Some(surface) = self.surfaces.get(usize::from(*ix)) else {
            return Err(RouteFault::NoSurface);
        };
        if let Some(why) = &surface.never {
            return Err(RouteFault::Never { why: why.clone() });
        }
        let mut captures = path_captures(surface, &segments, &matched.captured)?;
        for (nth, parameter) in parameters.iter().enumerate() {
            let twice = || {
                parameters
                    .iter()
                    .take(nth)
                    .any(|p| p.name == parameter.name)
            };
            let meaning = surface.parameter(&parameter.name);
            let (Ok(meaning), false) = (meaning, twice()) else {
                return Err(RouteFault::Query {
                    name: parameter.name.to_string(),
                });
            };
            if is_id(meaning) {
                if parameter.raw.contains('+') {
                    return Err(RouteFault::Malformed(PathFault::AmbiguousPlus));
                }
                check_id(&parameter.value)?;
            }
            captures.push(Capture {
                meaning,
                value: parameter.value.to_string(),
                span: parameter.span.clone(),
            });
        }
        Ok(Routed { surface, captures })
    }

    fn unmatched_fault(&self, segments: &[Segment<'_>]) -> RouteFault {
        let empty = segments.len() > 1 && segments.last().is_some_and(|s| s.raw.is_empty());
        match self.unmatched {
            _ if empty => RouteFault::Malformed(PathFault::EmptySegment),
            Unmatched::Refuse => RouteFault::NoSurface,
            Unmatched::Forward => RouteFault::Forward,
        }
    }
}

/// The captures of a path. An id that could be cut or split by another reader is refused.
fn path_captures(
    surface: &Surface,
    segments: &[Segment<'_>],
    captured: &[Range<usize>],
) -> Result<Vec<Capture>, RouteFault> {
    let mut captures = Vec::new();
    for segment in segments {
        if surface.slashes == Slashes::Refused && segment.decoded.contains('/') {
            return Err(RouteFault::Malformed(PathFault::EncodedSlash));
        }
        if surface.semicolons == Semicolons::Refused && segment.raw.contains(';') {
            return Err(RouteFault::Malformed(PathFault::PathParameter));
        }
    }
    for (nth, range) in captured.iter().enumerate() {
        let taken = segments.get(range.clone()).unwrap_or_default();
        let (Some(first), Some(last)) = (taken.first(), taken.last()) else {
            continue;
        };
        let value: Vec<&str> = taken.iter().map(|segment| &*segment.decoded).collect();
        captures.push(Capture {
            meaning: surface.captures.get(nth).copied().flatten(),
            value: value.join("/"),
            span: first.span.start..last.span.end,
        });
    }
    Ok(captures)
}

fn is_id(meaning: Option<Meaning>) -> bool {
    matches!(
        meaning,
        Some(Meaning::Place(_) | Meaning::Person(_) | Meaning::Thing(_))
    )
}

/// An id in a query is held to the same as one in a path.
fn check_id(value: &str) -> Result<(), RouteFault> {
    let fault = if value.contains(char::is_control) {
        PathFault::Control
    } else if target::decodes_twice(value) {
        PathFault::DoubleEscape
    } else {
        return Ok(());
    };
    Err(RouteFault::Malformed(fault))
}

fn allow(ends: &[(Box<str>, RouteIx)]) -> String {
    let mut methods: Vec<&str> = ends.iter().map(|(method, _)| &**method).collect();
    if methods.contains(&"GET") && !methods.contains(&"HEAD") {
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.join(", ")
}

/// What stands in the file, section by section.
fn read<'d>(document: &'d Document, decoder: &mut Decoder<'d>) -> Option<Dialect> {
    let mut fields = decoder.mapping(&document.root)?;
    let name = fields.required(decoder, "dialect");
    let keys = fields.optional("keys");
    let content_types = fields.optional("content_types");
    let unmatched = fields.optional("unmatched");
    let identity = fields.required(decoder, "identity");
    let people = fields.required(decoder, "people");
    let places = fields.optional("places");
    let things = fields.optional("things");
    let kinds = fields.optional("kinds");
    let shapes = fields.required(decoder, "shapes");
    let surfaces = fields.required(decoder, "surfaces");
    let refuse = fields.required(decoder, "refuse");
    fields.finish(decoder);

    let names = Names::read(places, things, kinds, decoder);
    let shapes = Shapes::read(shapes, &names, decoder);
    let mut automata = Automata::new(&shapes, &names);
    let identity = identity.and_then(|n| Identity::read(n, &shapes, &mut automata, decoder));
    let people = people.and_then(|n| People::read(n, &shapes, &mut automata, decoder));
    let places = read_places(places, &shapes, &mut automata, decoder);
    let things = read_things(things, &shapes, &mut automata, decoder);
    let mut parts = Parts {
        names: &names,
        shapes: &shapes,
        automata: &mut automata,
    };
    let errors = read_errors(refuse, &mut parts, decoder);
    let (surfaces, router) = read_surfaces(surfaces, &mut parts, decoder);
    let refuse = refuse.and_then(|node| Refuse::read(node, decoder));
    if !decoder.has_errors() {
        automata.warn_of_unused(decoder);
    }
    let twins = [("folded", Twins::Folded), ("exact", Twins::Exact)];
    let ways = [
        ("refuse", Unmatched::Refuse),
        ("forward", Unmatched::Forward),
    ];
    Some(Dialect {
        name: decoder.string(name?)?.to_owned(),
        twins: keys.map_or(Some(Twins::Folded), |n| decoder.word(n, &twins))?,
        content_types: read_content_types(content_types, decoder),
        unmatched: unmatched.map_or(Some(Unmatched::Refuse), |n| decoder.word(n, &ways))?,
        identity: identity?,
        people: people?,
        places,
        things,
        refuse: refuse?,
        errors,
        surfaces,
        router,
    })
}

fn read_places<'d>(
    node: Option<&'d Node>,
    shapes: &Shapes,
    automata: &mut Automata<'_>,
    decoder: &mut Decoder<'d>,
) -> Vec<Place> {
    let mut places = Vec::new();
    for (key, node) in names::entries(node, decoder) {
        let Some(mut fields) = decoder.mapping(node) else {
            continue;
        };
        let people = fields.required(decoder, "people");
        let stale_after = fields.optional("stale_after");
        fields.finish(decoder);
        let range = Duration::from_millis(100)..=STALE_AFTER_MAX;
        let stale_after = stale_after.and_then(|n| decoder.duration(n, range));
        let people =
            people.and_then(|n| Lookup::read(n, Some(&key.text), shapes, automata, decoder));
        places.extend(people.map(|people| Place {
            name: key.text.clone(),
            people,
            stale_after,
        }));
    }
    places
}

fn read_things<'d>(
    node: Option<&'d Node>,
    shapes: &Shapes,
    automata: &mut Automata<'_>,
    decoder: &mut Decoder<'d>,
) -> Vec<Thing> {
    let mut things = Vec::new();
    for (key, node) in names::entries(node, decoder) {
        let lookup = Lookup::read(node, Some(&key.text), shapes, automata, decoder);
        things.extend(lookup.map(|lookup| Thing {
            name: key.text.clone(),
            lookup,
        }));
    }
    things
}

/// The shape of the upstream's errors, which stands under `refuse`.
fn read_errors<'d>(
    refuse: Option<&'d Node>,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> Option<Arc<Program>> {
    let crate::yaml::Value::Mapping(entries) = &refuse?.value else {
        return None;
    };
    let (_, errors) = entries.iter().find(|(key, _)| key.text == "errors")?;
    parts.program(errors, decoder)
}

fn read_content_types<'d>(node: Option<&'d Node>, decoder: &mut Decoder<'d>) -> Vec<String> {
    let Some(node) = node else {
        return vec!["application/json".to_owned()];
    };
    let mut types = Vec::new();
    for node in decoder.one_or_many(node) {
        let Some(text) = decoder.string(node) else {
            continue;
        };
        let small = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b"/+.-0123456789".contains(&b));
        if !small || text.split('/').count() != 2 {
            decoder
                .error(&node.span, format!("`{text}` is no media type"))
                .set_help("small letters, no parameters: `application/json`");
        }
        types.push(text.to_owned());
    }
    types
}

fn read_surfaces<'d>(
    node: Option<&'d Node>,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> (Vec<Surface>, Router) {
    let mut router = Router::new();
    let mut surfaces = Vec::new();
    let entries = names::entries(node, decoder);
    if let Some((key, _)) = entries.get(SURFACES_MAX) {
        decoder.error(&key.span, format!("more than {SURFACES_MAX} surfaces"));
        return (surfaces, router);
    }
    let mut keys: Vec<&Key> = Vec::new();
    for (key, node) in entries {
        let Ok(ix) = RouteIx::try_from(surfaces.len()) else {
            break;
        };
        let read = Surface::read(key, node, SurfaceIx(ix), parts, decoder);
        let Some((surface, template)) = read else {
            continue;
        };
        keys.push(key);
        surfaces.push(surface);
        add_routes(&mut router, &template, ix, &keys, decoder);
    }
    (surfaces, router)
}

fn add_routes(
    router: &mut Router,
    template: &Template,
    ix: RouteIx,
    keys: &[&Key],
    decoder: &mut Decoder<'_>,
) {
    let Some(key) = keys.last() else {
        return;
    };
    for variant in &template.variants {
        for method in &template.methods {
            let Err(first) = router.add(variant, method, ix) else {
                continue;
            };
            let source = &decoder.document().source;
            let message = format!("nothing tells `{}` from another route", key.text);
            let mut twin = Diagnostic::new(source, key.span.clone(), message);
            if let Some(first) = keys.get(usize::from(first)) {
                twin = twin.also(source, first.span.clone(), "this one");
            }
            decoder.report(twin.help("what a capture is called does not tell two paths apart"));
            return;
        }
    }
}
