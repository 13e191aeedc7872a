//! Acts as data: what is asked for, done by somebody, over either version of HTTP.
#![allow(dead_code, reason = "each test binary uses the part that it needs")]

use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

use super::support::{Client, Reply, Version};

/// Somebody by both versions of HTTP.
pub fn both(client: &Client) -> [Client; 2] {
    [Version::Http1, Version::Http2].map(|version| Client {
        version,
        ..client.clone()
    })
}

/// An act as data.
#[derive(Clone, Debug)]
pub struct Act {
    method: Method,
    path: String,
    body: Payload,
}

#[derive(Clone, Debug)]
enum Payload {
    Nothing,
    Json(Value),
    Bytes(&'static str, &'static [u8]),
}

pub fn post(path: impl Into<String>, body: Value) -> Act {
    Act::new(Method::POST, path, Payload::Json(body))
}

pub fn patch(path: impl Into<String>, body: Value) -> Act {
    Act::new(Method::PATCH, path, Payload::Json(body))
}

pub fn put(path: impl Into<String>, body: Value) -> Act {
    Act::new(Method::PUT, path, Payload::Json(body))
}

pub fn get(path: impl Into<String>) -> Act {
    Act::new(Method::GET, path, Payload::Nothing)
}

/// A `PUT` without a body.
pub fn set(path: impl Into<String>) -> Act {
    Act::new(Method::PUT, path, Payload::Nothing)
}

/// A `POST` without a body.
pub fn call(path: impl Into<String>) -> Act {
    Act::new(Method::POST, path, Payload::Nothing)
}

pub fn delete(path: impl Into<String>) -> Act {
    Act::new(Method::DELETE, path, Payload::Nothing)
}

pub fn upload(path: impl Into<String>, media_type: &'static str, bytes: &'static [u8]) -> Act {
    Act::new(Method::POST, path, Payload::Bytes(media_type, bytes))
}

/// A `PUT` of raw bytes.
pub fn put_bytes(path: impl Into<String>, media_type: &'static str, bytes: &'static [u8]) -> Act {
    Act::new(Method::PUT, path, Payload::Bytes(media_type, bytes))
}

/// A message with this content.
pub fn send(room: &str, content: Value) -> Act {
    post(
        format!("/v1/rooms/{room}/messages"),
        json!({ "content": content }),
    )
}

/// A message of these words.
pub fn say(room: &str, text: &str) -> Act {
    send(room, json!({"type": "text", "text": text}))
}

impl Act {
    fn new(method: Method, path: impl Into<String>, body: Payload) -> Self {
        Self {
            method,
            path: path.into(),
            body,
        }
    }

    pub async fn by(&self, client: &Client) -> Reply {
        let (media_type, bytes) = match &self.body {
            Payload::Nothing => (None, Bytes::new()),
            Payload::Json(body) => (Some("application/json"), Bytes::from(body.to_string())),
            Payload::Bytes(media_type, bytes) => (Some(*media_type), Bytes::from_static(bytes)),
        };
        let headers: Vec<(&str, &str)> = media_type
            .map(|media_type| ("content-type", media_type))
            .into_iter()
            .collect();
        client
            .send(self.method.clone(), &self.path, &headers, bytes)
            .await
    }

    /// Does it, and expects that it passes.
    #[track_caller]
    pub fn passes<'a>(&'a self, client: &'a Client) -> impl Future<Output = Reply> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let reply = self.by(client).await;
            assert!(
                reply.status.is_success(),
                "{at}: {self:?}: {} {}",
                reply.status,
                reply.text()
            );
            reply
        }
    }

    /// Does it by both versions of HTTP, and expects that it is refused for this reason: with the
    /// sentence, and with the id by which the record is found.
    #[track_caller]
    pub fn is_blocked<'a>(
        &'a self,
        client: &'a Client,
        reason: &'a str,
    ) -> impl Future<Output = Value> + 'a {
        let at = std::panic::Location::caller();
        async move {
            let mut told = Value::Null;
            for client in both(client) {
                let reply = self.by(&client).await;
                let seen = format!("{at}: {:?} {self:?}: {}", client.version, reply.text());
                assert_eq!(reply.status, 403, "{seen}");
                let error = reply.json()["error"].clone();
                assert_eq!(error["code"], reason, "{seen}");
                assert!(
                    error["message"].as_str().is_some_and(|it| it.len() > 10),
                    "{seen}"
                );
                assert!(!reply.header("x-request-id").is_empty(), "{seen}");
                assert_eq!(error["support_id"], reply.header("x-request-id"), "{seen}");
                told = error;
            }
            told
        }
    }

    /// Does it by both versions of HTTP, and expects the answer that is given for what does not exist.
    #[track_caller]
    pub fn is_not_there<'a>(&'a self, client: &'a Client) -> impl Future<Output = ()> + 'a {
        let at = std::panic::Location::caller();
        async move {
            for client in both(client) {
                let reply = self.by(&client).await;
                let seen = format!("{at}: {:?} {self:?}: {}", client.version, reply.text());
                assert_eq!(reply.status, 404, "{seen}");
                assert_eq!(
                    reply.json(),
                    json!({"error": {"code": "not_found", "message": "no such thing"}}),
                    "{seen}"
                );
            }
        }
    }
}
