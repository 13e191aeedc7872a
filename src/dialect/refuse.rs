//! How the protocol says no.

use http::header::{HeaderName, HeaderValue};

use super::template::{Fixed, Template, Vars};
use crate::yaml::{Decoder, Node};

/// Why a request is answered by the gateway itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The policy blocks it.
    Blocked,
    /// What it asks for is not there for the one who asks.
    Hidden,
    /// It has no credential, or one that nobody owns, or two.
    Unauthenticated,
    /// It can't be read in one way only.
    Malformed,
    /// Its media type or coding is none that is read here.
    UnsupportedMedia,
    /// It is larger than a limit.
    TooLarge,
    /// No surface is there.
    NoSurface,
    /// The surface has no such method.
    Method,
    /// Its head breaks a rule of HTTP; the status is the rule's.
    Head(u16),
    /// The upstream can't be reached or does not speak sense.
    Upstream,
    /// The upstream took too long.
    Timeout,
    /// There is more to do than can be done now.
    Overloaded,
    /// Something here went wrong.
    Internal,
}

/// The sections of `refuse`, and the status of each unless the file has another.
const SECTIONS: &[(&str, Refusal, u16)] = &[
    ("blocked", Refusal::Blocked, 403),
    ("hidden", Refusal::Hidden, 404),
    ("unauthenticated", Refusal::Unauthenticated, 401),
    ("malformed", Refusal::Malformed, 400),
    ("unsupported_media", Refusal::UnsupportedMedia, 415),
    ("too_large", Refusal::TooLarge, 413),
    ("no_surface", Refusal::NoSurface, 404),
    ("method", Refusal::Method, 405),
    ("head", Refusal::Head(400), 400),
    ("upstream", Refusal::Upstream, 502),
    ("timeout", Refusal::Timeout, 504),
    ("overloaded", Refusal::Overloaded, 503),
    ("internal", Refusal::Internal, 500),
];

/// A dialect's refusals.
#[derive(Clone, Debug)]
pub struct Refuse {
    content_type: HeaderValue,
    withheld: Template,
    tombstone: Option<Template>,
    /// In the order of [`SECTIONS`].
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    status: u16,
    code: Option<String>,
    sentence: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Template,
}

/// An answer in the protocol's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalAnswer {
    /// The status.
    pub status: u16,
    /// Headers, `Content-Type` among them.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Refuse {
    /// The answer for a refusal.
    pub fn answer(&self, why: Refusal, vars: &Vars<'_>) -> RefusalAnswer {
        let ix = SECTIONS.iter().position(|(_, known, _)| same(*known, why));
        let Some(entry) = ix.and_then(|ix| self.entries.get(ix)) else {
            // Compiling fails where a section is missing, so this is never reached.
            return RefusalAnswer {
                status: 500,
                headers: Vec::new(),
                body: Vec::new(),
            };
        };
        let fixed = Fixed {
            code: entry.code.as_deref(),
            sentence: entry.sentence.as_deref(),
        };
        let mut headers = vec![(http::header::CONTENT_TYPE, self.content_type.clone())];
        headers.extend(entry.headers.iter().cloned());
        RefusalAnswer {
            status: match why {
                Refusal::Head(status) => status,
                _ => entry.status,
            },
            headers,
            body: entry.body.fill(fixed, vars),
        }
    }

    /// What stands in place of content that is withheld: a JSON value.
    pub fn placeholder(&self, vars: &Vars<'_>) -> Vec<u8> {
        self.withheld.fill(Fixed::default(), vars)
    }

    /// What tells a client that something it had is gone: a JSON value.
    pub fn tombstone(&self, vars: &Vars<'_>) -> Vec<u8> {
        let tombstone = self.tombstone.as_ref();
        tombstone.map_or_else(|| b"{}".to_vec(), |it| it.fill(Fixed::default(), vars))
    }

    /// Reads the section `refuse`, without `errors`.
    pub(super) fn read<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Option<Self> {
        let mut fields = decoder.mapping(node)?;
        // The shape of the upstream's errors is read with the surfaces.
        fields.optional("errors");
        let content_type = match fields.optional("content_type") {
            Some(node) => header_value(node, decoder),
            None => Some(HeaderValue::from_static("application/json")),
        };
        let withheld = fields.required(decoder, "withheld");
        let withheld = withheld.map(|node| Template::read(node, decoder));
        let tombstone = fields.optional("tombstone");
        let tombstone = tombstone.map(|node| Template::read(node, decoder));
        let body = fields.optional("body");
        let body = body.map(|node| Template::read(node, decoder));
        let mut entries = Vec::new();
        let mut missing = Vec::new();
        for (name, _, status) in SECTIONS {
            match fields.optional(name) {
                Some(node) => entries.extend(entry(node, *status, body.as_ref(), decoder)),
                None => missing.push(format!("`{name}`")),
            }
        }
        if !missing.is_empty() {
            let span = decoder.first_line(fields.span());
            decoder
                .error(&span, format!("`refuse` lacks {}", missing.join(", ")))
                .set_help("say how each is answered: `{ status: 404, code: not_found }`");
        }
        fields.finish(decoder);
        (entries.len() == SECTIONS.len()).then_some(())?;
        Some(Self {
            content_type: content_type?,
            withheld: withheld?,
            tombstone,
            entries,
        })
    }
}

fn same(a: Refusal, b: Refusal) -> bool {
    std::mem::discriminant(&a) == std::mem::discriminant(&b)
}

fn entry<'d>(
    node: &'d Node,
    status: u16,
    common: Option<&Template>,
    decoder: &mut Decoder<'d>,
) -> Option<Entry> {
    let mut fields = decoder.mapping(node)?;
    let status = match fields.optional("status") {
        Some(node) => u16::try_from(decoder.integer(node, 400..=599)?).ok()?,
        None => status,
    };
    let code = fields.optional("code").and_then(|n| decoder.string(n));
    let sentence = fields.optional("sentence").and_then(|n| decoder.string(n));
    let headers = fields.optional("headers");
    let headers = headers.map_or_else(Vec::new, |node| self::headers(node, decoder));
    let body = match fields.optional("body") {
        Some(body) => Some(Template::read(body, decoder)),
        None => common.cloned(),
    };
    fields.finish(decoder);
    if body.is_none() {
        let span = decoder.first_line(&node.span);
        decoder
            .error(&span, "this answer has no body")
            .set_help("give it a `body`, or `refuse` one for all");
    }
    Some(Entry {
        status,
        code: code.map(str::to_owned),
        sentence: sentence.map(str::to_owned),
        headers,
        body: body?,
    })
}

/// Headers by their names.
pub(super) fn headers<'d>(
    node: &'d Node,
    decoder: &mut Decoder<'d>,
) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = Vec::new();
    for (key, value) in super::names::entries(Some(node), decoder) {
        let name = HeaderName::from_bytes(key.text.as_bytes());
        match (name, header_value(value, decoder)) {
            (Ok(name), Some(value)) => headers.push((name, value)),
            (Err(_), _) => {
                decoder.error(&key.span, format!("`{}` is no name of a header", key.text));
            }
            (Ok(_), None) => {}
        }
    }
    headers
}

fn header_value<'d>(node: &'d Node, decoder: &mut Decoder<'d>) -> Option<HeaderValue> {
    let text = decoder.string(node)?;
    let value = HeaderValue::from_str(text);
    if value.is_err() {
        decoder.error(&node.span, "this can't stand in a header");
    }
    value.ok()
}
