//! What the canaries do: everything that the protocol has, round the gateway.

use http::{Method, StatusCode};
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization as _;

use crate::canaries::{CANARIES, Canary, Places};
use crate::needles::in_references;
use crate::support::{Client, Reply};
use crate::town::Town;

/// A text by which a stream's reader knows that all was done.
pub const DONE: &str = "the last word of the planting";

/// A text by which a stream's reader knows that the names have changed.
pub const RENAMED: &str = "the last word of the change of names";

/// Everything, by each of them. What people write of one another has the canaries' first or second
/// name: of a name that was given up, nothing tells whose it was, so it must be the one of the time
/// when it is read.
pub async fn plant(town: &Town, places: &Places, written: usize) {
    let alice = town.behind("alice");
    for canary in &CANARIES {
        let client = town.behind(canary.id);
        let planter = Planter {
            town,
            places,
            canary,
            client,
            written: canary.names[written],
        };
        planter.be_somebody().await;
        planter.talk().await;
        planter.act_on_messages(&alice).await;
        planter.send_all_kinds().await;
        planter.invite_and_move().await;
        planter.work_in_the_group().await;
        planter.work_on_the_board().await;
    }
    for peer in ["line:mei", "grace"] {
        remind(&town.behind(peer), &places.mixed, written).await;
    }
    text(&alice, &places.mixed, DONE).await;
}

/// What a peer means to say later, to all of them.
async fn remind(peer: &Client, room: &str, written: usize) {
    for canary in &CANARIES {
        let (id, name) = (canary.id, canary.names[written]);
        let content = json!({"type": "text", "text": format!("<@{id}> and {name} were to sing")});
        let later =
            json!({"content": content, "mentions": [id], "send_at": "2099-01-01T00:00:00.000Z"});
        let path = format!("/v1/rooms/{room}/messages");
        done(peer.post(&path, later).await);
    }
}

/// All of them take their second name. Texts that the server made keep the first.
pub async fn rename(town: &Town, places: &Places) {
    for canary in &CANARIES {
        // Through the gateway, which learns of it.
        done(
            town.client(canary.id)
                .patch("/v1/me", json!({"name": canary.names[1]}))
                .await,
        );
        let client = town.behind(canary.id);
        let Places {
            mixed, untitled, ..
        } = places;
        for room in [mixed, untitled] {
            done(
                client
                    .patch(&format!("/v1/rooms/{room}"), json!({"open": false}))
                    .await,
            );
            text(&client, room, &format!("call me {}", canary.names[1])).await;
        }
        done(
            client
                .delete(&format!("/v1/rooms/{untitled}/members/carol"))
                .await,
        );
        done(
            client
                .post(
                    &format!("/v1/rooms/{untitled}/members"),
                    json!({"person": "carol"}),
                )
                .await,
        );
    }
    text(&town.behind("alice"), &places.mixed, RENAMED).await;
}

async fn text(client: &Client, room: &str, text: &str) -> Value {
    let path = format!("/v1/rooms/{room}/messages");
    done(
        client
            .post(&path, json!({"content": {"type": "text", "text": text}}))
            .await,
    )
}

/// What came of it; planting that fails would prove nothing.
#[track_caller]
fn done(reply: Reply) -> Value {
    assert!(
        reply.status.is_success(),
        "{} {}",
        reply.status,
        reply.text()
    );
    serde_json::from_slice(&reply.bytes).unwrap_or(Value::Null)
}

/// The same, or it was so already.
#[track_caller]
fn done_before(reply: Reply) {
    let fine = reply.status.is_success() || reply.status == StatusCode::CONFLICT;
    assert!(fine, "{} {}", reply.status, reply.text());
}

#[track_caller]
fn id(of: &Value) -> String {
    of["id"].as_str().expect("an id").to_owned()
}

fn escaped(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// The same word as people and programs write it: in capitals, wide, taken apart, in a URL, in markup.
fn spellings(word: &str) -> Vec<String> {
    let wide = |letter: char| match letter {
        '!'..='~' => char::from_u32(u32::from(letter) + 0xFEE0).unwrap_or(letter),
        other => other,
    };
    vec![
        word.to_uppercase(),
        word.to_lowercase(),
        word.chars().map(wide).collect(),
        word.nfd().collect(),
        word.nfkc().collect(),
        escaped(word),
        in_references(word),
    ]
}

struct Planter<'a> {
    town: &'a Town,
    places: &'a Places,
    canary: &'a Canary,
    client: Client,
    written: &'static str,
}

impl Planter<'_> {
    fn mixed(&self) -> &str {
        &self.places.mixed
    }

    async fn be_somebody(&self) {
        let Canary { phone, status, .. } = self.canary;
        done(
            self.client
                .patch("/v1/me", json!({"phone": phone, "status": status}))
                .await,
        );
        let picture = format!("\u{89}PNG {}", self.canary.picture);
        let headers = [("content-type", "image/png")];
        done(
            self.client
                .send(Method::PUT, "/v1/me/picture", &headers, picture.into())
                .await,
        );
        done(self.client.get("/v1/me/contact-url").await);
    }

    async fn talk(&self) {
        let mixed = self.mixed();
        for room in [
            mixed,
            &self.places.untitled,
            &self.places.open,
            &self.places.inside,
        ] {
            text(&self.client, room, "<@alice> the eggs are laid").await;
        }
        done(
            self.client
                .put(
                    &format!("/v1/rooms/{mixed}/typing"),
                    json!({"typing": true}),
                )
                .await,
        );
        let later = json!({"content": {"type": "text", "text": "later"}, "send_at": "2099-01-01T00:00:00.000Z"});
        done(
            self.client
                .post(&format!("/v1/rooms/{mixed}/messages"), later)
                .await,
        );
        done(
            self.client
                .post(&format!("/v1/rooms/{mixed}/calls"), json!({}))
                .await,
        );
        let words = [self.written, self.canary.id, self.canary.phone];
        let spelled = words.map(spellings).concat().join(", or ");
        text(&self.client, mixed, &format!("call me {spelled}, please")).await;
        let title = json!({"title": format!("Nest of {}", self.written)});
        done(
            self.client
                .patch(&format!("/v1/rooms/{}", self.places.open), title)
                .await,
        );
        let on = json!({"enabled": true});
        let off = json!({"enabled": false});
        let encryption = format!("/v1/rooms/{mixed}/encryption");
        done(self.client.put(&encryption, on).await);
        done(self.client.put(&encryption, off).await);
    }

    async fn act_on_messages(&self, alice: &Client) {
        let (mixed, canary) = (self.mixed(), self.canary.id);
        let path = format!("/v1/rooms/{mixed}/messages");
        let said = id(&text(&self.client, mixed, "a song").await);
        let mention = json!({
            "content": {"type": "text", "text": format!("<@{canary}> and {} sing", self.written)},
            "mentions": [canary], "quote": said,
        });
        let mention = id(&done(alice.post(&path, mention).await));
        let reply = json!({
            "content": {"type": "text", "text": format!("yours, {}", self.written)},
            "mentions": ["alice"], "quote": mention,
        });
        done(self.client.post(&path, reply).await);
        let reaction = format!("/v1/messages/{mention}/reactions/%F0%9F%90%A4");
        done(self.client.put(&reaction, json!({})).await);
        done(
            self.client
                .put(&format!("/v1/messages/{mention}/reactions/x"), json!({}))
                .await,
        );
        done(
            self.client
                .delete(&format!("/v1/messages/{mention}/reactions/x"))
                .await,
        );
        done(
            self.client
                .put(&format!("/v1/messages/{mention}/pin"), json!({}))
                .await,
        );
        done(
            self.client
                .put(
                    &format!("/v1/rooms/{mixed}/read"),
                    json!({"message": mention}),
                )
                .await,
        );
        let edit = json!({"content": {"type": "text", "text": "a better song"}});
        done(
            self.client
                .patch(&format!("/v1/messages/{said}"), edit)
                .await,
        );
        let gone = id(&text(&self.client, mixed, "a mistake").await);
        done(self.client.delete(&format!("/v1/messages/{gone}")).await);
        let rooms = json!({"rooms": [mixed, self.places.untitled]});
        done(
            self.client
                .post(&format!("/v1/messages/{said}/forward"), rooms)
                .await,
        );
    }

    async fn send_all_kinds(&self) {
        let mixed = self.mixed();
        let name = self.written;
        let file = escaped(&format!("{} of {name}.png", self.canary.id));
        let upload = format!("/v1/rooms/{mixed}/files?name={file}");
        // Programs write the name into the media type, too.
        let labelled = format!("image/png; name=\"{}.png\"", self.canary.id);
        let photo = id(&done(
            self.client
                .upload(&upload, &labelled, b"\x89PNG an egg")
                .await,
        ));
        let gone = id(&done(
            self.client
                .upload(&upload, "image/png", b"\x89PNG a shell")
                .await,
        ));
        done(self.client.delete(&format!("/v1/files/{gone}")).await);
        for content in [
            json!({"type": "image", "file": photo, "caption": format!("an egg of {name}")}),
            json!({"type": "sticker", "pack": name, "sticker": self.canary.id}),
            json!({"type": "link", "url": format!("https://staff.example/{}", self.canary.id), "title": name}),
            json!({"type": "drive", "name": name, "item": self.canary.id}),
            json!({"type": "location", "latitude": 1.5, "longitude": 2.5, "label": format!("nest of {name}")}),
            json!({"type": "link", "url": "https://nest.example/", "title": name, "text": name}),
            json!({"type": "contact", "card": {"name": name, "phone": self.canary.phone}}),
            json!({"type": "drive", "name": name, "url": "https://drive.acme.example/s/1"}),
            json!({"type": "template", "template": "t1", "fields": {"who": name}}),
            json!({"type": "encrypted", "ciphertext": "AAAA"}),
        ] {
            let path = format!("/v1/rooms/{mixed}/messages");
            done(self.client.post(&path, json!({"content": content})).await);
        }
    }

    async fn invite_and_move(&self) {
        let Places {
            mixed,
            untitled,
            open,
            inviting,
            ..
        } = self.places;
        let heidi = json!({"person": "heidi"});
        done(
            self.client
                .post(&format!("/v1/rooms/{untitled}/members"), heidi)
                .await,
        );
        done(
            self.client
                .delete(&format!("/v1/rooms/{untitled}/members/heidi"))
                .await,
        );
        for peer in ["line:mei", "grace"] {
            let path = format!("/v1/rooms/{inviting}/invitations");
            // The first of them invites; later ones find it done.
            done_before(self.client.post(&path, json!({"person": peer})).await);
            let peer = self.town.behind(peer);
            done_before(
                peer.post(&format!("/v1/rooms/{open}/join"), json!({}))
                    .await,
            );
            let asked = json!({"person": self.canary.id});
            let asked_room = done(
                peer.post("/v1/rooms", json!({"members": [], "title": "Perch"}))
                    .await,
            );
            let asked_in = format!("/v1/rooms/{}/invitations", id(&asked_room));
            let invitation = id(&done(peer.post(&asked_in, asked).await));
            done(
                self.client
                    .post(&format!("/v1/invitations/{invitation}/accept"), json!({}))
                    .await,
            );
        }
        let own = escaped(self.canary.id);
        done(
            self.client
                .delete(&format!("/v1/rooms/{open}/members/{own}"))
                .await,
        );
        done(
            self.client
                .post(&format!("/v1/rooms/{open}/join"), json!({}))
                .await,
        );
        done(
            self.client
                .delete(&format!("/v1/rooms/{mixed}/members/carol"))
                .await,
        );
        done(
            self.client
                .post(
                    &format!("/v1/rooms/{mixed}/members"),
                    json!({"person": "carol"}),
                )
                .await,
        );
        done(self.client.delete("/v1/contacts/grace").await);
        // Gone for good, with everything said left behind.
        let left = done(
            self.client
                .post(
                    "/v1/rooms",
                    json!({"members": ["line:mei", "grace", "alice"]}),
                )
                .await,
        );
        text(&self.client, &id(&left), "and away").await;
        done(
            self.client
                .delete(&format!("/v1/rooms/{}/members/{own}", id(&left)))
                .await,
        );
    }

    async fn work_in_the_group(&self) {
        let group = format!("/v1/groups/{}", self.places.group);
        let (name, canary) = (self.written, self.canary.id);
        let file = escaped(&format!("{canary}.txt"));
        let attached = format!("{group}/files?name={file}");
        let attached = id(&done(
            self.client.upload(&attached, "text/plain", b"eggs").await,
        ));
        done(
            self.client
                .upload(
                    &format!("{group}/folder?name={file}"),
                    "text/plain",
                    b"eggs",
                )
                .await,
        );
        let (title, text) = (format!("of {name}"), format!("by {name}, {canary}"));
        for (what, more) in [
            ("notes", json!({"template": "t1"})),
            ("events", json!({"starts_at": "2099-01-01T00:00:00.000Z"})),
            ("tasks", json!({"assignee": canary})),
        ] {
            let mut item = json!({"title": title, "text": text, "attachments": [attached]});
            item.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            let made = id(&done(
                self.client
                    .post(&format!("{group}/{what}"), item.clone())
                    .await,
            ));
            done(
                self.client
                    .patch(&format!("{group}/{what}/{made}"), json!({"title": title}))
                    .await,
            );
            let gone = id(&done(
                self.client.post(&format!("{group}/{what}"), item).await,
            ));
            done(self.client.delete(&format!("{group}/{what}/{gone}")).await);
        }
        let other = json!({"title": title, "members": ["alice", "grace", "line:mei"]});
        let other = id(&done(self.client.post("/v1/groups", other).await));
        let own = escaped(canary);
        done(
            self.client
                .delete(&format!("/v1/groups/{other}/members/{own}"))
                .await,
        );
    }

    async fn work_on_the_board(&self) {
        let board = format!("/v1/boards/{}", self.places.board);
        let (name, canary) = (self.written, self.canary.id);
        let file = escaped(&format!("{canary}.txt"));
        let attached = id(&done(
            self.client
                .upload(&format!("{board}/files?name={file}"), "text/plain", b"eggs")
                .await,
        ));
        let post =
            json!({"title": format!("of {name}"), "text": canary, "attachments": [attached]});
        let made = id(&done(
            self.client
                .post(&format!("{board}/posts"), post.clone())
                .await,
        ));
        done(
            self.client
                .patch(&format!("{board}/posts/{made}"), json!({"title": name}))
                .await,
        );
        let gone = id(&done(
            self.client.post(&format!("{board}/posts"), post).await,
        ));
        done(self.client.delete(&format!("{board}/posts/{gone}")).await);
        let other = json!({"title": "Left", "readers": ["grace", "line:mei", canary]});
        let other = id(&done(
            self.town.behind("alice").post("/v1/boards", other).await,
        ));
        let own = escaped(canary);
        done(
            self.client
                .delete(&format!("/v1/boards/{other}/readers/{own}"))
                .await,
        );
    }
}
