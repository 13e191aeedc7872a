//! Messages that wait for their time.

use http::Method;
use serde::Serialize;

use super::answer::Answer;
use super::call::{Asker, Call};
use super::content::Content;
use super::messages::Draft;
use super::moment::Moment;
use super::refusal::Refusal;
use super::shapes;
use super::state::State;

pub(super) struct ScheduledRecord {
    room: String,
    author: String,
    content: Content,
    quote: Option<String>,
    mentions: Vec<String>,
    send_at: Moment,
}

impl ScheduledRecord {
    pub(super) fn shape(&self, state: &State, id: &str) -> shapes::Scheduled {
        shapes::Scheduled {
            id: id.to_owned(),
            room: self.room.clone(),
            author: state.person(&self.author),
            content: self.content.clone(),
            quote: self.quote.clone(),
            mentions: self.mentions.clone(),
            send_at: self.send_at,
        }
    }
}

/// `/v1/scheduled…`
pub(super) fn route(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        [] => match call.method {
            Method::GET => {
                let me = call.me()?;
                let mine = state.scheduled.iter().filter(|(_, it)| it.author == me);
                let mine = mine.map(|(id, it)| it.shape(state, id));
                Answer::list("scheduled", mine.collect())
            }
            _ => Err(Refusal::not_allowed("GET")),
        },
        [id] => {
            let known = state.scheduled.get(*id);
            let seen = known.filter(|it| match &call.asker {
                Asker::Person(me) => it.author == *me,
                Asker::Operator => true,
            });
            let scheduled = seen.ok_or_else(|| Refusal::missing("scheduled message"))?;
            match call.method {
                Method::GET => Answer::ok(&scheduled.shape(state, id)),
                Method::DELETE => {
                    state.end_scheduled(id, |_, _| None);
                    Ok(Answer::Nothing)
                }
                _ => Err(Refusal::not_allowed("GET, DELETE")),
            }
        }
        _ => Err(Refusal::missing("route")),
    }
}

impl State {
    /// Keeps a checked draft until its time.
    pub(super) fn schedule(
        &mut self,
        room: &str,
        author: &str,
        draft: Draft,
        send_at: Moment,
    ) -> String {
        let id = self.fresh("s");
        let record = ScheduledRecord {
            room: room.to_owned(),
            author: author.to_owned(),
            content: draft.content,
            quote: draft.quote,
            mentions: draft.mentions,
            send_at,
        };
        let shape = record.shape(self, &id);
        self.scheduled.insert(id.clone(), record);
        self.journal.add("scheduled", &[author.to_owned()], &shape);
        id
    }

    /// Delivers what is due, the earliest first.
    pub(super) fn deliver_due(&mut self) {
        if self.scheduled.is_empty() {
            return;
        }
        let now = self.settings.clock.now();
        let mut due: Vec<(Moment, String)> = self
            .scheduled
            .iter()
            .filter(|(_, it)| it.send_at <= now)
            .map(|(id, it)| (it.send_at, id.clone()))
            .collect();
        due.sort();
        for (_, id) in due {
            self.end_scheduled(&id, Self::deliver);
        }
    }

    /// Sends a scheduled message if it still can be sent.
    fn deliver(&mut self, record: ScheduledRecord) -> Option<String> {
        let ScheduledRecord { room, author, .. } = record;
        let draft = Draft {
            content: record.content,
            quote: record.quote,
            mentions: record.mentions,
            send_at: None,
        };
        self.own_room(&room, &author).ok()?;
        self.check_draft(&room, &draft).ok()?;
        Some(self.add_message(&room, &author, draft.content, draft.quote, draft.mentions))
    }

    fn end_scheduled(
        &mut self,
        id: &str,
        end: impl FnOnce(&mut Self, ScheduledRecord) -> Option<String>,
    ) {
        #[derive(Serialize)]
        struct Ended<'a> {
            scheduled: &'a str,
            room: &'a str,
            message: Option<String>,
        }
        let Some(record) = self.scheduled.remove(id) else {
            return;
        };
        let (room, author) = (record.room.clone(), record.author.clone());
        let message = end(self, record);
        let ended = Ended {
            scheduled: id,
            room: &room,
            message,
        };
        self.journal.add("scheduled.ended", &[author], &ended);
    }
}
