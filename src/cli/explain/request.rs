//! How a captured request is read, and why it is decided so: the stages of the journey, with flags
//! in place of the message server.

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, UPGRADE};
use http::request::Parts;
use http::uri::PathAndQuery;
use http_body_util::BodyExt as _;
use serde::Serialize;

use super::act::{ActOf, Explained, explain_act};
use super::captured::Captured;
use super::facts::{self, Told, place_name, thing_name};
use super::world::World;
use crate::dialect::program::Meaning;
use crate::dialect::{
    Body, Capture, HEAD_BYTES, LegIx, Reading, Required, RouteFault, Routed, Surface, kinds_of_file,
};
use crate::gateway::about::{About, ActAsked};
use crate::gateway::enforce::{Judged, judge};
use crate::gateway::facts::{PlaceKey, Wanted};
use crate::gateway::items::{Item, ReadBody};
use crate::gateway::limit::Limit;
use crate::gateway::read;
use crate::gateway::refusal::Refused;
use crate::policy::{Act, KindSet, PersonId};

/// The answer.
#[derive(Default, Serialize)]
pub(super) struct ExplainedRequest {
    /// `None`: something is missing.
    pub allowed: Option<bool>,
    pub method: String,
    pub target: String,
    /// The surface of the dialect, by its route.
    pub surface: Option<String>,
    pub act: Option<&'static str>,
    pub captures: Vec<Found>,
    pub finds: Vec<Found>,
    pub items: Vec<ItemFound>,
    /// What the flags told.
    pub facts: Vec<String>,
    /// What is missing, with the flag that would tell it.
    pub missing: Vec<String>,
    /// What should be known of this explanation.
    pub notes: Vec<String>,
    /// What the client would see instead.
    pub refusal: Option<Shown>,
    pub places: Vec<Place>,
}

/// A value with a meaning, and its bytes: of the target, of the body, or of a document in a string.
#[derive(Serialize)]
pub(super) struct Found {
    pub within: &'static str,
    pub start: usize,
    pub end: usize,
    pub meaning: String,
    pub text: String,
}

/// What is judged as one.
#[derive(Serialize)]
pub(super) struct ItemFound {
    pub places: Vec<String>,
    pub things: Vec<String>,
    pub kinds: Vec<&'static str>,
    pub people: Vec<String>,
}

/// A refusal as the client sees it.
#[derive(Serialize)]
pub(super) struct Shown {
    pub cause: &'static str,
    pub status: u16,
    pub headers: Vec<String>,
    pub body: String,
}

/// The policy's word on one place that the request is about.
#[derive(Serialize)]
pub(super) struct Place {
    pub place: String,
    pub explained: Explained,
}

/// The request as far as it was read.
struct Read<'w> {
    surface: &'w Surface,
    target: Item,
    items: Vec<Item>,
    upload: KindSet,
}

/// Explains.
pub(super) async fn explain_request(
    world: &World,
    (leg, captured): (LegIx, Captured),
    owner: Option<&PersonId>,
    told: &Told,
) -> ExplainedRequest {
    let mut explained = ExplainedRequest {
        facts: told.told.clone(),
        ..Default::default()
    };
    let refused = match read(world, leg, captured, &mut explained).await {
        Err(refused) => Some(refused),
        Ok(None) => None,
        Ok(Some(request)) => decide(world, &request, owner, told, &mut explained),
    };
    if let Some(refused) = refused {
        explained.allowed = Some(false);
        explained.refusal = Some(shown(world, &refused).await);
    }
    explained
}

impl ItemFound {
    fn is_empty(&self) -> bool {
        let Self {
            places,
            things,
            kinds,
            people,
        } = self;
        places.is_empty() && things.is_empty() && kinds.is_empty() && people.is_empty()
    }
}

/// The stages before the verdict. `None`: it passes unjudged.
async fn read<'w>(
    world: &'w World,
    leg: LegIx,
    captured: Captured,
    explained: &mut ExplainedRequest,
) -> Result<Option<Read<'w>>, Refused> {
    let head = captured.head(world).map_err(Refused::Head)?;
    let target = head.uri.path_and_query().map_or("/", PathAndQuery::as_str);
    explained.method = head.method.to_string();
    explained.target = target.to_owned();
    if head.headers.contains_key(UPGRADE) {
        return Err(Refused::Upgrade);
    }
    let Routed {
        surface, captures, ..
    } = match world.dialect.route_on(leg, head.method.as_str(), target) {
        Ok(routed) => routed,
        Err(RouteFault::Forward) => {
            explained.allowed = Some(true);
            explained
                .notes
                .push("no surface is there, and the dialect forwards such".to_owned());
            return Ok(None);
        }
        Err(fault) => return Err(Refused::Route(fault)),
    };
    explained.surface = Some(surface.name.clone());
    explained.act = Some(surface.act.as_str());
    explained.captures = captures
        .iter()
        .map(|capture| found_capture(world, capture))
        .collect();
    if surface.identity == Required::Required && leg == LegIx::CLIENTS {
        let query = target.split_once('?').map(|(_, query)| query);
        world.dialect.identity.credential(&head.headers, query)?;
    }
    let target = Item::of_target(&captures, &world.dialect.words);
    let mut request = Read {
        surface,
        target,
        items: Vec::new(),
        upload: KindSet::EMPTY,
    };
    read_body(
        world,
        &head,
        captured.body,
        &captures,
        &mut request,
        explained,
    )
    .await?;
    Ok(Some(request))
}

async fn read_body(
    world: &World,
    head: &Parts,
    body: Vec<u8>,
    captures: &[Capture],
    request: &mut Read<'_>,
    explained: &mut ExplainedRequest,
) -> Result<(), Refused> {
    let limits = &world.gateway.limits;
    match &request.surface.body {
        Body::Nothing if body.is_empty() => Ok(()),
        Body::Nothing => Err(Refused::UnexpectedBody),
        Body::Json(program) => {
            if body.len() > limits.inspected_body_bytes_max {
                return Err(Refused::TooLarge(Limit::InspectedBodyBytes));
            }
            let bound = (Limit::InspectedBodyBytes, limits.inspected_body_bytes_max);
            let headers = &head.headers;
            let bytes = read::json(&world.dialect, limits, headers, body.into(), bound).await?;
            let held = read::document(&world.dialect, limits, bytes, program)?;
            let body = ReadBody {
                bytes: &held.bytes,
                reading: &held.reading,
                program,
                drive_hosts: &world.drive_hosts,
            };
            found_in(world, &body, &held.reading, "body", &mut explained.finds);
            request.items = body.all_items();
            let items = request.items.iter().map(|item| found_item(world, item));
            explained.items = items.filter(|item| !item.is_empty()).collect();
            if let Some(act) = request.items.iter().find_map(|item| item.act) {
                explained.act = Some(act.as_str());
            }
            Ok(())
        }
        Body::Shown(_) | Body::Noted(_) => {
            let note = "its body is judged like an answer, item by item, or only learnt from";
            explained.notes.push(note.to_owned());
            Ok(())
        }
        Body::Bytes => {
            request.upload = uploaded(&head.headers, &body, captures)?;
            let kinds = request.upload.iter().map(|kind| kind.as_str()).collect();
            let item = ItemFound {
                places: Vec::new(),
                things: Vec::new(),
                kinds,
                people: Vec::new(),
            };
            explained.items.push(item);
            Ok(())
        }
    }
}

/// What an upload is: by its name, its label and its beginning.
fn uploaded(headers: &HeaderMap, body: &[u8], captures: &[Capture]) -> Result<KindSet, Refused> {
    if headers.contains_key(CONTENT_ENCODING) {
        return Err(Refused::UnsupportedMedia);
    }
    let name = captures
        .iter()
        .find(|capture| capture.meaning == Some(Meaning::FileName));
    let media_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let beginning = body.get(..HEAD_BYTES).unwrap_or(body);
    let name = name.map_or("", |capture| capture.value.as_str());
    Ok(kinds_of_file(Some(name), media_type, beginning))
}

/// The verdict, by the same function as the gateway's.
fn decide(
    world: &World,
    request: &Read<'_>,
    owner: Option<&PersonId>,
    told: &Told,
    explained: &mut ExplainedRequest,
) -> Option<Refused> {
    if request.surface.identity == Required::Open {
        explained.allowed = Some(true);
        explained
            .notes
            .push("this surface is open to everyone".to_owned());
        return None;
    }
    let Some(owner) = owner else {
        explained
            .missing
            .push("whose credential it carries: --as ID".to_owned());
        return None;
    };
    note_pseudonyms(world, request, explained);
    let tells_of_unknown = request.surface.answer_of_unknown().is_some();
    let asked = ActAsked {
        actor: Some(owner),
        act: request.surface.act,
        target: &request.target,
        body: &request.items,
        upload: request.upload,
        history_visible: request.surface.history_visible,
        by_pseudonym: if tells_of_unknown {
            &request.target.people
        } else {
            &[]
        },
        sorts: &world.dialect.places,
    };
    let judged = judge(&world.snapshot, &asked, &told.facts);
    if let Judged::Wanted(wanted) = judged {
        let missing = wanted.into_inner();
        explained
            .missing
            .extend(missing.iter().map(|one| facts::flag(&world.dialect, one)));
        return None;
    }
    if let Some(about) = About::gather(&asked, &told.facts, &mut Wanted::default()) {
        explained.places = places(world, owner, asked.act(), &about);
    }
    match judged {
        Judged::Refused(refused, _) => Some(refused),
        Judged::Cleared { .. } | Judged::Wanted(_) => {
            explained.allowed = Some(true);
            None
        }
    }
}

/// Whoever was shown somebody as unknown names them by an id that only the running gateway knows.
fn note_pseudonyms(world: &World, request: &Read<'_>, explained: &mut ExplainedRequest) {
    let people = std::iter::once(&request.target)
        .chain(&request.items)
        .flat_map(|item| &item.people);
    for id in people.filter(|id| world.dialect.people.is_pseudonym(id.as_str())) {
        explained.notes.push(format!(
            "`{id}` is a pseudonym: only the running gateway knows of whom, so it is taken for an id here"
        ));
    }
}

/// Each place that the request is about, explained as an act there.
fn places(world: &World, owner: &PersonId, act: Act, about: &About) -> Vec<Place> {
    let act_in = |room: Vec<PersonId>| {
        let author = about.author.as_ref().filter(|_| act == Act::Download);
        let reads = author.is_some() || act == Act::Show;
        ActOf {
            who: author.unwrap_or(owner).clone(),
            act,
            kinds: about.kinds,
            room: Some(room),
            brings: about.comers.clone(),
            shown_to: reads.then(|| owner.clone()),
            history_visible: about.history_visible,
        }
    };
    let name = |key: &PlaceKey| format!("{} {}", place_name(&world.dialect, key.sort), key.id);
    let mut places: Vec<Place> = about
        .places
        .iter()
        .map(|(key, place)| Place {
            place: name(key),
            explained: explain_act(world, &act_in(place.people().to_vec())),
        })
        .collect();
    if places.is_empty() && !(about.comers.is_empty() && about.contacts.is_empty()) {
        let room = std::iter::once(owner)
            .chain(&about.contacts)
            .cloned()
            .collect();
        places.push(Place {
            place: "no place yet".to_owned(),
            explained: explain_act(world, &act_in(room)),
        });
    }
    places
}

async fn shown(world: &World, refused: &Refused) -> Shown {
    let (head, body) = refused.answer(&world.dialect, "SUPPORT-ID").into_parts();
    let body = body
        .collect()
        .await
        .map(|body| body.to_bytes())
        .unwrap_or_default();
    let headers = head.headers.iter();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        format!("{name}: {}", String::from_utf8_lossy(value.as_bytes()))
    };
    Shown {
        cause: refused.cause(),
        status: head.status.as_u16(),
        headers: headers.map(header).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    }
}

fn found_capture(world: &World, capture: &Capture) -> Found {
    Found {
        within: "target",
        start: capture.span.start,
        end: capture.span.end,
        meaning: capture
            .meaning
            .map_or("nothing".to_owned(), |it| meaning(world, it)),
        text: capture.value.clone(),
    }
}

fn found_in(
    world: &World,
    body: &ReadBody<'_>,
    reading: &Reading,
    within: &'static str,
    finds: &mut Vec<Found>,
) {
    finds.extend(reading.finds.iter().map(|find| Found {
        within,
        start: find.span.start,
        end: find.span.end,
        meaning: meaning(world, find.meaning),
        text: body.text(find).into_owned(),
    }));
    for inner in &reading.embedded {
        found_in(world, &body.inner(inner), &inner.reading, "string", finds);
    }
}

fn found_item(world: &World, item: &Item) -> ItemFound {
    let listed = item.listed.iter().map(|(place, _)| place);
    let places = item.place.iter().chain(&item.more_places).chain(listed);
    let place = |key: &PlaceKey| format!("{}:{}", place_name(&world.dialect, key.sort), key.id);
    let things = item.things.iter();
    ItemFound {
        places: places.map(place).collect(),
        things: things
            .map(|key| format!("{}:{}", thing_name(&world.dialect, key.sort), key.id))
            .collect(),
        kinds: item.kinds.iter().map(|kind| kind.as_str()).collect(),
        people: item.people.iter().map(PersonId::to_string).collect(),
    }
}

/// A meaning in the words of the dialect's file.
fn meaning(world: &World, meaning: Meaning) -> String {
    match meaning {
        Meaning::Place(sort) => place_name(&world.dialect, sort).to_owned(),
        Meaning::Thing(sort) => thing_name(&world.dialect, sort).to_owned(),
        Meaning::Person(part) => format!("person ({})", format!("{part:?}").to_lowercase()),
        Meaning::Kind(_) => "kind".to_owned(),
        Meaning::CountsAs(kind) => format!("counts as {kind}"),
        Meaning::ActIs(act) => format!("act is {act}"),
        Meaning::Text => "text".to_owned(),
        Meaning::Link => "link".to_owned(),
        Meaning::FileName => "file name".to_owned(),
        Meaning::MediaType => "media type".to_owned(),
        Meaning::FileRef => "file reference".to_owned(),
        Meaning::HistoryVisible => "history visible".to_owned(),
        Meaning::Encryption => "encryption".to_owned(),
        Meaning::Attribute(_) => "attribute".to_owned(),
        Meaning::Button(kind) => format!("button {kind}"),
        Meaning::Count(_) | Meaning::Shown(_) => "count".to_owned(),
        Meaning::Page(_) | Meaning::Limit(_) => "page".to_owned(),
        Meaning::Sum(_) | Meaning::Addend(_) => "sum".to_owned(),
        Meaning::Withheld => "withheld".to_owned(),
        Meaning::Part(_) => "part".to_owned(),
        Meaning::Dropped => "dropped".to_owned(),
        Meaning::Never | Meaning::Only(_) | Meaning::Needs(_) => "never".to_owned(),
        Meaning::Stripped => "stripped".to_owned(),
        Meaning::OwnUrl => "own url".to_owned(),
        Meaning::Tombstone(_) | Meaning::Grave(..) => "tombstone".to_owned(),
    }
}
