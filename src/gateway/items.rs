//! From finds to items: what each judged stretch of a body is, where, by whom, and about whom.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use super::facts::{PlaceKey, ThingKey};
use crate::dialect::json::splice::{Edit, rewrite_embedded};
use crate::dialect::json::string::unescape;
use crate::dialect::program::{ChoiceIx, Meaning, Part, Program, ScopeKind};
use crate::dialect::reading::{
    Embedded, Find, JsonType, Misfit, Missed, Reading, Scope, ScopeIx, SlotIx,
};
use crate::dialect::{Capture, PlainText, Words, file_kind, links};
use crate::policy::{Act, ContentKind, KindSet, PersonId};

/// A body that was read: its bytes, and what stands in them.
#[derive(Clone, Copy)]
pub struct ReadBody<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// The finds.
    pub reading: &'a Reading,
    /// What was looked for.
    pub program: &'a Program,
    /// The hosts whose links lead into a drive.
    pub drive_hosts: &'a links::DriveHosts,
}

/// One judged stretch: the whole body, or a scope of its own.
#[derive(Clone, Debug, Default)]
pub struct Item {
    /// Its scope.
    pub scope: ScopeIx,
    /// Where it says it is.
    pub place: Option<PlaceKey>,
    /// Other places it names (a message that is forwarded to several rooms).
    pub more_places: Vec<PlaceKey>,
    /// Places that are only listed here, each with the element that goes if it does.
    pub listed: Vec<(PlaceKey, SlotIx)>,
    /// Who wrote it.
    pub author: Option<PersonId>,
    /// What is in it, whatever holds it inside included.
    pub kinds: KindSet,
    /// The things it names.
    pub things: Vec<ThingKey>,
    /// Who is in the place, if it tells: then it tells of all.
    pub members: Option<Vec<PersonId>>,
    /// Who is in the place, as far as it tells: others may be, too.
    pub present: Vec<PersonId>,
    /// Who would come in, or has been asked to.
    pub invitees: Vec<PersonId>,
    /// Who has come in.
    pub joiners: Vec<PersonId>,
    /// Who has gone.
    pub leavers: Vec<PersonId>,
    /// Who stands on the other side of a contact.
    pub contacts: Vec<PersonId>,
    /// Whom it describes.
    pub subject: Option<PersonId>,
    /// In which part that person appears, if a word tells.
    pub subject_part: Option<Part>,
    /// Who is sent it directly.
    pub addressees: Vec<PersonId>,
    /// Who does it, where a server speaks for its people.
    pub actors: Vec<PersonId>,
    /// Everybody who is spoken of, in whichever part.
    pub people: Vec<PersonId>,
    /// What is done by it, where the body says so.
    pub act: Option<Act>,
    /// Whether newcomers may read its past.
    pub history_visible: bool,
    /// Whether it has what no request may have.
    pub is_never: bool,
    /// Whether an id in it, or what should hold one, is something else: then where it is and who
    /// wrote it may be told and not seen.
    pub is_odd: bool,
}

impl Item {
    /// What the captures of a request's target name.
    pub fn of_target(captures: &[Capture], words: &Words) -> Self {
        let mut item = Self::default();
        for capture in captures {
            let id = || Box::<str>::from(capture.value.as_str());
            match capture.meaning {
                Some(Meaning::Place(sort)) => {
                    let key = PlaceKey { sort, id: id() };
                    match &item.place {
                        None => item.place = Some(key),
                        Some(_) => item.more_places.push(key),
                    }
                }
                Some(Meaning::Thing(sort)) => item.things.push(ThingKey { sort, id: id() }),
                Some(Meaning::Person(part))
                    if part.is_told_by_looks() && !words.is_person(&capture.value) => {}
                Some(Meaning::Person(part)) => {
                    item.note_person(PersonId::from(capture.value.as_str()), part);
                }
                Some(Meaning::Kind(table)) => {
                    item.kinds.insert(words.kind(table, Some(&capture.value)));
                }
                Some(_) | None => {}
            }
        }
        item
    }

    /// Puts down somebody who is spoken of.
    pub fn note_person(&mut self, person: PersonId, part: Part) {
        match part {
            Part::Named => {}
            Part::Author => self.author = Some(person.clone()),
            Part::Member => self.members.get_or_insert_default().push(person.clone()),
            Part::Invitee => self.invitees.push(person.clone()),
            Part::Joiner => self.joiners.push(person.clone()),
            Part::Leaver => self.leavers.push(person.clone()),
            Part::Contact => self.contacts.push(person.clone()),
            Part::Present => self.present.push(person.clone()),
            Part::Subject => self.subject = Some(person.clone()),
            Part::Addressee => self.addressees.push(person.clone()),
            Part::Actor => self.actors.push(person.clone()),
        }
        self.people.push(person);
    }
}

impl<'a> ReadBody<'a> {
    /// All items, those of documents inside strings too.
    pub fn all_items(&self) -> Vec<Item> {
        let mut items = self.items();
        for inner in &self.reading.embedded {
            items.extend(self.inner(inner).all_items());
        }
        items
    }

    /// A document inside a string.
    pub fn inner<'i>(&'i self, inner: &'i Embedded) -> ReadBody<'i> {
        ReadBody {
            bytes: inner.text.as_bytes(),
            reading: &inner.reading,
            ..*self
        }
    }

    /// What is taken out, whoever reads it: also of documents inside strings.
    pub fn stripped(&self) -> Vec<Edit> {
        let finds = self.reading.finds.iter();
        let of_body = finds.filter_map(|find| match (find.meaning, find.member.or(find.slot)) {
            (Meaning::Stripped, Some(slot)) => Some(Edit::Drop(slot)),
            (Meaning::Stripped, None) => Some(Edit::Replace(find.span.clone(), b"null".to_vec())),
            _ => None,
        });
        let of_embedded = self.reading.embedded.iter().filter_map(|inner| {
            let edits = self.inner(inner).stripped();
            (!edits.is_empty()).then(|| rewrite_embedded(inner, edits))
        });
        of_body.chain(of_embedded).collect()
    }

    /// The bytes of a find as they stand.
    pub fn raw(&self, find: &Find) -> &'a [u8] {
        self.bytes.get(find.span.clone()).unwrap_or_default()
    }

    /// The text of a find: a string's content, or the bytes of another scalar as they stand.
    pub fn text(&self, find: &Find) -> Cow<'a, str> {
        let raw = self.raw(find);
        match find.json {
            JsonType::String { .. } => unescape(raw).unwrap_or_default(),
            _ => String::from_utf8_lossy(raw),
        }
    }

    /// What gives way to the placeholder, by the scope of the item it is in.
    pub fn spots(&self) -> HashMap<ScopeIx, Vec<Range<usize>>> {
        let mut spots: HashMap<ScopeIx, Vec<Range<usize>>> = HashMap::new();
        for find in &self.reading.finds {
            if find.meaning == Meaning::Withheld {
                let item = self.item_scope(find.scope);
                spots.entry(item).or_default().push(find.span.clone());
            }
        }
        spots
    }

    /// The scope of the item that a scope belongs to.
    pub fn item_scope(&self, mut scope: ScopeIx) -> ScopeIx {
        while scope.0 != 0 {
            let Some(here) = self.reading.scopes.get(scope.0 as usize) else {
                break;
            };
            if here
                .opens
                .is_some_and(|opens| opens.scope == ScopeKind::Item)
            {
                break;
            }
            scope = here.parent;
        }
        scope
    }

    /// The place an item is in: its own, else that of what holds it. `items` are all of the body, or
    /// as many as come before it.
    pub fn place_of<'i>(&self, item: &'i Item, items: &'i [Item]) -> Option<&'i PlaceKey> {
        if item.place.is_some() {
            return item.place.as_ref();
        }
        let mut scope = item.scope;
        while scope.0 != 0 {
            let parent = self.reading.scopes.get(scope.0 as usize)?.parent;
            scope = self.item_scope(parent);
            let holder = items.binary_search_by_key(&scope, |other| other.scope);
            let holder = holder.ok().and_then(|at| items.get(at));
            if let Some(place) = holder.and_then(|holder| holder.place.as_ref()) {
                return Some(place);
            }
        }
        None
    }

    /// The items, the whole body first; each scope that opens an item has one.
    pub fn items(&self) -> Vec<Item> {
        let scopes = &self.reading.scopes;
        let is_item = |scope: &Scope| {
            let opens = scope.opens;
            opens.is_some_and(|opens| opens.scope == ScopeKind::Item)
        };
        let count = 1 + scopes.iter().filter(|scope| is_item(scope)).count();
        let mut items: Vec<Item> = Vec::with_capacity(count);
        let mut of_scope = vec![usize::MAX; scopes.len()];
        for (ix, scope) in scopes.iter().enumerate() {
            let at = if ix == 0 || is_item(scope) {
                items.push(Item {
                    scope: ScopeIx(ix as u32),
                    ..Item::default()
                });
                items.len() - 1
            } else {
                of_scope.get(scope.parent.0 as usize).copied().unwrap_or(0)
            };
            if let Some(slot) = of_scope.get_mut(ix) {
                *slot = at;
            }
        }
        let mut files: Vec<FileFacts> = vec![FileFacts::default(); items.len()];
        for find in &self.reading.finds {
            let at = of_scope.get(find.scope.0 as usize).copied().unwrap_or(0);
            if let (Some(item), Some(file)) = (items.get_mut(at), files.get_mut(at)) {
                self.note(find, item, file);
            }
        }
        for (item, file) in items.iter_mut().zip(&files) {
            item.kinds = item.kinds.union(file.kinds());
            if let (Some(subject), Some(part)) = (item.subject.clone(), item.subject_part) {
                item.note_person(subject, part);
            }
        }
        for misfit in &self.reading.misfits {
            let at = of_scope.get(misfit.scope.0 as usize).copied().unwrap_or(0);
            if let Some(item) = items.get_mut(at) {
                self.note_misfit(misfit, item);
            }
        }
        items
    }

    /// Content that is not what it should be is as restricted as can be.
    fn note_misfit(&self, misfit: &Misfit, item: &mut Item) {
        if misfit.missed != Missed::Attribute {
            item.kinds.insert(ContentKind::Other);
        }
        item.is_odd |=
            misfit.missed == Missed::Structure && self.opens(item.scope) == Some(ScopeKind::Item);
    }

    fn note(&self, find: &Find, item: &mut Item, file: &mut FileFacts) {
        match find.meaning {
            Meaning::Place(sort) => {
                if let Some(id) = self.id(find) {
                    let key = PlaceKey { sort, id };
                    if let (Some(slot), false) = (find.slot, find.on_key) {
                        item.listed.push((key, slot));
                    } else if item.place.is_none() {
                        item.place = Some(key);
                    } else if item.place.as_ref() != Some(&key) {
                        item.more_places.push(key);
                    }
                }
            }
            Meaning::Thing(sort) => {
                item.things
                    .extend(self.id(find).map(|id| ThingKey { sort, id }));
            }
            Meaning::Person(part) => {
                if let Some(id) = self.id(find)
                    && (!part.is_told_by_looks() || self.program.words.is_person(&id))
                {
                    item.note_person(PersonId::from(&*id), self.part(find, part));
                }
            }
            Meaning::Part(table) => {
                let part = self.program.words.part(table, &self.text(find));
                item.subject_part = Some(part);
            }
            Meaning::Kind(table) => item.kinds.insert(self.kind(find, table)),
            Meaning::CountsAs(kind) => {
                if is_present(find) {
                    item.kinds.insert(kind);
                }
            }
            Meaning::Text => {
                let text = self.text(find);
                let text = PlainText::of(&text);
                let kinds = links::kinds_of_text(&text, self.drive_hosts);
                let linked = self.program.words.links(&text);
                item.kinds = item.kinds.union(kinds).union(linked);
            }
            Meaning::Link => {
                let link = self.text(find);
                let linked = self.program.words.links(&PlainText::of(&link));
                item.kinds = item.kinds.union(linked);
                item.kinds
                    .insert(links::kind_of_link(&link, self.drive_hosts));
            }
            Meaning::FileName => file.add(file_kind::told_by(Some(&self.text(find)), None)),
            Meaning::MediaType => file.add(file_kind::told_by(None, Some(&self.text(find)))),
            Meaning::FileRef => {
                if is_present(find) {
                    file.add(KindSet::EMPTY);
                }
            }
            Meaning::HistoryVisible => item.history_visible |= is_present(find),
            Meaning::Encryption => {
                if is_present(find) {
                    item.kinds.insert(ContentKind::Opaque);
                }
            }
            Meaning::ActIs(act) => {
                if is_present(find) {
                    item.act = Some(act);
                }
            }
            Meaning::Never => item.is_never |= is_present(find),
            Meaning::Only(choice) => {
                item.is_never |= is_present(find) && !self.is_choice(find, choice);
            }
            Meaning::Needs(choice) => {
                item.is_never |= is_present(find) && !self.has_choice(find, choice);
            }
            Meaning::Dropped
            | Meaning::Stripped
            | Meaning::OwnUrl
            | Meaning::Tombstone(_)
            | Meaning::Grave(..)
            | Meaning::Attribute(_)
            | Meaning::Button(_)
            | Meaning::Count(_)
            | Meaning::Shown(_)
            | Meaning::Page(_)
            | Meaning::Limit(_)
            | Meaning::Sum(_)
            | Meaning::Addend(_)
            | Meaning::Withheld => {}
        }
    }

    fn is_choice(&self, find: &Find, choice: ChoiceIx) -> bool {
        let is_word = matches!(find.json, JsonType::String { .. });
        is_word && self.program.words.is_choice(choice, &self.text(find))
    }

    /// Whether a word of a choice stands within an object.
    fn has_choice(&self, object: &Find, choice: ChoiceIx) -> bool {
        let within =
            |find: &&Find| object.span.start <= find.span.start && find.span.end <= object.span.end;
        let mut finds = self.reading.finds.iter().filter(within);
        finds.any(|find| find.meaning == Meaning::Only(choice) && self.is_choice(find, choice))
    }

    /// The part of a person: that of the scope which describes them, where the id itself is in none.
    fn part(&self, find: &Find, part: Part) -> Part {
        let scope = self.reading.scopes.get(find.scope.0 as usize);
        match scope.and_then(|scope| scope.opens) {
            Some(opens) if opens.scope == ScopeKind::Person && part == Part::Named => opens.part,
            _ => part,
        }
    }

    /// Whether somebody's id stands in the description of that person: not in that of another, as
    /// a key does whose value describes nobody.
    pub fn is_described(&self, find: &Find) -> bool {
        let scope = self.reading.scopes.get(find.scope.0 as usize);
        let is_own = |slot| slot == find.slot && find.slot.is_some();
        self.opens(find.scope) == Some(ScopeKind::Person)
            && (!find.on_key || scope.is_some_and(|scope| is_own(scope.slot)))
    }

    /// Descriptions of people whose ids can't be read: nobody knows whom they describe.
    pub fn nobodys_scopes(&self) -> Vec<ScopeIx> {
        let mut nobodys = vec![false; self.reading.scopes.len()];
        let mut put = |scope: ScopeIx, is_nobodys: bool| {
            if let Some(here) = nobodys.get_mut(scope.0 as usize) {
                *here = is_nobodys;
            }
        };
        let ids =
            self.reading.finds.iter().filter(|find| {
                matches!(find.meaning, Meaning::Person(_)) && self.is_described(find)
            });
        let (named, unread): (Vec<_>, Vec<_>) = ids.partition(|find| self.id(find).is_some());
        unread.iter().for_each(|find| put(find.scope, true));
        named.iter().for_each(|find| put(find.scope, false));
        // Whoever else stands there is one more whom nobody knows.
        for misfit in &self.reading.misfits {
            if misfit.missed == Missed::Structure {
                put(
                    misfit.scope,
                    self.opens(misfit.scope) == Some(ScopeKind::Person),
                );
            }
        }
        let all = nobodys.iter().enumerate();
        all.filter(|(_, is_nobodys)| **is_nobodys)
            .map(|(ix, _)| ScopeIx(ix as u32))
            .collect()
    }

    fn opens(&self, scope: ScopeIx) -> Option<ScopeKind> {
        let scope = self.reading.scopes.get(scope.0 as usize)?;
        Some(scope.opens?.scope)
    }

    /// An id is a string or a number; anything else names nobody and nothing.
    pub fn id(&self, find: &Find) -> Option<Box<str>> {
        match find.json {
            JsonType::String { .. } | JsonType::Number => Some(self.text(find).into()),
            _ => None,
        }
    }

    fn kind(&self, find: &Find, table: crate::dialect::program::KindTableIx) -> ContentKind {
        let words = &self.program.words;
        match find.json {
            JsonType::String { .. } | JsonType::Number => words.kind(table, Some(&self.text(find))),
            JsonType::Null => words.kind(table, None),
            // No reader knows what this is, whatever the table says of other words.
            JsonType::Bool(_) | JsonType::Array { .. } | JsonType::Object { .. } => {
                ContentKind::Other
            }
        }
    }
}

/// Whether a value is there in earnest: not null, false, or empty.
pub fn is_present(find: &Find) -> bool {
    match find.json {
        JsonType::Null | JsonType::Bool(false) => false,
        JsonType::Array { empty } | JsonType::Object { empty } => !empty,
        JsonType::String { .. } => find.span.len() > 2,
        JsonType::Bool(true) | JsonType::Number => true,
    }
}

/// What an item says of the files in it.
#[derive(Clone, Default)]
struct FileFacts {
    is_there: bool,
    told: KindSet,
}

impl FileFacts {
    fn add(&mut self, told: KindSet) {
        self.is_there = true;
        self.told = self.told.union(told);
    }

    /// What no fact tells to be anything else is a file.
    fn kinds(&self) -> KindSet {
        match (self.is_there, self.told.is_empty()) {
            (true, true) => KindSet::of(ContentKind::File),
            _ => self.told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::json::scan::{Manners, Twins, scan};
    use crate::dialect::program::{Edge, Mask, Node, NodeIx, Opens, Unknown};

    /// People by their ids, each with a name.
    fn people_by_id() -> Program {
        let to = |node| Edge {
            node: NodeIx(node),
            opens: None,
        };
        let person = Opens {
            scope: ScopeKind::Person,
            part: Part::Named,
            unknown: Unknown::Masked,
        };
        let opening = Edge {
            opens: Some(person),
            ..to(1)
        };
        let nodes = [
            Node {
                captured: Some((Meaning::Person(Part::Named), opening)),
                ..Node::default()
            },
            Node {
                keys: vec![("name".into(), to(2))],
                ..Node::default()
            },
            Node {
                meanings: vec![Meaning::Attribute(Mask::Masked)],
                ..Node::default()
            },
        ];
        Program {
            nodes: nodes.to_vec(),
            words: Default::default(),
            graves: Vec::new(),
            root: Edge {
                opens: Some(person),
                ..to(0)
            },
        }
    }

    #[test]
    fn a_key_describes_whom_its_value_describes() {
        for (body, expected) in [
            (r#"{"bob":{"name":"Bob Lee"}}"#, true),
            (r#"{"bob":5}"#, false),
            (r#"{"bob":null}"#, false),
        ] {
            let manners = Manners {
                depth_max: 8,
                members_max: 8,
                string_bytes_max: 99,
                number_digits_max: 9,
                twins: Twins::Exact,
            };
            let program = people_by_id();
            let reading = scan(body.as_bytes(), &program, &manners).unwrap();
            let body = ReadBody {
                bytes: body.as_bytes(),
                reading: &reading,
                program: &program,
                drive_hosts: &links::DriveHosts::default(),
            };
            let key = reading.finds.iter().find(|find| find.on_key).unwrap();
            assert_eq!(body.is_described(key), expected);
        }
    }
}
