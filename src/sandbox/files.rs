//! Files of rooms, groups and boards.

use aws_lc_rs::digest as digests;
use bytes::Bytes;
use http::Method;
use serde::Serialize;

use super::answer::{Answer, Blob, Source};
use super::call::{Asker, Call};
use super::moment::Moment;
use super::refusal::Refusal;
use super::shapes;
use super::state::State;

/// Where a file belongs; who sees that sees the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Home {
    Room(String),
    Group(String),
    Board(String),
}

pub(super) struct FileRecord {
    pub(super) home: Home,
    /// In the group's folder, not only there to be attached.
    pub(super) in_folder: bool,
    pub(super) name: String,
    pub(super) media_type: String,
    pub(super) size: u64,
    /// In hexadecimal.
    pub(super) sha256: String,
    pub(super) author: String,
    /// None where only size and digest are kept.
    pub(super) bytes: Option<Bytes>,
    pub(super) created_at: Moment,
}

/// The SHA-256 of some bytes in hexadecimal.
pub(super) fn digest(bytes: &[u8]) -> String {
    hexadecimal(digests::digest(&digests::SHA256, bytes).as_ref())
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `GET /v1/rooms/{room}/files`
pub(super) fn of_room(state: &mut State, call: &Call, room: &str) -> Result<Answer, Refusal> {
    if call.method != Method::GET {
        return Err(Refusal::not_allowed("GET, POST"));
    }
    state.read_room(room, &call.asker)?;
    let home = Home::Room(room.to_owned());
    Answer::list("files", state.files_where(|it| it.home == home))
}

/// `/v1/files/{file}…`
pub(super) fn route(state: &mut State, call: &Call, rest: &[&str]) -> Result<Answer, Refusal> {
    let ([id] | [id, "thumbnail" | "info"]) = rest else {
        return Err(Refusal::missing("route"));
    };
    let file = state.seen_file(id, &call.asker)?;
    match (rest, &call.method) {
        ([_], &Method::GET) => Ok(Answer::Blob(file.blob())),
        ([_], &Method::DELETE) => delete(state, call.me()?, id),
        ([_], _) => Err(Refusal::not_allowed("GET, DELETE")),
        ([_, "info"], &Method::GET) => Answer::ok(&state.file(id)),
        (_, &Method::GET) => {
            if !file.has_thumbnail() {
                return Err(Refusal::missing("thumbnail"));
            }
            Ok(Answer::Blob(file.thumbnail()))
        }
        _ => Err(Refusal::not_allowed("GET")),
    }
}

fn delete(state: &mut State, me: &str, id: &str) -> Result<Answer, Refusal> {
    #[derive(Serialize)]
    struct Deleted {
        file: String,
        room: Option<String>,
        group: Option<String>,
        board: Option<String>,
    }
    if state.files.get(id).is_some_and(|it| it.author != me) {
        return Err(Refusal::forbidden("only its author may do that"));
    }
    if let Some(file) = state.files.remove(id) {
        let viewers = state.people_at(&file.home);
        let (room, group, board) = file.home.ids();
        let deleted = Deleted {
            file: id.to_owned(),
            room,
            group,
            board,
        };
        state.journal.add("file.deleted", &viewers, &deleted);
    }
    Ok(Answer::Nothing)
}

impl Home {
    /// The id of the room, group or board: one of the three.
    fn ids(&self) -> (Option<String>, Option<String>, Option<String>) {
        match self.clone() {
            Self::Room(id) => (Some(id), None, None),
            Self::Group(id) => (None, Some(id), None),
            Self::Board(id) => (None, None, Some(id)),
        }
    }
}

impl FileRecord {
    fn blob(&self) -> Blob {
        Blob {
            source: match &self.bytes {
                Some(bytes) => Source::Kept(bytes.clone()),
                None => Source::Zeros(self.size),
            },
            media_type: self.media_type.clone(),
            name: Some(self.name.clone()),
            tag: self.sha256.clone(),
        }
    }

    fn has_thumbnail(&self) -> bool {
        self.media_type.starts_with("image/") || self.media_type.starts_with("video/")
    }

    /// A square in a colour that the content gives.
    fn thumbnail(&self) -> Blob {
        const SIDE: u8 = 16;
        const HEAD_BYTES: u8 = 54;
        let colour: Vec<u8> = self.sha256.bytes().take(3).collect();
        let pixels = colour.repeat(usize::from(SIDE) * usize::from(SIDE));
        let size = usize::from(HEAD_BYTES) + pixels.len();
        let mut picture = b"BM".to_vec();
        picture.extend(u32::try_from(size).unwrap_or_default().to_le_bytes());
        picture.extend([0, 0, 0, 0, HEAD_BYTES, 0, 0, 0]);
        picture.extend([40, 0, 0, 0, SIDE, 0, 0, 0, SIDE, 0, 0, 0, 1, 0, 24, 0]);
        picture.extend([0; 24]);
        picture.extend(pixels);
        Blob {
            source: Source::Kept(Bytes::from(picture)),
            media_type: "image/bmp".to_owned(),
            name: None,
            tag: format!("{}-thumbnail", self.sha256),
        }
    }
}

impl State {
    /// A file that the asker may see.
    fn seen_file(&self, id: &str, asker: &Asker) -> Result<&FileRecord, Refusal> {
        let file = self.files.get(id);
        file.filter(|it| asker.is_among(&self.people_at(&it.home)))
            .ok_or_else(|| Refusal::missing("file"))
    }

    /// Who sees a room, group or board.
    pub(super) fn people_at(&self, home: &Home) -> Vec<String> {
        let people = match home {
            Home::Room(id) => self.rooms.get(id).map(|it| &it.members),
            Home::Group(id) => {
                let room = self.groups.get(id).map(|it| &it.room);
                room.and_then(|it| self.rooms.get(it)).map(|it| &it.members)
            }
            Home::Board(id) => self.boards.get(id).map(|it| &it.readers),
        };
        people.cloned().unwrap_or_default()
    }

    /// Takes a file in, and tells those who see it.
    pub(super) fn add_file(&mut self, mut record: FileRecord) -> String {
        record.bytes = record.bytes.take().and_then(|it| self.kept(it));
        let id = self.fresh("f");
        let viewers = self.people_at(&record.home);
        self.files.insert(id.clone(), record);
        if let Some(file) = self.file(&id) {
            self.journal.add("file", &viewers, &file);
        }
        id
    }

    /// Copies a file to another home, by `author`.
    pub(super) fn copy_file(&mut self, id: &str, home: Home, author: &str) -> String {
        let created_at = self.settings.clock.now();
        let copy = self.files.get(id).map(|file| FileRecord {
            home,
            in_folder: false,
            name: file.name.clone(),
            media_type: file.media_type.clone(),
            size: file.size,
            sha256: file.sha256.clone(),
            author: author.to_owned(),
            bytes: file.bytes.clone(),
            created_at,
        });
        match copy {
            Some(copy) => self.add_file(copy),
            None => id.to_owned(),
        }
    }

    /// How a file looks.
    pub(super) fn file(&self, id: &str) -> Option<shapes::File> {
        let record = self.files.get(id)?;
        let (room, group, board) = record.home.ids();
        let url = format!("/v1/files/{id}");
        Some(shapes::File {
            id: id.to_owned(),
            room,
            group,
            board,
            name: record.name.clone(),
            media_type: record.media_type.clone(),
            size: record.size,
            sha256: record.sha256.clone(),
            author: self.person(&record.author),
            thumbnail: record.has_thumbnail().then(|| format!("{url}/thumbnail")),
            url,
            created_at: record.created_at,
        })
    }

    pub(super) fn files_where(&self, wanted: impl Fn(&FileRecord) -> bool) -> Vec<shapes::File> {
        let mut files: Vec<_> = self
            .files
            .iter()
            .filter(|(_, it)| wanted(it))
            .filter_map(|(id, _)| self.file(id))
            .collect();
        files.sort_by_key(|it| it.created_at);
        files
    }
}
