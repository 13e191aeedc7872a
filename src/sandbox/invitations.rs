//! Invitations into rooms.

use http::Method;
use serde::Serialize;

use super::answer::Answer;
use super::call::{Asker, Call};
use super::refusal::Refusal;
use super::rooms::Named;
use super::shapes;
use super::state::State;

pub(super) struct InvitationRecord {
    room: String,
    from: String,
    to: String,
}

/// `/v1/rooms/{room}/invitations`
pub(super) fn invite(state: &mut State, call: &Call, room: &str) -> Result<Answer, Refusal> {
    if call.method != Method::POST {
        return Err(Refusal::not_allowed("POST"));
    }
    let me = call.me()?;
    state.own_room(room, me)?.takes_people()?;
    let Named { person } = call.json()?;
    state.check_people([&person])?;
    let invited = |it: &InvitationRecord| it.room == room && it.to == person;
    if state.own_room(room, me)?.members.contains(&person)
        || state.invitations.values().any(invited)
    {
        return Err(Refusal::conflict("already a member, or invited"));
    }
    let id = state.add_invitation(room, me, &person);
    state.say(room, "invited", me, Some(&person), "invited");
    Answer::created(&state.invitation(&id, Some(me)))
}

/// `/v1/invitations…`
pub(super) fn route(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        [] => match call.method {
            Method::GET => {
                let me = call.me()?;
                let mine = state.invitations.iter().filter(|(_, it)| it.to == me);
                let mine = mine.filter_map(|(id, _)| state.invitation(id, Some(me)));
                Answer::list("invitations", mine.collect())
            }
            _ => Err(Refusal::not_allowed("GET")),
        },
        [id] => match call.method {
            Method::GET => {
                let known = state.invitations.get(*id);
                known
                    .filter(|it| match &call.asker {
                        Asker::Person(me) => it.to == *me || it.from == *me,
                        Asker::Operator => true,
                    })
                    .ok_or_else(|| Refusal::missing("invitation"))?;
                Answer::ok(&state.invitation(id, call.asker.person()))
            }
            _ => Err(Refusal::not_allowed("GET")),
        },
        [id, end @ ("accept" | "decline")] => match call.method {
            Method::POST => conclude(state, call.me()?, id, *end == "accept"),
            _ => Err(Refusal::not_allowed("POST")),
        },
        _ => Err(Refusal::missing("route")),
    }
}

fn conclude(state: &mut State, me: &str, id: &str, accepted: bool) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Ended<'a> {
        invitation: &'a str,
        room: &'a str,
        accepted: bool,
    }
    let mine = state.invitations.get(id).is_some_and(|it| it.to == me);
    let taken = mine.then(|| state.invitations.remove(id)).flatten();
    let invitation = taken.ok_or_else(|| Refusal::missing("invitation"))?;
    let room = invitation.room;
    let ended = Ended {
        invitation: id,
        room: &room,
        accepted,
    };
    state.journal.add(
        "invitation.ended",
        &[invitation.to, invitation.from],
        &ended,
    );
    if !accepted {
        return Ok(Answer::Nothing);
    }
    if state.own_room(&room, me).is_err() {
        state.bring_in(&room, me);
        state.say(&room, "joined", me, None, "joined the room");
    }
    Answer::ok(&state.room(&room, Some(me)))
}

impl State {
    pub(super) fn add_invitation(&mut self, room: &str, from: &str, to: &str) -> String {
        let id = self.fresh("i");
        let record = InvitationRecord {
            room: room.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
        };
        self.invitations.insert(id.clone(), record);
        if let Some(shown) = self.invitation(&id, Some(to)) {
            self.journal.add("invitation", &[to.to_owned()], &shown);
        }
        id
    }

    fn invitation(&self, id: &str, viewer: Option<&str>) -> Option<shapes::Invitation> {
        let record = self.invitations.get(id)?;
        Some(shapes::Invitation {
            id: id.to_owned(),
            room: self.room_name(&record.room, viewer),
            from: self.person(&record.from),
            to: record.to.clone(),
        })
    }
}
