//! What a message is (threat model, 6.5), in every spelling: forbidden in a restricted room,
//! nobody's business among colleagues.

use super::post::{INSIDE, OUTSIDE, Post, json, post, request};

/// The code, and a message that may not go outside.
const FORBIDDEN: &[(&str, &str)] = &[
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"image","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"video","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"voice","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"file","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"image"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"contact","card":{"name":"x"}}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"drive","name":"x","item":"d1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"drive","name":"x","url":"https://other.example"}}"#,
    ),
    (
        "403 encrypted",
        r#"{"content":{"type":"encrypted","ciphertext":"aGVsbG8"}}"#,
    ),
    // The same words with escapes, and the same keys.
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"\u0069mage","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"imag\u0065","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"\u0074\u0079\u0070\u0065":"image","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"\u0063ontent":{"type":"file","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","\u0066ile":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"file":"\u0066\u0031","type":"text","text":"x"}}"#,
    ),
    // In another order, with space.
    (
        "403 attachment_restricted",
        "{\n\t\"content\" : { \"file\" : \"f1\" ,\r\n \"type\" : \"image\" } }",
    ),
    (
        "403 attachment_restricted",
        r#"{"mentions":[],"content":{"caption":"x","file":"f1","type":"image"}}"#,
    ),
    // Words that nobody knows.
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"IMAGE","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"Text","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"TEXT","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text ","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":" text","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text\u0000","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text\u200b","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        "{\"content\":{\"type\":\"\u{ff54}\u{ff45}\u{ff58}\u{ff54}\",\"text\":\"x\"}}",
    ),
    (
        "403 attachment_restricted",
        "{\"content\":{\"type\":\"te\u{445}t\",\"text\":\"x\"}}",
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"poll","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"m.image","text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"withheld","text":"x"}}"#,
    ),
    // No word at all.
    (
        "403 attachment_restricted",
        r#"{"content":{"type":null,"text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":1,"text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":true,"text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":["image"],"text":"x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":{"image":1},"text":"x"}}"#,
    ),
    ("403 attachment_restricted", r#"{"content":{"file":"f1"}}"#),
    (
        "403 attachment_restricted",
        r#"{"content":{"card":{"name":"x"}}}"#,
    ),
    ("403 attachment_restricted", r#"{"content":{"item":"d1"}}"#),
    ("403 encrypted", r#"{"content":{"ciphertext":"x"}}"#),
    // A text that brings something along.
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","file":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","card":{"name":"y"}}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","item":"d1"}}"#,
    ),
    (
        "403 encrypted",
        r#"{"content":{"type":"text","text":"x","ciphertext":"y"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","image":"f1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","attachments":[{"id":"f1"}]}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","content":{"type":"image","file":"f1"}}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","html":"<img src=x>"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x","":"y"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x"},"attachments":["f1"]}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x"},"file":"f1"}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x"},"contents":[{"type":"image"}]}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x"},"room":"r3"}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"sticker","pack":"a","sticker":"b","url":"data:image/png;base64,AA"}}"#,
    ),
    // What words hold.
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"https://drive.acme.example/s/1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"https:\/\/drive.acme.example\/s"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"\u0068ttps://drive\u002eacme.example/s"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"see HTTPS://DRIVE.ACME.EXAMPLE./s"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"https://x@drive.acme.example:443/s"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"https://dr%69ve.acme.example/s"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"https://dri\u200bve.acme.example/s"}}"#,
    ),
    (
        "403 attachment_restricted",
        "{\"content\":{\"type\":\"text\",\"text\":\"https://drive\u{3002}acme\u{3002}example/s\"}}",
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"drive.acme.example/s/1"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"data:image/png;base64,iVBORw0KGgo="}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"![x](data:image/png;base64,iVBO)"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"BEGIN:VCARD\nFN:Mei\nEND:VCARD"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"link","url":"https://drive.acme.example/s"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"link","url":"data:text/html,x"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"link","url":"https://x.example","title":"drive.acme.example"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"location","latitude":1,"longitude":2,"label":"https://drive.acme.example/"}}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"template","template":"t1","fields":{"who":"data:image/png;base64,AA"}}}"#,
    ),
    // What is sent again, or later.
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x"},"quote":"m1"}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"text","text":"x"},"quote":"\u006d1"}"#,
    ),
    (
        "403 attachment_restricted",
        r#"{"content":{"type":"image","file":"f1"},"send_at":"2030-01-01T00:00:00.000Z"}"#,
    ),
];

/// Messages that may go outside.
const HARMLESS: &[&str] = &[
    r#"{"content":{"type":"text","text":"image"}}"#,
    r#"{"content":{"text":"x","type":"text"}}"#,
    r#"{"content":{"type":"text","text":"type: image, file: f1"}}"#,
    r#"{"content":{"\u0074ype":"text","\u0074ext":"x"}}"#,
    r#"{"content":{"type":"\u0074ext","text":"x"}}"#,
    r#"{"content":{"type":"sticker","pack":"image","sticker":"file"}}"#,
    r#"{"content":{"type":"location","latitude":35.1796,"longitude":129.0756,"label":"부산"}}"#,
    r#"{"content":{"type":"location","latitude":-0,"longitude":1E2}}"#,
    r#"{"content":{"type":"link","url":"https://example.org/a?b=c#d"}}"#,
    r#"{"content":{"type":"link","url":"https://example.org","title":"t","text":"x"}}"#,
    r#"{"content":{"type":"call","call":"c1"}}"#,
    r#"{"content":{"type":"text","text":"x"},"quote":"m2"}"#,
    r#"{"content":{"type":"text","text":"x"},"quote":null}"#,
    r#"{"content":{"type":"text","text":"x"},"mentions":[]}"#,
    r#"{"content":{"type":"text","text":"<@line:mei> x"},"mentions":["line:mei"]}"#,
    r#"{"content":{"type":"text","text":"x"},"mentions":null}"#,
    r#"{"content":{"type":"text","text":"x"},"send_at":"2030-01-01T00:00:00.000Z"}"#,
    r#"{"content":{"type":"text","text":"x"},"send_at":null}"#,
    r#"{"content":{"type":"text","text":"x","file":null,"card":null,"item":""}}"#,
    r#"{"content":{"type":"text","text":""}}"#,
    r#"{}"#,
];

/// The code, and a request beside sending.
fn other_ways() -> Vec<(&'static str, Vec<u8>)> {
    let image = r#"{"content":{"type":"image","file":"f1"}}"#;
    let bytes = |target: &str, name: &str, headers: &[&str], body: &[u8]| {
        request("POST", &format!("{target}?name={name}"), headers, body)
    };
    vec![
        (
            "403 attachment_restricted",
            json("PATCH", "/v1/messages/m2", image),
        ),
        (
            "403 attachment_restricted",
            json("POST", "/v1/messages/m1/forward", r#"{"rooms":["r2"]}"#),
        ),
        (
            "403 attachment_restricted",
            json(
                "POST",
                "/v1/messages/m1/forward",
                r#"{"rooms":["r1","r2"]}"#,
            ),
        ),
        (
            "403 attachment_restricted",
            json(
                "POST",
                "/v1/messages/m1/forward",
                r#"{"rooms":["\u0072\u0032"]}"#,
            ),
        ),
        (
            "403 encrypted",
            json("PUT", "/v1/rooms/r2/encryption", r#"{"enabled":true}"#),
        ),
        (
            "403 encrypted",
            json("PUT", "/v1/rooms/r2/encryption", r#"{"enabled":"yes"}"#),
        ),
        (
            "403 attachment_restricted",
            json(
                "POST",
                "/v1/groups/g2/notes",
                r#"{"title":"x","text":"y","attachments":["fg"]}"#,
            ),
        ),
        (
            "403 attachment_restricted",
            json(
                "POST",
                "/v1/groups/g2/notes",
                r#"{"title":"x","text":"https://drive.acme.example/"}"#,
            ),
        ),
        (
            "403 attachment_restricted",
            json(
                "POST",
                "/v1/groups/g2/tasks",
                r#"{"title":"x","text":"y","files":["fg"]}"#,
            ),
        ),
        (
            "403 attachment_restricted",
            bytes(
                "/v1/rooms/r2/files",
                "a.jpg",
                &["Content-Type: image/jpeg"],
                b"\xff\xd8\xff\xe0",
            ),
        ),
        (
            "403 attachment_restricted",
            bytes(
                "/v1/rooms/r2/files",
                "a.txt",
                &["Content-Type: text/plain"],
                b"hello",
            ),
        ),
        (
            "403 attachment_restricted",
            bytes("/v1/rooms/r2/files", "a", &[], b"hello"),
        ),
        (
            "403 attachment_restricted",
            request("POST", "/v1/rooms/r2/files", &[], b"hello"),
        ),
        (
            "403 attachment_restricted",
            request("POST", "/v1/rooms/r%32/files?name=a.txt", &[], b"hello"),
        ),
        (
            "403 attachment_restricted",
            bytes("/v1/groups/g2/folder", "a.txt", &[], b"hello"),
        ),
        (
            "403 attachment_restricted",
            bytes("/v1/boards/b1/files", "a.txt", &[], b"hello"),
        ),
    ]
}

pub fn refused() -> Vec<(&'static str, Vec<u8>)> {
    let sent = FORBIDDEN
        .iter()
        .map(|(wanted, body)| (*wanted, post(OUTSIDE, body)));
    sent.chain(other_ways()).collect()
}

/// The request, and the body that arrives.
pub fn passed() -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    rows.extend(
        HARMLESS
            .iter()
            .map(|body| (post(OUTSIDE, body), body.as_bytes().to_vec())),
    );
    // Among colleagues all of it is nobody's business.
    rows.extend(
        FORBIDDEN
            .iter()
            .map(|(_, body)| (post(INSIDE, body), body.as_bytes().to_vec())),
    );
    let bytes: &[u8] = b"\xff\xd8\xff\xe0 any bytes \0\r\n\r\n0\r\n\r\n{\"type\":1,\"type\":2}";
    for (target, media_type) in [
        ("/v1/rooms/r1/files?name=a.jpg", "Content-Type: image/jpeg"),
        (
            "/v1/rooms/r1/files?name=%EB%B6%80%EC%82%B0.pdf",
            "Content-Type: application/pdf",
        ),
        (
            "/v1/rooms/r1/files?name=a+b.txt",
            "Content-Type: text/plain; charset=utf-16",
        ),
        ("/v1/rooms/r1/files?name=a", "Content-Type: x"),
        ("/v1/rooms/r1/files", "X-Nothing: 1"),
    ] {
        rows.push((
            request("POST", target, &[media_type], bytes),
            bytes.to_vec(),
        ));
    }
    rows
}

#[test]
fn a_forbidden_kind_reaches_nobody_in_any_spelling() {
    let post = Post::new();
    for (wanted, request) in refused() {
        post.refuses(wanted, &request);
    }
    post.done();
}

#[test]
fn what_may_go_out_and_what_stays_among_colleagues_arrives_byte_for_byte() {
    let post = Post::new();
    for (request, body) in passed() {
        post.passes_as(&request, &body);
    }
    post.done();
}
