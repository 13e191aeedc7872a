//! What a homeserver pushes to a bridge: as it came where nothing is against it, and without anything
//! that the bridge's network may not see where something is.

use borderpost::dialect::json::scan::{Twins, scan};
use borderpost::dialect::links::DriveHosts;
use borderpost::dialect::{Body, Program};
use borderpost::gateway::items::ReadBody;
use serde_json::{Value, json};

use crate::bridge::{CLOSED, Crossing, ONLY_ALICE, OPEN, STRICT};
use crate::recorded::{Exchange, clients, exchanges, manners};
use crate::town::town;

/// The transactions that were recorded.
fn recorded() -> Vec<&'static Exchange> {
    let all = exchanges().iter();
    let pushed = all.filter(|exchange| exchange.leg == "acme-to-bridge");
    let pushed: Vec<_> = pushed.collect();
    assert!(pushed.len() > 35, "{}", pushed.len());
    pushed
}

/// A crossing whose homeserver knows the recorded rooms and people.
fn of_record(acme_line: &str) -> Crossing {
    let crossing = Crossing::new(acme_line);
    crossing.world(|world| {
        for (room, people) in &town().rooms {
            let people = people.iter().cloned().collect();
            world.rooms.insert(room.clone(), people);
        }
        for (person, names) in &town().names {
            let name = names.iter().next().expect("a name");
            world.names.insert(person.clone(), name.clone());
        }
    });
    crossing
}

fn request(exchange: &Exchange) -> Vec<u8> {
    let body = exchange.body.as_ref().expect("JSON").to_string();
    let mut request = format!("{} {} HTTP/1.1\r\n", exchange.method, exchange.target);
    for (name, value) in &exchange.headers {
        if name != "Content-Length" {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
    request.into_bytes()
}

#[test]
fn recorded_transactions_arrive_byte_for_byte_where_everything_is_allowed() {
    let crossing = of_record(OPEN);
    for exchange in recorded() {
        let (told, arrived) = crossing.exchange(1, &request(exchange));
        assert_eq!(
            (told.status, told.text()),
            (200, "{}"),
            "{}",
            exchange.target
        );
        let [arrived] = &arrived[..] else {
            panic!("{}: {} arrived", exchange.target, arrived.len());
        };
        let line = format!("PUT {} HTTP/1.1", exchange.target);
        assert_eq!(arrived.request_line(), line);
        assert_eq!(arrived.header("authorization"), Some("Bearer tok-hs"));
        let sent = exchange.body.as_ref().expect("JSON").to_string();
        assert_eq!(String::from_utf8_lossy(&arrived.body), sent);
    }
}

/// How a transaction is read.
fn program() -> &'static Program {
    let (leg, _) = clients().leg(Some("bridge")).expect("a leg");
    let routed = clients().route_on(leg, "PUT", "/_matrix/app/v1/transactions/1");
    match &routed.expect("a surface").surface.body {
        Body::Shown(program) => program,
        _ => panic!("what is pushed is shown"),
    }
}

#[test]
fn each_recorded_event_is_in_its_room_and_of_its_sender() {
    let drive_hosts = DriveHosts::new(std::iter::empty()).expect("hosts");
    for exchange in recorded() {
        let body = exchange.body.as_ref().expect("JSON");
        let bytes = body.to_string().into_bytes();
        let reading = scan(&bytes, program(), &manners(Twins::Exact)).expect("a reading");
        let read = ReadBody {
            bytes: &bytes,
            reading: &reading,
            program: program(),
            drive_hosts: &drive_hosts,
        };
        assert_eq!(reading.first_misfit(), None, "{body}");
        let found = read.items().into_iter().filter_map(|item| {
            let room = item.place?.id.to_string();
            Some((room, item.author?.as_str().to_owned()))
        });
        let events = body["events"].as_array().expect("events").iter();
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let told = events.map(|event| (text(&event["room_id"]), text(&event["sender"])));
        assert_eq!(found.collect::<Vec<_>>(), told.collect::<Vec<_>>());
    }
}

#[test]
fn recorded_transactions_name_nobody_who_may_not_talk() {
    let strict = STRICT.replace("@alice:acme", "@alice:acme.localhost:8448");
    let crossing = of_record(&strict);
    let (mut of_alice, mut events) = (0, 0);
    for exchange in recorded() {
        let (told, arrived) = crossing.exchange(1, &request(exchange));
        assert_eq!(
            (told.status, arrived.len()),
            (200, 1),
            "{}",
            exchange.target
        );
        let text = String::from_utf8_lossy(&arrived[0].body).into_owned();
        for secret in ["@bob:", "Bob Lee", "@dave:", "Dave Kim"] {
            let before = exchange.body.as_ref().expect("JSON");
            assert!(!text.contains(secret), "{secret} in {text}\n{before}");
        }
        let shown: Value = serde_json::from_str(&text).expect("JSON");
        let shown = shown["events"].as_array().expect("events");
        let sent = exchange.body.as_ref().expect("JSON")["events"].clone();
        assert_eq!(shown.len(), sent.as_array().map_or(0, Vec::len));
        events += shown.len();
        of_alice += text.matches("Alice Tan").count();
    }
    assert!(of_alice > 5 && events > 40, "{of_alice} {events}");
}

/// A message of somebody's in a room.
fn said(room: &str, sender: &str, content: Value) -> Value {
    json!({"type": "m.room.message", "room_id": room, "sender": sender, "event_id": "$1",
        "origin_server_ts": 1, "user_id": sender, "unsigned": {"age": 5}, "content": content})
}

fn words(room: &str, sender: &str, body: &str) -> Value {
    said(room, sender, json!({"msgtype": "m.text", "body": body}))
}

fn picture(room: &str, sender: &str) -> Value {
    let content = json!({"msgtype": "m.image", "body": "a.png", "url": "mxc://acme/secretpicture"});
    said(room, sender, content)
}

fn member(room: &str, sender: &str, subject: &str, membership: &str) -> Value {
    let mut event = said(
        room,
        sender,
        json!({"membership": membership, "displayname": format!("{subject} by name")}),
    );
    event["type"] = json!("m.room.member");
    event["state_key"] = json!(subject);
    event
}

/// What arrives of these events.
fn of_events(crossing: &Crossing, events: &[Value]) -> Vec<Value> {
    let (told, arrived) = crossing.push(&json!({ "events": events }));
    assert_eq!(told.status, 200, "{}", told.text());
    let arrived = arrived.expect("a transaction");
    arrived["events"].as_array().expect("events").clone()
}

#[test]
fn a_room_that_nobody_of_the_network_is_in_is_not_pushed() {
    let crossing = Crossing::new(OPEN);
    let port = words("!port", "@alice:acme", "hello");
    let office = words("!office", "@alice:acme", "among ourselves");
    let nowhere = words("!nowhere", "@alice:acme", "nobody knows where");
    let all = [office.clone(), port.clone(), nowhere, office.clone()];
    assert_eq!(of_events(&crossing, &all), [port]);
    // What is left of a transaction is delivered, that the homeserver goes on.
    assert_eq!(of_events(&crossing, &[office]), [json!(null); 0]);
}

#[test]
fn a_network_is_told_of_its_own_who_go() {
    let crossing = Crossing::new(STRICT);
    let kick = member("!office", "@alice:acme", "@line_mei:acme", "leave");
    let own = member("!office", "@line_mei:acme", "@line_mei:acme", "leave");
    let other = member("!office", "@alice:acme", "@bob:acme", "leave");
    let shown = of_events(&crossing, &[kick.clone(), own.clone(), other]);
    assert_eq!(shown, [kick, own]);
}

#[test]
fn who_comes_in_makes_the_rest_of_the_room_visible() {
    let crossing = Crossing::new(OPEN);
    let text = words("!office", "@alice:acme", "welcome");
    assert_eq!(
        of_events(&crossing, std::slice::from_ref(&text)),
        [json!(null); 0]
    );
    crossing.world(|world| {
        let office = world.rooms.get_mut("!office").expect("a room");
        office.push("@line_mei:acme".to_owned());
    });
    let mut invite = member("!office", "@alice:acme", "@line_mei:acme", "invite");
    invite["invite_room_state"] = json!([{"type": "m.room.member", "sender": "@alice:acme",
        "state_key": "@alice:acme", "content": {"membership": "join", "displayname": "Alice Kim"}}]);
    let all = [invite, text];
    assert_eq!(of_events(&crossing, &all), all);
}

#[test]
fn no_file_crosses_where_it_may_not() {
    let crossing = Crossing::new(STRICT);
    let events = [
        picture("!port", "@alice:acme"),
        picture("!port", "@bob:acme"),
        picture("!port", "@line_mei:acme"),
        words("!port", "@alice:acme", "see mxc://acme/secretpicture"),
        words("!port", "@alice:acme", "just words"),
    ];
    let shown = of_events(&crossing, &events);
    let placeholder = |event: &Value| event["content"].get("org.borderpost.withheld").is_some();
    let withheld: Vec<bool> = shown.iter().map(placeholder).collect();
    assert_eq!(withheld, [true, true, false, true, false], "{shown:#?}");
    // Of another company's files the other company decides, and where it says nothing, nobody may.
    let shown = of_events(&crossing, &[picture("!mixed", "@xavier:globex")]);
    assert!(!placeholder(&shown[0]));
    let elsewhere = picture("!mixed", "@yves:elsewhere");
    assert!(placeholder(&of_events(&crossing, &[elsewhere])[0]));
}

/// Everything that a transaction can hold, with Bob everywhere.
fn of_bob() -> Value {
    let bob = "@bob:acme";
    let mut message = words("!port", bob, "I am Bob Leewater, BOB LEEWATER, @bob:acme");
    message["content"]["m.mentions"] = json!({ "user_ids": [bob, "@alice:acme"] });
    message["content"]["formatted_body"] =
        json!("<a href='https://matrix.to/#/%40bob%3Aacme'>Bob Leewater</a>");
    message["content"]["com.example.new"] = json!({"deep": ["Bob Leewater", {"id": bob}]});
    message["com.example.new"] = json!({"deep": ["Bob Leewater"]});
    message["unsigned"]["com.example.new"] = json!([{"by": "Bob Leewater"}]);
    message["unsigned"]["m.relations"] = json!({"m.replace": words("!port", bob, "by Bob Leewater"),
        "m.thread": {"latest_event": words("!port", bob, "by Bob Leewater"), "count": 1}});
    let mut joined = member("!port", bob, bob, "join");
    joined["content"] = json!({"membership": "join", "displayname": "Bob Leewater",
        "avatar_url": "mxc://acme/faceofbob", "reason": "Bob Leewater",
        "third_party_invite": {"display_name": "Bob Leewater", "signed": {"mxid": bob, "token": "t"}}});
    joined["prev_content"] = joined["content"].clone();
    joined["unsigned"] = json!({"prev_content": joined["content"], "prev_sender": bob});
    let mut invite = member("!port", bob, "@line_mei:acme", "invite");
    let state = json!([{"type": "m.room.member", "sender": bob, "state_key": bob,
        "content": {"membership": "join", "displayname": "Bob Leewater", "avatar_url": "mxc://acme/faceofbob"}}]);
    invite["invite_room_state"] = state.clone();
    invite["unsigned"] = json!({ "invite_room_state": state });
    let mut powers = said(
        "!port",
        "@alice:acme",
        json!({ "users": { bob: 50, "@alice:acme": 100 } }),
    );
    powers["type"] = json!("m.room.power_levels");
    powers["state_key"] = json!("");
    let ephemeral = json!([
        {"type": "m.typing", "room_id": "!port", "content": {"user_ids": [bob, "@line_mei:acme"]}},
        {"type": "m.receipt", "room_id": "!port", "content": {"$1": {"m.read": {bob: {"ts": 1}, "@line_mei:acme": {"ts": 2}}}}},
        {"type": "m.presence", "sender": bob, "content": {"presence": "online", "displayname": "Bob Leewater",
            "avatar_url": "mxc://acme/faceofbob", "status_msg": "Bob Leewater is in"}},
        {"type": "com.example", "room_id": "!port", "who": bob, "content": {"displayname": "x"}},
    ]);
    let to_device = json!([
        {"type": "m.room_key_request", "sender": bob, "to_user_id": "@line_mei:acme", "to_device_id": "D", "content": {}},
        {"type": "m.room_key_request", "sender": "@line_mei:acme", "to_user_id": "@line_mei:acme", "to_device_id": "D", "content": {"of": bob}},
    ]);
    let lists = json!({"changed": [bob, "@alice:acme"], "left": [bob]});
    let counts = json!({bob: {"D": {"signed_curve25519": 1}}, "@line_mei:acme": {"D": {"signed_curve25519": 2}}});
    json!({
        "events": [message, joined, invite, powers],
        "ephemeral": ephemeral,
        "de.sorunome.msc2409.ephemeral": ephemeral,
        "to_device": to_device,
        "de.sorunome.msc2409.to_device": to_device,
        "device_lists": lists,
        "org.matrix.msc3202.device_lists": lists,
        "org.matrix.msc3202.device_one_time_keys_count": counts,
        "org.matrix.msc3202.device_one_time_key_counts": counts,
        "org.matrix.msc3202.device_unused_fallback_key_types": {bob: {"D": []}},
        "com.example.next.version": {"by": bob},
    })
}

#[test]
fn somebody_unknown_is_named_nowhere() {
    let crossing = Crossing::new(ONLY_ALICE);
    let (told, arrived) = crossing.push(&of_bob());
    assert_eq!(told.status, 200, "{}", told.text());
    let arrived = arrived.expect("a transaction");
    let text = arrived.to_string().to_lowercase();
    for secret in ["bob", "leewater"] {
        let at = text.find(secret);
        let near = at.map(|at| &text[at.saturating_sub(200)..(at + 60).min(text.len())]);
        assert_eq!(near, None, "{secret}");
    }
    let sender = arrived["events"][0]["sender"].as_str().expect("a sender");
    assert!(sender.starts_with("@unknown_"), "{sender}");
    for at in [
        "/events/0/user_id",
        "/events/0/content/m.mentions/user_ids/0",
        "/events/1/state_key",
        "/ephemeral/0/content/user_ids/0",
        "/ephemeral/2/sender",
    ] {
        let found = arrived.pointer(at).and_then(Value::as_str);
        assert_eq!(found, Some(sender), "{at}");
    }
    assert_eq!(arrived["events"][1]["content"]["displayname"], "unknown");
    assert_eq!(arrived["events"][1]["content"].get("avatar_url"), None);
    assert_eq!(
        arrived["events"][0]["content"]["m.mentions"]["user_ids"][1],
        "@alice:acme"
    );
    assert_eq!(
        arrived["device_lists"],
        json!({"changed": ["@alice:acme"], "left": []})
    );
    assert_eq!(arrived["to_device"].as_array().map(Vec::len), Some(1));
    let counts = &arrived["org.matrix.msc3202.device_one_time_keys_count"];
    assert_eq!(
        counts,
        &json!({"@line_mei:acme": {"D": {"signed_curve25519": 2}}})
    );
    assert_eq!(arrived.get("com.example.next.version"), None);
    let read = &arrived["ephemeral"][1]["content"]["$1"]["m.read"];
    assert_eq!(read[sender], json!({"ts": 1}), "{read}");
}

#[test]
fn nothing_is_taken_from_what_everybody_may_see() {
    let crossing = Crossing::new(OPEN);
    let mut sent = of_bob();
    // The last two are of no form that is known.
    sent.as_object_mut()
        .expect("an object")
        .remove("com.example.next.version");
    for list in ["ephemeral", "de.sorunome.msc2409.ephemeral"] {
        sent[list].as_array_mut().expect("a list").pop();
    }
    let (told, arrived) = crossing.push(&sent);
    assert_eq!((told.status, arrived), (200, Some(sent)));
}

#[test]
fn two_networks_can_not_link_their_pseudonyms() {
    let crossing = Crossing::new(STRICT);
    let event = words("!both", "@bob:acme", "hello");
    let sms = words("!both", "@sms_kim:acme", "hello");
    let transaction =
        json!({ "events": [event, sms, words("!both", "@nobody:elsewhere", "hello")] });
    let senders = |listener| {
        let (_, arrived) = crossing.push_to(listener, &transaction);
        let arrived = arrived.expect("a transaction");
        let events = arrived["events"].as_array().expect("events").clone();
        events
            .iter()
            .map(|it| it["sender"].as_str().expect("a sender").to_owned())
            .collect::<Vec<_>>()
    };
    let (of_line, of_sms) = (senders(1), senders(2));
    assert_eq!(of_sms[1], "@sms_kim:acme");
    assert!(
        of_line.iter().all(|it| it.starts_with("@unknown_")),
        "{of_line:?}"
    );
    assert!(
        of_line.iter().all(|it| !of_sms.contains(it)),
        "{of_line:?} {of_sms:?}"
    );
    // Nor is one of them of any use to the other.
    let invite = |pseudonym: &str| format!("{{\"user_id\":\"{pseudonym}\"}}");
    let target = "/_matrix/client/v3/rooms/!both/kick";
    let (told, asked) = crossing.pull("@sms_kim:acme", "POST", target, &invite(&of_line[0]));
    assert_eq!((told.status, asked.len()), (404, 0));
    let (told, asked) = crossing.pull("@sms_kim:acme", "POST", target, &invite(&of_sms[0]));
    assert_eq!((told.status, asked.len()), (200, 1), "{}", told.text());
}

#[test]
fn a_bridge_can_use_the_pseudonyms_that_it_was_pushed() {
    let crossing = Crossing::new(STRICT);
    let shown = of_events(&crossing, &[words("!port", "@bob:acme", "hello")]);
    let bob = shown[0]["sender"].as_str().expect("a sender");
    let room = "/_matrix/client/v3/rooms/!port";
    let rows = [
        ("POST", format!("{room}/kick"), json!({ "user_id": bob })),
        ("POST", format!("{room}/invite"), json!({ "user_id": bob })),
        (
            "PUT",
            format!("{room}/send/m.room.message/1"),
            json!({"msgtype": "m.text", "body": format!("hello {bob}"), "m.mentions": {"user_ids": [bob]}}),
        ),
    ];
    for (method, target, body) in rows {
        let (told, asked) = crossing.pull("@line_mei:acme", method, &target, &body.to_string());
        assert_eq!(
            (told.status, asked.len()),
            (200, 1),
            "{target} {}",
            told.text()
        );
        let expected = body.to_string().replace(bob, "@bob:acme");
        assert_eq!(String::from_utf8_lossy(&asked[0].body), expected);
    }
    // Of somebody unknown there is a profile without a name.
    let target = format!("/_matrix/client/v3/profile/{bob}");
    let (told, _) = crossing.pull("@line_mei:acme", "GET", &target, "");
    assert_eq!(
        (told.status, told.text()),
        (200, r#"{"displayname":"unknown"}"#)
    );
    // Whoever guesses the own id is told that there is nobody of that name.
    let real = json!({ "user_id": "@bob:acme" }).to_string();
    let (told, asked) = crossing.pull("@line_mei:acme", "POST", &format!("{room}/kick"), &real);
    assert_eq!((told.status, asked.len()), (404, 0), "{}", told.text());
}

#[test]
fn what_waits_is_judged_when_it_is_delivered() {
    let crossing = Crossing::new(OPEN);
    let event = picture("!port", "@alice:acme");
    crossing.world(|world| world.bridge_says = Some(503));
    let (told, arrived) = crossing.push(&json!({ "events": [event] }));
    assert_eq!(
        (told.status, arrived),
        (503, Some(json!({ "events": [event] })))
    );
    crossing.world(|world| world.bridge_says = None);
    crossing.apply(STRICT);
    let text = of_events(&crossing, std::slice::from_ref(&event))[0].to_string();
    assert!(
        !text.contains("secretpicture") && text.contains("@alice"),
        "{text}"
    );
    crossing.apply(CLOSED);
    let text = of_events(&crossing, std::slice::from_ref(&event))[0].to_string();
    assert!(!text.contains("@alice"), "{text}");
    crossing.apply(OPEN);
    assert_eq!(of_events(&crossing, std::slice::from_ref(&event)), [event]);
}

#[test]
fn what_can_not_be_read_is_refused_whole_and_told_to_the_homeserver() {
    let crossing = Crossing::with(OPEN, "limits: { edited_answer_bytes_max: 64KiB }");
    let event = words("!port", "@alice:acme", "hello").to_string();
    let long = "x".repeat(80 << 10);
    let rows: [(u16, String, &str); 6] = [
        (400, format!("{{\"events\":[{event}],\"events\":[]}}"), ""),
        (400, format!("{{\"events\":[{event}]"), ""),
        (400, format!("{{\"events\":[{event}]}} {{}}"), ""),
        (
            400,
            format!("{{\"events\":[{event}]}}"),
            "Content-Encoding: gzip\r\n",
        ),
        (
            415,
            format!("{{\"events\":[{event}]}}"),
            "Content-Encoding: x-own\r\n",
        ),
        (
            413,
            format!("{{\"events\":[{event}],\"a\":\"{long}\"}}"),
            "",
        ),
    ];
    for (status, body, more) in &rows {
        let (told, arrived) = crossing.push_bytes(1, body.as_bytes(), more);
        let told = (told.status, arrived.len());
        assert_eq!(
            told,
            (*status, 0),
            "{more} {}",
            &body[..body.len().min(300)]
        );
    }
    let page = crossing.app.parts.meters.render();
    for counted in [
        "cause=\"unreadable\"} 3",
        "cause=\"body\"} 1",
        "cause=\"too_large\"} 1",
    ] {
        assert!(page.contains(counted), "{counted} in {page}");
    }
    assert_eq!(of_events(&crossing, &[]), [json!(null); 0]);
}

#[test]
fn a_transaction_that_breaks_off_does_not_arrive() {
    let crossing = Crossing::new(OPEN);
    let head = "PUT /_matrix/app/v1/transactions/7 HTTP/1.1\r\nHost: b\r\nContent-Length: 500\r\n\r\n{\"events\":[";
    let mut client = crate::kit::Client::connect(crossing.address(1));
    client.send(head);
    client
        .stream
        .shutdown(std::net::Shutdown::Write)
        .expect("to end");
    client.read_to_end();
    let (_, arrived) = crossing.push_bytes(1, b"{\"events\":[]}", "");
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0].body, b"{\"events\":[]}");
}

#[test]
fn what_can_not_be_learnt_holds_a_transaction_back() {
    let crossing = Crossing::new(OPEN);
    let transaction = json!({ "events": [words("!port", "@alice:acme", "hello")] });
    crossing.world(|world| world.homeserver_says = Some(500));
    let (told, arrived) = crossing.push(&transaction);
    assert_eq!((told.status, arrived), (502, None));
    crossing.world(|world| world.homeserver_says = None);
    let (told, arrived) = crossing.push(&transaction);
    assert_eq!((told.status, arrived), (200, Some(transaction)));
}

#[test]
fn a_bridge_that_hangs_up_is_a_fault_that_the_homeserver_is_told() {
    let crossing = Crossing::new(OPEN);
    let transaction = json!({ "events": [words("!port", "@alice:acme", "hello")] });
    crossing.world(|world| world.bridge_says = Some(0));
    assert_eq!(crossing.push(&transaction).0.status, 502);
    crossing.world(|world| world.bridge_says = None);
    let (told, arrived) = crossing.push(&transaction);
    assert_eq!((told.status, arrived), (200, Some(transaction)));
}

#[test]
fn the_homeservers_token_passes_and_nothing_else_in_the_query() {
    let crossing = Crossing::new(OPEN);
    let get = |target: &str| {
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer tok-hs\r\n\r\n");
        crossing.exchange(1, request.as_bytes())
    };
    for target in [
        "/_matrix/app/v1/users/%40line_mei%3Aacme?access_token=tok-hs",
        "/users/@line_mei:acme?access_token=tok-hs",
        "/_matrix/app/v1/rooms/%23line_x%3Aacme",
        "/rooms/%23line_x%3Aacme?access_token=tok-hs",
        "/_matrix/app/v1/thirdparty/protocol/line",
        "/_matrix/app/v1/thirdparty/user/line?phone=1&access_token=tok-hs",
        "/_matrix/app/unstable/thirdparty/location?alias=%23x%3Aacme",
    ] {
        let (told, arrived) = get(target);
        assert_eq!(
            (told.status, arrived.len()),
            (200, 1),
            "{target} {}",
            told.text()
        );
        assert_eq!(arrived[0].request_line(), format!("GET {target} HTTP/1.1"));
        assert_eq!(arrived[0].header("authorization"), Some("Bearer tok-hs"));
    }
    for (status, target) in [
        (400, "/_matrix/app/v1/users/@line_mei:acme?tell=secret"),
        (404, "/_matrix/app/v1/users/@nobody:elsewhere"),
        (404, "/_matrix/app/v2/users/@line_mei:acme"),
        (404, "/_matrix/client/v3/sync"),
        (405, "/_matrix/app/v1/transactions/1"),
    ] {
        let (told, arrived) = get(target);
        assert_eq!((told.status, arrived.len()), (status, 0), "{target}");
    }
}

#[test]
fn what_else_is_asked_of_a_bridge_is_closed_too() {
    let crossing = Crossing::new(STRICT);
    let post = |target: &str, body: Value| {
        let body = body.to_string();
        let length = body.len();
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: b\r\nAuthorization: Bearer tok-hs\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let (told, arrived) = crossing.exchange(1, request.as_bytes());
        assert_eq!(told.status, 200, "{target} {}", told.text());
        serde_json::from_slice::<Value>(&arrived[0].body).expect("JSON")
    };
    let ping = post(
        "/_matrix/app/v1/ping",
        json!({"transaction_id": "1", "more": "x"}),
    );
    assert_eq!(ping, json!({"transaction_id": "1"}));
    let asked = json!({"@line_mei:acme": {"D": ["signed_curve25519"]}, "@bob:acme": {}});
    for target in [
        "/_matrix/app/unstable/org.matrix.msc3983/keys/claim",
        "/_matrix/app/unstable/org.matrix.msc3984/keys/query",
    ] {
        let told = post(target, asked.clone());
        assert_eq!(
            told,
            json!({"@line_mei:acme": {"D": ["signed_curve25519"]}}),
            "{target}"
        );
    }
}
