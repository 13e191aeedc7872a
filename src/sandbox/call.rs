//! A request, read: who asks, what for, with what.

use bytes::Bytes;
use http::{HeaderMap, Method, header};
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;

use super::refusal::{Cause, Refusal};

/// Whose token a request carries.
#[derive(Clone, Debug)]
pub(super) enum Asker {
    Person(String),
    /// May read everything and do nothing.
    Operator,
}

impl Asker {
    /// The person, or `None` for an operator.
    pub(super) fn person(&self) -> Option<&str> {
        match self {
            Self::Person(id) => Some(id),
            Self::Operator => None,
        }
    }

    /// Whether the asker may see what only these people see.
    pub(super) fn is_among(&self, people: &[String]) -> bool {
        match self {
            Self::Person(id) => people.contains(id),
            Self::Operator => true,
        }
    }
}

/// A request whose body is complete.
pub(super) struct Call {
    /// `GET` for a `HEAD`.
    pub(super) method: Method,
    pub(super) query: Query,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) token: String,
    pub(super) asker: Asker,
}

impl Call {
    /// The person who asks; an operator is none.
    pub(super) fn me(&self) -> Result<&str, Refusal> {
        self.asker
            .person()
            .ok_or_else(|| Refusal::forbidden("an operator is no person"))
    }

    /// The body as JSON of one shape.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        json(&self.headers, &self.body)
    }
}

/// Reads a JSON body.
pub(super) fn json<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> Result<T, Refusal> {
    let media_type = media_type(headers).unwrap_or_default();
    if !media_type
        .split(';')
        .next()
        .is_some_and(|it| it.trim().eq_ignore_ascii_case("application/json"))
    {
        return Err(Refusal::new(
            Cause::UnsupportedMediaType,
            "the body must be application/json",
        ));
    }
    serde_json::from_slice(body).map_err(|error| Refusal::bad(error.to_string()))
}

/// The declared media type of a body.
pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

/// The token of `Authorization: Bearer`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

/// The segments of a path, decoded.
pub(super) fn segments(path: &str) -> Result<Vec<String>, Refusal> {
    path.trim_start_matches('/')
        .split('/')
        .map(|segment| decoded(segment).ok_or_else(|| Refusal::bad("the path is not UTF-8")))
        .collect()
}

fn decoded(text: &str) -> Option<String> {
    Some(percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

/// The query parameters, decoded. A `+` is a plus.
#[derive(Default)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    pub(super) fn read(text: Option<&str>) -> Result<Self, Refusal> {
        let mut parameters: Vec<(String, String)> = Vec::new();
        for pair in text
            .unwrap_or_default()
            .split('&')
            .filter(|it| !it.is_empty())
        {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let read = decoded(name).zip(decoded(value));
            let (name, value) = read.ok_or_else(|| Refusal::bad("the query is not UTF-8"))?;
            if parameters.iter().any(|(known, _)| *known == name) {
                return Err(Refusal::bad(format!("the parameter `{name}` stands twice")));
            }
            parameters.push((name, value));
        }
        Ok(Self(parameters))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// `limit`, from 1 to `most`.
    pub(super) fn limit(&self, most: usize) -> Result<usize, Refusal> {
        const USUAL: usize = 50;
        match self.text("limit") {
            None => Ok(USUAL),
            Some(text) => match text.parse() {
                Ok(limit) if (1..=most).contains(&limit) => Ok(limit),
                _ => Err(Refusal::bad(format!(
                    "`limit` is a number from 1 to {most}"
                ))),
            },
        }
    }
}
