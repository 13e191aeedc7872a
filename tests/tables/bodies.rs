//! JSON bodies (threat model, 6.4): one document that every reader reads alike, or none.

use super::post::{INSIDE, OUTSIDE, Post, post, request, text};

/// The limits (threat model, section 8).
const BODY_BYTES_MAX: usize = 1 << 20;
const DEPTH_MAX: usize = 64;
const MEMBERS_MAX: usize = 10_000;
const STRING_BYTES_MAX: usize = 256 << 10;
const DIGITS_MAX: usize = 64;

/// Content types that are not JSON in UTF-8.
const OTHER_TYPES: &[&str] = &[
    "X-Nothing: 1",
    "Content-Type:",
    "Content-Type: text/plain",
    "Content-Type: text/json",
    "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: multipart/form-data; boundary=x",
    "Content-Type: application/octet-stream",
    "Content-Type: application/*",
    "Content-Type: */*",
    "Content-Type: json",
    "Content-Type: application",
    "Content-Type: application/jsonp",
    "Content-Type: application/x-json",
    "Content-Type: application/json+x",
    "Content-Type: application/vnd.api+json",
    "Content-Type: application/json5",
    "Content-Type: application /json",
    "Content-Type: application/json, text/plain",
    "Content-Type: application/json,application/json",
    "Content-Type: \"application/json\"",
    "Content-Type: application/json; charset=utf-16",
    "Content-Type: application/json; charset=UTF-16LE",
    "Content-Type: application/json; charset=utf-7",
    "Content-Type: application/json; charset=iso-8859-1",
    "Content-Type: application/json; charset=\"utf-16\"",
    "Content-Type: application/json; charset='utf-8'",
    "Content-Type: application/json; charset=utf-8; charset=utf-16",
    "Content-Type: application/json; charset =utf-16",
    "Content-Type: application/json; charset= utf-16",
    "Content-Type: application/json; CHARSET=UTF-16",
    "Content-Type: application/json; charset",
    "Content-Type: application/json; charset=",
    "Content-Type: application/json;x=y;charset=euc-kr",
    "Content-Type: application/json; charset*=utf-8''utf-16",
];

const JSON_TYPES: &[&str] = &[
    "Content-Type: application/json",
    "content-type: application/json",
    "Content-Type: Application/JSON",
    "Content-Type:application/json",
    "Content-Type:   application/json  ",
    "Content-Type: application/json;",
    "Content-Type: application/json; charset=utf-8",
    "Content-Type: application/json;charset=UTF-8",
    "Content-Type: application/json; charset=\"utf-8\"",
    "Content-Type: application/json; Charset=Utf-8",
    "Content-Type: application/json ; charset=utf-8",
    "Content-Type: application/json; charset=utf-8; profile=x",
    "Content-Type: application/json;odata.metadata=minimal",
];

/// Bodies that are no JSON document (RFC 8259) in UTF-8.
const BROKEN: &[&[u8]] = &[
    b" ",
    b"nul",
    b"nulll",
    b"True",
    b"{",
    b"}",
    b"{}}",
    b"[]",
    b"\"x\"",
    b"1",
    b"true",
    // Trailing bytes, two documents.
    b"{}{}",
    b"{}\n{}",
    b"{} {}",
    b"{}x",
    b"{},",
    b"{};",
    b"{}\0",
    b"{}]",
    b"\0{}",
    b"{}\xEF\xBB\xBF",
    b")]}',\n{}",
    b"\x1e{}\n",
    // A byte order mark, and other encodings.
    b"\xEF\xBB\xBF{\"content\":{\"type\":\"text\",\"text\":\"x\"}}",
    b"\xFF\xFE{\0}\0",
    b"\xFE\xFF\0{\0}",
    b"{\0}\0",
    b"\0{\0}",
    b"{\0\0\0}\0\0\0",
    b"\0\0\0{\0\0\0}",
    b"+AHs-+AH0-",
    // Not UTF-8.
    b"{\"content\":{\"type\":\"text\",\"text\":\"\xFF\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\xC0\xAF\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\xE3\x81\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\xED\xA0\x80\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\xF5\x80\x80\x80\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"caf\xE9\"}}",
    b"{\"content\":{\"t\xC1\xB9pe\":\"text\",\"text\":\"x\"}}",
    // Half surrogate pairs.
    b"{\"content\":{\"type\":\"text\",\"text\":\"\\ud83d\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\\ude00\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\\ude00\\ud83d\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\\ud83d\\u0041\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\\ud83d\\ud83d\\ude00\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"\\ud83dx\\ude00\"}}",
    b"{\"content\":{\"type\":\"text\",\"\\ud800\":1,\"text\":\"x\"}}",
    // What other languages take for JSON.
    b"{'content':{'type':'text','text':'x'}}",
    b"{content:{type:\"text\",text:\"x\"}}",
    b"{\"content\":{\"type\":\"text\",\"text\":`x`}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"x\",}}",
    b"{\"content\":{\"type\":\"text\",\"text\":\"x\"},}",
    b"{\"content\":{\"type\":\"text\",,\"text\":\"x\"}}",
    b"{,\"content\":{}}",
    b"{\"content\" {}}",
    b"{\"content\"={}}",
    b"{\"content\";{}}",
    b"{\"content\":{}\"x\":1}",
    b"{\"content\":}",
    b"{\"content\"}",
    b"{\"mentions\":[,]}",
    b"{\"mentions\":[\"bob\",]}",
    b"{\"mentions\":[\"bob\" \"carol\"]}",
    b"{\"mentions\":[\"bob\"}",
    b"{1:2}",
    b"{null:2}",
    b"// x\n{}",
    b"{}// x",
    b"{/* x */}",
    b"{\"content\":/**/{}}",
    b"# x\n{}",
    b"<!-- -->{}",
    b"{\"x\":undefined}",
    b"{\"x\":NaN}",
    b"{\"x\":nan}",
    b"{\"x\":Infinity}",
    b"{\"x\":-Infinity}",
    b"{\"x\":1e400}",
    b"{\"x\":-1e400}",
    b"{\"x\":1e99999999999999999999}",
    b"{\"x\":01}",
    b"{\"x\":-01}",
    b"{\"x\":00}",
    b"{\"x\":+1}",
    b"{\"x\":.5}",
    b"{\"x\":1.}",
    b"{\"x\":1.e5}",
    b"{\"x\":1e}",
    b"{\"x\":1e+}",
    b"{\"x\":-}",
    b"{\"x\":--1}",
    b"{\"x\":0x10}",
    b"{\"x\":0b1}",
    b"{\"x\":1_000}",
    b"{\"x\":1,000}",
    b"{\"x\":1f}",
    b"{\"x\":\xEF\xBC\x91}",
    b"{\"x\":\xD9\xA1}",
    // Characters and escapes that may not stand in a string.
    b"{\"x\":\"a\nb\"}",
    b"{\"x\":\"a\rb\"}",
    b"{\"x\":\"a\tb\"}",
    b"{\"x\":\"a\0b\"}",
    b"{\"x\":\"a\x1fb\"}",
    b"{\"x\":\"\x1b[0m\"}",
    b"{\"x\ty\":1}",
    b"{\"x\":\"\\x41\"}",
    b"{\"x\":\"\\'\"}",
    b"{\"x\":\"\\a\"}",
    b"{\"x\":\"\\0\"}",
    b"{\"x\":\"\\u12\"}",
    b"{\"x\":\"\\u{41}\"}",
    b"{\"x\":\"\\U0041\"}",
    b"{\"x\":\"\\u00 1\"}",
    b"{\"x\":\"\\u+041\"}",
    b"{\"x\":\"\\",
    b"{\"x\":\"open}",
    b"{\"x\":\"a\\\nb\"}",
    // White space that is none.
    b"\x0b{}",
    b"\x0c{}",
    b"{}\xC2\xA0",
    b"\xE2\x80\xA8{}",
    b"\xE3\x80\x80{}",
    b"{\xE2\x80\x8B}",
];

/// Bodies with keys that two readers could take for the same, or for another.
const TWINS: &[&str] = &[
    r#"{"content":{"type":"text","type":"image","file":"f1"}}"#,
    r#"{"content":{"type":"image","file":"f1","type":"text"}}"#,
    r#"{"content":{"type":"text","text":"x","text":"x"}}"#,
    r#"{"content":{"type":"text","text":"x"},"content":{"type":"image","file":"f1"}}"#,
    r#"{"content":{"type":"text","text":"x"},"content":null}"#,
    // Escaped.
    r#"{"content":{"type":"text","\u0074ype":"image","text":"x"}}"#,
    r#"{"content":{"type":"text","typ\u0065":"image","text":"x"}}"#,
    r#"{"content":{"type":"text","text":"x"},"\u0063ontent":{"type":"image"}}"#,
    r#"{"content":{"type":"text","text":"x","/":1,"\/":2}}"#,
    // By case.
    r#"{"content":{"type":"text","Type":"image","text":"x"}}"#,
    r#"{"content":{"type":"text","TYPE":"image","text":"x"}}"#,
    r#"{"content":{"type":"text","text":"x"},"Content":{"type":"image","file":"f1"}}"#,
    r#"{"content":{"type":"text","text":"x","\u0054ype":"image"}}"#,
    r#"{"content":{"type":"text","text":"x","FILE":"f1","file":"f1"}}"#,
    // A name in other letters, even alone.
    r#"{"Content":{"type":"text","text":"x"}}"#,
    r#"{"content":{"Type":"image","file":"f1"}}"#,
    r#"{"content":{"type":"text","text":"x","File":"f1"}}"#,
    r#"{"content":{"type":"text","text":"x"},"Quote":"m2"}"#,
    // Long s, Kelvin sign, dotless i.
    "{\"content\":{\"type\":\"sticker\",\"pack\":\"a\",\"sticker\":\"b\",\"\u{17f}ticker\":\"c\"}}",
    "{\"content\":{\"type\":\"sticker\",\"pack\":\"a\",\"sticker\":\"b\",\"stic\u{212a}er\":\"c\"}}",
    "{\"content\":{\"type\":\"sticker\",\"pack\":\"a\",\"pac\u{212a}\":\"b\",\"sticker\":\"c\"}}",
    "{\"content\":{\"type\":\"text\",\"text\":\"x\"},\"mention\u{17f}\":[\"bob\"]}",
    r#"{"content":{"type":"text","text":"x"},"\u017fend_at":"2030-01-01T00:00:00.000Z"}"#,
    "{\"content\":{\"type\":\"text\",\"text\":\"x\",\"k\":1,\"\u{212a}\":2}}",
    "{\"content\":{\"type\":\"text\",\"text\":\"x\",\"s\":1,\"\u{17f}\":2}}",
    // Compatible forms.
    "{\"content\":{\"type\":\"text\",\"text\":\"x\",\"\u{ff54}\u{ff59}\u{ff50}\u{ff45}\":\"image\"}}",
    "{\"content\":{\"type\":\"text\",\"text\":\"x\",\"\u{fb01}le\":\"f1\"}}",
    "{\"content\":{\"type\":\"text\",\"text\":\"x\",\"t\u{1d67}pe\":1,\"t\u{3b3}pe\":2}}",
    "{\"content\":{\"type\":\"text\",\"text\":\"x\",\"\u{e9}\":1,\"e\u{301}\":2}}",
    "{\"content\":{\"type\":\"text\",\"text\":\"x\",\"\u{2460}\":1,\"1\":2}}",
    "{\"content\":{\"type\":\"text\",\"text\":\"x\",\"\u{1e9e}\":1,\"\u{df}\":2}}",
    // Where the dialect asks for nothing.
    r#"{"content":{"type":"text","text":"x"},"x":{"a":1,"a":2}}"#,
    r#"{"content":{"type":"text","text":"x"},"x":{"a":1,"A":2}}"#,
    r#"{"content":{"type":"text","text":"x"},"x":[[{"":1,"":2}]]}"#,
    r#"{"content":{"type":"text","text":"x"},"x":{"y":[{"b":1,"\u0062":2}]}}"#,
    r#"{"content":{"type":"text","text":"x","deep":{"a":{"b":{"c":1,"c":2}}}}}"#,
];

/// Documents that hold what the message server never takes there: a list or an object where a word
/// is due, or the other way. Another server might look inside.
const MISSHAPEN: &[&str] = &[
    r#"[{"content":{"type":"image","file":"f1"}}]"#,
    r#"{"content":[{"type":"image","file":"f1"}]}"#,
    r#"{"content":"https://drive.acme.example/s/1"}"#,
    r#"{"content":"{\"type\":\"image\",\"file\":\"f1\"}"}"#,
    r#"{"content":1}"#,
    r#"{"content":true}"#,
    r#"{"content":{"type":"text","text":["https://drive.acme.example/s/1"]}}"#,
    r#"{"content":{"type":"text","text":{"type":"image","file":"f1"}}}"#,
    r#"{"content":{"type":"text","text":"x","file":["f1"]}}"#,
    r#"{"content":{"type":"text","text":"x","file":{"id":"f1"}}}"#,
    r#"{"content":{"type":"text","text":"x","url":{"href":"https://drive.acme.example/s"}}}"#,
    r#"{"content":{"type":"text","text":"x"},"quote":{"id":"m1"}}"#,
    r#"{"content":{"type":"text","text":"x"},"quote":["m1"]}"#,
    r#"{"content":{"type":"text","text":"x"},"mentions":"bob"}"#,
    r#"{"content":{"type":"text","text":"x"},"mentions":{"0":"bob"}}"#,
    r#"{"content":{"type":"text","text":"x"},"mentions":[["bob"]]}"#,
    r#"{"content":{"type":"text","text":"x"},"mentions":[{"id":"bob"}]}"#,
];

/// Bodies at a limit, in the colleagues' room: one more is refused with `status`.
fn at_the_edge(more: usize) -> Vec<(&'static str, Vec<u8>)> {
    let around = |x: String| {
        format!("{{\"content\":{{\"type\":\"text\",\"text\":\"x\"}},\"x\":{x}}}").into_bytes()
    };
    // The object around is one level, one member of three, and so on.
    let arrays = DEPTH_MAX - 1 + more;
    let members = MEMBERS_MAX + more;
    let objects: Vec<String> = (0..members).map(|nth| format!("\"m{nth}\":0")).collect();
    let mut large = around("0".to_owned());
    let padding = BODY_BYTES_MAX + more - large.len();
    large.splice(1..1, std::iter::repeat_n(b' ', padding));
    vec![
        ("400", around("[".repeat(arrays) + &"]".repeat(arrays))),
        (
            "400",
            around("{\"a\":".repeat(arrays) + "0" + &"}".repeat(arrays)),
        ),
        ("400", around(format!("[{}]", vec!["0"; members].join(",")))),
        ("400", around(format!("{{{}}}", objects.join(",")))),
        (
            "400",
            around(format!("\"{}\"", "a".repeat(STRING_BYTES_MAX + more))),
        ),
        (
            "400",
            around(format!("{{\"{}\":0}}", "a".repeat(STRING_BYTES_MAX + more))),
        ),
        ("400", around("1".repeat(DIGITS_MAX + more))),
        (
            "400",
            around(format!("0.{}", "1".repeat(DIGITS_MAX - 1 + more))),
        ),
        ("413", large),
    ]
}

/// A body, where none is due.
fn unasked() -> Vec<Vec<u8>> {
    let body = br#"{"content":{"type":"image","file":"f1"}}"#;
    let typed = &["Content-Type: application/json"];
    let chunked = |method: &str, target: &str, body: &[u8]| {
        let mut request = request(method, target, &["Transfer-Encoding: chunked"], b"");
        request.extend_from_slice(body);
        request
    };
    vec![
        request("GET", "/v1/rooms", typed, body),
        request("HEAD", "/v1/rooms", typed, body),
        request("DELETE", "/v1/messages/m2", typed, body),
        request("PUT", "/v1/messages/m2/pin", typed, body),
        request("POST", "/v1/rooms/r2/calls", typed, body),
        request("POST", "/v1/rooms/r1/join", typed, b"{}"),
        request("PUT", "/v1/messages/m2/pin", &[], b" "),
        chunked("DELETE", "/v1/messages/m2", b"2\r\n{}\r\n0\r\n\r\n"),
        chunked("POST", "/v1/rooms/r2/calls", b"1\r\nx\r\n0\r\n\r\n"),
        chunked(
            "PUT",
            "/v1/messages/m2/pin",
            b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
        ),
    ]
}

/// Those of the bodies above that are words, to be spoken of.
pub fn quotable() -> impl Iterator<Item = &'static str> {
    let broken = BROKEN
        .iter()
        .filter_map(|body| std::str::from_utf8(body).ok());
    broken.chain(TWINS.iter().copied())
}

/// The status, and the request.
pub fn refused() -> Vec<(&'static str, Vec<u8>)> {
    let hello = text("hello");
    let mut rows: Vec<(&str, Vec<u8>)> = Vec::new();
    rows.extend(
        OTHER_TYPES
            .iter()
            .map(|line| ("415", request("POST", OUTSIDE, &[line], &hello))),
    );
    // Not JSON is not JSON among colleagues either.
    rows.extend(
        BROKEN
            .iter()
            .flat_map(|body| [("400", post(OUTSIDE, body)), ("400", post(INSIDE, body))]),
    );
    rows.extend(
        TWINS
            .iter()
            .flat_map(|body| [("400", post(OUTSIDE, body)), ("400", post(INSIDE, body))]),
    );
    rows.extend(
        MISSHAPEN
            .iter()
            .flat_map(|body| [("400", post(OUTSIDE, body)), ("400", post(INSIDE, body))]),
    );
    rows.extend(
        at_the_edge(1)
            .into_iter()
            .map(|(status, body)| (status, post(INSIDE, body))),
    );
    rows.extend(unasked().into_iter().map(|request| ("400", request)));
    rows.push((
        "400",
        request(
            "POST",
            OUTSIDE,
            &["Content-Type: application/json", "Content-Length: 0"],
            b"",
        ),
    ));
    rows
}

/// The request, and the body that arrives.
pub fn passed() -> Vec<(Vec<u8>, Vec<u8>)> {
    let hello = text("hello");
    let mut rows: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
    rows.extend(
        JSON_TYPES
            .iter()
            .map(|line| (request("POST", OUTSIDE, &[line], &hello), hello.clone())),
    );
    rows.extend(
        at_the_edge(0)
            .into_iter()
            .map(|(_, body)| (post(INSIDE, &body), body)),
    );
    let mut chunked = request(
        "POST",
        OUTSIDE,
        &[
            "Content-Type: application/json",
            "Transfer-Encoding: chunked",
        ],
        b"",
    );
    for byte in &hello {
        chunked.extend_from_slice(b"1\r\n");
        chunked.extend_from_slice(&[*byte, b'\r', b'\n']);
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    rows.push((chunked, hello));
    // No body is none, however it is said.
    let nothing = ["Content-Length: 0", "Transfer-Encoding: chunked"];
    for (header, rest) in nothing.iter().zip(["", "0\r\n\r\n"]) {
        for (method, target) in [
            ("DELETE", "/v1/messages/m2"),
            ("POST", "/v1/rooms/r2/calls"),
        ] {
            let mut request = request(method, target, &[header], b"");
            request.extend_from_slice(rest.as_bytes());
            rows.push((request, Vec::new()));
        }
    }
    rows
}

#[test]
fn what_two_readers_could_take_differently_reaches_nobody() {
    let post = Post::new();
    for (wanted, request) in refused() {
        post.refuses(wanted, &request);
    }
    post.done();
}

#[test]
fn what_all_readers_take_alike_arrives_byte_for_byte() {
    let post = Post::new();
    for (request, body) in passed() {
        post.passes_as(&request, &body);
    }
    post.done();
}
