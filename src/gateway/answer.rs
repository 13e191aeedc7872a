//! The way back: an answer of the upstream, judged for the one who reads it.

use std::sync::Arc;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE,
    CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, DATE, ETAG, IF_NONE_MATCH, LAST_MODIFIED,
    RETRY_AFTER, VARY, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, response};

use super::answer_body::AnswerBody;
use super::arrival::Answer;
use super::canonical::answer_head;
use super::classify::Learner;
use super::coding::{self, CodingFault};
use super::facts::{Facts, Learned, Missing};
use super::items::{Item, ReadBody};
use super::limit::Limit;
use super::lookup::{manners, reading};
use super::refusal::Refused;
use super::show::{About, Effects, Judges, Plan, Reads, Seen, Shown, plan};
use super::upstream::UpstreamBody;
use crate::cache::PlaceFacts;
use crate::clock;
use crate::dialect::json::scan::{Twins, scan};
use crate::dialect::json::splice::splice;
use crate::dialect::program::Meaning;
use crate::dialect::reading::Find;
use crate::dialect::{AnswerForm, Program, Reading};
use crate::policy::{Act, PersonId};

/// Who reads an answer to what.
#[derive(Clone)]
pub struct Reader {
    /// How facts are learnt.
    pub learner: Learner,
    /// Who reads; `None` on a surface that is open to everyone.
    pub viewer: Option<PersonId>,
    /// For whom.
    pub reads: Reads,
    /// What the request's target named.
    pub about: About,
    /// Where the reader reached the gateway.
    pub own_origin: Option<String>,
    /// Under which the reader's credential is remembered.
    pub owner_key: Option<[u8; 32]>,
    /// What was done.
    pub act: Act,
    /// The request's id.
    pub id: String,
    /// How many elements of a page were asked for.
    pub page: Option<usize>,
    /// Who was named in the request by a pseudonym: the upstream was told who that is.
    pub named: Vec<PersonId>,
}

/// What is to be done with an answer.
pub struct Expected<'a> {
    /// What the surface says that comes back.
    pub form: &'a AnswerForm,
    /// The request's method.
    pub method: &'a Method,
    /// The request's headers, for conditions.
    pub asked: &'a HeaderMap,
    /// Whether somebody who is unknown to the reader is there, or wrote what is fetched.
    pub conceals: bool,
    /// What is told in place of what is found, or not found.
    pub instead: Option<Vec<u8>>,
}

/// Headers of an answer that is read and perhaps edited; everything else could tell who is masked.
const KEPT: [HeaderName; 8] = [
    CACHE_CONTROL,
    CONTENT_LANGUAGE,
    CONTENT_TYPE,
    DATE,
    RETRY_AFTER,
    VARY,
    WWW_AUTHENTICATE,
    HeaderName::from_static("x-ratelimit-reset"),
];

/// What besides tells of bytes that pass as they are.
const KEPT_OF_BYTES: [HeaderName; 7] = [
    ACCEPT_RANGES,
    CONTENT_DISPOSITION,
    CONTENT_ENCODING,
    CONTENT_LENGTH,
    CONTENT_RANGE,
    ETAG,
    LAST_MODIFIED,
];

impl Reader {
    /// The answer as its reader may see it.
    pub async fn answer(
        &self,
        upstream: Response<UpstreamBody>,
        expected: &Expected<'_>,
    ) -> Result<Answer, Refused> {
        let (mut head, body) = upstream.into_parts();
        answer_head(&mut head);
        let is_gone = matches!(head.status, StatusCode::NOT_FOUND | StatusCode::GONE);
        if let Some(document) = &expected.instead
            && (head.status.is_success() || is_gone)
        {
            return Ok(told_instead(head, document.clone()));
        }
        let untouched = matches!(expected.form, AnswerForm::Untouched(_));
        if !untouched && is_gone {
            // "Not there" always looks the same, whoever says so.
            return Err(Refused::Hidden);
        }
        if head.status.is_client_error() || head.status.is_server_error() {
            return self.error(head, body, expected).await;
        }
        if head.status.is_redirection() && head.status != StatusCode::NOT_MODIFIED && !untouched {
            // Where a redirection leads is out of sight.
            return Err(Refused::UnreadableAnswer);
        }
        match expected.form {
            AnswerForm::Json(program) => self.json(head, body, program, expected).await,
            AnswerForm::Bytes => {
                let mut headers = kept_headers(&head.headers, &KEPT_OF_BYTES);
                if expected.conceals {
                    leave_out_the_file_name(&mut headers);
                }
                std::mem::swap(&mut head.headers, &mut headers);
                Ok(Response::from_parts(head, body.into()))
            }
            AnswerForm::Untouched(_) => Ok(Response::from_parts(head, body.into())),
            AnswerForm::Events(forms) => {
                super::events::filter(self.clone(), forms.clone(), head, body)
            }
            AnswerForm::Nothing => Ok(nothing(head)),
        }
    }

    /// The upstream's own error can name people too.
    async fn error(
        &self,
        head: response::Parts,
        body: UpstreamBody,
        expected: &Expected<'_>,
    ) -> Result<Answer, Refused> {
        let dialect = &self.learner.service.dialect;
        let is_json = super::read::is_json(head.headers.get(CONTENT_TYPE), &dialect.content_types);
        match &dialect.errors {
            Some(program) if is_json => self.json(head, body, program, expected).await,
            _ => Ok(nothing(head)),
        }
    }

    async fn json(
        &self,
        head: response::Parts,
        body: UpstreamBody,
        program: &Arc<Program>,
        expected: &Expected<'_>,
    ) -> Result<Answer, Refused> {
        if expected.method == Method::HEAD || head.status == StatusCode::NO_CONTENT {
            return Ok(nothing(head));
        }
        let types = &self.learner.service.dialect.content_types;
        if !super::read::is_json(head.headers.get(CONTENT_TYPE), types) {
            return Err(Refused::UnreadableAnswer);
        }
        let (limits, tally) = (&self.learner.parts.limits, &self.learner.tally);
        let bytes = super::read::answer(body, limits, tally)
            .await
            .ok_or(Refused::UnreadableAnswer)?;
        let bound = (Limit::EditedAnswerBytes, limits.edited_answer_bytes_max);
        let bytes = coding::decode(&head.headers, bytes, bound, limits)
            .await
            .map_err(|fault| {
                if let CodingFault::TooLarge(limit) = fault {
                    tally.hit(limit);
                }
                Refused::UnreadableAnswer
            })?;
        let shown = self.show(bytes, program).await?;
        Ok(finish(head, shown, expected))
    }

    /// One document as its reader may see it: an answer's body or an event's.
    pub async fn show(&self, bytes: Vec<u8>, program: &Arc<Program>) -> Result<Vec<u8>, Refused> {
        let reading = self
            .read(&bytes, program)
            .ok_or(Refused::UnreadableAnswer)?;
        self.show_read(bytes, &reading, program).await
    }

    /// The same of a document that nobody asked for: whoever pushes it is told what is wrong with it.
    pub async fn show_pushed(
        &self,
        bytes: Vec<u8>,
        program: &Arc<Program>,
    ) -> Result<Vec<u8>, Refused> {
        let manners = manners(&self.learner.parts.limits, Twins::Exact);
        let reading = scan(&bytes, program, &manners).map_err(Refused::Unreadable)?;
        self.show_read(bytes, &reading, program).await
    }

    async fn show_read(
        &self,
        bytes: Vec<u8>,
        reading: &Reading,
        program: &Arc<Program>,
    ) -> Result<Vec<u8>, Refused> {
        let (parts, tally) = (&self.learner.parts, &self.learner.tally);
        let body = self.read_body(&bytes, reading, program);
        let items = items_of(&body);
        let mut facts = Facts::default();
        if self.act == Act::Create {
            self.forget_made(&items);
        }
        self.learn_from(&body, &items, &mut facts);
        // Most answers are about the place that the request named: it was learnt just now, unless the
        // answer itself brings news of it.
        let own_place = self.about.place.clone().map(Missing::Place);
        self.learner.recall(&mut facts, own_place);
        let mut looked_up = 0;
        let is_grave = |find: &Find| matches!(find.meaning, Meaning::Grave(..));
        let tells = reading.finds.iter().any(is_grave);
        // What can't tell that a place is gone leaves that to an answer that can.
        let keeps = self.owner_key.filter(|_| tells);
        let memory = &self.learner.service.shown;
        let had_before = keeps.and_then(|key| memory.get(&key)).unwrap_or_default();
        loop {
            let snapshot = parts.current.load();
            let shown = Shown {
                body,
                items: &items,
                viewer: self.viewer.as_ref(),
                reads: self.reads,
                about: &self.about,
                own_origin: self.own_origin.as_deref(),
                seen: keeps.map(|_| Seen {
                    places: &had_before.places,
                    is_outdated: had_before.revision != snapshot.revision(),
                }),
                id: &self.id,
                now_ms: clock::wall()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |since| since.as_millis()),
                page: self.page,
                named: &self.named,
            };
            let judges = Judges {
                snapshot: &snapshot,
                dialect: &self.learner.service.dialect,
                pseudonyms: &parts.pseudonyms,
                facts: &facts,
            };
            let missing = match plan(&shown, &judges) {
                Plan::Hidden => return Err(Refused::Hidden),
                Plan::Edits {
                    edits,
                    effects,
                    decisions,
                    had,
                    gone,
                } => {
                    tally.decided(&snapshot, &decisions);
                    self.count(effects);
                    if let Some(key) = keeps {
                        let has_now = had_before.with(snapshot.revision(), had, &gone);
                        memory.remember(key, Arc::new(has_now));
                    }
                    if edits.is_empty() {
                        return Ok(bytes);
                    }
                    // The shown body takes their place.
                    drop((items, facts));
                    let shown = splice(&bytes, reading, edits);
                    // Edits that don't fit their body leave nothing: that is not shown either.
                    return match shown.is_empty() {
                        true => Err(Refused::UnreadableAnswer),
                        false => Ok(shown),
                    };
                }
                Plan::Wanted(wanted) => wanted.into_inner(),
            };
            drop(snapshot);
            looked_up += missing.len();
            if looked_up > parts.limits.lookups_max {
                tally.hit(Limit::Lookups);
                return Err(Refused::UnreadableAnswer);
            }
            self.learner.learn(&mut facts, missing).await?;
        }
    }

    /// Takes in what a document tells of places and their people, which is shown to nobody here;
    /// `false`: it can't be read.
    pub fn note(&self, bytes: &[u8], program: &Program) -> bool {
        let Some(reading) = self.read(bytes, program) else {
            return false;
        };
        let body = self.read_body(bytes, &reading, program);
        self.learn_from(&body, &items_of(&body), &mut Facts::default());
        true
    }

    fn read(&self, bytes: &[u8], program: &Program) -> Option<Reading> {
        let limits = &self.learner.parts.limits;
        reading(bytes, program, limits, &self.learner.tally)
    }

    fn read_body<'b>(
        &'b self,
        bytes: &'b [u8],
        reading: &'b Reading,
        program: &'b Program,
    ) -> ReadBody<'b> {
        ReadBody {
            bytes,
            reading,
            program,
            drive_hosts: &self.learner.service.drive_hosts,
        }
    }

    /// Of a place that was made just now, all that was learnt before is of its beginnings.
    fn forget_made(&self, items: &[Item]) {
        for place in items.iter().filter_map(|item| item.place.as_ref()) {
            self.learner.service.places.forget(place);
        }
    }

    /// What is shown of a place tells who is in it: of all of them, and newer than any memory.
    fn learn_from(&self, body: &ReadBody<'_>, items: &[Item], facts: &mut Facts) {
        let memory = &self.learner.service.places;
        for item in items {
            let Some(place) = body.place_of(item, items).or(self.about.place.as_ref()) else {
                continue;
            };
            let place = place.clone();
            // What is told may be long past: whoever is there now is asked for anew.
            // Where nothing is known, a look-up that is under way may be older than what is told here.
            let is_news = match memory.get(&place) {
                Some(known) => {
                    let is_in = |person: &PersonId| known.people().binary_search(person).is_ok();
                    item.leavers.iter().any(is_in) || !item.joiners.iter().all(is_in)
                }
                None => !item.leavers.is_empty() || !item.joiners.is_empty(),
            };
            if is_news || item.is_odd {
                memory.forget(&place);
            }
            if let Some(members) = &item.members {
                let known = Arc::new(PlaceFacts::new(members.iter().cloned()));
                memory.remember(place.clone(), known.clone());
                facts.learn(Learned::Place(place, Some(known)));
            } else if !item.present.is_empty()
                && self.learner.gateway.is_none()
                && memory.get(&place).is_none()
            {
                // As much as the reader can know, where nobody can be asked who knows all. It is
                // believed for this reader only.
                let known = Arc::new(PlaceFacts::new(item.present.iter().cloned()));
                facts.learn(Learned::Place(place, Some(known)));
            }
        }
    }

    fn count(&self, effects: Effects) {
        let tally = &self.learner.tally;
        tally.changed("dropped", effects.dropped);
        tally.changed("withheld", effects.withheld);
        tally.changed("masked", effects.masked);
    }
}

fn items_of(body: &ReadBody<'_>) -> Vec<Item> {
    let mut items = body.items();
    if body.reading.is_odd() {
        // Who is there may not be all.
        items.iter_mut().for_each(|item| item.members = None);
    }
    items
}

pub(super) fn kept_headers(headers: &HeaderMap, besides: &[HeaderName]) -> HeaderMap {
    // With room for what is added on the way out.
    let mut kept = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        // What a browser must know to show the answer to its page at all (Fetch, 3.2): of the
        // request, not of people.
        let of_the_request = name.as_str().starts_with("access-control-");
        if KEPT.contains(name) || besides.contains(name) || of_the_request {
            kept.append(name, value.clone());
        }
    }
    kept
}

/// A name that somebody unknown gave a file can be their own: the bytes are offered without it, and
/// their media type without what else was said of it.
fn leave_out_the_file_name(headers: &mut HeaderMap) {
    for (name, otherwise) in [
        (CONTENT_DISPOSITION, "attachment"),
        (CONTENT_TYPE, "application/octet-stream"),
    ] {
        let Some(value) = headers.get(&name) else {
            continue;
        };
        let mut parts = value.as_bytes().split(|byte| *byte == b';');
        let bare = parts.next().unwrap_or_default().trim_ascii();
        let bare = HeaderValue::from_bytes(bare);
        headers.insert(name, bare.unwrap_or(HeaderValue::from_static(otherwise)));
    }
}

/// A document of the gateway's own, which looks the same whatever the upstream knows.
fn told_instead(mut head: response::Parts, document: Vec<u8>) -> Answer {
    head.status = StatusCode::OK;
    head.headers = kept_headers(&head.headers, &[]);
    let json = HeaderValue::from_static("application/json");
    head.headers.insert(CONTENT_TYPE, json);
    Response::from_parts(head, AnswerBody::full(Bytes::from(document)))
}

fn nothing(head: response::Parts) -> Answer {
    let mut answer = Response::new(AnswerBody::empty());
    *answer.status_mut() = head.status;
    *answer.headers_mut() = kept_headers(&head.headers, &[]);
    answer.headers_mut().remove(CONTENT_TYPE);
    answer
}

/// The head of an answer whose body was read: its own ETag is of the bytes that go out, so that a
/// condition never revives what an older policy let through.
fn finish(head: response::Parts, body: Vec<u8>, expected: &Expected<'_>) -> Answer {
    let mut headers = kept_headers(&head.headers, &[]);
    let had_etag = head.headers.contains_key(ETAG) && head.status == StatusCode::OK;
    if had_etag && let Ok(etag) = HeaderValue::from_str(&etag(&body)) {
        let asked_for = expected.asked.get(IF_NONE_MATCH);
        let asked_for = asked_for.map_or(&[][..], HeaderValue::as_bytes);
        let is_known = |tag: &[u8]| tag.trim_ascii() == etag.as_bytes();
        let known = asked_for.split(|byte| *byte == b',').any(is_known);
        headers.insert(ETAG, etag);
        if known {
            let mut answer = Response::new(AnswerBody::empty());
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            headers.remove(CONTENT_TYPE);
            *answer.headers_mut() = headers;
            return answer;
        }
    }
    let mut answer = Response::new(AnswerBody::full(Bytes::from(body)));
    *answer.status_mut() = head.status;
    *answer.headers_mut() = headers;
    answer
}

fn etag(body: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body);
    let mut tag = String::from("W/\"");
    for byte in digest.as_ref().iter().take(16) {
        tag.push_str(&format!("{byte:02x}"));
    }
    tag.push('"');
    tag
}

/// Headers of a request that would make the upstream answer with less than the whole, or with a
/// form that can't be read: they are answered here, or not at all.
pub fn ask_for_the_whole(headers: &mut HeaderMap) {
    for name in [
        http::header::RANGE,
        http::header::IF_RANGE,
        http::header::IF_NONE_MATCH,
        http::header::IF_MODIFIED_SINCE,
        http::header::IF_MATCH,
        http::header::IF_UNMODIFIED_SINCE,
    ] {
        headers.remove(name);
    }
}
