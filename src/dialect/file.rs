//! A dialect as a whole, and requests routed to its surfaces.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderName, HeaderValue};

use super::identity::Identity;
use super::json::scan::Twins;
use super::leg::{Leg, LegIx};
use super::lookup::Lookup;
use super::people::People;
use super::program::{Meaning, PlaceIx, Program, ThingIx};
use super::refuse::Refuse;
use super::route::RouteIx;
use super::surface::{Parameter, Semicolons, Slashes, Surface};
use super::target::{self, PathFault, Segment};
use super::words::Words;
use crate::glob::Glob;
use crate::yaml::Diagnostic;

/// A compiled dialect.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// What it is called.
    pub name: String,
    /// Which keys of a request's object count as twins.
    pub twins: Twins,
    /// The media types of JSON bodies, in small letters, without parameters. `*` among them: a
    /// request's body is read as JSON whatever it is labelled.
    pub content_types: Vec<String>,
    /// What pages of other origins are told (Fetch, 3.2): on preflights, which are answered here,
    /// and on refusals. Empty: nothing, and a preflight is a request like any.
    pub cors: Vec<(HeaderName, HeaderValue)>,
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
    /// All surfaces, by [`SurfaceIx`](super::SurfaceIx).
    pub surfaces: Vec<Surface>,
    /// The protocol's words.
    pub words: Arc<Words>,
    /// Query parameters that may stand on every surface, and have no meaning.
    pub(super) query: Vec<Box<str>>,
    /// The legs: the clients' own first.
    pub legs: Vec<Leg>,
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
    /// How its people are asked for: what knows them first is believed.
    pub people: Vec<PlaceLookup>,
    /// What an id of it looks like, and what stands for it in a target otherwise.
    pub(super) id: Option<(Glob, ThingIx)>,
    /// Whether one in which people of one side are among themselves is not there for those of another,
    /// whatever the upstream would show them.
    pub is_closed: bool,
    /// After which time they are asked for anew, unless the gateway's own setting is shorter.
    pub stale_after: Option<Duration>,
}

/// One way to ask who is in a place.
#[derive(Clone, Debug)]
pub struct PlaceLookup {
    /// The question.
    pub lookup: Lookup,
    /// Who asks it.
    pub by: AskedBy,
}

/// With whose credential a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// The gateway's own, or, where it has none, that of whoever acts.
    Anyone,
    /// The gateway's own, only.
    Gateway,
    /// That of whoever acts, always.
    Actor,
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
    /// Query parameters that hold JSON.
    pub documents: Vec<QueryDocument<'d>>,
}

/// JSON in a query parameter.
#[derive(Clone, Debug)]
pub struct QueryDocument<'d> {
    /// The document, decoded once.
    pub text: String,
    /// How it is read.
    pub program: &'d Program,
    /// Where it stands in the target.
    pub span: Range<usize>,
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
    /// This query parameter may not stand here, stands twice, or is no number where one is due.
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
    /// The leg of this name; `None` names the clients' own.
    pub fn leg(&self, name: Option<&str>) -> Option<(LegIx, &Leg)> {
        let is_it = |leg: &Leg| leg.name.as_deref() == name;
        let at = self.legs.iter().position(is_it)?;
        Some((LegIx(u8::try_from(at).ok()?), self.legs.get(at)?))
    }

    /// What the legs besides the clients' own are called.
    pub fn leg_names(&self) -> impl Iterator<Item = &str> {
        self.legs.iter().filter_map(|leg| leg.name.as_deref())
    }

    /// Puts the upstream's own name into the look-ups that have it in their paths.
    pub fn name_upstream(&mut self, name: &str) {
        let places = self.places.iter_mut().flat_map(|place| &mut place.people);
        let things = self.things.iter_mut().map(|thing| &mut thing.lookup);
        let all = places.map(|asked| &mut asked.lookup).chain(things);
        let all = all.chain(&mut self.people.profile);
        all.chain([&mut self.identity.owner])
            .for_each(|lookup| lookup.name_upstream(name));
    }

    /// Whether a path of this leg names something that is looked up by the upstream's own name, which
    /// is not known.
    pub fn wants_upstream_name(&self, leg: &Leg) -> bool {
        let surfaces = self.surfaces.get(leg.surfaces.clone()).unwrap_or_default();
        let captures = surfaces.iter().flat_map(|surface| &surface.captures);
        captures.flatten().any(|meaning| match meaning {
            Meaning::Thing(sort) => {
                let thing = self.things.get(usize::from(sort.0));
                thing.is_some_and(|thing| thing.lookup.wants_upstream())
            }
            _ => false,
        })
    }

    /// The surface of a client's request, by its method and its target as it stands on the wire.
    pub fn route<'d>(&'d self, method: &str, target: &str) -> Result<Routed<'d>, RouteFault> {
        self.route_on(LegIx::CLIENTS, method, target)
    }

    /// The surface of a request on a leg.
    pub fn route_on<'d>(
        &'d self,
        leg: LegIx,
        method: &str,
        target: &str,
    ) -> Result<Routed<'d>, RouteFault> {
        let (path, query) = target::split(target);
        let segments = target::segments(path).map_err(RouteFault::Malformed)?;
        let parameters = target::parameters(query.unwrap_or_default(), path.len() + 1)
            .map_err(RouteFault::Malformed)?;
        let leg = self
            .legs
            .get(usize::from(leg.0))
            .ok_or(RouteFault::NoSurface)?;
        let matched = leg.router.find(&segments).map_err(RouteFault::Malformed)?;
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
        let mut documents = Vec::new();
        for (nth, parameter) in parameters.iter().enumerate() {
            let twice = || {
                parameters
                    .iter()
                    .take(nth)
                    .any(|p| p.name == parameter.name)
            };
            let known = surface
                .parameter(&parameter.name)
                .or_else(|| self.takes_everywhere(&parameter.name));
            let known = known.filter(|known| matches!(known, Parameter::Each(_)) || !twice());
            let Some(known) = known else {
                return Err(RouteFault::Query {
                    name: parameter.name.to_string(),
                });
            };
            let meaning = match known {
                Parameter::Value(meaning) | Parameter::Each(meaning) => *meaning,
                Parameter::Json(program) => {
                    if parameter.value.trim_start().starts_with(['{', '[']) {
                        documents.push(QueryDocument {
                            text: parameter.value.to_string(),
                            program,
                            span: parameter.span.clone(),
                        });
                    }
                    None
                }
            };
            if is_id(meaning) {
                if parameter.raw.contains('+') {
                    return Err(RouteFault::Malformed(PathFault::AmbiguousPlus));
                }
                check_id(&parameter.value)?;
            }
            if let Some(Meaning::Limit(most)) = meaning
                && !is_number_to(&parameter.value, most)
            {
                return Err(RouteFault::Query {
                    name: parameter.name.to_string(),
                });
            }
            captures.push(Capture {
                meaning,
                value: parameter.value.to_string(),
                span: parameter.span.clone(),
            });
        }
        for capture in &mut captures {
            if let Some(Meaning::Place(sort)) = capture.meaning {
                capture.meaning = Some(self.place_or_name(sort, &capture.value));
            }
        }
        Ok(Routed {
            surface,
            captures,
            documents,
        })
    }

    /// A name that stands for a place is looked up like any thing.
    fn place_or_name(&self, sort: PlaceIx, value: &str) -> Meaning {
        let place = self.places.get(usize::from(sort.0));
        match place.and_then(|place| place.id.as_ref()) {
            Some((id, name)) if !id.matches(value) => Meaning::Thing(*name),
            _ => Meaning::Place(sort),
        }
    }

    fn takes_everywhere(&self, name: &str) -> Option<&Parameter> {
        let mut known = self.query.iter().chain(&self.identity.with);
        known
            .any(|known| **known == *name)
            .then_some(&Parameter::Value(None))
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

/// Whether a value is a number from 1 on, written in the one way that all readers agree on.
fn is_number_to(value: &str, most: u32) -> bool {
    value
        .parse()
        .is_ok_and(|number: u32| (1..=most).contains(&number) && number.to_string() == value)
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
