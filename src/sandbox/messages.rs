//! Messages: sending, reading, and everything that is done to one.

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::call::Call;
use super::content::Content;
use super::files::Home;
use super::moment::Moment;
use super::refusal::Refusal;
use super::shapes::{self, Reaction, System};
use super::state::State;

const HISTORY_PAGE_MAX: usize = 200;
const FORWARD_ROOMS_MAX: usize = 20;
const EMOJI_CHARS_MAX: usize = 32;

pub(super) struct MessageRecord {
    pub(super) room: String,
    pub(super) author: String,
    /// None in a system message.
    pub(super) content: Option<Content>,
    quote: Option<String>,
    mentions: Vec<String>,
    reactions: Vec<Reaction>,
    pinned: bool,
    sent_at: Moment,
    edited_at: Option<Moment>,
    system: Option<System>,
    /// Grows from message to message over the whole server.
    pub(super) order: u64,
}

/// What somebody wants to say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Draft {
    pub(super) content: Content,
    pub(super) quote: Option<String>,
    #[serde(default)]
    pub(super) mentions: Vec<String>,
    pub(super) send_at: Option<Moment>,
}

/// `/v1/rooms/{room}/messages`
pub(super) fn of_room(state: &mut State, call: &Call, room: &str) -> Result<Answer, Refusal> {
    match call.method {
        Method::GET => history(state, call, room),
        Method::POST => {
            let me = call.me()?;
            state.own_room(room, me)?;
            let draft: Draft = call.json()?;
            state.check_draft(room, &draft)?;
            let now = state.settings.clock.now();
            if let Some(send_at) = draft.send_at.filter(|it| *it > now) {
                let id = state.schedule(room, me, draft, send_at);
                return Answer::created(&state.scheduled.get(&id).map(|it| it.shape(state, &id)));
            }
            let id = state.add_message(room, me, draft.content, draft.quote, draft.mentions);
            Answer::created(&state.message(&id))
        }
        _ => Err(Refusal::not_allowed("GET, POST")),
    }
}

/// `/v1/messages/{message}…`
pub(super) fn route(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        [id] => match call.method {
            Method::GET => {
                let room = state.known_message(id)?.room.clone();
                state
                    .read_room(&room, &call.asker)
                    .map_err(|_| Refusal::missing("message"))?;
                Answer::ok(&state.message(id))
            }
            Method::PATCH => edit(state, call.me()?, id, call.json()?),
            Method::DELETE => delete(state, call.me()?, id),
            _ => Err(Refusal::not_allowed("GET, PATCH, DELETE")),
        },
        [id, "forward"] => match call.method {
            Method::POST => forward(state, call.me()?, id, call.json()?),
            _ => Err(Refusal::not_allowed("POST")),
        },
        [id, "reactions", emoji] => match call.method {
            Method::PUT => react(state, call.me()?, id, emoji, true),
            Method::DELETE => react(state, call.me()?, id, emoji, false),
            _ => Err(Refusal::not_allowed("PUT, DELETE")),
        },
        [id, "pin"] => match call.method {
            Method::PUT => pin(state, call.me()?, id, true),
            Method::DELETE => pin(state, call.me()?, id, false),
            _ => Err(Refusal::not_allowed("PUT, DELETE")),
        },
        _ => Err(Refusal::missing("route")),
    }
}

fn history(state: &State, call: &Call, room: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct History {
        messages: Vec<shapes::Message>,
        total: usize,
        more: bool,
    }
    let all = &state.read_room(room, &call.asker)?.messages;
    let limit = call.query.limit(HISTORY_PAGE_MAX)?;
    let until = match call.query.text("before") {
        None => all.len(),
        Some(id) => all
            .iter()
            .position(|it| it == id)
            .ok_or_else(|| Refusal::bad("`before` is no message of the room"))?,
    };
    let from = until.saturating_sub(limit);
    let page = all.get(from..until).unwrap_or_default();
    Answer::ok(&History {
        messages: page.iter().filter_map(|it| state.message(it)).collect(),
        total: all.len(),
        more: from > 0,
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    content: Content,
    #[serde(default)]
    mentions: Option<Vec<String>>,
}

fn edit(state: &mut State, me: &str, id: &str, edit: Edit) -> Result<Answer, Refusal> {
    let room = state.own_message(id, me)?.room.clone();
    let mentions = edit.mentions.as_deref().unwrap_or_default();
    state.check_content(&room, &edit.content, mentions)?;
    let now = state.settings.clock.now();
    if let Some(message) = state.messages.get_mut(id) {
        message.content = Some(edit.content);
        message.mentions = edit
            .mentions
            .unwrap_or_else(|| std::mem::take(&mut message.mentions));
        message.edited_at = Some(now);
    }
    state.tell_message("message.edited", id);
    Answer::ok(&state.message(id))
}

fn delete(state: &mut State, me: &str, id: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Deleted<'a> {
        room: &'a str,
        message: &'a str,
    }
    let room = state.own_message(id, me)?.room.clone();
    state.messages.remove(id);
    if let Some(record) = state.rooms.get_mut(&room) {
        record.messages.retain(|it| it != id);
        let deleted = Deleted {
            room: &room,
            message: id,
        };
        state
            .journal
            .add("message.deleted", &record.members, &deleted);
    }
    Ok(Answer::Nothing)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Forward {
    rooms: Vec<String>,
}

fn forward(state: &mut State, me: &str, id: &str, to: Forward) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Forwarded {
        messages: Vec<shapes::Message>,
    }
    let content = state.seen_message(id, me)?.content.clone();
    let content = content.ok_or_else(system_message)?;
    if !(1..=FORWARD_ROOMS_MAX).contains(&to.rooms.len()) {
        let message = format!("forward to 1 to {FORWARD_ROOMS_MAX} rooms");
        return Err(Refusal::unprocessable(message));
    }
    for room in &to.rooms {
        state.own_room(room, me)?;
    }
    if let Some(attached) = content.attached()
        && !state.files.contains_key(&attached.file)
    {
        return Err(Refusal::unprocessable("the file is gone"));
    }
    let mut sent = Vec::new();
    for room in &to.rooms {
        let mut content = content.clone();
        if let Some(attached) = content.attached_mut() {
            let home = Home::Room(room.clone());
            attached.file = state.copy_file(&attached.file, home, me);
        }
        sent.push(state.add_message(room, me, content, None, Vec::new()));
    }
    Answer::created(&Forwarded {
        messages: sent.iter().filter_map(|it| state.message(it)).collect(),
    })
}

fn react(
    state: &mut State,
    me: &str,
    id: &str,
    emoji: &str,
    added: bool,
) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Reacted<'a> {
        room: &'a str,
        message: &'a str,
        person: &'a str,
        emoji: &'a str,
        added: bool,
    }
    let room = state.seen_message(id, me)?.room.clone();
    if emoji.is_empty() || emoji.chars().count() > EMOJI_CHARS_MAX {
        return Err(Refusal::unprocessable("no such emoji"));
    }
    let members = state.own_room(&room, me)?.members.clone();
    let Some(message) = state.messages.get_mut(id) else {
        return Err(Refusal::missing("message"));
    };
    if set_reaction(&mut message.reactions, me, emoji, added) {
        let reacted = Reacted {
            room: &room,
            message: id,
            person: me,
            emoji,
            added,
        };
        state.journal.add("reaction", &members, &reacted);
    }
    Answer::ok(&state.message(id))
}

/// Whether that changed anything.
fn set_reaction(reactions: &mut Vec<Reaction>, me: &str, emoji: &str, added: bool) -> bool {
    let has = |it: &Reaction| it.emoji == emoji && it.people.iter().any(|who| who == me);
    if reactions.iter().any(has) == added {
        return false;
    }
    match reactions.iter_mut().find(|it| it.emoji == emoji) {
        Some(reaction) if added => reaction.people.push(me.to_owned()),
        Some(reaction) => reaction.people.retain(|who| who != me),
        None => reactions.push(Reaction {
            emoji: emoji.to_owned(),
            people: vec![me.to_owned()],
        }),
    }
    reactions.retain(|it| !it.people.is_empty());
    true
}

fn pin(state: &mut State, me: &str, id: &str, pinned: bool) -> Result<Answer, Refusal> {
    state.seen_message(id, me)?;
    let message = state.messages.get_mut(id);
    let before = message.map(|it| std::mem::replace(&mut it.pinned, pinned));
    if before != Some(pinned) {
        state.tell_message("message.edited", id);
    }
    Answer::ok(&state.message(id))
}

fn system_message() -> Refusal {
    Refusal::unprocessable("this is a system message")
}

impl State {
    fn known_message(&self, id: &str) -> Result<&MessageRecord, Refusal> {
        self.messages
            .get(id)
            .ok_or_else(|| Refusal::missing("message"))
    }

    /// A message of a room that this person is in.
    fn seen_message(&self, id: &str, me: &str) -> Result<&MessageRecord, Refusal> {
        let message = self.known_message(id)?;
        self.own_room(&message.room, me)
            .map_err(|_| Refusal::missing("message"))?;
        Ok(message)
    }

    /// A message that this person wrote.
    fn own_message(&self, id: &str, me: &str) -> Result<&MessageRecord, Refusal> {
        let message = self.seen_message(id, me)?;
        if message.system.is_some() {
            return Err(system_message());
        }
        if message.author != me {
            return Err(Refusal::forbidden("only its author may do that"));
        }
        Ok(message)
    }

    /// Whether a draft can be sent to the room.
    pub(super) fn check_draft(&self, room: &str, draft: &Draft) -> Result<(), Refusal> {
        self.check_content(room, &draft.content, &draft.mentions)?;
        let quotable = |id: &String| {
            let message = self.messages.get(id);
            message.is_some_and(|it| it.room == room && it.system.is_none())
        };
        match &draft.quote {
            Some(quote) if !quotable(quote) => {
                Err(Refusal::unprocessable("`quote` is no message of the room"))
            }
            _ => Ok(()),
        }
    }

    fn check_content(
        &self,
        room: &str,
        content: &Content,
        mentions: &[String],
    ) -> Result<(), Refusal> {
        content.check()?;
        let members = self.rooms.get(room).map(|it| it.members.as_slice());
        let members = members.unwrap_or_default();
        if !mentions.iter().all(|it| members.contains(it)) {
            return Err(Refusal::unprocessable("`mentions` are members of the room"));
        }
        if let Some(attached) = content.attached() {
            let file = self.files.get(&attached.file);
            if !file.is_some_and(|it| matches!(&it.home, Home::Room(home) if home == room)) {
                let message = "the file was not uploaded to this room";
                return Err(Refusal::unprocessable(message));
            }
        }
        if let Content::Template { template, fields } = content {
            let known = self.known_template(template)?;
            if !fields.keys().all(|it| known.fields.contains(it)) {
                return Err(Refusal::unprocessable("a field that is not the template's"));
            }
        }
        Ok(())
    }

    /// Puts a message into a room, and tells the members.
    pub(super) fn add_message(
        &mut self,
        room: &str,
        author: &str,
        content: Content,
        quote: Option<String>,
        mentions: Vec<String>,
    ) -> String {
        self.set_typing(room, author, false);
        let message = self.blank_message(room, author);
        self.put_message(MessageRecord {
            content: Some(content),
            quote,
            mentions,
            ..message
        })
    }

    /// Puts a system message into a room: `by` did something, to `person` if that is somebody.
    pub(super) fn say(
        &mut self,
        room: &str,
        event: &'static str,
        by: &str,
        person: Option<&str>,
        did: &str,
    ) {
        let whom = person.map(|it| format!(" {}", self.person(it).name));
        let text = format!("{} {did}{}", self.person(by).name, whom.unwrap_or_default());
        let system = System {
            event,
            person: person.map(str::to_owned),
            by: by.to_owned(),
            text,
        };
        let message = self.blank_message(room, by);
        self.put_message(MessageRecord {
            system: Some(system),
            ..message
        });
    }

    fn blank_message(&self, room: &str, author: &str) -> MessageRecord {
        MessageRecord {
            room: room.to_owned(),
            author: author.to_owned(),
            content: None,
            quote: None,
            mentions: Vec::new(),
            reactions: Vec::new(),
            pinned: false,
            sent_at: self.settings.clock.now(),
            edited_at: None,
            system: None,
            order: self.made() + 1,
        }
    }

    fn put_message(&mut self, message: MessageRecord) -> String {
        let id = self.fresh("m");
        if let Some(room) = self.rooms.get_mut(&message.room) {
            room.messages.push(id.clone());
        }
        self.messages.insert(id.clone(), message);
        self.tell_message("message", &id);
        id
    }

    fn tell_message(&mut self, event: &str, id: &str) {
        let Some(message) = self.message(id) else {
            return;
        };
        if let Some(room) = self.rooms.get(&message.room) {
            self.journal.add(event, &room.members, &message);
        }
    }

    /// How a message looks, with what it quotes.
    pub(super) fn message(&self, id: &str) -> Option<shapes::Message> {
        let quote = self.messages.get(id)?.quote.as_ref();
        let quote = quote.and_then(|it| self.bare_message(it)).map(Box::new);
        Some(shapes::Message {
            quote,
            ..self.bare_message(id)?
        })
    }

    fn bare_message(&self, id: &str) -> Option<shapes::Message> {
        let record = self.messages.get(id)?;
        let read = self.rooms.get(&record.room).map(|room| {
            room.read
                .iter()
                .filter(|(who, reached)| **reached >= record.order && **who != record.author)
                .map(|(who, _)| who.clone())
                .collect()
        });
        Some(shapes::Message {
            id: id.to_owned(),
            room: record.room.clone(),
            author: self.person(&record.author),
            content: record.content.clone(),
            quote: None,
            mentions: record.mentions.clone(),
            reactions: record.reactions.clone(),
            read_by: read.unwrap_or_default(),
            pinned: record.pinned,
            sent_at: record.sent_at,
            edited_at: record.edited_at,
            system: record.system.clone(),
        })
    }
}
