//! Uploads: the body is read as it comes, and only what is kept is held.

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};

use super::answer::Answer;
use super::call::{Asker, Query, media_type};
use super::files::{FileRecord, Home, hexadecimal};
use super::refusal::{Cause, Refusal};
use super::state::{Shared, State};

const NAME_CHARS_MAX: usize = 255;
const ANY_BYTES: &str = "application/octet-stream";

/// What an upload goes to.
pub(super) struct Place {
    home: Home,
    in_folder: bool,
}

/// The place that a path names, if it is one of the uploads.
pub(super) fn place(method: &Method, path: &[&str]) -> Option<Place> {
    let ["v1", resource, id, last] = path else {
        return None;
    };
    let id = (*id).to_owned();
    let home = match (*resource, *last) {
        ("rooms", "files") => Home::Room(id),
        ("groups", "files" | "folder") => Home::Group(id),
        ("boards", "files") => Home::Board(id),
        _ => return None,
    };
    (method == Method::POST).then_some(Place {
        home,
        in_folder: *last == "folder",
    })
}

/// Reads an upload to its end and answers with the File.
pub(super) async fn receive(
    shared: &Shared,
    asker: &Asker,
    place: Place,
    query: &Query,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<Answer, Refusal> {
    let me = asker
        .person()
        .ok_or_else(|| Refusal::forbidden("an operator only reads"))?;
    let name = file_name(query)?.to_owned();
    if headers.contains_key(header::CONTENT_ENCODING) {
        let message = "files are sent as they are";
        return Err(Refusal::new(Cause::UnsupportedMediaType, message));
    }
    let limits = shared.with(|state| {
        check_place(state, &place, me)?;
        Ok(Limits {
            bytes_max: state.settings.file_bytes_max,
            kept_bytes_max: state.settings.kept_file_bytes_max,
        })
    })?;
    let received = Received::read(body, limits).await?;
    let media_type = media_type(headers).unwrap_or(ANY_BYTES).to_owned();
    shared.with(|state| {
        // It may have changed while the bytes came.
        check_place(state, &place, me)?;
        let id = state.add_file(FileRecord {
            home: place.home,
            in_folder: place.in_folder,
            name,
            media_type,
            size: received.size,
            sha256: received.sha256,
            author: me.to_owned(),
            bytes: received.kept.map(Bytes::from),
            created_at: state.settings.clock.now(),
        });
        Answer::created(&state.file(&id))
    })
}

fn check_place(state: &State, place: &Place, me: &str) -> Result<(), Refusal> {
    if !state.people_at(&place.home).iter().any(|it| it == me) {
        return Err(Refusal::missing(match place.home {
            Home::Room(_) => "room",
            Home::Group(_) => "group",
            Home::Board(_) => "board",
        }));
    }
    if state.is_full() {
        return Err(Refusal::new(Cause::Full, "the sandbox is full"));
    }
    Ok(())
}

fn file_name(query: &Query) -> Result<&str, Refusal> {
    let name = query.text("name").unwrap_or_default();
    let fits = (1..=NAME_CHARS_MAX).contains(&name.chars().count())
        && !name.contains('/')
        && !name.chars().any(char::is_control);
    fits.then_some(name)
        .ok_or_else(|| Refusal::bad("`name` is a file name of 1 to 255 characters"))
}

struct Limits {
    bytes_max: u64,
    kept_bytes_max: usize,
}

struct Received {
    size: u64,
    sha256: String,
    kept: Option<Vec<u8>>,
}

impl Received {
    async fn read(mut body: Incoming, limits: Limits) -> Result<Self, Refusal> {
        let too_large = || Refusal::new(Cause::TooLarge, "the file is too large");
        if body.size_hint().lower() > limits.bytes_max {
            return Err(too_large());
        }
        let mut digest = Context::new(&SHA256);
        let mut size = 0;
        let mut kept = Some(Vec::new());
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Refusal::bad("the body is cut short"))?;
            let Ok(bytes) = frame.into_data() else {
                continue;
            };
            size += bytes.len() as u64;
            if size > limits.bytes_max {
                return Err(too_large());
            }
            digest.update(&bytes);
            kept = kept.filter(|it| it.len() + bytes.len() <= limits.kept_bytes_max);
            if let Some(kept) = &mut kept {
                kept.extend_from_slice(&bytes);
            }
        }
        Ok(Self {
            size,
            sha256: hexadecimal(digest.finish().as_ref()),
            kept,
        })
    }
}
