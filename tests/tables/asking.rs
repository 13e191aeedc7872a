//! Who asks (threat model, 6.6): exactly one credential, and nobody in its place.

use super::post::Post;

/// The status, and the lines below the request line.
pub const REFUSED: &[(&str, &str)] = &[
    ("401", "Host: a"),
    ("401", "Host: a\r\nAuthorization:"),
    ("401", "Host: a\r\nAuthorization: Bearer"),
    ("401", "Host: a\r\nAuthorization: Bearer "),
    ("401", "Host: a\r\nAuthorization: token-alice"),
    ("401", "Host: a\r\nAuthorization: Basic YWxpY2U6eA=="),
    ("401", "Host: a\r\nAuthorization: Token token-alice"),
    ("401", "Host: a\r\nAuthorization: Bearer=token-alice"),
    ("401", "Host: a\r\nAuthorization: Bearer stranger"),
    (
        "401",
        "Host: a\r\nAuthorization: Bearer token-alice token-bob",
    ),
    (
        "401",
        "Host: a\r\nAuthorization: Bearer token-alice, Bearer token-bob",
    ),
    ("401", "Host: a\r\nAuthorization: Bearer \u{e9}"),
    ("401", "Host: a\r\nCookie: token=token-alice"),
    ("401", "Host: a\r\nX-Access-Token: token-alice"),
    ("401", "Host: a\r\nProxy-Authorization: Bearer token-alice"),
    (
        "400",
        "Host: a\r\nAuthorization: Bearer token-alice\r\nAuthorization: Bearer token-bob",
    ),
    (
        "400",
        "Host: a\r\nAuthorization: Bearer token-alice\r\nAuthorization: Bearer token-alice",
    ),
    (
        "400",
        "Host: a\r\nAuthorization: Bearer token-alice\r\nAuthorization : Bearer token-bob",
    ),
    ("400", "Host: a\r\nAuthorization: Bearer\r\n token-alice"),
    // Method overrides.
    (
        "400",
        "Host: a\r\nAuthorization: Bearer token-alice\r\nX-HTTP-Method-Override: DELETE",
    ),
    (
        "400",
        "Host: a\r\nAuthorization: Bearer token-alice\r\nX-HTTP-Method: PUT",
    ),
    (
        "400",
        "Host: a\r\nAuthorization: Bearer token-alice\r\nX-Method-Override: POST",
    ),
    // Hosts.
    ("400", "Authorization: Bearer token-alice"),
    (
        "400",
        "Host: a\r\nHost: a\r\nAuthorization: Bearer token-alice",
    ),
    (
        "400",
        "Host: a\r\nHost: b\r\nAuthorization: Bearer token-alice",
    ),
    ("400", "Host: a b\r\nAuthorization: Bearer token-alice"),
    ("400", "Host: a@b\r\nAuthorization: Bearer token-alice"),
    ("400", "Host: a/b\r\nAuthorization: Bearer token-alice"),
    ("400", "Host: a:x\r\nAuthorization: Bearer token-alice"),
    ("400", "Host: a, b\r\nAuthorization: Bearer token-alice"),
    // Upgrades.
    (
        "400",
        "Host: a\r\nAuthorization: Bearer token-alice\r\nConnection: Upgrade\r\nUpgrade: websocket",
    ),
    (
        "501",
        "Host: a\r\nAuthorization: Bearer token-alice\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
    ),
];

/// The lines below the request line.
pub const PASSED: &[&str] = &[
    "Host: a\r\nAuthorization: Bearer token-alice",
    "host: a\r\nauthorization: bearer token-alice",
    "Host: a\r\nAUTHORIZATION: BEARER token-alice",
    "Host:a\r\nAuthorization:Bearer token-alice",
    "Host:\t a \r\nAuthorization: \tBearer token-alice\t",
    "Host: chat.acme.example:443\r\nAuthorization: Bearer token-alice",
    "Host: CHAT.acme.example\r\nAuthorization: Bearer token-alice",
    "Host: chat.acme.example.\r\nAuthorization: Bearer token-alice",
    "Host: 127.0.0.1:8080\r\nAuthorization: Bearer token-alice",
    "Host: [::1]:8080\r\nAuthorization: Bearer token-alice",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nCookie: theme=dark; token=x",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nX-Request-Id: 1\r\nX-Forwarded-For: 10.0.0.1",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nX-User: bob\r\nX-Member-Id: bob",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nAccept: */*\r\nAccept-Language: ko, en;q=0.8\r\nAccept-Encoding: gzip, br",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) \"quoted\" <x>",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nReferer: https://chat.acme.example/?a=b#c",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nX-Empty:",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nX-Odd_Name.~!#$%&'*+-^`|: 1",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nX-Latin: caf\u{e9}",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nConnection: keep-alive, X-Own\r\nX-Own: 1",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nTE: trailers\r\nConnection: TE",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nPragma: no-cache\r\nCache-Control: max-age=0\r\nDNT: 1",
    "Host: a\r\nAuthorization: Bearer token-alice\r\nIf-None-Match: W/\"1\", \"2\"\r\nIf-Modified-Since: Sun, 22 Nov 2026 09:30:00 GMT",
];

#[test]
fn nobody_or_somebody_twice_reaches_nobody() {
    let post = Post::new();
    for (wanted, lines) in REFUSED {
        post.refuses(
            wanted,
            format!("GET /v1/rooms HTTP/1.1\r\n{lines}\r\n\r\n").as_bytes(),
        );
    }
    post.done();
}

#[test]
fn one_credential_passes_among_any_headers() {
    let post = Post::new();
    for lines in PASSED {
        let request = format!("GET /v1/rooms HTTP/1.1\r\n{lines}\r\n\r\n");
        if let Some(arrived) = post.passes(request.as_bytes())
            && arrived
                .header("authorization")
                .is_none_or(|value| !value.ends_with("token-alice"))
        {
            post.fail("the credential", request.as_bytes(), &arrived.head);
        }
    }
    post.done();
}
