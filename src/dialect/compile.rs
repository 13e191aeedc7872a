//! From a file to a dialect, section by section: all mistakes at once.

use std::sync::Arc;
use std::time::Duration;

use super::automaton::Automata;
use super::file::{AskedBy, Compiled, Dialect, Place, PlaceLookup, Thing, Unmatched};
use super::identity::Identity;
use super::json::scan::Twins;
use super::leg::{self, Leg, Sender};
use super::lookup::Lookup;
use super::names::{self, Names, Sections, Word};
use super::pattern::Template;
use super::people::People;
use super::program::{Meaning, Program, ThingIx};
use super::refuse::{self, Refuse};
use super::route::{RouteIx, Router};
use super::shape::Shapes;
use super::surface::{Parts, Surface, SurfaceIx};
use crate::glob::Glob;
use crate::yaml::{Decoder, Diagnostic, Document, Key, Node};

/// The most surfaces of one dialect.
const SURFACES_MAX: usize = 2_000;
/// The longest that the people of a place can be believed unasked.
const STALE_AFTER_MAX: Duration = Duration::from_secs(24 * 60 * 60);

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
}

/// What stands in the file, section by section.
fn read<'d>(document: &'d Document, decoder: &mut Decoder<'d>) -> Option<Dialect> {
    let mut fields = decoder.mapping(&document.root)?;
    let name = fields.required(decoder, "dialect");
    let keys = fields.optional("keys");
    let content_types = fields.optional("content_types");
    let unmatched = fields.optional("unmatched");
    let cors = fields.optional("cors");
    let query = fields.optional("query");
    let identity = fields.required(decoder, "identity");
    let people = fields.required(decoder, "people");
    let places = fields.optional("places");
    let things = fields.optional("things");
    let kinds = fields.optional("kinds");
    let parts_of_people = fields.optional("parts");
    let choices = fields.optional("choices");
    let links = fields.optional("links");
    let shapes = fields.required(decoder, "shapes");
    let surfaces = fields.required(decoder, "surfaces");
    let legs = fields.optional("legs");
    let refuse = fields.required(decoder, "refuse");
    fields.finish(decoder);

    let sections = Sections {
        places,
        things,
        kinds,
        parts: parts_of_people,
        choices,
        links,
        people,
    };
    let names = Names::read(sections, decoder);
    let shapes = Shapes::read(shapes, &names, decoder);
    let mut automata = Automata::new(&shapes, &names);
    let identity = identity.and_then(|n| Identity::read(n, &shapes, &mut automata, decoder));
    let people = people.and_then(|n| People::read(n, &shapes, &mut automata, decoder));
    let mut parts = Parts {
        names: &names,
        shapes: &shapes,
        automata: &mut automata,
    };
    let places = read_places(places, &mut parts, decoder);
    let things = read_things(things, &mut parts, decoder);
    let errors = read_errors(refuse, &mut parts, decoder);
    let (surfaces, legs) = read_all_surfaces(surfaces, legs, &mut parts, decoder);
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
        cors: cors.map_or_else(Vec::new, |node| refuse::headers(node, decoder)),
        query: read_everywhere(query, decoder),
        words: Arc::clone(&names.words),
        unmatched: unmatched.map_or(Some(Unmatched::Refuse), |n| decoder.word(n, &ways))?,
        identity: identity?,
        people: people?,
        places,
        things,
        refuse: refuse?,
        errors,
        surfaces,
        legs,
    })
}

fn read_places<'d>(
    node: Option<&'d Node>,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> Vec<Place> {
    let mut places = Vec::new();
    for (key, node) in names::entries(node, decoder) {
        let Some(mut fields) = decoder.mapping(node) else {
            continue;
        };
        let people = fields.required(decoder, "people");
        let stale_after = fields.optional("stale_after");
        let strangers = fields.optional("strangers");
        let id = fields.optional("id");
        let otherwise = fields.optional("otherwise");
        fields.finish(decoder);
        let otherwise = otherwise.and_then(|node| thing_ix(node, parts.names, decoder));
        let id = id.and_then(|node| decoder.string(node)).map(Glob::new);
        let range = Duration::from_millis(100)..=STALE_AFTER_MAX;
        let stale_after = stale_after.and_then(|n| decoder.duration(n, range));
        let mut lookups = Vec::new();
        for node in people.map(|n| decoder.one_or_many(n)).unwrap_or_default() {
            lookups.extend(read_place_lookup(node, &key.text, parts, decoder));
        }
        places.push(Place {
            name: key.text.clone(),
            people: lookups,
            id: id.zip(otherwise),
            is_closed: strangers.is_some_and(|n| decoder.word(n, &[("refused", ())]).is_some()),
            stale_after,
        });
    }
    places
}

fn read_place_lookup<'d>(
    node: &'d Node,
    place: &str,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> Option<PlaceLookup> {
    let mut fields = decoder.mapping(node)?;
    let by = fields.optional("by");
    let by = by.map_or(Some(AskedBy::Anyone), |node| {
        let words = [("gateway", AskedBy::Gateway), ("actor", AskedBy::Actor)];
        decoder.word(node, &words)
    });
    let lookup = Lookup::read_fields(fields, Some(place), parts.shapes, parts.automata, decoder);
    Some(PlaceLookup {
        lookup: lookup?,
        by: by?,
    })
}

/// The thing that this names.
fn thing_ix<'d>(node: &'d Node, names: &Names, decoder: &mut Decoder<'d>) -> Option<ThingIx> {
    let name = decoder.string(node)?;
    match names.word(name) {
        Some(Word::Means(Meaning::Thing(thing))) => Some(thing),
        _ => {
            let fault = decoder.error(&node.span, format!("there is no thing `{name}`"));
            fault.set_help("declare it under `things`");
            None
        }
    }
}

/// Parameters that may stand on every surface.
fn read_everywhere<'d>(node: Option<&'d Node>, decoder: &mut Decoder<'d>) -> Vec<Box<str>> {
    let mut names = Vec::new();
    for (key, value) in names::entries(node, decoder) {
        names.extend(decoder.word(value, &[("ignored", Box::from(key.text.as_str()))]));
    }
    names
}

fn read_things<'d>(
    node: Option<&'d Node>,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> Vec<Thing> {
    let mut things = Vec::new();
    for (key, node) in names::entries(node, decoder) {
        let id = Some(key.text.as_str());
        let lookup = Lookup::read(node, id, parts.shapes, parts.automata, decoder);
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
        if text != "*" && (!small || text.split('/').count() != 2) {
            decoder
                .error(&node.span, format!("`{text}` is no media type"))
                .set_help("small letters, no parameters: `application/json`; or `*` for any");
        }
        types.push(text.to_owned());
    }
    types
}

/// The surfaces of the clients, then those of each leg.
fn read_all_surfaces<'d>(
    clients: Option<&'d Node>,
    legs: Option<&'d Node>,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> (Vec<Surface>, Vec<Leg>) {
    let mut surfaces = Vec::new();
    let mut keys = Vec::new();
    let mut all = vec![(None, Sender::Credential, clients)];
    for leg in leg::read_legs(legs, decoder) {
        all.push((Some(leg.name.into()), leg.sender, leg.surfaces));
    }
    let mut read = Vec::new();
    for (name, sender, node) in all {
        let first = surfaces.len();
        let router = read_surfaces(node, &mut surfaces, &mut keys, parts, decoder);
        read.push(Leg {
            name,
            sender,
            surfaces: first..surfaces.len(),
            router,
        });
    }
    (surfaces, read)
}

/// One leg's surfaces, behind those that were read before it: `keys` are theirs.
fn read_surfaces<'d>(
    node: Option<&'d Node>,
    surfaces: &mut Vec<Surface>,
    keys: &mut Vec<&'d Key>,
    parts: &mut Parts<'_, '_>,
    decoder: &mut Decoder<'d>,
) -> Router {
    let mut router = Router::new();
    let entries = names::entries(node, decoder);
    if let Some((key, _)) = entries.get(SURFACES_MAX.saturating_sub(surfaces.len())) {
        decoder.error(&key.span, format!("more than {SURFACES_MAX} surfaces"));
        return router;
    }
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
        add_routes(&mut router, &template, ix, keys, decoder);
    }
    router
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
