//! Notes, events and tasks of groups, posts of boards: the same five routes for each.

use http::Method;
use serde::{Deserialize, Serialize};

use super::answer::Answer;
use super::call::Call;
use super::content::check_text;
use super::files::Home;
use super::moment::Moment;
use super::people::given;
use super::refusal::Refusal;
use super::shapes;
use super::state::State;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ItemKind {
    Note,
    Event,
    Task,
    Post,
}

pub(super) struct ItemRecord {
    kind: ItemKind,
    home: Home,
    author: String,
    /// Grows from item to item over the whole server.
    order: u64,
    words: Words,
    created_at: Moment,
    edited_at: Option<Moment>,
}

/// What its author wrote; keys that the kind doesn't have stay empty.
#[derive(Clone, Default)]
pub(super) struct Words {
    pub(super) title: String,
    pub(super) text: String,
    pub(super) attachments: Vec<String>,
    pub(super) template: Option<String>,
    pub(super) starts_at: Option<Moment>,
    pub(super) assignee: Option<String>,
    pub(super) due: Option<Moment>,
    pub(super) done: bool,
}

/// The keys of a body, of every kind: `ItemKind::check_keys` says which of them a kind has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    title: Option<String>,
    text: Option<String>,
    attachments: Option<Vec<String>>,
    #[serde(default, deserialize_with = "given")]
    template: Option<Option<String>>,
    starts_at: Option<Moment>,
    #[serde(default, deserialize_with = "given")]
    assignee: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    due: Option<Option<Moment>>,
    done: Option<bool>,
}

impl ItemKind {
    /// Its name in events.
    fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Event => "event",
            Self::Task => "task",
            Self::Post => "post",
        }
    }

    fn plural(self) -> &'static str {
        match self {
            Self::Note => "notes",
            Self::Event => "events",
            Self::Task => "tasks",
            Self::Post => "posts",
        }
    }

    /// The start of its ids.
    fn prefix(self) -> &'static str {
        match self {
            Self::Note => "n",
            Self::Event => "e",
            Self::Task => "k",
            Self::Post => "p",
        }
    }

    fn has_template(self) -> bool {
        matches!(self, Self::Note | Self::Post)
    }

    fn check_keys(self, change: &Change) -> Result<(), Refusal> {
        let of_task = change.assignee.is_some() || change.due.is_some() || change.done.is_some();
        let strange = (change.template.is_some() && !self.has_template())
            || (change.starts_at.is_some() && self != Self::Event)
            || (of_task && self != Self::Task);
        match strange {
            true => Err(Refusal::bad(format!("a key that no {} has", self.name()))),
            false => Ok(()),
        }
    }
}

/// `…/notes`, `…/notes/{note}` and the like; `home` is one that the asker may see.
pub(super) fn route(
    state: &mut State,
    call: &Call,
    home: &Home,
    kind: ItemKind,
    id: &[&str],
) -> Result<Answer, Refusal> {
    match id {
        [] => match call.method {
            Method::GET => Answer::list(kind.plural(), state.items_of(home, kind)),
            Method::POST => create(state, call, home, kind),
            _ => Err(Refusal::not_allowed("GET, POST")),
        },
        [id] => {
            let known = state.items.get(*id);
            known
                .filter(|it| it.kind == kind && it.home == *home)
                .ok_or_else(|| Refusal::missing(kind.name()))?;
            match call.method {
                Method::GET => Answer::ok(&state.item(id)),
                Method::PATCH => edit(state, call, id),
                Method::DELETE => delete(state, call.me()?, id),
                _ => Err(Refusal::not_allowed("GET, PATCH, DELETE")),
            }
        }
        _ => Err(Refusal::missing("route")),
    }
}

fn create(state: &mut State, call: &Call, home: &Home, kind: ItemKind) -> Result<Answer, Refusal> {
    let change: Change = call.json()?;
    let whole = change.title.is_some()
        && change.text.is_some()
        && (kind != ItemKind::Event || change.starts_at.is_some());
    if !whole {
        return Err(Refusal::bad("a key is missing"));
    }
    let words = state.changed(home, kind, Words::default(), change)?;
    let id = state.add_item(kind, home.clone(), call.me()?, words);
    Answer::created(&state.item(&id))
}

fn edit(state: &mut State, call: &Call, id: &str) -> Result<Answer, Refusal> {
    let record = state.own_item(id, call.me()?)?;
    let (home, kind, words) = (record.home.clone(), record.kind, record.words.clone());
    let words = state.changed(&home, kind, words, call.json()?)?;
    let now = state.settings.clock.now();
    if let Some(record) = state.items.get_mut(id) {
        record.words = words;
        record.edited_at = Some(now);
    }
    state.tell_item(id);
    Answer::ok(&state.item(id))
}

fn delete(state: &mut State, me: &str, id: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Deleted<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        group: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        board: Option<&'a str>,
        id: &'a str,
    }
    state.own_item(id, me)?;
    if let Some(record) = state.items.remove(id) {
        let (group, board) = match &record.home {
            Home::Board(board) => (None, Some(board.as_str())),
            Home::Group(home) | Home::Room(home) => (Some(home.as_str()), None),
        };
        let viewers = state.people_at(&record.home);
        let event = format!("{}.deleted", record.kind.name());
        let deleted = Deleted { group, board, id };
        state.journal.add(&event, &viewers, &deleted);
    }
    Ok(Answer::Nothing)
}

impl State {
    /// An item that this person wrote.
    fn own_item(&self, id: &str, me: &str) -> Result<&ItemRecord, Refusal> {
        let item = self.items.get(id);
        let item = item.ok_or_else(|| Refusal::missing("item"))?;
        match item.author == me {
            true => Ok(item),
            false => Err(Refusal::forbidden("only its author may do that")),
        }
    }

    /// These words with a change, if it can be.
    fn changed(
        &self,
        home: &Home,
        kind: ItemKind,
        before: Words,
        change: Change,
    ) -> Result<Words, Refusal> {
        kind.check_keys(&change)?;
        let words = Words {
            title: change.title.unwrap_or(before.title),
            text: change.text.unwrap_or(before.text),
            attachments: change.attachments.unwrap_or(before.attachments),
            template: change.template.unwrap_or(before.template),
            starts_at: change.starts_at.or(before.starts_at),
            assignee: change.assignee.unwrap_or(before.assignee),
            due: change.due.unwrap_or(before.due),
            done: change.done.unwrap_or(before.done),
        };
        check_text(&words.title)?;
        check_text(&words.text)?;
        let attachable = |id: &String| self.files.get(id).is_some_and(|it| it.home == *home);
        if !words.attachments.iter().all(attachable) {
            let message = "`attachments` are files that were uploaded here";
            return Err(Refusal::unprocessable(message));
        }
        if let Some(template) = &words.template {
            self.known_template(template)?;
        }
        let people = self.people_at(home);
        if words
            .assignee
            .as_ref()
            .is_some_and(|it| !people.contains(it))
        {
            return Err(Refusal::unprocessable("`assignee` is a member"));
        }
        Ok(words)
    }

    pub(super) fn add_item(
        &mut self,
        kind: ItemKind,
        home: Home,
        author: &str,
        words: Words,
    ) -> String {
        let id = self.fresh(kind.prefix());
        let record = ItemRecord {
            kind,
            home,
            author: author.to_owned(),
            order: self.made(),
            words,
            created_at: self.settings.clock.now(),
            edited_at: None,
        };
        self.items.insert(id.clone(), record);
        self.tell_item(&id);
        id
    }

    fn tell_item(&mut self, id: &str) {
        let Some(record) = self.items.get(id) else {
            return;
        };
        let (event, viewers) = (record.kind.name(), self.people_at(&record.home));
        if let Some(item) = self.item(id) {
            self.journal.add(event, &viewers, &item);
        }
    }

    fn items_of(&self, home: &Home, kind: ItemKind) -> Vec<shapes::Item> {
        let mut items: Vec<(u64, &String)> = self
            .items
            .iter()
            .filter(|(_, it)| it.kind == kind && it.home == *home)
            .map(|(id, it)| (it.order, id))
            .collect();
        items.sort();
        items
            .into_iter()
            .filter_map(|(_, id)| self.item(id))
            .collect()
    }

    fn item(&self, id: &str) -> Option<shapes::Item> {
        let record = self.items.get(id)?;
        let (kind, words) = (record.kind, &record.words);
        let (group, board) = match record.home.clone() {
            Home::Board(board) => (None, Some(board)),
            Home::Group(home) | Home::Room(home) => (Some(home), None),
        };
        let is_task = kind == ItemKind::Task;
        Some(shapes::Item {
            id: id.to_owned(),
            group,
            board,
            title: words.title.clone(),
            text: words.text.clone(),
            author: self.person(&record.author),
            attachments: words
                .attachments
                .iter()
                .filter_map(|it| self.file(it))
                .collect(),
            template: kind.has_template().then(|| words.template.clone()),
            starts_at: words.starts_at.filter(|_| kind == ItemKind::Event),
            assignee: is_task.then(|| words.assignee.as_ref().map(|it| self.person(it))),
            due: is_task.then_some(words.due),
            done: is_task.then_some(words.done),
            created_at: record.created_at,
            edited_at: record.edited_at,
        })
    }
}
