//! A request for each surface that changes something, such that the message server takes it: who
//! proves something of "every act" goes through all of them, and a new surface can't be forgotten.
#![allow(dead_code, reason = "each test binary uses the part that it needs")]

use borderpost::dialect::Dialect;
use serde_json::{Value, json};

use super::act::{Act, call, delete, patch, post, put, put_bytes, say, send, set, upload};
use super::support::Client;
use super::town::Town;

/// Who is in the play. All but the actor prepare it behind the gateway.
#[derive(Clone, Copy)]
pub struct Cast<'c> {
    /// Who will do everything.
    pub actor: &'c str,
    /// Who has places in which the actor is, and is the actor's contact.
    pub host: &'c str,
    /// Who can be brought in.
    pub third: &'c str,
    /// Whose contact URL the actor has.
    pub inviting: &'c str,
    /// Who else is everywhere.
    pub others: &'c [&'c str],
}

/// What an act is to the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// It is done in an external place, or makes one.
    Crosses,
    /// Going, which is always possible.
    Goes,
    /// One's own account: nobody else is met.
    Own,
}

/// One request.
pub struct Request {
    /// The surface, as the dialect has it.
    pub surface: &'static str,
    pub sort: Sort,
    pub act: Act,
}

/// All of them, to be done in this order.
pub async fn every_request(town: &Town, cast: Cast<'_>) -> Vec<Request> {
    let spots = Spots::prepare(town, cast).await;
    let mut requests = spots.in_rooms(cast);
    requests.extend(spots.of_messages(cast));
    requests.extend(spots.in_groups(cast));
    requests.extend(spots.on_boards(cast));
    requests.extend(spots.of_contacts(cast));
    requests.extend(spots.going(cast));
    requests.extend(spots.own(cast));
    requests
}

/// The surfaces of a dialect that change something and have no request here.
pub fn forgotten<'d>(dialect: &'d Dialect, requests: &[Request]) -> Vec<&'d str> {
    let surfaces = dialect.surfaces.iter().map(|surface| &*surface.name);
    surfaces
        .filter(|name| !name.starts_with("GET "))
        .filter(|name| !requests.iter().any(|request| request.surface == *name))
        .collect()
}

/// The ids of what was prepared.
struct Spots {
    room: String,
    /// A room that anybody may join, where the actor is not.
    open: String,
    group: String,
    board: String,
    /// The actor's.
    message: String,
    file: String,
    scheduled: String,
    note: String,
    event: String,
    task: String,
    post: String,
    /// The host's.
    hosts_message: String,
    invitations: [String; 2],
    code: String,
}

async fn made(act: Act, client: &Client) -> String {
    let made = act.passes(client).await.json();
    made["id"].as_str().expect("an id").to_owned()
}

impl Spots {
    async fn prepare<'c>(town: &Town, cast: Cast<'c>) -> Self {
        let (actor, host) = (town.behind(cast.actor), town.behind(cast.host));
        let with = |more: &[&'c str]| -> Vec<&'c str> { [cast.others, more].concat() };
        let all = with(&[cast.actor]);
        let room = made(
            post("/v1/rooms", json!({"title": "Quay", "members": all})),
            &host,
        )
        .await;
        let open = json!({"title": "Pier", "members": with(&[]), "open": true});
        let group = json!({"title": "Harbour", "members": all});
        let board = json!({"title": "Tides", "readers": with(&[cast.host])});
        let group = made(post("/v1/groups", group), &host).await;
        let board = made(post("/v1/boards", board), &actor).await;
        let hosts_message = made(say(&room, "a word of the host"), &host).await;
        let mut invitations = [String::new(), String::new()];
        for invitation in &mut invitations {
            let other = json!({"title": "Dock", "members": with(&[])});
            let other = made(post("/v1/rooms", other), &host).await;
            let invite = format!("/v1/rooms/{other}/invitations");
            *invitation = made(post(invite, json!({"person": cast.actor})), &host).await;
        }
        let later = json!({"content": {"type": "text", "text": "later"}, "send_at": LATER});
        let words = json!({"title": "a", "text": "b"});
        let event = json!({"title": "a", "text": "b", "starts_at": LATER});
        let code = town.behind(cast.inviting).get("/v1/me/contact-url").await;
        let own = |path: String, body: Value| made(post(path, body), &actor);
        Self {
            open: made(post("/v1/rooms", open), &host).await,
            message: made(say(&room, "a word"), &actor).await,
            file: made(words_as_file(format!("/v1/rooms/{room}/files")), &actor).await,
            scheduled: own(format!("/v1/rooms/{room}/messages"), later).await,
            note: own(format!("/v1/groups/{group}/notes"), words.clone()).await,
            event: own(format!("/v1/groups/{group}/events"), event).await,
            task: own(format!("/v1/groups/{group}/tasks"), words.clone()).await,
            post: own(format!("/v1/boards/{board}/posts"), words).await,
            code: code.json()["code"].as_str().expect("a code").to_owned(),
            room,
            group,
            board,
            hosts_message,
            invitations,
        }
    }

    fn in_rooms(&self, cast: Cast<'_>) -> Vec<Request> {
        let Self { room, open, .. } = self;
        let third = json!({"person": cast.third});
        let at = |rest: &str| format!("/v1/rooms/{room}{rest}");
        let make = json!({"title": "Mole", "members": [cast.third]});
        let accept = format!("/v1/invitations/{}/accept", self.invitations[0]);
        let read = json!({"message": self.hosts_message});
        [
            ("POST /v1/rooms", post("/v1/rooms", make)),
            (
                "PATCH /v1/rooms/{room}",
                patch(at(""), json!({"title": "Quay 2"})),
            ),
            (
                "POST /v1/rooms/{room}/join",
                call(format!("/v1/rooms/{open}/join")),
            ),
            (
                "POST /v1/rooms/{room}/invitations",
                post(at("/invitations"), third.clone()),
            ),
            ("POST /v1/rooms/{room}/members", post(at("/members"), third)),
            ("POST /v1/invitations/{invitation}/accept", call(accept)),
            (
                "PUT /v1/rooms/{room}/encryption",
                put(at("/encryption"), json!({"enabled": false})),
            ),
            ("PUT /v1/rooms/{room}/read", put(at("/read"), read)),
            (
                "PUT /v1/rooms/{room}/typing",
                put(at("/typing"), json!({"typing": true})),
            ),
            ("POST /v1/rooms/{room}/calls", call(at("/calls"))),
            ("POST /v1/rooms/{room}/files", words_as_file(at("/files"))),
        ]
        .map(crosses)
        .into()
    }

    fn of_messages(&self, cast: Cast<'_>) -> Vec<Request> {
        let Self {
            room,
            message,
            hosts_message,
            file,
            scheduled,
            ..
        } = self;
        let text = json!({"content": {"type": "text", "text": "another word"}});
        let quoting = json!({"content": {"type": "text", "text": "so it is"},
                             "quote": hosts_message, "mentions": [cast.actor]});
        let reaction = format!("/v1/messages/{hosts_message}/reactions/x");
        let pin = format!("/v1/messages/{hosts_message}/pin");
        let forward = format!("/v1/messages/{hosts_message}/forward");
        let messages = format!("/v1/rooms/{room}/messages");
        [
            ("POST /v1/rooms/{room}/messages", post(messages, quoting)),
            (
                "POST /v1/rooms/{room}/messages",
                send(room, json!({"type": "file", "file": file})),
            ),
            (
                "PATCH /v1/messages/{message}",
                patch(format!("/v1/messages/{message}"), text),
            ),
            (
                "POST /v1/messages/{message}/forward",
                post(forward, json!({"rooms": [room]})),
            ),
            (
                "PUT /v1/messages/{message}/reactions/{text}",
                set(&reaction),
            ),
            (
                "DELETE /v1/messages/{message}/reactions/{_}",
                delete(&reaction),
            ),
            ("PUT /v1/messages/{message}/pin", set(&pin)),
            ("DELETE /v1/messages/{message}/pin", delete(&pin)),
            (
                "DELETE /v1/messages/{message}",
                delete(format!("/v1/messages/{message}")),
            ),
            (
                "DELETE /v1/scheduled/{scheduled}",
                delete(format!("/v1/scheduled/{scheduled}")),
            ),
            (
                "DELETE /v1/files/{file}",
                delete(format!("/v1/files/{file}")),
            ),
        ]
        .map(crosses)
        .into()
    }

    fn in_groups(&self, cast: Cast<'_>) -> Vec<Request> {
        let at = |rest: &str| format!("/v1/groups/{}/{rest}", self.group);
        let (note, event, task) = (&self.note, &self.event, &self.task);
        let words = json!({"title": "c", "text": "d"});
        let starting = json!({"title": "c", "text": "d", "starts_at": LATER});
        let assigned = json!({"title": "c", "text": "d", "assignee": cast.actor});
        let make = json!({"title": "Mole", "members": [cast.third]});
        let third = json!({"person": cast.third});
        [
            ("POST /v1/groups", post("/v1/groups", make)),
            (
                "POST /v1/groups/{group}/members",
                post(at("members"), third),
            ),
            (
                "POST /v1/groups/{group}/notes",
                post(at("notes"), words.clone()),
            ),
            (
                "PATCH /v1/groups/{group}/notes/{_}",
                patch(at(&format!("notes/{note}")), words.clone()),
            ),
            (
                "DELETE /v1/groups/{group}/notes/{_}",
                delete(at(&format!("notes/{note}"))),
            ),
            (
                "POST /v1/groups/{group}/events",
                post(at("events"), starting),
            ),
            (
                "PATCH /v1/groups/{group}/events/{_}",
                patch(at(&format!("events/{event}")), words.clone()),
            ),
            (
                "DELETE /v1/groups/{group}/events/{_}",
                delete(at(&format!("events/{event}"))),
            ),
            ("POST /v1/groups/{group}/tasks", post(at("tasks"), assigned)),
            (
                "PATCH /v1/groups/{group}/tasks/{_}",
                patch(at(&format!("tasks/{task}")), words),
            ),
            (
                "DELETE /v1/groups/{group}/tasks/{_}",
                delete(at(&format!("tasks/{task}"))),
            ),
            ("POST /v1/groups/{group}/files", words_as_file(at("files"))),
            (
                "POST /v1/groups/{group}/folder",
                words_as_file(at("folder")),
            ),
        ]
        .map(crosses)
        .into()
    }

    fn on_boards(&self, cast: Cast<'_>) -> Vec<Request> {
        let at = |rest: &str| format!("/v1/boards/{}/{rest}", self.board);
        let own = format!("posts/{}", self.post);
        let words = json!({"title": "c", "text": "d"});
        let make = json!({"title": "Buoys", "readers": [cast.third]});
        let third = json!({"person": cast.third});
        [
            ("POST /v1/boards", post("/v1/boards", make)),
            (
                "POST /v1/boards/{board}/readers",
                post(at("readers"), third),
            ),
            (
                "PUT /v1/boards/{board}/template",
                put(at("template"), json!({"template": "t1"})),
            ),
            (
                "POST /v1/boards/{board}/posts",
                post(at("posts"), words.clone()),
            ),
            ("PATCH /v1/boards/{board}/posts/{_}", patch(at(&own), words)),
            ("DELETE /v1/boards/{board}/posts/{_}", delete(at(&own))),
            ("POST /v1/boards/{board}/files", words_as_file(at("files"))),
        ]
        .map(crosses)
        .into()
    }

    fn of_contacts(&self, cast: Cast<'_>) -> Vec<Request> {
        let contact = format!("/v1/contacts/{}", cast.inviting);
        [
            (
                "POST /v1/contacts",
                post("/v1/contacts", json!({"code": self.code})),
            ),
            ("DELETE /v1/contacts/{person}", delete(contact)),
        ]
        .map(crosses)
        .into()
    }

    fn going(&self, cast: Cast<'_>) -> Vec<Request> {
        let Self {
            room, group, board, ..
        } = self;
        let actor = cast.actor;
        let decline = format!("/v1/invitations/{}/decline", self.invitations[1]);
        [
            ("POST /v1/invitations/{invitation}/decline", call(decline)),
            (
                "DELETE /v1/rooms/{room}/members/{leaver}",
                delete(format!("/v1/rooms/{room}/members/{actor}")),
            ),
            (
                "DELETE /v1/groups/{group}/members/{leaver}",
                delete(format!("/v1/groups/{group}/members/{actor}")),
            ),
            (
                "DELETE /v1/boards/{board}/readers/{leaver}",
                delete(format!("/v1/boards/{board}/readers/{}", cast.host)),
            ),
        ]
        .map(|(surface, act)| Request {
            surface,
            sort: Sort::Goes,
            act,
        })
        .into()
    }

    fn own(&self, cast: Cast<'_>) -> Vec<Request> {
        let actor = cast.actor;
        let signing_in = json!({"person": actor, "password": format!("password-{actor}")});
        [
            ("POST /v1/login", post("/v1/login", signing_in)),
            ("PATCH /v1/me", patch("/v1/me", json!({"status": "here"}))),
            (
                "PUT /v1/me/picture",
                put_bytes("/v1/me/picture", "image/png", b"\x89PNG a face"),
            ),
            (
                "POST /v1/me/contact-url/reset",
                call("/v1/me/contact-url/reset"),
            ),
            // The last: the token is dead then.
            ("POST /v1/logout", call("/v1/logout")),
        ]
        .map(|(surface, act)| Request {
            surface,
            sort: Sort::Own,
            act,
        })
        .into()
    }
}

const LATER: &str = "2099-01-01T00:00:00.000Z";

fn words_as_file(path: String) -> Act {
    upload(format!("{path}?name=words.txt"), "text/plain", b"words")
}

fn crosses((surface, act): (&'static str, Act)) -> Request {
    Request {
        surface,
        sort: Sort::Crosses,
        act,
    }
}
