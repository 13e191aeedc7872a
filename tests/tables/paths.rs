//! Paths (threat model, 6.3): one reading, or none.

use super::post::{Post, get, request};

/// The status, and the path that a GET asks for.
pub const REFUSED: &[(&str, &str)] = &[
    // Empty segments.
    ("400", "//v1/rooms"),
    ("400", "/v1//rooms"),
    ("400", "/v1/rooms//r2"),
    ("400", "/v1/rooms/r2//messages"),
    ("400", "/v1/rooms/"),
    ("400", "/v1/rooms/r2/"),
    ("400", "/v1/rooms/r2/messages/"),
    ("400", "/v1/rooms/r2/messages//"),
    // Dot segments.
    ("400", "/v1/./rooms"),
    ("400", "/v1/../v1/rooms"),
    ("400", "/../v1/rooms"),
    ("400", "/v1/rooms/."),
    ("400", "/v1/rooms/.."),
    ("400", "/v1/rooms/r1/../r2"),
    ("400", "/v1/rooms/%2e"),
    ("400", "/v1/rooms/%2E%2e/r2"),
    ("400", "/v1/rooms/.%2e/rooms"),
    ("400", "/v1/rooms/r1/%2e%2e/r2/messages"),
    // Slashes and backslashes inside a segment.
    ("400", "/v1/rooms/r2%2Fmessages"),
    ("400", "/v1/rooms/r2%2fmembers"),
    ("404", "/v1/rooms/r2/messages%2F"),
    ("400", "/v1/rooms/..%2F..%2Fv1"),
    ("400", "/v1/rooms/r2\\messages"),
    ("400", "/v1\\rooms"),
    ("400", "/v1/rooms/r2%5Cmessages"),
    ("400", "/v1/rooms/..%5c..%5cv1"),
    // Control characters.
    ("400", "/v1/rooms/r2%00"),
    ("400", "/v1/rooms/%00r2"),
    ("400", "/v1/rooms/r2%00.txt"),
    ("400", "/v1/rooms/r2%0d%0aX: y"),
    ("400", "/v1/rooms/r2%0D%0A"),
    ("400", "/v1/rooms/r2%09"),
    ("400", "/v1/rooms/r2%1f"),
    ("400", "/v1/rooms/r2%7F"),
    ("400", "/v1/rooms/r2%C2%85"),
    // Escapes of escapes, and what is no escape.
    ("400", "/v1/rooms/r%2532"),
    ("400", "/v1/rooms/r2%252Fmessages"),
    ("400", "/v1/rooms/%252e%252e"),
    ("400", "/v1/rooms/%25%32%65"),
    ("400", "/v1/rooms/r%"),
    ("400", "/v1/rooms/r%2"),
    ("400", "/v1/rooms/r%zz"),
    ("400", "/v1/rooms/%u0072"),
    ("400", "/v1/rooms/r%+2"),
    // Path parameters.
    ("400", "/v1;v=1/rooms"),
    ("400", "/v1/rooms;x=1/r2"),
    ("400", "/v1/rooms/r2;x"),
    ("400", "/v1/rooms/r2;/messages"),
    ("400", "/v1/rooms/r2/messages;jsessionid=1"),
    ("400", "/v1/rooms%3B/r2"),
    // Not UTF-8.
    ("400", "/v1/rooms/%FF"),
    ("400", "/v1/rooms/%C0%AF"),
    ("400", "/v1/rooms/%C0%AE%C0%AE"),
    ("400", "/v1/rooms/%ED%A0%80"),
    ("400", "/v1/rooms/%E3%81"),
    ("400", "/v1/rooms/%F5%80%80%80"),
    // Literals in disguise.
    ("400", "/v1/r%6foms/r2"),
    ("400", "/v1/%72%6F%6F%6D%73"),
    ("400", "/%761/rooms"),
    ("400", "/v1/rooms/r2/%6Dessages"),
    ("400", "/v1/rooms/r2/message%73"),
    // Characters that may not stand there.
    ("400", "/v1/rooms/r\"2"),
    ("400", "/v1/rooms/<r2>"),
    ("400", "/v1/rooms/r2^"),
    ("400", "/v1/rooms/`r2`"),
    ("400", "/v1/rooms/{r2}"),
    ("400", "/v1/rooms/r2|x"),
    ("400", "/v1/rooms/r2[0]"),
    ("400", "/v1/rooms/r2#x"),
    ("400", "/v1/rooms/\u{bc29}"),
    ("400", "/v1/rooms/r\u{e9}"),
    ("400", "/v1/rooms/r 2"),
    ("400", "/v1/rooms/r\t2"),
    ("400", "/v1/rooms/r\u{0}2"),
    // No path at all, or somebody else's.
    ("400", "v1/rooms"),
    ("400", "http://evil.example/v1/rooms"),
    ("400", "https://chat.acme.example/v1/rooms"),
    ("400", "//evil.example/v1/rooms"),
    ("400", "?limit=1"),
    // What no surface names: other versions, other letters, other servers' routes.
    ("404", "/"),
    ("404", "/v1"),
    ("404", "/v2/rooms"),
    ("404", "/V1/rooms"),
    ("404", "/v1/Rooms"),
    ("404", "/v1/ROOMS/r2"),
    ("404", "/v1/room"),
    ("404", "/v1/roomsx"),
    ("404", "/v1/rooms/r2/unknown"),
    ("404", "/v1/rooms/r2/messages/m2"),
    ("404", "/v1/rooms/r2/Messages"),
    ("404", "/v1/messages"),
    ("404", "/v1/admin"),
    ("404", "/v1/%52ooms"),
    ("404", "/api/v4/posts"),
    ("404", "/metrics"),
    ("404", "/healthz"),
    ("404", "/.well-known/x"),
];

/// Paths that a GET asks for; they arrive as they are.
pub const PASSED: &[&str] = &[
    "/v1/rooms",
    "/v1/rooms/r2",
    "/v1/rooms/r2/messages",
    "/v1/rooms/r%32",
    "/v1/rooms/%722",
    "/v1/rooms/x!$&'()*+,=:@-._~",
    "/v1/rooms/x%21%24%26%27%28%29%2A%2B%2C%3B%3D%3A%40",
    "/v1/rooms/x%2a%2b%3b%3d",
    "/v1/rooms/x%20y",
    "/v1/rooms/x%25",
    "/v1/rooms/100%25x",
    "/v1/rooms/x%3By",
    "/v1/rooms/x%23y",
    "/v1/rooms/x%3Fy%3Dz",
    "/v1/rooms/x%22%3C%3E%5E%60%7B%7C%7D",
    "/v1/rooms/%EB%B0%A9",
    "/v1/rooms/%eb%b0%a9",
    "/v1/rooms/%E9%83%A8%E5%B1%8B",
    "/v1/rooms/%F0%9F%91%A9%E2%80%8D%F0%9F%91%A7",
    "/v1/rooms/e%CC%81",
    "/v1/rooms/%C3%A9",
    "/v1/rooms/...",
    "/v1/rooms/.x",
    "/v1/rooms/x.",
    "/v1/rooms/x..y",
    "/v1/rooms/%2e%2E%2e",
    "/v1/rooms/-",
    "/v1/rooms/~alice",
    "/v1/rooms/rooms",
    "/v1/rooms/v1",
    "/v1/rooms/messages/messages",
    "/v1/people/line:mei",
    "/v1/people/line%3Amei",
    "/v1/people/line%3amei",
    "/v1/people/bob",
    "/v1/people/b%6Fb",
    "/v1/contact-urls/u1-5d0c2b77",
    "/v1/messages/m2",
    "/v1/groups/g2/notes/n%2B1",
];

#[test]
fn a_path_with_two_readings_reaches_nobody() {
    let post = Post::new();
    for (wanted, path) in REFUSED {
        post.refuses(wanted, &get(path));
    }
    post.done();
}

#[test]
fn legal_variety_arrives_as_it_is() {
    let post = Post::new();
    for path in PASSED {
        let request = get(path);
        if let Some(arrived) = post.passes(&request)
            && arrived.request_line() != format!("GET {path} HTTP/1.1")
        {
            post.fail("the same target", &request, arrived.request_line());
        }
    }
    post.done();
}

#[test]
fn the_absolute_form_of_the_own_address_is_that_path() {
    let post = Post::new();
    let own = post.address();
    let request = format!(
        "GET http://{own}/v1/rooms/r2 HTTP/1.1\r\nHost: {own}\r\nAuthorization: Bearer token-alice\r\n\r\n"
    );
    let arrived = post.passes(request.as_bytes()).expect("it arrives");
    assert_eq!(arrived.request_line(), "GET /v1/rooms/r2 HTTP/1.1");
    post.done();
}

#[test]
fn head_is_asked_as_head() {
    let post = Post::new();
    let arrived = post
        .passes(&request("HEAD", "/v1/rooms/r2", &[], b""))
        .expect("it arrives");
    assert!(
        arrived.request_line().starts_with("HEAD "),
        "{}",
        arrived.head
    );
    post.done();
}
