//! What is learnt of a room while its people change: nothing that a look-up told before counts after.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use crate::kit::{PATIENCE, Recorded};
use crate::post::{Post, member};

const IMAGE: &str = r#"{"msgtype":"m.image","body":"a.png","url":"mxc://acme/1"}"#;
const TEXT: &str = r#"{"msgtype":"m.text","body":"hello"}"#;
const CREATE: &str = "/_matrix/client/v3/createRoom";

/// Requests that the homeserver answers when it is told to.
struct Held {
    arrived: Receiver<String>,
    answers: Sender<String>,
}

impl Held {
    /// The next of them has arrived.
    #[track_caller]
    fn arrives(&self) -> String {
        self.arrived.recv_timeout(PATIENCE).expect("a request")
    }

    fn answer(&self, body: &str) {
        self.answers.send(body.to_owned()).expect("it waits");
    }
}

/// A homeserver that holds what `is_held` says, and tells of rooms what `inside` says.
fn homeserver(
    is_held: impl Fn(&str) -> bool + Send + Sync + 'static,
    inside: Arc<Mutex<Vec<&'static str>>>,
) -> (Post, Held) {
    let (told, arrived) = channel();
    let (answers, waiting) = channel();
    let (told, waiting) = (Mutex::new(told), Mutex::new(waiting));
    let post = Post::where_said(move |request: &Recorded| {
        let line = request.request_line();
        if is_held(line) {
            told.lock().unwrap().send(line.to_owned()).unwrap();
            let body = waiting.lock().unwrap().recv_timeout(PATIENCE);
            return Some(body.unwrap_or_else(|_| "nobody told".to_owned()));
        }
        line.contains("/rooms/%21new/state ")
            .then(|| state(&inside.lock().unwrap()))
    });
    (post, Held { arrived, answers })
}

fn state(people: &[&str]) -> String {
    let people: Vec<String> = people.iter().map(|id| member(id)).collect();
    format!("{{\"state\":[{}]}}", people.join(","))
}

fn send(post: &Post, who: &str, room: &str, body: &str) -> u16 {
    let target = format!("/_matrix/client/v3/rooms/{room}/send/m.room.message/1");
    post.send(who, "PUT", &target, body).0.status
}

#[test]
fn a_look_up_from_before_somebody_was_seen_to_come_is_not_believed() {
    let is_first = Mutex::new(true);
    let is_held = move |line: &str| {
        line.contains("/rooms/%21in/state ") && std::mem::take(&mut *is_first.lock().unwrap())
    };
    let (post, held) = homeserver(is_held, Arc::default());
    let target = "/_matrix/client/v3/rooms/!in/send/m.room.message/1";
    let mut early = post.begin("alice", "PUT", target, TEXT);
    held.arrives();
    // Meanwhile bob is shown that mei has come in.
    let sync = "/_matrix/client/v3/sync?since=mei-came";
    assert_eq!(post.send("bob", "GET", sync, "").0.status, 200);
    held.answer(&state(&["@alice:acme", "@bob:acme"]));
    assert_eq!(early.read().status, 200);
    assert_eq!(send(&post, "alice", "!in", IMAGE), 403);
}

#[test]
fn a_room_has_everybody_who_was_named_as_soon_as_it_can_be_seen() {
    let inside = Arc::new(Mutex::new(vec!["@alice:acme"]));
    let (post, held) = homeserver(|line| line.contains("/createRoom "), inside.clone());
    let mut made = post.begin("alice", "POST", CREATE, r#"{"invite":["@line_mei:acme"]}"#);
    held.arrives();
    // Another device has seen the room, and nobody was asked in yet.
    assert_eq!(send(&post, "alice", "!new", IMAGE), 403);
    assert_eq!(send(&post, "alice", "!new", TEXT), 200);
    *inside.lock().unwrap() = vec!["@alice:acme", "@line_mei:acme"];
    held.answer(r#"{"room_id":"!new"}"#);
    assert_eq!(made.read().status, 200);
    // What was learnt meanwhile is learnt anew.
    assert_eq!(send(&post, "alice", "!new", IMAGE), 403);
    let join = "/_matrix/client/v3/join/!new?user_id=%40line_mei%3Aacme";
    assert_eq!(post.send("bridge", "POST", join, "{}").0.status, 200);
}

#[test]
fn a_room_whose_maker_went_away_has_them_all_the_same() {
    let inside = Arc::new(Mutex::new(vec!["@alice:acme"]));
    let (post, held) = homeserver(|line| line.contains("/createRoom "), inside);
    let client = post.begin("alice", "POST", CREATE, r#"{"invite":["@line_mei:acme"]}"#);
    held.arrives();
    drop(client);
    assert_eq!(send(&post, "alice", "!new", IMAGE), 403);
    held.answer(r#"{"room_id":"!new"}"#);
    assert_eq!(send(&post, "alice", "!new", IMAGE), 403);
}

#[test]
fn a_room_of_colleagues_is_internal_while_it_is_made_and_after() {
    let inside = Arc::new(Mutex::new(vec!["@alice:acme"]));
    let (post, held) = homeserver(|line| line.contains("/createRoom "), inside);
    let mut made = post.begin("alice", "POST", CREATE, r#"{"invite":["@bob:acme"]}"#);
    held.arrives();
    assert_eq!(send(&post, "alice", "!new", IMAGE), 200);
    held.answer(r#"{"room_id":"!new"}"#);
    assert_eq!(made.read().status, 200);
    assert_eq!(send(&post, "alice", "!new", IMAGE), 200);
}
