//! Everything that a viewer can ask for: every route of the dialect, with every id of the world.

use std::collections::{BTreeMap, BTreeSet};

use borderpost::dialect::{AnswerForm, Body};
use bytes::Bytes;
use http::Method;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use serde_json::Value;

use crate::needles::Needles;
use crate::support::{Client, PATIENCE, Reply};
use crate::town::{PLAIN, Town};

/// One surface of the dialect, as it is written.
pub struct Route {
    pub method: Method,
    pub path: String,
    pub takes_json: bool,
}

/// All of them, so that a new one can't be forgotten.
pub fn routes(town: &Town) -> Vec<Route> {
    let service = town.app.parts.in_service.load_full();
    let routes: Vec<Route> = service
        .dialect
        .surfaces
        .iter()
        .flat_map(|surface| {
            let (methods, path) = surface.name.split_once(' ').expect("a route");
            let takes_json = matches!(surface.body, Body::Json(_));
            let route = move |method: &str| Route {
                method: method.parse().unwrap(),
                path: path.to_owned(),
                takes_json,
            };
            methods.split('|').map(route)
        })
        .collect();
    assert_eq!(
        routes.len(),
        PLAIN
            .lines()
            .filter(|line| line.starts_with("  \"") && line.contains(" /v1/"))
            .count()
    );
    routes
}

/// The names of all events that the dialect lets through.
pub fn events(town: &Town) -> BTreeSet<String> {
    let service = town.app.parts.in_service.load_full();
    let mut names = BTreeSet::new();
    for surface in &service.dialect.surfaces {
        if let AnswerForm::Events(forms) = &surface.answer {
            names.extend(forms.names().map(str::to_owned));
        }
    }
    names
}

/// The names of the events in a stream's bytes.
pub fn events_in(stream: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(stream);
    let names = text.lines().filter_map(|line| line.strip_prefix("event: "));
    names.map(str::to_owned).collect()
}

/// The ids of a world, by the names of captures.
pub struct Ids(BTreeMap<String, BTreeSet<String>>);

impl Ids {
    /// All that anybody is shown behind the gateway.
    pub async fn of(town: &Town, people: &[&str]) -> Self {
        let mut ids = Ids(BTreeMap::new());
        for person in people {
            ids.add("person", person);
        }
        // What is found in one round names more for the next.
        for _ in 0..2 {
            for person in people {
                ids.gather(&town.behind(person), &routes(town)).await;
            }
        }
        ids
    }

    async fn gather(&mut self, client: &Client, routes: &[Route]) {
        for route in reading(routes) {
            // What stands below a message or an item names nothing new.
            if ["{message}", "{_}", "{file}"]
                .iter()
                .any(|capture| route.path.contains(capture))
            {
                continue;
            }
            for path in self.fill(&route.path) {
                let reply = client.get(&with_query(&path)).await;
                if let Ok(body) = serde_json::from_slice(&reply.bytes) {
                    self.note(&body);
                }
            }
        }
    }

    fn note(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    match (key.as_str(), value) {
                        ("id" | "code", Value::String(id)) => self.note_id(id),
                        _ => self.note(value),
                    }
                }
            }
            Value::Array(elements) => elements.iter().for_each(|element| self.note(element)),
            _ => {}
        }
    }

    fn note_id(&mut self, id: &str) {
        let is_number =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let Some((letter, number)) = id.split_at_checked(1) else {
            return;
        };
        let capture = match letter {
            "u" if number.contains('-') => "contact_url",
            _ if !is_number(number) => return,
            "r" => "room",
            "m" => "message",
            "f" => "file",
            "g" => "group",
            "b" => "board",
            "i" => "invitation",
            "s" => "scheduled",
            "n" | "e" | "k" | "p" => "_",
            _ => return,
        };
        self.add(capture, id);
    }

    pub fn add(&mut self, capture: &str, id: &str) {
        self.0
            .entry(capture.to_owned())
            .or_default()
            .insert(id.to_owned());
    }

    /// The ids for a capture.
    pub fn named(&self, capture: &str) -> BTreeSet<String> {
        let capture = if capture == "leaver" {
            "person"
        } else {
            capture
        };
        match capture {
            "text" => BTreeSet::from(["x".to_owned()]),
            _ => self.0.get(capture).cloned().unwrap_or_default(),
        }
    }

    /// The path with every id in every place, and each id of a person in both its spellings.
    pub fn fill(&self, path: &str) -> Vec<String> {
        let Some((before, rest)) = path.split_once('{') else {
            return vec![path.to_owned()];
        };
        let (capture, after) = rest.split_once('}').expect("the end of a capture");
        let afters = self.fill(after);
        let mut filled = Vec::new();
        for id in self.named(capture) {
            let id = percent_encoding::utf8_percent_encode(&id, percent_encoding::NON_ALPHANUMERIC)
                .to_string();
            filled.extend(afters.iter().map(|after| format!("{before}{id}{after}")));
        }
        filled
    }
}

/// A query where a route needs or likes one.
fn with_query(path: &str) -> String {
    match path {
        "/v1/people" => format!("{path}?limit=100"),
        "/v1/search" => format!("{path}?q=e&limit=100"),
        _ if path.ends_with("/messages") => format!("{path}?limit=200"),
        _ => path.to_owned(),
    }
}

/// Every byte of an answer.
pub fn bytes_of(reply: &Reply) -> Vec<u8> {
    let mut bytes = reply.status.to_string().into_bytes();
    for (name, value) in &reply.headers {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\n"].concat());
    }
    bytes.extend(&reply.bytes);
    bytes
}

/// The part of an answer around the first thing that it must not have.
fn excerpt(bytes: &[u8], needles: &Needles) -> String {
    let shown = (0..bytes.len()).step_by(100).find(|at| {
        !needles
            .found_in(&bytes[..(at + 200).min(bytes.len())])
            .is_empty()
    });
    let from = shown.unwrap_or(0).saturating_sub(200);
    String::from_utf8_lossy(&bytes[from..(from + 500).min(bytes.len())]).into_owned()
}

/// What a crawl has found.
#[derive(Default)]
pub struct Findings {
    pub asked: usize,
    pub answered: usize,
    /// The routes that answered with something.
    pub visited: BTreeSet<String>,
    pub found: BTreeMap<String, String>,
}

impl Findings {
    pub fn look(&mut self, needles: &Needles, what: &str, reply: &Reply) {
        self.asked += 1;
        self.answered += usize::from(reply.status.is_success());
        self.look_at(needles, what, &bytes_of(reply));
    }

    /// No secret was found.
    #[track_caller]
    pub fn are_clean(&self, who: &str) {
        let found = self.found.iter();
        let list: String = found
            .map(|(needle, place)| format!("\n  {needle}\n    {place}"))
            .collect();
        assert!(self.found.is_empty(), "{who} learns{list}");
    }

    /// Every route that reads was answered with something: what nobody is shown proves nothing.
    #[track_caller]
    pub fn have_visited_all(&self, who: &str, routes: &[Route]) {
        let missed: Vec<&str> = reading(routes)
            .map(|route| route.path.as_str())
            .filter(|path| !self.visited.contains(*path))
            .collect();
        assert!(missed.is_empty(), "{who} was shown nothing at {missed:?}");
    }

    pub fn look_at(&mut self, needles: &Needles, what: &str, bytes: &[u8]) {
        for needle in needles.found_in(bytes) {
            let seen = || format!("{what}: {}", excerpt(bytes, needles));
            self.found.entry(needle.to_owned()).or_insert_with(seen);
        }
    }
}

/// The routes that read; the stream is a matter of its own.
fn reading(routes: &[Route]) -> impl Iterator<Item = &Route> {
    let reads = |route: &&Route| route.method == Method::GET && route.path != "/v1/events";
    routes.iter().filter(reads)
}

/// Everything that can be read, and in every way of reading it.
pub async fn read_everything(
    client: &Client,
    routes: &[Route],
    ids: &Ids,
    needles: &Needles,
    words: &[&str],
) -> Findings {
    let mut findings = Findings::default();
    for route in reading(routes) {
        for (nth, path) in ids.fill(&route.path).into_iter().enumerate() {
            let path = with_query(&path);
            let reply = client.get(&path).await;
            findings.look(needles, &format!("GET {path}"), &reply);
            if !reply.status.is_success() {
                continue;
            }
            findings.visited.insert(route.path.clone());
            // One more way of asking for each, in turn.
            let (name, value) = match nth % 4 {
                0 => ("if-none-match", reply.header("etag")),
                1 => ("if-none-match", "*"),
                2 => ("range", "bytes=0-9"),
                _ => ("accept-encoding", "gzip"),
            };
            if !value.is_empty() {
                let again = client.get_with(&path, &[(name, value)]).await;
                findings.look(needles, &format!("GET {path} {name}"), &again);
            }
            let head = client.send(Method::HEAD, &path, &[], Bytes::new()).await;
            findings.look(needles, &format!("HEAD {path}"), &head);
        }
    }
    for word in words {
        let word = percent_encoding::utf8_percent_encode(word, percent_encoding::NON_ALPHANUMERIC);
        for path in [
            format!("/v1/people?q={word}"),
            format!("/v1/search?q={word}"),
        ] {
            findings.look(needles, &format!("GET {path}"), &client.get(&path).await);
        }
    }
    findings
}

/// A stream of events, as bytes.
pub struct Stream {
    body: Incoming,
    pub bytes: Vec<u8>,
}

impl Stream {
    pub async fn open(client: &Client, headers: &[(&str, &str)]) -> Self {
        let response = client
            .open(
                Method::GET,
                "/v1/events",
                headers,
                Full::default().boxed_unsync(),
            )
            .await;
        let bytes = format!("{:?}\n", response.headers()).into_bytes();
        Self {
            body: response.into_body(),
            bytes,
        }
    }

    /// Reads until a text has come.
    pub async fn until(&mut self, text: &str) {
        while memchr::memmem::find(&self.bytes, text.as_bytes()).is_none() {
            let frame = tokio::time::timeout(PATIENCE, self.body.frame())
                .await
                .expect("an event in time");
            let Some(Ok(frame)) = frame else {
                panic!(
                    "the stream ends early: {}",
                    String::from_utf8_lossy(&self.bytes)
                )
            };
            self.bytes.extend(frame.into_data().unwrap_or_default());
        }
    }
    /// Reads all that comes before the other side ends it.
    pub async fn read_out(&mut self) {
        loop {
            let frame = tokio::time::timeout(PATIENCE, self.body.frame()).await;
            let Some(Ok(frame)) = frame.expect("an end in time") else {
                return;
            };
            self.bytes.extend(frame.into_data().unwrap_or_default());
        }
    }
}
