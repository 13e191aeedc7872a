//! The world that a server starts with: built by tests, or the seeded one.

use std::time::SystemTime;

use bytes::Bytes;

use super::call::Asker;
use super::content::Content;
use super::files::{FileRecord, Home, digest};
use super::journal::Journal;
use super::moment::Clock;
use super::people::{PersonRecord, Picture};
use super::room::RoomKind;
use super::rooms::with_first;
use super::shapes;
use super::state::{Settings, State};

const MIB: usize = 1024 * 1024;

/// People, rooms and all the rest before the server starts. Nothing is checked: a world may be as
/// strange as a test needs it. What is made returns its id.
pub struct World {
    pub(super) state: State,
    events_max: usize,
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl World {
    /// An empty world with the usual limits.
    pub fn new() -> Self {
        let settings = Settings {
            gzip: false,
            public_url: "https://chat.example".to_owned(),
            file_bytes_max: 4 * 1024 * MIB as u64,
            kept_file_bytes_max: 8 * MIB,
            kept_total_bytes_max: 256 * MIB,
            objects_max: 1_000_000,
            clock: Clock::new(crate::clock::wall),
        };
        Self {
            state: State::new(settings),
            events_max: 1_000,
        }
    }

    /// Whether answers are compressed for clients that take gzip; off by default.
    pub fn gzip(&mut self, on: bool) -> &mut Self {
        self.state.settings.gzip = on;
        self
    }

    /// The largest upload in bytes; 4 GiB by default.
    pub fn file_bytes_max(&mut self, bytes: u64) -> &mut Self {
        self.state.settings.file_bytes_max = bytes;
        self
    }

    /// The largest file whose bytes are kept; 8 MiB by default.
    pub fn kept_file_bytes_max(&mut self, bytes: usize) -> &mut Self {
        self.state.settings.kept_file_bytes_max = bytes;
        self
    }

    /// How many events are remembered; 1,000 by default.
    pub fn events_max(&mut self, events: usize) -> &mut Self {
        self.events_max = events;
        self
    }

    /// How many things with an id there may be; 1,000,000 by default.
    pub fn objects_max(&mut self, objects: u64) -> &mut Self {
        self.state.settings.objects_max = objects;
        self
    }

    /// Another time of day than the machine's.
    pub fn clock(&mut self, read: impl Fn() -> SystemTime + Send + Sync + 'static) -> &mut Self {
        self.state.settings.clock = Clock::new(read);
        self
    }

    /// A token that may read everything.
    pub fn operator(&mut self, token: &str) -> &mut Self {
        self.state.tokens.insert(token.to_owned(), Asker::Operator);
        self
    }

    /// A person with a picture, a mail address, a phone number and a status that nobody else has, the token
    /// `token-<id>` and the password `password-<id>`. `company` is its name.
    pub fn person(&mut self, id: &str, name: &str, company: Option<&str>) -> &mut Self {
        let number = self.state.people.len() + 1;
        let host = company.map_or("people".to_owned(), |it| {
            it.to_lowercase().replace(' ', "-")
        });
        let local = id.replace(':', ".");
        let profile = shapes::Person {
            id: id.to_owned(),
            name: name.to_owned(),
            mail: Some(format!("{local}.mail@{host}.example")),
            phone: Some(format!("+82-10-5550-{number:04}")),
            picture: None,
            status: Some(format!("{name} is at desk {number}")),
            company: company.map(str::to_owned),
        };
        let picture = Picture {
            media_type: "image/png".to_owned(),
            bytes: Bytes::from([b"\x89PNG picture of ", id.as_bytes()].concat()),
        };
        let record = PersonRecord {
            profile,
            password: format!("password-{id}"),
            picture: Some(picture),
        };
        self.state.people.insert(id.to_owned(), record);
        let asker = Asker::Person(id.to_owned());
        self.state.tokens.insert(format!("token-{id}"), asker);
        self
    }

    /// A room with these members; without a title it is named after them.
    pub fn room(&mut self, title: Option<&str>, members: &[&str]) -> String {
        let title = title.map(str::to_owned);
        self.state.add_room(RoomKind::Room, title, owned(members))
    }

    /// A room that anybody may join.
    pub fn open_room(&mut self, title: &str, members: &[&str]) -> String {
        let id = self.room(Some(title), members);
        if let Some(room) = self.state.rooms.get_mut(&id) {
            room.open = true;
        }
        id
    }

    /// The direct room of two people.
    pub fn direct(&mut self, one: &str, two: &str) -> String {
        let members = owned(&[one, two]);
        self.state.add_room(RoomKind::Direct, None, members)
    }

    /// A message.
    pub fn message(&mut self, room: &str, author: &str, content: Content) -> String {
        self.state
            .add_message(room, author, content, None, Vec::new())
    }

    /// A file in a room.
    pub fn room_file(
        &mut self,
        room: &str,
        author: &str,
        name: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> String {
        let home = Home::Room(room.to_owned());
        self.file(home, author, name, media_type, bytes)
    }

    /// A file in the folder of a group.
    pub fn folder_file(
        &mut self,
        group: &str,
        author: &str,
        name: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> String {
        let home = Home::Group(group.to_owned());
        let id = self.file(home, author, name, media_type, bytes);
        if let Some(file) = self.state.files.get_mut(&id) {
            file.in_folder = true;
        }
        id
    }

    /// An invitation into a room.
    pub fn invitation(&mut self, room: &str, from: &str, to: &str) -> String {
        self.state.add_invitation(room, from, to)
    }

    /// A contact.
    pub fn contact(&mut self, one: &str, two: &str) -> &mut Self {
        self.state.add_contact(one, two);
        self
    }

    /// A group; its owner is a member. Its room is made with it.
    pub fn group(&mut self, title: &str, owner: &str, members: &[&str]) -> String {
        self.state
            .add_group(title.to_owned(), owner, &owned(members))
    }

    /// The message room of a group; empty if there is no such group.
    pub fn group_room(&self, group: &str) -> String {
        let record = self.state.groups.get(group);
        record.map(|it| it.room.clone()).unwrap_or_default()
    }

    /// A board; its owner is a reader.
    pub fn board(
        &mut self,
        title: &str,
        owner: &str,
        readers: &[&str],
        template: Option<&str>,
    ) -> String {
        let template = template.map(str::to_owned);
        let readers = with_first(owner, &owned(readers));
        self.state
            .add_board(title.to_owned(), owner, &readers, template)
    }

    /// A template.
    pub fn template(&mut self, title: &str, fields: &[&str]) -> String {
        let id = self.state.fresh("t");
        self.state.templates.push(shapes::Template {
            id: id.clone(),
            title: title.to_owned(),
            fields: owned(fields),
        });
        id
    }

    fn file(
        &mut self,
        home: Home,
        author: &str,
        name: &str,
        media_type: &str,
        bytes: &[u8],
    ) -> String {
        let created_at = self.state.settings.clock.now();
        self.state.add_file(FileRecord {
            home,
            in_folder: false,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            size: bytes.len() as u64,
            sha256: digest(bytes),
            author: author.to_owned(),
            bytes: Some(Bytes::copy_from_slice(bytes)),
            created_at,
        })
    }

    /// The state to start with; what was built is no news to anybody.
    pub(super) fn into_state(mut self) -> State {
        self.state.journal = Journal::new(self.events_max);
        self.state
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|it| (*it).to_owned()).collect()
}
