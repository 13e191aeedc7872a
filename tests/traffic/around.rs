//! Who tries to get around the policy gets nowhere, by any path, spelling or wrapping; and the legal
//! neighbours of each try arrive byte for byte.

use crate::kit::{Recorded, fields};
use crate::post::Post;

const OUT: &str = "/_matrix/client/v3/rooms/!out";
const IN: &str = "/_matrix/client/v3/rooms/!in";
const IMAGE: &str =
    r#"{"msgtype":"m.image","body":"a.png","url":"mxc://acme/1","info":{"mimetype":"image/png"}}"#;
const TEXT: &str = r#"{"msgtype":"m.text","body":"hello"}"#;

/// Status, who, method, target, body.
type Row<'r> = (u16, &'r str, &'r str, String, &'r str);

fn check(rows: &[Row<'_>]) {
    let post = Post::new();
    let mut wrong = Vec::new();
    for (wanted, who, method, target, body) in rows {
        let (answer, arrived) = post.send(who, method, target, body);
        let passes = *wanted == 200;
        let is_right = answer.status == *wanted
            && arrived.len() == usize::from(passes)
            && arrived
                .iter()
                .all(|arrived| as_sent(arrived, method, target, body));
        if !is_right {
            let text = answer.text();
            wrong.push(format!(
                "{who} {method} {target} {body}\n  wanted {wanted}, got {} {text}, {} arrived",
                answer.status,
                arrived.len()
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n")
    );
}

fn as_sent(arrived: &Recorded, method: &str, target: &str, body: &str) -> bool {
    arrived.request_line() == format!("{method} {target} HTTP/1.1")
        && arrived.body == body.as_bytes()
}

#[test]
fn a_picture_gets_out_by_no_path() {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for version in ["r0", "v1", "v3", "unstable", "api/v1"] {
        for room in ["!out", "%21out"] {
            let base = format!("/_matrix/client/{version}/rooms/{room}/send");
            rows.push((
                403,
                "alice",
                "PUT",
                format!("{base}/m.room.message/1"),
                IMAGE,
            ));
            rows.push((
                403,
                "alice",
                "POST",
                format!("{base}/m.room.message"),
                IMAGE,
            ));
            rows.push((
                200,
                "alice",
                "PUT",
                format!("{base}/m.room.message/1"),
                TEXT,
            ));
            rows.push((200, "alice", "POST", format!("{base}/m.room.message"), TEXT));
        }
    }
    let odd = [
        (403, format!("{OUT}/send/m.room.mess%61ge/1")),
        (400, format!("{OUT}/s%65nd/m.room.message/1")),
        (400, format!("{OUT}/send//m.room.message/1")),
        (400, format!("{OUT}/send/m.room.message/1/")),
        (400, format!("{OUT}/../!in/send/m.room.message/1")),
        (
            404,
            "/_matrix/client/v2/rooms/!out/send/m.room.message/1".to_owned(),
        ),
        (
            404,
            "/_matrix/client/v3/rooms/!nobody/send/m.room.message/1".to_owned(),
        ),
        (
            400,
            format!("{OUT}/send/m.room.message/1?access_token=token-alice"),
        ),
        (
            400,
            format!("{OUT}/send/m.room.message/1?org.matrix.msc4140.delay=1000"),
        ),
    ];
    rows.extend(
        odd.into_iter()
            .map(|(wanted, target)| (wanted, "alice", "PUT", target, IMAGE)),
    );
    rows.push((
        200,
        "alice",
        "PUT",
        format!("{IN}/send/m.room.message/1"),
        IMAGE,
    ));
    check(&rows);
}

#[test]
fn a_picture_gets_out_in_no_wrapping() {
    let wrapped = [
        r#"{"msgtype":"m.file","body":"a.png","url":"mxc://acme/1"}"#,
        r#"{"msgtype":"m.text","body":"hi","url":"mxc://acme/1"}"#,
        r#"{"msgtype":"m.text","body":"hi","file":{"url":"mxc://acme/1"}}"#,
        r#"{"msgtype":"m.text","body":"mxc://acme/1"}"#,
        r#"{"msgtype":"m.text","body":"MXC://acme/1"}"#,
        r#"{"msgtype":"m.text","body":"x","format":"org.matrix.custom.html","formatted_body":"<img src=\"mxc://acme/1\">"}"#,
        r#"{"msgtype":"m.text","body":"* x","m.new_content":{"msgtype":"m.image","body":"a","url":"mxc://acme/1"},"m.relates_to":{"rel_type":"m.replace","event_id":"$1"}}"#,
        r#"{"msgtype":"m.text","body":"* x","m.new_content":{"msgtype":"m.text","m.new_content":{"url":"mxc://acme/1"}}}"#,
        r#"{"msgtype":"M.IMAGE","body":"a","url":"mxc://acme/1"}"#,
        r#"{"msgtype":"com.example.thing","body":"a"}"#,
        r#"{"msgtype":7,"body":"a"}"#,
        r#"{"msgtype":"m.location","body":"a","geo_uri":"geo:1,2","info":{"thumbnail_url":"mxc://acme/1"}}"#,
        r#"{"msgtype":"m.text","body":"a","info":{"thumbnail_file":{"url":"mxc://acme/1"}}}"#,
        r#"{"msgtype":"m.text","body":"a","m.file":{"url":"mxc://acme/1"}}"#,
        r#"{"msgtype":"m.text","body":"a","org.matrix.msc1767.file":{"url":"mxc://acme/1"}}"#,
        r#"{"msgtype":"m.text","body":"a","com.example.picture":"x"}"#,
        r#"{"msgtype":"m.text","body":"a","m.relates_to":{"rel_type":"x","com.example":{"url":"y"}}}"#,
        r#"{"msgtype":"m.text","body":"see https://drive.acme.example/s/1"}"#,
        r#"{"msgtype":"m.text","body":"BEGIN:VCARD\nFN:x\nEND:VCARD"}"#,
        r#"{"msgtype":"m.text","body":"a","avatar_url":"mxc://acme/1"}"#,
    ];
    let mut rows: Vec<Row<'_>> = Vec::new();
    for body in wrapped {
        let message = |place: &str| format!("{place}/send/m.room.message/1");
        rows.push((403, "alice", "PUT", message(OUT), body));
        rows.push((200, "alice", "PUT", message(IN), body));
    }
    let ambiguous = [
        r#"{"msgtype":"m.text","body":"a","msgtype":"m.image","url":"mxc://acme/1"}"#,
        r#"{"msgtype":"m.text","body":"a","\u006dsgtype":"m.image"}"#,
        r#"{"msgtype":"m.text","Msgtype":"m.image","body":"a"}"#,
        r#"{"msgtype":"m.text","body":["mxc://acme/1"]}"#,
        r#"{"msgtype":"m.text","body":"a"} {}"#,
    ];
    for body in ambiguous {
        rows.push((
            400,
            "alice",
            "PUT",
            format!("{OUT}/send/m.room.message/1"),
            body,
        ));
    }
    check(&rows);
}

#[test]
fn no_other_sort_of_event_carries_what_a_message_may_not() {
    let url = r#"{"url":"mxc://acme/1"}"#;
    let sticker = r#"{"body":"s","url":"mxc://acme/1","info":{"mimetype":"image/png"}}"#;
    let secret = r#"{"algorithm":"m.megolm.v1.aes-sha2","ciphertext":"AwgAEnAC"}"#;
    let rows = |place: &str, wanted: u16| -> Vec<Row<'_>> {
        [
            ("send/m.sticker/1", sticker),
            ("send/com.example.custom/1", r#"{"data":"x"}"#),
            ("send/m.room.encrypted/1", secret),
            ("state/m.room.avatar", url),
            ("state/m.room.avatar/", url),
            ("state/com.example.custom", r#"{"x":1}"#),
            ("state/com.example.custom/key", r#"{"x":1}"#),
            (
                "state/m.room.encryption",
                r#"{"algorithm":"m.megolm.v1.aes-sha2"}"#,
            ),
            ("state/m.room.topic", r#"{"topic":"mxc://acme/1"}"#),
            (
                "state/m.room.name",
                r#"{"name":"https://drive.acme.example/s"}"#,
            ),
            (
                "state/m.room.member/%40alice:acme",
                r#"{"membership":"join","avatar_url":"mxc://acme/1"}"#,
            ),
        ]
        .into_iter()
        .map(|(path, body)| (wanted, "alice", "PUT", format!("{place}/{path}"), body))
        .collect()
    };
    check(&rows(OUT, 403));
    check(&rows(IN, 200));
}

#[test]
fn words_places_and_marks_pass() {
    let relates = r#"{"m.relates_to":{"rel_type":"m.annotation","event_id":"$1","key":"👍"}}"#;
    let edit = r#"{"msgtype":"m.text","body":"* x","m.mentions":{},"m.new_content":{"msgtype":"m.text","body":"x","m.mentions":{}},"m.relates_to":{"rel_type":"m.replace","event_id":"$1"}}"#;
    let reply = r#"{"msgtype":"m.text","body":"x","format":"org.matrix.custom.html","formatted_body":"<b>x</b>","m.relates_to":{"m.in_reply_to":{"event_id":"$1"}}}"#;
    let location = r#"{"msgtype":"m.location","body":"x","geo_uri":"geo:1,2","org.matrix.msc3488.location":{"uri":"geo:1,2","description":"x"},"org.matrix.msc3488.asset":{"type":"m.self"},"org.matrix.msc3488.ts":1}"#;
    let poll = r#"{"org.matrix.msc1767.text":"q","org.matrix.msc3381.poll.start":{"question":{"body":"q","msgtype":"m.text","org.matrix.msc1767.text":"q"},"kind":"org.matrix.msc3381.poll.disclosed","max_selections":1,"answers":[{"id":"1","org.matrix.msc1767.text":"a"}]}}"#;
    let rows: Vec<Row<'_>> = [
        ("PUT", "send/m.room.message/1", TEXT),
        ("PUT", "send/m.room.message/1", edit),
        ("PUT", "send/m.room.message/1", reply),
        ("PUT", "send/m.room.message/1", location),
        ("PUT", "send/org.matrix.msc3381.poll.start/1", poll),
        ("PUT", "send/m.reaction/1", relates),
        ("PUT", "redact/$1/1", r#"{"reason":"oops"}"#),
        ("PUT", "redact/$1/1", ""),
        (
            "PUT",
            "typing/%40alice:acme",
            r#"{"typing":true,"timeout":3000}"#,
        ),
        ("POST", "receipt/m.read/$1", "{}"),
        (
            "POST",
            "read_markers",
            r#"{"m.fully_read":"$1","m.read":"$1"}"#,
        ),
        ("PUT", "state/m.room.name", r#"{"name":"Harbour"}"#),
        ("POST", "leave", ""),
        ("GET", "members?not_membership=join", ""),
    ]
    .into_iter()
    .map(|(method, path, body)| (200, "alice", method, format!("{OUT}/{path}"), body))
    .collect();
    check(&rows);
}

#[test]
fn nobody_comes_in_who_may_not() {
    let client = "/_matrix/client/v3";
    let mei = r#"{"user_id":"@line_mei:acme"}"#;
    let rows: Vec<Row<'_>> = vec![
        (403, "bob", "POST", format!("{IN}/invite"), mei),
        (
            403,
            "bob",
            "PUT",
            format!("{IN}/state/m.room.member/%40line_mei%3Aacme"),
            r#"{"membership":"invite"}"#,
        ),
        (
            403,
            "bob",
            "PUT",
            format!("{IN}/state/m.room.member/@line_mei:acme"),
            r#"{"membership":"join"}"#,
        ),
        (
            400,
            "bob",
            "PUT",
            format!("{IN}/state/m.room.m%65mber/@line_mei:acme"),
            r#"{"membership":"invite"}"#,
        ),
        (
            403,
            "bob",
            "POST",
            format!("{client}/createRoom"),
            r#"{"invite":["@line_mei:acme"]}"#,
        ),
        (
            403,
            "bob",
            "POST",
            format!("{client}/createRoom"),
            r#"{"creation_content":{"additional_creators":["@line_mei:acme"]}}"#,
        ),
        (
            403,
            "alice",
            "POST",
            format!("{client}/createRoom"),
            r#"{"invite":["@line_mei:acme"],"initial_state":[{"type":"m.room.avatar","state_key":"","content":{"url":"mxc://acme/1"}}]}"#,
        ),
        (
            403,
            "alice",
            "POST",
            format!("{client}/createRoom"),
            r#"{"invite":["@line_mei:acme"],"initial_state":[{"type":"m.room.encryption","content":{"algorithm":"m.megolm.v1.aes-sha2"}}]}"#,
        ),
        (
            404,
            "alice",
            "POST",
            format!("{client}/createRoom"),
            r#"{"invite":["@line_mei:acme","@xavier:globex"]}"#,
        ),
        (
            404,
            "alice",
            "POST",
            format!("{client}/createRoom"),
            r#"{"invite_3pid":[{"medium":"email","address":"x@y","id_server":"z"}]}"#,
        ),
        (
            404,
            "alice",
            "POST",
            format!("{IN}/invite"),
            r#"{"medium":"email","address":"x@y","id_server":"z","id_access_token":"t"}"#,
        ),
        (403, "bob", "POST", format!("{client}/join/!out"), ""),
        (403, "bob", "PUT", format!("{client}/join/!out/1"), "{}"),
        (403, "bob", "PUT", format!("{OUT}/join/1"), "{}"),
        (403, "bob", "PUT", format!("{IN}/invite/1"), mei),
        (
            403,
            "bob",
            "PUT",
            format!("{client}/createRoom/1"),
            r#"{"invite":["@line_mei:acme"]}"#,
        ),
        (200, "alice", "PUT", format!("{IN}/ban/1"), mei),
        (
            403,
            "bob",
            "POST",
            format!("{client}/join/%21out?via=acme"),
            "{}",
        ),
        (
            403,
            "bob",
            "POST",
            format!("{client}/join/%23out%3Aacme"),
            "{}",
        ),
        (
            404,
            "bob",
            "POST",
            format!("{client}/join/!elsewhere"),
            "{}",
        ),
        (
            404,
            "alice",
            "POST",
            format!("{client}/join/!in"),
            r#"{"third_party_signed":{"mxid":"@x:y","sender":"@z:y","token":"t","signatures":{}}}"#,
        ),
        (
            200,
            "alice",
            "POST",
            format!("{client}/createRoom"),
            r#"{"invite":["@line_mei:acme"],"name":"Order","is_direct":true,"preset":"trusted_private_chat"}"#,
        ),
        (
            200,
            "bob",
            "POST",
            format!("{client}/createRoom"),
            r#"{"name":"Own","invite":["@alice:acme"],"initial_state":[{"type":"m.room.avatar","state_key":"","content":{"url":"mxc://acme/1"}}]}"#,
        ),
        (
            200,
            "alice",
            "POST",
            format!("{client}/join/%23in%3Aacme"),
            "{}",
        ),
    ];
    check(&rows);
}

#[test]
fn from_device_to_device_goes_only_what_may() {
    let to = |who: &str| format!("{{\"messages\":{{\"{who}\":{{\"*\":{{\"body\":\"x\"}}}}}}}}");
    let (mei, alice) = (to("@line_mei:acme"), to("@alice:acme"));
    let device = "/_matrix/client/v3/sendToDevice";
    let file = r#"{"messages":{"@line_mei:acme":{"*":{"body":"mxc://acme/1"}}}}"#;
    let rows: Vec<Row<'_>> = vec![
        (
            403,
            "alice",
            "PUT",
            format!("{device}/com.example.file/1"),
            &mei,
        ),
        (
            403,
            "alice",
            "PUT",
            format!("{device}/m.room.encrypted/1"),
            &mei,
        ),
        (
            403,
            "alice",
            "PUT",
            format!("{device}/m.room_key_request/1"),
            file,
        ),
        (
            403,
            "bob",
            "PUT",
            format!("{device}/m.room_key_request/1"),
            &mei,
        ),
        (
            200,
            "alice",
            "PUT",
            format!("{device}/m.room_key_request/1"),
            &mei,
        ),
        (
            200,
            "bob",
            "PUT",
            format!("{device}/com.example.file/1"),
            &alice,
        ),
        (
            200,
            "bob",
            "PUT",
            format!("{device}/m.room.encrypted/1"),
            &alice,
        ),
    ];
    check(&rows);
}

#[test]
fn what_is_named_by_ids_with_a_slash_is_reached() {
    let rows = [
        ("PUT", format!("{OUT}/redact/%24a%2Fb/1")),
        ("GET", format!("{OUT}/event/%24a%2Fb")),
        ("GET", format!("{OUT}/context/%24a%2Fb")),
        ("POST", format!("{OUT}/receipt/m.read/%24a%2Fb")),
        (
            "GET",
            "/_matrix/client/v3/directory/room/%23out%2Fb%3Aacme".to_owned(),
        ),
        (
            "POST",
            "/_matrix/client/v3/join/%21out?via=acme&via=globex".to_owned(),
        ),
    ];
    let rows: Vec<Row<'_>> = rows
        .into_iter()
        .map(|(method, target)| (200, "alice", method, target, ""))
        .collect();
    check(&rows);
}

/// A room's history can be open to everybody, and the homeserver then shows it to everybody.
#[test]
fn who_is_outside_reads_no_room_of_colleagues() {
    let rows: Vec<Row<'_>> = [
        "messages?dir=b",
        "state",
        "members",
        "event/$1",
        "context/$1",
    ]
    .into_iter()
    .map(|what| {
        let sign = if what.contains('?') { '&' } else { '?' };
        let target = format!("{IN}/{what}{sign}user_id=%40line_mei%3Aacme");
        (404, "bridge", "GET", target, "")
    })
    .collect();
    check(&rows);
}

#[test]
fn a_pusher_tells_no_more_than_that_something_has_happened() {
    let pusher = |kind: &str, data: &str| {
        format!(
            r#"{{"kind":{kind},"app_id":"im.app","pushkey":"k","app_display_name":"a","device_display_name":"d","lang":"en","data":{data}}}"#
        )
    };
    let url = r#""url":"https://push.example/_matrix/push/v1/notify""#;
    let bodies = [
        (
            200,
            pusher(
                "\"http\"",
                &format!(r#"{{"format":"event_id_only",{url}}}"#),
            ),
        ),
        (
            200,
            pusher(
                "\"http\"",
                &format!(r#"{{{url},"format":"event_id_only","default_payload":{{"aps":{{}}}}}}"#),
            ),
        ),
        (
            200,
            r#"{"kind":null,"app_id":"im.app","pushkey":"k"}"#.to_owned(),
        ),
        (200, pusher("null", "{}")),
        (404, pusher("\"http\"", &format!("{{{url}}}"))),
        (
            404,
            pusher("\"http\"", &format!(r#"{{"format":"full",{url}}}"#)),
        ),
        (
            404,
            pusher(
                "\"http\"",
                &format!(r#"{{"format":"EVENT_ID_ONLY",{url}}}"#),
            ),
        ),
        (
            404,
            pusher("\"http\"", &format!(r#"{{"format":null,{url}}}"#)),
        ),
        (
            404,
            pusher(
                "\"http\"",
                &format!(r#"{{"inner":{{"format":"event_id_only"}},{url}}}"#),
            ),
        ),
        (404, pusher("\"email\"", "{}")),
        (404, pusher("\"email\"", r#"{"format":"event_id_only"}"#)),
        (
            400,
            pusher(
                "\"http\"",
                &format!(r#"{{"format":"event_id_only","format":"full",{url}}}"#),
            ),
        ),
        (
            400,
            pusher(
                "\"http\"",
                &format!(r#"{{"format":["event_id_only"],{url}}}"#),
            ),
        ),
        (404, pusher("\"http\"", r#"[{"format":"event_id_only"}]"#)),
    ];
    let rows: Vec<Row<'_>> = bodies
        .iter()
        .map(|(status, body)| {
            let target = "/_matrix/client/v3/pushers/set".to_owned();
            (*status, "alice", "POST", target, body.as_str())
        })
        .collect();
    check(&rows);
}

#[test]
fn side_doors_are_shut() {
    let shut = [
        ("GET", "/_synapse/admin/v1/users/@bob:acme"),
        ("POST", "/_synapse/admin/v1/join/!out"),
        ("GET", "/_matrix/client/v3/events"),
        ("GET", "/_matrix/client/r0/initialSync"),
        ("GET", "/_matrix/client/api/v1/rooms/!out/initialSync"),
        ("GET", "/_matrix/federation/v1/state/!out"),
        (
            "GET",
            "/_matrix/client/unstable/org.matrix.msc4140/delayed_events",
        ),
        (
            "POST",
            "/_matrix/client/v3/user/@alice:acme/openid/request_token",
        ),
        ("GET", "/_matrix/client/v3/rooms/!nobody/messages?dir=b"),
        ("GET", "/_matrix/client/v9/sync"),
    ];
    let rows: Vec<Row<'_>> = shut
        .into_iter()
        .map(|(method, target)| (404, "alice", method, target.to_owned(), ""))
        .collect();
    check(&rows);
}

#[test]
fn who_signs_in_elsewhere_is_led_there() {
    let post = Post::new();
    let target =
        "/_matrix/client/v3/login/sso/redirect/company?redirectUrl=https%3A%2F%2Fapp.example";
    let request = format!("GET {target} HTTP/1.1\r\nHost: chat.acme.example\r\n\r\n");
    let (answer, arrived) = post.exchange(request.as_bytes());
    assert_eq!(answer.status, 302, "{}", answer.text());
    assert_eq!(
        fields(&answer.head, "location"),
        ["https://sign-in.example/"]
    );
    assert_eq!(arrived[0].request_line(), format!("GET {target} HTTP/1.1"));
}

#[test]
fn a_room_that_is_hidden_is_not_there_by_id() {
    let asked = [
        "messages?dir=b",
        "event/$1",
        "context/$1",
        "state",
        "state/m.room.name",
        "members",
        "joined_members",
        "threads",
        "relations/$1",
    ];
    let mut rows: Vec<Row<'_>> = Vec::new();
    for path in asked {
        rows.push((404, "bob", "GET", format!("{OUT}/{path}"), ""));
    }
    rows.push((
        403,
        "bob",
        "PUT",
        format!("{OUT}/send/m.room.message/1"),
        TEXT,
    ));
    rows.push((
        404,
        "bob",
        "GET",
        "/_matrix/client/v3/profile/@line_mei:acme".to_owned(),
        "",
    ));
    check(&rows);
}

#[test]
fn a_bridge_is_whom_it_acts_for() {
    let post = Post::new();
    let as_mei = "user_id=%40line_mei%3Aacme";
    let send = format!("{OUT}/send/m.room.message/1?{as_mei}");
    let (answer, arrived) = post.send("bridge", "PUT", &send, TEXT);
    assert_eq!((answer.status, arrived.len()), (200, 1));
    assert!(
        as_sent(&arrived[0], "PUT", &send, TEXT),
        "{}",
        arrived[0].head
    );
    let (answer, arrived) = post.send("bridge", "PUT", &send, IMAGE);
    assert_eq!((answer.status, arrived.len()), (403, 0));
    // For nobody, or for somebody who is not its own, it is nobody.
    for target in [
        format!("{OUT}/send/m.room.message/1"),
        format!("{OUT}/send/m.room.message/1?user_id=%40alice%3Aacme"),
    ] {
        let (answer, arrived) = post.send("bridge", "PUT", &target, TEXT);
        assert_eq!((answer.status, arrived.len()), (401, 0), "{target}");
    }
    let twice = format!("{send}&user_id=%40alice%3Aacme");
    assert_eq!(post.send("bridge", "PUT", &twice, TEXT).0.status, 400);
}

#[test]
fn what_would_blind_the_reader_is_taken_out_of_filters() {
    let post = Post::new();
    let filter = "/_matrix/client/v3/user/@alice:acme/filter";
    let body = r#"{"event_fields":["content.url"],"event_format":"federation","room":{"timeline":{"limit":2}}}"#;
    let (answer, arrived) = post.send("alice", "POST", filter, body);
    assert_eq!((answer.status, arrived.len()), (200, 1));
    assert_eq!(arrived[0].body, br#"{"room":{"timeline":{"limit":2}}}"#);
    let sync = |filter: &str| format!("/_matrix/client/v3/sync?timeout=0&filter={filter}&since=s1");
    let blind = sync("%7B%22event_fields%22:%5B%22a%22%5D,%22room%22:%7B%7D%7D");
    let (answer, arrived) = post.send("alice", "GET", &blind, "");
    assert_eq!((answer.status, arrived.len()), (200, 1));
    let line = format!("GET {} HTTP/1.1", sync("%7B%22room%22%3A%7B%7D%7D"));
    assert_eq!(arrived[0].request_line(), line);
    for left in [sync("12"), sync("%7B%22room%22:%7B%7D%7D")] {
        let (_, arrived) = post.send("alice", "GET", &left, "");
        assert_eq!(arrived[0].request_line(), format!("GET {left} HTTP/1.1"));
    }
    let (answer, arrived) = post.send("alice", "GET", &sync("%7B%22a%22:1,%22a%22:2%7D"), "");
    assert_eq!((answer.status, arrived.len()), (400, 0));
}

#[test]
fn a_browser_is_told_what_it_must_know() {
    let post = Post::new();
    let preflight = "OPTIONS /_matrix/client/r0/sync?timeout=0 HTTP/1.1\r\nHost: a\r\nOrigin: http://web\r\nAccess-Control-Request-Method: GET\r\n\r\n";
    let (answer, arrived) = post.exchange(preflight.as_bytes());
    assert_eq!((answer.status, arrived.len()), (204, 0));
    assert!(
        answer
            .head
            .to_lowercase()
            .contains("access-control-allow-origin: *")
    );
    assert!(answer.head.contains("Authorization"), "{}", answer.head);
    let (answer, _) = post.send(
        "alice",
        "PUT",
        &format!("{OUT}/send/m.room.message/1"),
        IMAGE,
    );
    assert_eq!(answer.status, 403);
    assert!(
        answer
            .head
            .to_lowercase()
            .contains("access-control-allow-origin: *")
    );
    let told: serde_json::Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(told["errcode"], "M_FORBIDDEN");
    assert_eq!(told["org.borderpost.reason"], "attachment_restricted");
    assert_eq!(told["org.borderpost.kind"], "camera");
    assert!(
        told["error"]
            .as_str()
            .is_some_and(|text| text.ends_with('.')),
        "{told}"
    );
}
