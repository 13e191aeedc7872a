//! A message server that answers a few questions well, and one as badly as a test wants.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// How it answers: raw bytes, by the path; a path that is not there is a 404.
pub struct Backend {
    pub address: SocketAddr,
    answers: Arc<Mutex<HashMap<String, Vec<u8>>>>,
    /// Request lines, as they came.
    pub asked: Arc<Mutex<Vec<String>>>,
}

const MEMBERS: &str = r#"{"members":[{"id":"alice","name":"Alice Kim"},{"id":"line:mei","name":"Mei Tanaka"}],"total":2}"#;

/// An answer of 200 with this type and body.
pub fn answer(media_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub fn json(body: &str) -> Vec<u8> {
    answer("application/json", body.as_bytes())
}

impl Backend {
    /// alice is known, and in room r2 with Mei.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let answers = HashMap::from([
            (
                "/v1/me".to_owned(),
                json(r#"{"id":"alice","name":"Alice Kim"}"#),
            ),
            ("/v1/rooms/r2/members".to_owned(), json(MEMBERS)),
        ]);
        let backend = Self {
            address,
            answers: Arc::new(Mutex::new(answers)),
            asked: Arc::default(),
        };
        let (answers, asked) = (backend.answers.clone(), backend.asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answers, asked) = (answers.clone(), asked.clone());
                tokio::spawn(async move { drop(serve(stream, &answers, &asked).await) });
            }
        });
        backend
    }

    /// From now on, this path is answered with these bytes; an answer without an end is held open
    /// if it is empty, and cut off otherwise.
    pub fn set(&self, path: &str, bytes: Vec<u8>) {
        self.answers.lock().unwrap().insert(path.to_owned(), bytes);
    }

    pub fn was_asked(&self, line: &str) -> bool {
        self.asked
            .lock()
            .unwrap()
            .iter()
            .any(|asked| asked.starts_with(line))
    }
}

/// One request a connection, so that every answer may end as it likes.
async fn serve(
    stream: TcpStream,
    answers: &Mutex<HashMap<String, Vec<u8>>>,
    asked: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut first = String::new();
    stream.read_line(&mut first).await?;
    let mut bytes = 0;
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            bytes = length.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    stream.read_exact(&mut vec![0; bytes]).await?;
    let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(first);
    let missing = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec();
    let answer = answers
        .lock()
        .unwrap()
        .get(&path)
        .cloned()
        .unwrap_or(missing);
    if answer.is_empty() {
        // Nothing is ever said; the other side gives up.
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).await?;
    }
    stream.write_all(&answer).await?;
    stream.shutdown().await
}
