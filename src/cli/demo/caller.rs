//! A person at the gateway's door, for the demo: one request, one answer.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// What came back.
pub(super) struct Reply {
    pub status: StatusCode,
    pub body: Value,
}

impl Reply {
    /// A member of the body; `null` if it is not there.
    pub(super) fn field(&self, name: &str) -> &Value {
        self.body.get(name).unwrap_or(&Value::Null)
    }
}

/// Why nothing came back.
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Somebody with a token.
pub(super) struct Caller {
    gateway: SocketAddr,
    person: &'static str,
}

impl Caller {
    pub(super) fn new(gateway: SocketAddr, person: &'static str) -> Self {
        Self { gateway, person }
    }

    pub(super) async fn get(&self, path: &str) -> Result<Reply, Fault> {
        self.send(Method::GET, path, "application/json", Bytes::new())
            .await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Reply, Fault> {
        self.send(
            Method::POST,
            path,
            "application/json",
            body.to_string().into(),
        )
        .await
    }

    pub(super) async fn upload(
        &self,
        path: &str,
        media_type: &str,
        bytes: &'static [u8],
    ) -> Result<Reply, Fault> {
        self.send(Method::POST, path, media_type, Bytes::from_static(bytes))
            .await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        media_type: &str,
        body: Bytes,
    ) -> Result<Reply, Fault> {
        let stream = TcpStream::connect(self.gateway).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let connection = tokio::spawn(connection);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(HOST, self.gateway.to_string())
            .header(AUTHORIZATION, format!("Bearer token-{}", self.person))
            .header(CONTENT_TYPE, media_type)
            .body(Full::new(body))?;
        let answer = sender.send_request(request).await?;
        let status = answer.status();
        let bytes = answer.into_body().collect().await?.to_bytes();
        connection.abort();
        Ok(Reply {
            status,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        })
    }
}
