//! Methods and queries: what is listed, once.

use super::post::{Post, request};

/// The status, the method, and the target.
pub const REFUSED: &[(&str, &str, &str)] = &[
    // Methods.
    ("405", "DELETE", "/v1/rooms"),
    ("405", "PUT", "/v1/rooms/r2/messages"),
    ("405", "PATCH", "/v1/rooms/r2/messages"),
    ("405", "DELETE", "/v1/rooms/r2/messages"),
    ("405", "POST", "/v1/messages/m2"),
    ("405", "GET", "/v1/messages/m2/forward"),
    ("405", "HEAD", "/v1/messages/m2/forward"),
    ("405", "POST", "/v1/me"),
    ("405", "OPTIONS", "/v1/rooms"),
    ("405", "PROPFIND", "/v1/rooms"),
    ("405", "post", "/v1/rooms/r2/messages"),
    ("405", "Get", "/v1/rooms"),
    ("405", "QUERY", "/v1/search"),
    // Parameters that nobody listed.
    ("400", "GET", "/v1/rooms?limit=1"),
    ("400", "GET", "/v1/rooms/r2?as=bob"),
    ("400", "GET", "/v1/rooms/r2/messages?room=r1"),
    ("400", "GET", "/v1/rooms/r2/messages?Limit=1"),
    ("400", "GET", "/v1/rooms/r2/messages?limit[]=1"),
    ("400", "GET", "/v1/rooms/r2/messages?=1"),
    ("400", "GET", "/v1/rooms?access_token=token-bob"),
    ("400", "GET", "/v1/rooms?token=token-bob"),
    ("400", "GET", "/v1/rooms/r2/messages?_method=DELETE"),
    ("400", "GET", "/v1/search?q=a&room=r1"),
    ("400", "GET", "/v1/search?q=a&%00=1"),
    // Twice.
    ("400", "GET", "/v1/rooms/r2/messages?before=m1&before=m2"),
    ("400", "GET", "/v1/rooms/r2/messages?before=m1&before=m1"),
    ("400", "GET", "/v1/rooms/r2/messages?limit=1&%6Cimit=2"),
    (
        "400",
        "GET",
        "/v1/rooms/r2/messages?limit=1&before=m2&limit",
    ),
    ("400", "GET", "/v1/search?q=a&q=b"),
    ("400", "POST", "/v1/rooms/r1/files?name=a.txt&name=a.jpg"),
    ("400", "POST", "/v1/rooms/r1/files?name=a.txt&%6eame=a.jpg"),
    // What splits or decodes in two ways.
    ("400", "GET", "/v1/rooms/r2/messages?limit=1;before=m2"),
    ("400", "GET", "/v1/search?q=a;b"),
    ("400", "GET", "/v1/search?q=%00"),
    ("400", "GET", "/v1/search?q=%FF"),
    ("400", "GET", "/v1/search?q=%C0%80"),
    ("400", "GET", "/v1/search?q=%"),
    ("400", "GET", "/v1/search?q=%2"),
    ("400", "GET", "/v1/search?q=%gg"),
    ("400", "GET", "/v1/search?q=%u0041"),
    ("400", "GET", "/v1/search?%q=a"),
    ("400", "GET", "/v1/search?q=\"a\""),
    ("400", "GET", "/v1/search?q=<a>"),
    ("400", "GET", "/v1/search?q=a|b"),
    ("400", "GET", "/v1/search?q=a\\b"),
    ("400", "GET", "/v1/search?q=a^b"),
    ("400", "GET", "/v1/search?q={a}"),
    ("400", "GET", "/v1/search?q=\u{d55c}"),
    ("400", "GET", "/v1/search?q=a#b"),
    ("400", "GET", "/v1/search?q=a b"),
];

/// The method and the target.
pub const PASSED: &[(&str, &str)] = &[
    ("GET", "/v1/rooms?"),
    ("GET", "/v1/rooms/r2/messages?limit=1"),
    ("GET", "/v1/rooms/r2/messages?limit=1&before=m2"),
    ("GET", "/v1/rooms/r2/messages?before=m2&limit=1"),
    ("GET", "/v1/rooms/r2/messages?limit="),
    ("GET", "/v1/rooms/r2/messages?limit"),
    ("GET", "/v1/rooms/r2/messages?limit=1&&before=m2"),
    ("GET", "/v1/rooms/r2/messages?limit=1&"),
    ("GET", "/v1/rooms/r2/messages?%6Cimit=1"),
    ("GET", "/v1/search?q=a+b"),
    ("GET", "/v1/search?q=a%20b"),
    ("GET", "/v1/search?q=%2B"),
    ("GET", "/v1/search?q=%ED%95%9C%EA%B8%80"),
    ("GET", "/v1/search?q=%ed%95%9c"),
    ("GET", "/v1/search?q=%F0%9F%91%8D"),
    ("GET", "/v1/search?q=https://h.example/p?x:y"),
    ("GET", "/v1/search?q=%26%3D%3B%23"),
    ("GET", "/v1/search?q=100%25"),
    ("GET", "/v1/search?q=%2541"),
    ("GET", "/v1/search?q=a%0Ab"),
    ("GET", "/v1/search?q=a=b"),
    ("GET", "/v1/search?q='x'"),
    ("GET", "/v1/search?q=(x)*!$,"),
    ("GET", "/v1/search?q=[x]"),
    ("GET", "/v1/search?q=..%2F.."),
    ("GET", "/v1/search?q=%5C"),
    ("GET", "/v1/search?q=//"),
    ("GET", "/v1/search?q=%22a%22&limit=100"),
    ("HEAD", "/v1/rooms"),
    ("DELETE", "/v1/messages/m2"),
    ("PUT", "/v1/messages/m2/pin"),
    ("PUT", "/v1/messages/m2/reactions/%F0%9F%91%8D"),
    (
        "PUT",
        "/v1/messages/m2/reactions/%F0%9F%91%A9%E2%80%8D%F0%9F%9A%80",
    ),
    ("PUT", "/v1/messages/m2/reactions/+1"),
    ("PUT", "/v1/messages/m2/reactions/%3A%29"),
    ("POST", "/v1/rooms/r2/calls"),
    ("POST", "/v1/logout"),
];

#[test]
fn what_is_not_listed_or_stands_twice_reaches_nobody() {
    let post = Post::new();
    for (wanted, method, target) in REFUSED {
        post.refuses(wanted, &request(method, target, &[], b""));
    }
    post.done();
}

#[test]
fn a_legal_target_arrives_as_it_is() {
    let post = Post::new();
    for (method, target) in PASSED {
        let request = request(method, target, &[], b"");
        if let Some(arrived) = post.passes(&request)
            && arrived.request_line() != format!("{method} {target} HTTP/1.1")
        {
            post.fail("the same target", &request, arrived.request_line());
        }
    }
    post.done();
}
