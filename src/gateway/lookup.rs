//! The gateway's own questions to the upstream: whose token, who is in the room, what is the file.

use std::rc::Rc;

use http::header::{ACCEPT, CONTENT_ENCODING};
use http::{HeaderMap, HeaderValue, Method};

use super::arrival::Client;
use super::enforce::Cleared;
use super::limit::Limit;
use super::refusal::Refused;
use super::settings::Limits;
use super::tally::Tally;
use super::upstream::OutboundBody;
use super::way::Way;
use crate::dialect::json::scan::{Manners, ScanFaultKind, Twins, scan};
use crate::dialect::{Lookup, Program, Reading};

/// Who asks, and for whom.
#[derive(Clone)]
pub struct Asker {
    /// The way.
    pub way: Rc<Way>,
    /// The client whose request makes us ask.
    pub client: Client,
    /// The headers that say who asks.
    pub credential: HeaderMap,
    /// Query parameters that belong to it.
    pub with: String,
    /// Whether it is the gateway's own credential.
    pub is_own: bool,
    /// Where it is counted.
    pub tally: Rc<Tally>,
}

/// What came back.
pub enum Found {
    /// The answer, read.
    Body(Vec<u8>, Reading),
    /// There is no such thing, or it is not for this credential to see.
    Nothing,
    /// The credential is not accepted.
    Unauthenticated,
}

impl Asker {
    /// Asks for one fact; `what` it is about is counted.
    pub async fn ask(
        &self,
        what: &'static str,
        limits: &Limits,
        lookup: &Lookup,
        id: &str,
    ) -> Result<Found, Refused> {
        self.tally.looked_up(what);
        let mut target = lookup.path(id);
        if !self.with.is_empty() {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&self.with);
        }
        let mut request = http::Request::builder().method(Method::GET).uri(target);
        if let Some(headers) = request.headers_mut() {
            headers.extend(self.credential.clone());
            headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        }
        let (parts, ()) = request.body(()).map_err(|_| Refused::Hidden)?.into_parts();
        let mut head = self.way.head(&parts, &self.client);
        head.ask_for_identity();
        let answer = self
            .way
            .send(Cleared::own_question(), head, OutboundBody::empty())
            .await?;
        let status = answer.status().as_u16();
        if self.is_own {
            self.tally.own_token_answered(status);
        }
        match status {
            200 => {}
            401 => return Ok(Found::Unauthenticated),
            403 | 404 | 410 => return Ok(Found::Nothing),
            _ => return Err(Refused::LookupFailed),
        }
        if answer.headers().contains_key(CONTENT_ENCODING) {
            return Err(Refused::LookupFailed);
        }
        let body = super::read::answer(answer.into_body(), limits, &self.tally)
            .await
            .ok_or(Refused::LookupFailed)?;
        let reading =
            reading(&body, &lookup.program, limits, &self.tally).ok_or(Refused::LookupFailed)?;
        if reading.is_odd() {
            // What it tells is not all, and a place with fewer people is a more open one.
            return Err(Refused::LookupFailed);
        }
        Ok(Found::Body(body, reading))
    }
}

/// What stands in a document of the upstream, if it can be read in one way only.
pub fn reading(
    document: &[u8],
    program: &Program,
    limits: &Limits,
    tally: &Tally,
) -> Option<Reading> {
    let scanned = scan(document, program, &manners(limits, Twins::Exact));
    let scanned = scanned.inspect_err(|fault| {
        if let Some(limit) = bound_of(fault.kind) {
            tally.hit(limit);
        }
    });
    let mut reading = scanned.ok()?;
    // It may have to wait for look-ups.
    reading.shrink();
    Some(reading)
}

/// How bodies are read under these limits.
pub fn manners(limits: &Limits, twins: Twins) -> Manners {
    Manners {
        depth_max: limits.json_depth_max,
        members_max: limits.json_members_max,
        string_bytes_max: limits.json_string_bytes_max,
        number_digits_max: limits.json_number_digits_max,
        twins,
    }
}

/// The bound that a document ran into, if that is what is wrong with it.
pub fn bound_of(kind: ScanFaultKind) -> Option<Limit> {
    match kind {
        ScanFaultKind::Depth => Some(Limit::JsonDepth),
        ScanFaultKind::Members => Some(Limit::JsonMembers),
        ScanFaultKind::StringLength => Some(Limit::JsonStringBytes),
        ScanFaultKind::NumberLength => Some(Limit::JsonNumberDigits),
        _ => None,
    }
}
