//! Search over the messages of one's rooms.

use http::Method;
use serde::Serialize;

use super::answer::Answer;
use super::call::Call;
use super::refusal::Refusal;
use super::shapes;
use super::state::State;

const RESULTS_MAX: usize = 100;

#[derive(Serialize)]
struct Found {
    message: shapes::Message,
    room: shapes::RoomName,
}

/// `GET /v1/search`
pub(super) fn route(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(Refusal::not_allowed("GET"));
    }
    let me = call.me()?;
    let wanted = call.query.text("q").unwrap_or_default().to_lowercase();
    if wanted.is_empty() {
        return Err(Refusal::bad("`q` is required"));
    }
    let limit = call.query.limit(RESULTS_MAX)?;
    let mut hits: Vec<(u64, &String, &String)> = state
        .messages
        .iter()
        .filter(|(_, it)| state.own_room(&it.room, me).is_ok())
        .filter(|(_, it)| {
            let words = it.content.iter().flat_map(|content| content.words());
            words
                .into_iter()
                .any(|text| text.to_lowercase().contains(&wanted))
        })
        .map(|(id, it)| (it.order, id, &it.room))
        .collect();
    hits.sort_by_key(|(order, ..)| std::cmp::Reverse(*order));
    let total = hits.len();
    let results = hits.into_iter().take(limit).filter_map(|(_, id, room)| {
        Some(Found {
            message: state.message(id)?,
            room: state.room_name(room, Some(me)),
        })
    });
    Answer::part("results", results.collect(), total)
}
