//! Which resource a path belongs to.

use super::answer::Answer;
use super::call::Call;
use super::refusal::Refusal;
use super::state::State;
use super::{boards, contacts, files, groups, invitations, messages, people, rooms, scheduled};

/// Hands a call to its resource. `path` is whole and decoded.
pub(super) fn dispatch(state: &mut State, call: &Call, path: &[&str]) -> Result<Answer, Refusal> {
    let ["v1", resource, rest @ ..] = path else {
        return Err(Refusal::missing("route"));
    };
    match (*resource, rest) {
        ("me", ["contact-url", ..]) => contacts::own_url(state, call, rest),
        ("people", [person, "contacts"]) => contacts::of(state, call, person),
        ("me" | "logout", _) => people::me(state, call, resource, rest),
        ("people", _) => people::people(state, call, rest),
        ("rooms", [room, "invitations"]) => invitations::invite(state, call, room),
        ("rooms", [room, "messages"]) => messages::of_room(state, call, room),
        ("rooms", [room, "files"]) => files::of_room(state, call, room),
        ("rooms", _) => rooms::route(state, call, rest),
        ("invitations", _) => invitations::route(state, call, rest),
        ("messages", _) => messages::route(state, call, rest),
        ("scheduled", _) => scheduled::route(state, call, rest),
        ("search", []) => super::search::route(state, call),
        ("files", _) => files::route(state, call, rest),
        ("contacts" | "contact-urls", _) => contacts::route(state, call, resource, rest),
        ("groups", _) => groups::route(state, call, rest),
        ("boards", _) => boards::route(state, call, rest),
        ("templates", []) => boards::templates(state, call),
        ("events", []) => Err(Refusal::not_allowed("GET")),
        _ => Err(Refusal::missing("route")),
    }
}
