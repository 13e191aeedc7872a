//! What other servers ask: whom they may bring in, where they may come in, and what they are told.

use crate::border::{Border, settings, signature, try_to_load};
use crate::kit::Recorded;

const V1: &str = "/_matrix/federation/v1";
const V2: &str = "/_matrix/federation/v2";

/// Status, origin, method, target, body.
type Row<'r> = (u16, &'r str, &'r str, String, String);

fn check(rows: &[Row<'_>]) {
    let border = Border::new();
    let mut wrong = Vec::new();
    for (wanted, origin, method, target, body) in rows {
        let (answer, arrived) = border.send(origin, method, target, body);
        let passes = *wanted == 200;
        let is_right = answer.status == *wanted
            && arrived.len() == usize::from(passes)
            && arrived
                .iter()
                .all(|arrived| is_as_sent(arrived, origin, method, target, body));
        if !is_right {
            let (status, text) = (answer.status, answer.text());
            wrong.push(format!(
                "{origin} {method} {target} {body}\n  wanted {wanted}, got {status} {text}, {arrived:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn is_as_sent(arrived: &Recorded, origin: &str, method: &str, target: &str, body: &str) -> bool {
    arrived.request_line() == format!("{method} {target} HTTP/1.1")
        && arrived.body == body.as_bytes()
        && arrived.headers("authorization") == [signature(origin)]
}

fn row(wanted: u16, method: &'static str, target: String, body: &str) -> Row<'static> {
    (wanted, "globex", method, target, body.to_owned())
}

fn event(sender: &str, whom: &str, membership: &str) -> String {
    format!(
        "{{\"type\":\"m.room.member\",\"sender\":\"{sender}\",\"state_key\":\"{whom}\",\"content\":{{\"membership\":\"{membership}\"}}}}"
    )
}

fn invitation(sender: &str, whom: &str) -> String {
    let event = event(sender, whom, "invite");
    format!("{{\"room_version\":\"12\",\"invite_room_state\":[],\"event\":{event}}}")
}

#[test]
fn nobody_is_asked_in_who_may_not_talk_outside() {
    let xavier = "@xavier:globex";
    let mut rows = Vec::new();
    for room in ["!theirs", "%21theirs", "!deal", "!ours"] {
        let (v1, v2) = (
            format!("{V1}/invite/{room}/$e%2F1"),
            format!("{V2}/invite/{room}/$e%2F1"),
        );
        for (wanted, whom) in [(200, "@alice:acme"), (404, "@bob:acme")] {
            let v1_body = event(xavier, whom, "invite");
            rows.push(row(wanted, "PUT", v1.clone(), &v1_body));
            rows.push(row(wanted, "PUT", v2.clone(), &invitation(xavier, whom)));
        }
    }
    let target = format!("{V2}/invite/!theirs/$1");
    let bob = invitation(xavier, "@bob:acme");
    let odd = [
        // Nobody asks in the name of somebody else's people, or of nobody.
        (401, invitation("@mallory:evil", "@alice:acme")),
        (401, invitation("@alice:acme", "@alice:acme")),
        // What two readers could take differently.
        (400, bob.replace("\"event\"", "\"event\":{},\"event\"")),
        (400, bob.replace("\"event\"", "\"Event\":{},\"event\"")),
        (400, bob.replace("\"@bob:acme\"", "[\"@bob:acme\"]")),
        (
            400,
            format!("{bob} ")
                .replace("\"@bob:acme\"", "\"@alice:acme\"")
                .replace("} ", "}}"),
        ),
        // Escapes count as what they are.
        (404, bob.replace("@bob", "\\u0040bob")),
        (404, bob.replace("state_key", "state\\u005fkey")),
    ];
    rows.extend(odd.map(|(wanted, body)| row(wanted, "PUT", target.clone(), &body)));
    check(&rows);
}

#[test]
fn nobody_comes_into_a_room_that_may_not_be_opened() {
    let join = |who: &str| event(who, who, "join");
    let xavier = join("@xavier:globex");
    let mut rows = Vec::new();
    for (wanted, room) in [
        (404, "!ours"),
        (404, "!hers"),
        (200, "!deal"),
        (404, "!none"),
    ] {
        for what in ["join", "knock"] {
            let make = format!("{V1}/make_{what}/{room}/%40xavier%3Aglobex?ver=11&ver=12");
            rows.push(row(wanted, "GET", make, ""));
            let send = format!("{V1}/send_{what}/{room}/$1");
            rows.push(row(wanted, "PUT", send, &xavier));
        }
        let send = format!("{V2}/send_join/{room}/$1?omit_members=true");
        rows.push(row(wanted, "PUT", send, &xavier));
    }
    // Going is always possible.
    rows.push(row(
        200,
        "GET",
        format!("{V1}/make_leave/!deal/@xavier:globex"),
        "",
    ));
    for version in [V1, V2] {
        let leave = event("@xavier:globex", "@xavier:globex", "leave");
        rows.push(row(
            200,
            "PUT",
            format!("{version}/send_leave/!deal/$1"),
            &leave,
        ));
    }
    // A server speaks for its own people, and in one name at a time.
    let of_others = [
        (
            "GET",
            format!("{V1}/make_join/!deal/@yann:other"),
            String::new(),
        ),
        (
            "PUT",
            format!("{V2}/send_join/!deal/$1"),
            join("@yann:other"),
        ),
        (
            "PUT",
            format!("{V2}/send_join/!deal/$1"),
            event("@xavier:globex", "@yann:globex", "join"),
        ),
        ("PUT", format!("{V2}/send_join/!deal/$1"), join("@bob:acme")),
    ];
    rows.extend(of_others.map(|(method, target, body)| row(401, method, target, &body)));
    check(&rows);
}

#[test]
fn doors_at_the_side_are_shut() {
    let mut rows: Vec<Row<'_>> = vec![
        row(
            404,
            "PUT",
            format!("{V1}/exchange_third_party_invite/!deal"),
            "{}",
        ),
        row(404, "POST", format!("{V1}/3pid/onbind"), "{}"),
        row(
            404,
            "GET",
            format!("{V1}/openid/userinfo?access_token=t"),
            "",
        ),
        row(
            404,
            "GET",
            format!("{V1}/query/client_keys?user_id=%40alice%3Aacme"),
            "",
        ),
        row(404, "GET", "/_matrix/media/v3/download/acme/1".into(), ""),
        row(404, "GET", "/_matrix/client/v3/joined_rooms".into(), ""),
        row(
            404,
            "GET",
            "/_synapse/admin/v1/rooms/!deal/state".into(),
            "",
        ),
        row(404, "GET", format!("{V1}/groups/1"), ""),
        row(
            400,
            "GET",
            format!("{V1}/m%61ke_join/!ours/@xavier:globex"),
            "",
        ),
        row(
            400,
            "GET",
            format!("{V1}//make_join/!ours/@xavier:globex"),
            "",
        ),
        row(
            400,
            "GET",
            format!("{V1}/state/!deal?event_id=$1&event_id=$2"),
            "",
        ),
        row(400, "GET", format!("{V1}/state/!deal?event=$1"), ""),
        row(
            200,
            "GET",
            format!("{V1}/backfill/!deal?v=$1&v=%242&limit=9"),
            "",
        ),
        row(200, "GET", format!("{V1}/version"), ""),
        row(200, "GET", "/_matrix/key/v2/server".into(), ""),
    ];
    // A server whose people are of no company and no network is no one's partner.
    for (target, wanted) in [
        (format!("{V1}/state_ids/!deal?event_id=$1"), 404),
        (format!("{V1}/make_join/!deal/@m:evil"), 404),
        (format!("{V1}/user/devices/@alice:acme"), 404),
    ] {
        rows.push((wanted, "evil", "GET", target.clone(), String::new()));
    }
    let asks = invitation("@m:evil", "@alice:acme");
    rows.push((404, "evil", "PUT", format!("{V2}/invite/!theirs/$1"), asks));
    check(&rows);
}

#[test]
fn a_claim_must_be_there_to_be_read() {
    let border = Border::new();
    for authorization in [
        "Bearer token-operator",
        "X-Matrix key=\"a\",sig=\"b\"",
        "X-Matrix origin=globex,origin=globex,key=a,sig=b",
        "X-Matrix origin=\"glo\\bex\",key=a,sig=b",
    ] {
        let answer = border.send_as(authorization, "GET", &format!("{V1}/state/!deal"));
        assert_eq!(answer.status, 401, "{authorization}");
    }
    assert_eq!(border.servers.rest().len(), 0);
}

#[test]
fn somebody_unknown_has_the_name_unknown_whether_or_not_there_is_such_a_person() {
    let border = Border::new();
    let alice = r#"{"displayname":"Alice","avatar_url":"mxc://acme/1"}"#;
    let found = |whom: &str, status: &str, body: &str| {
        border.answers(status, body);
        let target = format!("{V1}/query/profile?user_id={whom}&field=displayname");
        let (answer, arrived) = border.send("globex", "GET", &target, "");
        // The homeserver makes sure of who asks.
        assert_eq!(arrived.len(), 1);
        (answer.status, answer.text().to_owned())
    };
    let unknown = (200, r#"{"displayname":"unknown"}"#.to_owned());
    let nobody = r#"{"errcode":"M_NOT_FOUND","error":"Profile was not found"}"#;
    let unsigned = r#"{"errcode":"M_UNAUTHORIZED","error":"Invalid signature"}"#;
    assert_eq!(
        found("@alice:acme", "200 OK", alice),
        (200, alice.to_owned())
    );
    assert_eq!(
        found("@bob:acme", "200 OK", r#"{"displayname":"Bob"}"#),
        unknown
    );
    assert_eq!(found("%40bob%3Aacme", "200 OK", "{}"), unknown);
    assert_eq!(found("@nobody:acme", "404 Not Found", nobody), unknown);
    assert_eq!(
        found("@bob:acme", "401 Unauthorized", unsigned),
        (401, unsigned.to_owned())
    );
    assert_eq!(found("@alice:acme", "404 Not Found", nobody).0, 404);
}

#[test]
fn of_keys_and_devices_only_those_are_told_whose_owners_may_be_known() {
    let border = Border::new();
    border.answers(
        "200 OK",
        r#"{"device_keys":{"@alice:acme":{"D":{}},"@bob:acme":{"E":{}}},"master_keys":{"@bob:acme":{}}}"#,
    );
    let asked = r#"{"device_keys":{"@alice:acme":[],"@bob:acme":[]}}"#;
    let target = format!("{V1}/user/keys/query");
    let (answer, arrived) = border.send("globex", "POST", &target, asked);
    assert_eq!(arrived[0].body, asked.as_bytes());
    assert_eq!(
        answer.text(),
        r#"{"device_keys":{"@alice:acme":{"D":{}}},"master_keys":{}}"#
    );
    let devices = |whom: &str| {
        let target = format!("{V1}/user/devices/{whom}");
        border.send("globex", "GET", &target, "").0.status
    };
    assert_eq!((devices("@alice:acme"), devices("@bob:acme")), (200, 404));
}

#[test]
fn a_room_that_nobody_knows_of_is_on_no_list() {
    let border = Border::new();
    let rooms = r#"{"chunk":[{"room_id":"!deal","name":"d"},{"room_id":"!none","name":"n"}],"total_room_count_estimate":2}"#;
    border.answers("200 OK", rooms);
    let (answer, _) = border.send("globex", "GET", &format!("{V1}/publicRooms?limit=9"), "");
    assert_eq!(
        answer.text(),
        r#"{"chunk":[{"room_id":"!deal","name":"d"}],"total_room_count_estimate":1}"#
    );
    let tree = r#"{"room":{"room_id":"!deal"},"children":[{"room_id":"!none"}],"inaccessible_children":["!none"]}"#;
    border.answers("200 OK", tree);
    let (answer, _) = border.send("globex", "GET", &format!("{V1}/hierarchy/!deal"), "");
    assert_eq!(
        answer.text(),
        r#"{"room":{"room_id":"!deal"},"children":[],"inaccessible_children":[]}"#
    );
    border.answers("200 OK", r#"{"room_id":"!none","servers":["acme"]}"#);
    let target = format!("{V1}/query/directory?room_alias=%23none%3Aacme");
    assert_eq!(border.send("globex", "GET", &target, "").0.status, 404);
    let events = r#"{"origin":"acme","pdus":[{"room_id":"!none","sender":"@bob:acme"}]}"#;
    border.answers("200 OK", events);
    let (answer, _) = border.send("globex", "GET", &format!("{V1}/event/$1"), "");
    assert_eq!(answer.text(), r#"{"origin":"acme","pdus":[]}"#);
    let events = events.replace("!none", "!deal");
    border.answers("200 OK", &events);
    let (answer, _) = border.send("globex", "GET", &format!("{V1}/event/$1"), "");
    assert_eq!(answer.text(), events, "a signed event is never edited");
}

#[test]
fn a_file_is_fetched_by_those_to_whom_its_owner_may_send_one() {
    let mut rows = Vec::new();
    for what in ["download", "thumbnail"] {
        let media = |id: &str| format!("{V1}/media/{what}/{id}?timeout_ms=1");
        // A company that keeps its attachments, somebody who is unknown, nobody.
        rows.push(row(403, "GET", media("alices"), ""));
        rows.push(row(404, "GET", media("bobs"), ""));
        rows.push(row(404, "GET", media("nobodys"), ""));
        rows.push(row(200, "GET", media("carols"), ""));
        rows.push((404, "evil", "GET", media("carols"), String::new()));
    }
    check(&rows);
}

#[test]
fn without_the_homeservers_own_name_nothing_starts() {
    let nowhere = "127.0.0.1:1".parse().expect("an address");
    let settings = settings(nowhere, nowhere).replace(", name: \"acme:8448\"", "");
    let found = try_to_load(&settings, &[]).expect_err("a fault");
    let told: Vec<String> = found.iter().map(ToString::to_string).collect();
    let expected = "post/gateway.yaml:5:10: error: whose things are asked for on `federation` can't be learnt (say `name` under `upstream`: what the message server calls itself)";
    assert!(told.iter().any(|one| one == expected), "{told:#?}");
}

// --- what is learnt -------------------------------------------------------------------------------

/// alice sends a word into a room, which makes the gateway know who is in it.
fn writes(border: &Border, room: &str) -> u16 {
    let target = format!("/_matrix/client/v3/rooms/!{room}/send/m.room.message/1");
    let text = r#"{"msgtype":"m.text","body":"hello"}"#;
    border.ask("token-alice", "PUT", &target, text).status
}

/// Whether the room is asked for anew after this transaction, which passes.
fn is_learnt_anew_after(transaction: &str, room: &str) -> bool {
    let border = Border::new();
    assert_eq!(writes(&border, room), 200);
    assert_eq!(writes(&border, room), 200);
    assert_eq!(border.look_ups(room), 1);
    let target = format!("{V1}/send/1");
    let (answer, arrived) = border.send("globex", "PUT", &target, transaction);
    assert_eq!(answer.status, 200);
    assert!(is_as_sent(
        &arrived[0],
        "globex",
        "PUT",
        &target,
        transaction
    ));
    assert_eq!(writes(&border, room), 200);
    border.look_ups(room) == 1
}

fn told(room: &str, whom: &str, membership: &str) -> String {
    let event = event("@xavier:globex", whom, membership);
    let event = event.replacen('{', &format!("{{\"room_id\":\"!{room}\","), 1);
    format!("{{\"origin\":\"globex\",\"edus\":[],\"pdus\":[{event}]}}")
}

#[test]
fn a_room_is_learnt_anew_when_somebody_comes_or_goes_by_what_another_server_tells() {
    let learnt = |whom: &str, membership: &str| {
        is_learnt_anew_after(&told("deal", whom, membership), "deal")
    };
    assert!(learnt("@yann:globex", "join"));
    assert!(learnt("@yann:globex", "invite"));
    assert!(learnt("@xavier:globex", "leave"));
    assert!(learnt("@xavier:globex", "ban"));
    assert!(!learnt("@xavier:globex", "join"), "a new name is no news");
    assert!(!learnt("@yann:globex", "leave"), "who was not there");
}

#[test]
fn another_room_is_not_learnt_anew() {
    assert!(!is_learnt_anew_after(
        &told("hers", "@yann:globex", "join"),
        "deal"
    ));
}

#[test]
fn after_a_transaction_that_cannot_be_read_every_room_is_learnt_anew() {
    let unreadable =
        told("hers", "@yann:globex", "join").replace("\"pdus\"", "\"pdus\":[],\"pdus\"");
    assert!(is_learnt_anew_after(&unreadable, "deal"));
}

#[test]
fn what_must_be_learnt_is_asked_of_the_message_server_in_the_gateways_own_name() {
    let border = Border::new();
    let (answer, _) = border.send(
        "globex",
        "GET",
        &format!("{V1}/state/!deal?event_id=$1"),
        "",
    );
    assert_eq!(answer.status, 200);
    let asked = border.clients.rest();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].headers("authorization"), ["Bearer token-operator"]);
}
