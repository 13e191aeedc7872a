//! What is no content: words in any script, code, quoted protocol text, odd but legal JSON. All of it
//! crosses into a restricted room, byte for byte.

use super::bodies;
use super::post::{OUTSIDE, Post, post, text};

/// Texts of messages.
pub const TEXTS: &[&str] = &[
    // Languages.
    "안녕하세요, 3시에 봐요.",
    "ㅋㅋㅋㅋ ㅠㅠ ㅇㅋ",
    "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af} (자모)",
    "こんにちは。明日は3時です。",
    "カタカナ、ｶﾀｶﾅ、ﾊﾝｶｸ",
    "株式会社ハーバー　御中",
    "您好，明天三点见。",
    "繁體中文、简体中文",
    "مرحبا، نلتقي الساعة ٣",
    "שלום, ניפגש בשלוש",
    "\u{202b}mixed עברית and English\u{202c}",
    "สวัสดีครับ พบกันบ่ายสาม",
    "नमस्ते, तीन बजे मिलते हैं।",
    "Xin chào, hẹn gặp lúc 3 giờ",
    "Здравствуйте, встретимся в три.",
    "Γειά σου, στις τρεις",
    "İstanbul'da ılık ışık, STRAßE, ẞ",
    "Ça va? Où êtes-vous — «ici»…",
    "Zażółć gęślą jaźń",
    "ქართული, հայերեն, አማርኛ",
    "e\u{301}\u{302}\u{323} combining, Z\u{351}\u{36b}\u{343}a\u{351}\u{36b}\u{343}l\u{351}g\u{343}o",
    "\u{1d4d7}\u{1d4ee}\u{1d4f5}\u{1d4f5}\u{1d4f8} and \u{2460}\u{2461}\u{2462}",
    "ﬁne ﬂow: ligatures, ㎏ ㎡ ℃ № ™",
    "full width：ＡＢＣ　１２３！",
    // Emoji.
    "👍",
    "👩‍👩‍👧‍👦 family",
    "👩🏽‍🚀 and 🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "🇰🇷🇯🇵",
    "❤️ vs ❤, ☎︎",
    "1️⃣2️⃣3️⃣ #️⃣",
    "(╯°□°)╯︵ ┻━┻ ¯\\_(ツ)_/¯",
    // White space and what can't be seen.
    " ",
    "   leading and trailing   ",
    "line one\nline two\r\nline three",
    "tab\tseparated\tvalues",
    "zero\u{200b}width\u{200d}joiners\u{feff}",
    "no\u{a0}break, ideographic\u{3000}space",
    "line\u{2028}separator\u{2029}paragraph",
    "bell \u{7} and escape \u{1b}[31mred\u{1b}[0m and nul \u{0}",
    "non-characters \u{fffe}\u{ffff} \u{10ffff}",
    "\u{7f}\u{80}\u{9f}",
    // Names of things that are forbidden.
    "image",
    "camera video voice file contact drive template",
    "type: image",
    "I'll send the photo, the file and the contact tomorrow",
    "the drive is full; drive to the harbour",
    "사진 파일 연락처 드라이브 템플릿",
    "attachment_restricted",
    "please see attachment",
    "berth.jpg, plan.pdf, mei.vcf",
    "IMG_2041.HEIC",
    // Quoted protocol text.
    r#"{"content":{"type":"image","file":"f1"}}"#,
    r#"{"type":"image","type":"text"}"#,
    r#"[{"type":"file","file":"f3"},{"a":1,"a":2}]"#,
    "POST /v1/rooms/r2/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked",
    "Content-Type: image/png; charset=binary",
    "Content-Disposition: attachment; filename=\"a.jpg\"",
    "--boundary\r\nContent-Type: image/png\r\n\r\nxx\r\n--boundary--",
    "company: acme\nexternal_messaging:\n  line: { connect: deny }\n",
    "- *anchor\n- &a [x]\n- !!binary aGVsbG8=",
    "event: message\nid: 42\ndata: {\"id\":\"m17\"}\n\n",
    "data: 12, 13 and 14",
    "data:image is how it starts",
    "the data: prefix, they say",
    "metadata:image/png,yes",
    "BEGIN:VCARD is how a card starts",
    "a card: `BEGIN:VCARD`, a version, a name, END:VCARD",
    "BEGIN:VCALENDAR\nEND:VCALENDAR",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y \"z\">]><x>&y;</x>",
    "<img src=\"cat.png\"> <a href=\"/x\">y</a> <script>alert(1)</script>",
    "![a picture](berth.jpg)",
    "[a link](https://example.org/a)",
    "MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.org>\r\nDATA",
    "' OR 1=1; DROP TABLE messages; --",
    "${jndi:ldap://example.org/a} {{7*7}} %s %n %00 ../../etc/passwd",
    "\\u0069mage \\x69mage &#105;mage %69mage",
    "=SUM(A1:A2) +1 -1 @x",
    "\u{202e}gpj.htreb",
    // Code.
    "fn main() { println!(\"{}\", std::fs::read(\"a.jpg\").unwrap().len()); }",
    "let data:Vec<u8>, n; // data:u8,x",
    "const data = {type: 'image', file: 'f1'};",
    "import file from 'file'; export type = 'image'",
    "SELECT type, file FROM content WHERE type = 'image';",
    "git log --oneline | head -5 && make -j4 > out.txt 2>&1",
    "if (a < b && c > d || !e) { return a ? b : c; }",
    "#include <stdio.h>\nint main(void) { return 0; }",
    "x = [i**2 for i in range(10) if i % 2]  # comment",
    "^(?:[a-z0-9]+\\.)*example$",
    "C:\\Users\\alice\\berth.jpg and \\\\server\\share",
    "/etc/hosts ~/.ssh/config ./a.sh",
    "v1.2.3-rc.1+build.5",
    "e.g. a.b.c, std::fmt::Display, foo.bar()",
    // Links and addresses that are no drive's.
    "https://example.org/",
    "https://example.org/a/b?c=d&e=f#g",
    "http://example.org:8080/drive/acme/example",
    "https://user:pass@example.org/",
    "https://例え.テスト/パス?クエリ=値",
    "https://xn--r8jz45g.example/",
    "https://[2001:db8::1]:443/x",
    "https://example.org/a_(b)_c, and more.",
    "https://example.org/?u=https%3A%2F%2Fother.example%2F",
    "https://www.example.org/photo.jpg",
    "https://drive.acme.example.org/s/1",
    "https://mydrive.acme.example/s/1",
    "https://drive.acme.example@other.example/",
    "ftp://example.org/a mailto:a@example.org tel:+82-51-000 sms:123",
    "javascript:void(0) about:blank blob:x urn:isbn:1",
    "alice@acme.example, bob@drive.acme.example",
    "Mei Tanaka <mei@line.example>",
    "@alice #general /remind me",
    "<@line:mei> see <@alice>",
    "drive acme example",
    "acme.example",
    // Numbers and words that look coded.
    "+82-10-1000-0001",
    "4111 1111 1111 1111",
    "2026-11-22T09:30:00.000Z",
    "3.14159 1e400 NaN Infinity 0x1F 01",
    "aGVsbG8gd29ybGQhIGhlbGxvIHdvcmxkIQ==",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ",
    "/9j/4AAQSkZJRgABAQAAAQABAAD",
    "JVBERi0xLjcK",
    "UEsDBBQAAAAIAA",
    "da39a3ee5e6b4b0d3255bfef95601890afd80709",
    "9b2f6f1e-0f4c-4b43-9a0e-1c6f0c0e7b11",
    "====",
    "GIF89a is the start of a GIF",
    "%PDF-1.7",
    "PK\u{3}\u{4}",
    "null",
    "true",
    "undefined",
    "\"quoted\" 'single' `tick` “curly” „low“",
    "back\\slash and /slash/ and \\\"both\\\"",
];

/// Whole bodies: one document each, however it is written.
pub fn documents() -> Vec<Vec<u8>> {
    const WRITTEN: &[&str] = &[
        "{\"content\":{\"type\":\"text\",\"text\":\"x\"}}\n",
        "\r\n\t {\"content\":{\"type\":\"text\",\"text\":\"x\"}} \t\r\n",
        "{ \"content\" : { \"type\" : \"text\" , \"text\" : \"x\" } }",
        "{\n  \"content\": {\n    \"type\": \"text\",\n    \"text\": \"x\"\n  }\n}\n",
        r#"{"mentions":[ ],"quote":null,"content":{"text":"x","type":"text"}}"#,
        r#"{"content":{"type":"text","text":"\u0041\u00e9\uD55C\ud83d\ude00"}}"#,
        r#"{"content":{"type":"text","text":"\"\\\/\b\f\n\r\t"}}"#,
        r#"{"content":{"type":"text","text":"\u0000\u001f\u007f"}}"#,
        r#"{"content":{"type":"text","text":"\uFEFF\u200b\u2028"}}"#,
        r#"{"content":{"type":"text","text":"\uD834\uDD1E"}}"#,
        r#"{"content":{"type":"text","text":"\u00E9 and e\u0301"}}"#,
        r#"{"content":{"type":"text","text":"\/\/ no comment \/* *\/"}}"#,
        r#"{"\u0063\u006F\u006E\u0074\u0065\u006E\u0074":{"type":"text","text":"x"}}"#,
        r#"{"content":{"type":"text","\u0074ext":"x"}}"#,
        r#"{"content":{"type":"location","latitude":0,"longitude":-0}}"#,
        r#"{"content":{"type":"location","latitude":-0.0,"longitude":0.10}}"#,
        r#"{"content":{"type":"location","latitude":1E2,"longitude":1e-2}}"#,
        r#"{"content":{"type":"location","latitude":1.0E+2,"longitude":0e0}}"#,
        r#"{"content":{"type":"location","latitude":35.17960000000000000001,"longitude":129}}"#,
        r#"{"content":{"type":"location","latitude":9007199254740993,"longitude":18446744073709551616}}"#,
        r#"{"content":{"type":"location","latitude":1e-400,"longitude":4.9e-324}}"#,
        r#"{"content":{"type":"location","latitude":1.7976931348623157e308,"longitude":-1e308}}"#,
        r#"{"content":{"type":"sticker","pack":"","sticker":""}}"#,
        r#"{"content":{"type":"sticker","pack":"ﬁ","sticker":"ſ K ｔ"}}"#,
        r#"{"content":{"type":"link","url":"https://example.org/%7Ealice?q=%ED%95%9C"}}"#,
        r#"{"content":{"type":"link","url":"https:\/\/example.org\/a"}}"#,
        r#"{"content":{"type":"link","url":"mailto:a@example.org"}}"#,
        r#"{"content":{"type":"link","url":"https://example.org","text":null,"title":""}}"#,
        r#"{"content":{"type":"call","call":"c1"},"mentions":["line:mei","alice"]}"#,
        r#"{"content":{"type":"text","text":"x"},"mentions":["line\u003Amei"]}"#,
        r#"{"content":{"type":"text","text":"x"},"mentions":["line:mei","line:mei"]}"#,
    ];
    let mut documents: Vec<Vec<u8>> = WRITTEN.iter().map(|one| one.as_bytes().to_vec()).collect();
    // What is refused as a body is a text like any other when it is quoted.
    documents.extend(bodies::quotable().map(text));
    documents.push(text(&"🙂".repeat(10_000)));
    documents.push(text(&"a".repeat(200_000)));
    documents.push(text(&"\"\\".repeat(20_000)));
    documents.push([b" ".repeat(500_000), text("x")].concat());
    documents
}

#[test]
fn words_cross_byte_for_byte() {
    let table = Post::new();
    for words in TEXTS {
        let body = text(words);
        table.passes_as(&post(OUTSIDE, &body), &body);
    }
    table.done();
}

#[test]
fn legal_json_crosses_byte_for_byte() {
    let table = Post::new();
    for body in documents() {
        table.passes_as(&post(OUTSIDE, &body), &body);
    }
    table.done();
}
