//! Whatever stands where something else is due, and however deep: nobody unknown is named by it.

use std::sync::Arc;

use borderpost::cache::PlaceFacts;
use borderpost::dialect::json::scan::{Manners, Twins, scan};
use borderpost::dialect::json::splice::splice;
use borderpost::dialect::{AnswerForm, Program, Reading};
use borderpost::gateway::classify::known_as;
use borderpost::gateway::facts::{Facts, KnownAs, Learned, Missing};
use borderpost::gateway::items::ReadBody;
use borderpost::gateway::parts::InService;
use borderpost::gateway::show::{About, Judges, Plan, Reads, Shown, plan};
use borderpost::policy::PersonId;
use serde_json::{Value, json};

use crate::canaries::{CANARIES, needles, town};
use crate::crawl::{Ids, routes};
use crate::planting::plant;
use crate::support::Client;
use crate::town::Town;

/// By it the odd value is found again.
const MARK: &str = "a bird by the name of odd";

const MANNERS: Manners = Manners {
    depth_max: 64,
    members_max: 10_000,
    string_bytes_max: 1 << 18,
    number_digits_max: 64,
    twins: Twins::Exact,
};

/// How many elements of each list are enough: each can be odd beside one that is not.
const ELEMENTS: usize = 2;

/// What could stand where something else is due, with a canary in it.
fn odd_values() -> Vec<Value> {
    let canary = &CANARIES[0];
    let words = format!("{MARK} {} {}", canary.names[0], canary.phone);
    let person = json!({"id": canary.id, "name": canary.names[0], "x": MARK});
    vec![
        json!(words),
        json!([words]),
        json!([[canary.id, words]]),
        json!({"text": words, canary.id: true}),
        json!({words.as_str(): {}}),
        json!([person]),
        person,
    ]
}

/// The pointers of a document, one for each place that its paths can speak of.
fn pointers(document: &Value) -> Vec<String> {
    fn walk(value: &Value, at: String, all: &mut Vec<String>) {
        all.push(at.clone());
        match value {
            Value::Object(members) => members.iter().for_each(|(key, value)| {
                let key = key.replace('~', "~0").replace('/', "~1");
                walk(value, format!("{at}/{key}"), all);
            }),
            Value::Array(elements) => {
                for (nth, value) in elements.iter().enumerate().take(1) {
                    walk(value, format!("{at}/{nth}"), all);
                }
            }
            _ => {}
        }
    }
    let mut all = Vec::new();
    walk(document, String::new(), &mut all);
    all
}

/// Shorter lists say as much.
fn shorten(value: &mut Value) {
    match value {
        Value::Object(members) => members.values_mut().for_each(shorten),
        Value::Array(elements) => {
            elements.truncate(ELEMENTS);
            elements.iter_mut().for_each(shorten);
        }
        _ => {}
    }
}

struct World<'t> {
    town: &'t Town,
    service: Arc<InService>,
    /// By what each canary is known.
    known: Vec<(PersonId, Arc<KnownAs>)>,
}

impl<'t> World<'t> {
    async fn of(town: &'t Town) -> Self {
        let service = town.app.parts.in_service.load_full();
        let profile = service.dialect.people.profile.clone().expect("a look-up");
        let mut known = Vec::new();
        for canary in &CANARIES {
            let path = format!("/v1/people/{}", canary.id);
            let bytes = town.behind("alice").get(&path).await.expect(200).bytes;
            let reading = scan(&bytes, &profile.program, &MANNERS).unwrap();
            let body = body(&bytes, &reading, &profile.program, &service);
            known.push((PersonId::from(canary.id), Arc::new(known_as(&body))));
        }
        Self {
            town,
            service,
            known,
        }
    }

    /// What Mei is shown of it: nothing, if it is hidden from her.
    fn show(&self, bytes: &[u8], reading: &Reading, program: &Program) -> Vec<u8> {
        let parts = &self.town.app.parts;
        let snapshot = parts.current.load();
        let body = body(bytes, reading, program, &self.service);
        let viewer = PersonId::from("line:mei");
        let shown = Shown {
            body,
            items: &body.items(),
            viewer: Some(&viewer),
            reads: Reads::Alone,
            about: &About::default(),
            own_origin: None,
            seen: None,
            id: "1",
            now_ms: 0,
            page: None,
            named: &[],
        };
        let mut facts = Facts::default();
        loop {
            let judges = Judges {
                snapshot: &snapshot,
                dialect: &self.service.dialect,
                pseudonyms: &parts.pseudonyms,
                facts: &facts,
            };
            match plan(&shown, &judges) {
                Plan::Hidden => return Vec::new(),
                Plan::Edits { edits, .. } => return splice(bytes, reading, edits),
                Plan::Wanted(wanted) => {
                    let learnt = wanted.into_inner().into_iter().map(|it| self.learn(it));
                    learnt.for_each(|it| facts.learn(it));
                }
            }
        }
    }

    fn learn(&self, missing: Missing) -> Learned {
        match missing {
            Missing::Place(key) => {
                let canaries = self.known.iter().map(|(person, _)| person.clone());
                let people = canaries.chain(["alice", "line:mei"].map(PersonId::from));
                Learned::Place(key, Some(Arc::new(PlaceFacts::new(people))))
            }
            Missing::Thing(key) => Learned::Thing(key, None),
            Missing::KnownAs(person) => {
                let mut known = self.known.iter();
                let known = known.find(|(id, _)| *id == person);
                Learned::KnownAs(person, known.map(|(_, known)| known.clone()))
            }
        }
    }
}

fn body<'b>(
    bytes: &'b [u8],
    reading: &'b Reading,
    program: &'b Program,
    service: &'b InService,
) -> ReadBody<'b> {
    ReadBody {
        bytes,
        reading,
        program,
        drive_hosts: &service.drive_hosts,
    }
}

/// An answer of each surface, as the server gives it to somebody who sees everything.
async fn answers(town: &Town, client: &Client) -> Vec<(String, Arc<Program>, Value)> {
    let ids = Ids::of(town, &[CANARIES[0].id]).await;
    let service = town.app.parts.in_service.load_full();
    let mut answers = Vec::new();
    for route in routes(town).iter().filter(|route| route.method == "GET") {
        let mut longest = Vec::new();
        for path in ids.fill(&route.path).into_iter().take(20) {
            let path = match path.as_str() {
                "/v1/events" => continue,
                "/v1/search" => "/v1/search?q=canary".to_owned(),
                _ => path,
            };
            let reply = client.get(&path).await;
            if reply.status.is_success() && reply.bytes.len() > longest.len() {
                longest = reply.bytes.to_vec();
            }
        }
        let surface = service.dialect.surfaces.iter();
        let mut surface = surface.filter(|surface| {
            surface.name.split_once(' ') == Some((route.method.as_str(), route.path.as_str()))
        });
        if let Some(AnswerForm::Json(program)) = surface.next().map(|surface| &surface.answer)
            && let Ok(mut answer) = serde_json::from_slice(&longest)
        {
            shorten(&mut answer);
            answers.push((route.path.clone(), program.clone(), answer));
        }
    }
    answers
}

#[tokio::test]
async fn what_is_of_another_type_than_is_due_names_nobody_who_is_unknown() {
    let (town, places) = town().await;
    plant(&town, &places, 0).await;
    let (world, needles) = (World::of(&town).await, needles());
    let (mut tried, mut shown_of_it, mut leaks) = (0, 0, Vec::new());
    for (path, program, answer) in answers(&town, &town.behind(CANARIES[0].id)).await {
        for pointer in pointers(&answer) {
            for odd in odd_values() {
                let mut answer = answer.clone();
                *answer.pointer_mut(&pointer).unwrap() = odd.clone();
                let bytes = answer.to_string().into_bytes();
                let reading = scan(&bytes, &program, &MANNERS).unwrap();
                let at = memchr::memmem::find(&bytes, MARK.as_bytes()).unwrap();
                let mut misfits = reading.misfits.iter();
                if !misfits.any(|misfit| misfit.span.contains(&at)) {
                    // Anything may stand there, or just this.
                    continue;
                }
                tried += 1;
                let shown = world.show(&bytes, &reading, &program);
                shown_of_it += usize::from(!shown.is_empty());
                let found = needles.found_in(&shown);
                if !found.is_empty() {
                    leaks.push(format!("{path} {pointer} {odd}: {found:?}"));
                }
            }
        }
    }
    assert!(
        tried > 1_000 && shown_of_it > tried / 2,
        "{tried} {shown_of_it}"
    );
    assert!(
        leaks.is_empty(),
        "{} leaks\n{}",
        leaks.len(),
        leaks.join("\n")
    );
}
