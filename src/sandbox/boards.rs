//! Boards and their readers; templates.

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::call::{Asker, Call};
use super::content::check_text;
use super::files::Home;
use super::items::{self, ItemKind};
use super::refusal::Refusal;
use super::rooms::{Named, with_first};
use super::shapes;
use super::state::State;

pub(super) struct BoardRecord {
    pub(super) title: String,
    pub(super) owner: String,
    /// With the owner.
    pub(super) readers: Vec<String>,
    pub(super) template: Option<String>,
}

/// `GET /v1/templates`
pub(super) fn templates(state: &mut State, call: &Call) -> Result<Answer, Refusal> {
    match call.method {
        Method::GET => Answer::list("templates", state.templates.clone()),
        _ => Err(Refusal::not_allowed("GET")),
    }
}

/// `/v1/boards…`
pub(super) fn route(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        [] => match call.method {
            Method::GET => list(state, call.me()?),
            Method::POST => create(state, call.me()?, call.json()?),
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        [board, inside @ ..] => {
            state.seen_board(board, &call.asker)?;
            within(state, call, board, inside)
        }
    }
}

fn within(state: &mut State, call: &Call, board: &str, inside: &[&str]) -> Result<Answer, Refusal> {
    match inside {
        [] => match call.method {
            Method::GET => Answer::ok(&state.board(board)),
            _ => Err(Refusal::not_allowed("GET")),
        },
        ["template"] => match call.method {
            Method::PUT => set_template(state, call.me()?, board, call.json()?),
            _ => Err(Refusal::not_allowed("PUT")),
        },
        ["readers"] => match call.method {
            Method::GET => {
                let readers = &state.seen_board(board, &call.asker)?.readers;
                Answer::list("readers", state.persons(readers))
            }
            Method::POST => add(state, call.me()?, board, call.json()?),
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        ["readers", person] => match call.method {
            Method::DELETE => remove(state, call.me()?, board, person),
            _ => Err(Refusal::not_allowed("DELETE")),
        },
        ["files"] => Err(Refusal::not_allowed("POST")),
        ["posts", id @ ..] => {
            let home = Home::Board(board.to_owned());
            items::route(state, call, &home, ItemKind::Post, id)
        }
        _ => Err(Refusal::missing("route")),
    }
}

fn list(state: &State, me: &str) -> Result<Answer, Refusal> {
    let mine = state
        .boards
        .iter()
        .filter(|(_, it)| it.readers.iter().any(|reader| reader == me));
    Answer::list(
        "boards",
        mine.filter_map(|(id, _)| state.board(id)).collect(),
    )
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewBoard {
    title: String,
    readers: Vec<String>,
    template: Option<String>,
}

fn create(state: &mut State, me: &str, wanted: NewBoard) -> Result<Answer, Refusal> {
    check_text(&wanted.title)?;
    state.check_people(&wanted.readers)?;
    if let Some(template) = &wanted.template {
        state.known_template(template)?;
    }
    let id = state.add_board(wanted.title, me, &wanted.readers, wanted.template);
    state.tell_board(&id);
    Answer::created(&state.board(&id))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TemplateChoice {
    #[serde(deserialize_with = "Option::deserialize")]
    template: Option<String>,
}

fn set_template(
    state: &mut State,
    me: &str,
    id: &str,
    choice: TemplateChoice,
) -> Result<Answer, Refusal> {
    state.check_owner(id, me)?;
    if let Some(template) = &choice.template {
        state.known_template(template)?;
    }
    if let Some(board) = state.boards.get_mut(id) {
        board.template = choice.template;
    }
    state.tell_board(id);
    Answer::ok(&state.board(id))
}

fn add(state: &mut State, me: &str, id: &str, named: Named) -> Result<Answer, Refusal> {
    state.check_owner(id, me)?;
    state.check_people([&named.person])?;
    if let Some(board) = state.boards.get_mut(id) {
        if board.readers.contains(&named.person) {
            return Err(Refusal::conflict("already a reader"));
        }
        board.readers.push(named.person);
    }
    state.tell_board(id);
    Answer::created(&state.board(id))
}

fn remove(state: &mut State, me: &str, id: &str, person: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Gone<'a> {
        board: &'a str,
        person: shapes::Person,
    }
    if person != me {
        state.check_owner(id, me)?;
    }
    let shown = state.person(person);
    let Some(board) = state.boards.get_mut(id) else {
        return Err(Refusal::missing("board"));
    };
    if board.owner == person {
        return Err(Refusal::unprocessable("the owner stays"));
    }
    let told = board.readers.clone();
    board.readers.retain(|it| it != person);
    if board.readers.len() == told.len() {
        return Err(Refusal::missing("reader"));
    }
    let gone = Gone {
        board: id,
        person: shown,
    };
    state.journal.add("board.left", &told, &gone);
    state.tell_board(id);
    Ok(Answer::Nothing)
}

impl State {
    fn seen_board(&self, id: &str, asker: &Asker) -> Result<&BoardRecord, Refusal> {
        let board = self.boards.get(id);
        board
            .filter(|it| asker.is_among(&it.readers))
            .ok_or_else(|| Refusal::missing("board"))
    }

    fn check_owner(&self, id: &str, me: &str) -> Result<(), Refusal> {
        match self.boards.get(id) {
            Some(board) if board.owner == me => Ok(()),
            _ => Err(Refusal::forbidden("only its owner may do that")),
        }
    }

    /// A template that a body names.
    pub(super) fn known_template(&self, id: &str) -> Result<&shapes::Template, Refusal> {
        let template = self.templates.iter().find(|it| it.id == id);
        template.ok_or_else(|| Refusal::unprocessable(format!("no template `{id}`")))
    }

    pub(super) fn add_board(
        &mut self,
        title: String,
        owner: &str,
        readers: &[String],
        template: Option<String>,
    ) -> String {
        let id = self.fresh("b");
        let record = BoardRecord {
            title,
            owner: owner.to_owned(),
            readers: with_first(owner, readers),
            template,
        };
        self.boards.insert(id.clone(), record);
        id
    }

    fn tell_board(&mut self, id: &str) {
        let readers = self.people_at(&Home::Board(id.to_owned()));
        if let Some(board) = self.board(id) {
            self.journal.add("board", &readers, &board);
        }
    }

    fn board(&self, id: &str) -> Option<shapes::Board> {
        let record = self.boards.get(id)?;
        Some(shapes::Board {
            id: id.to_owned(),
            title: record.title.clone(),
            owner: self.person(&record.owner),
            readers: self.persons(&record.readers),
            template: record.template.clone(),
        })
    }
}
