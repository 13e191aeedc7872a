//! What servers said to each other when it was recorded, through the gateway: not a byte of a request is
//! another, and none of an answer that nothing is against.

use std::sync::{Arc, Mutex};

use borderpost::app::App;
use borderpost::telemetry::Meters;

use crate::border::{json, load, member, settings};
use crate::kit::{Client, Recorded, Recorder, answer};
use crate::recorded::{Exchange, exchanges};
use crate::town::town;

const COMPANIES: [&str; 2] = [
    "{ company: acme, members: { match: \"@*:acme.localhost:*\" }, external_messaging: { works:
     { connect: allow, permission: all_members, restrict_attachments: false, encrypted_rooms: pass, history_on_external: allow } } }",
    "{ company: globex, members: { match: \"@*:globex.localhost:*\" }, external_messaging: { works:
     { connect: allow, permission: all_members, restrict_attachments: false, encrypted_rooms: pass, history_on_external: allow } } }",
];

/// Who is in a room, as it was recorded.
fn said_of(request: &Recorded) -> String {
    let path = request.request_line().split(' ').nth(1).unwrap_or_default();
    let room = path
        .split('/')
        .nth(5)
        .unwrap_or_default()
        .replace("%21", "!");
    let people = town().rooms.get(&room).into_iter().flatten();
    let here: Vec<String> = people.map(|id| member(id)).collect();
    json("200 OK", &format!("{{\"state\":[{}]}}", here.join(",")))
}

fn between_servers() -> impl Iterator<Item = &'static Exchange> {
    let is_theirs = |exchange: &&Exchange| exchange.leg.starts_with("fed-into-");
    exchanges().iter().filter(is_theirs)
}

/// As it stood on the wire, but for the body's spacing, which was not kept.
fn wire(exchange: &Exchange, body: &[u8]) -> Vec<u8> {
    let mut head = format!("{} {} HTTP/1.1\r\n", exchange.method, exchange.target);
    for (name, value) in &exchange.headers {
        if name != "Content-Length" {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    if exchange.body.is_some() {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    [head.as_bytes(), b"\r\n", body].concat()
}

fn body_of(value: Option<&serde_json::Value>) -> Vec<u8> {
    value.map_or_else(Vec::new, |value| serde_json::to_vec(value).expect("JSON"))
}

#[test]
fn what_servers_say_to_each_other_passes_byte_for_byte() {
    let clients = Recorder::start(|request, stream| answer(stream, &said_of(request)));
    let reply = Arc::new(Mutex::new(String::new()));
    let replies = reply.clone();
    let servers =
        Recorder::start(move |_, stream| answer(stream, &replies.lock().expect("a reply")));
    let settings = settings(clients.address, servers.address);
    let app = App::start(load(&settings, &COMPANIES), Meters::new()).expect("it starts");
    let mut passed = 0;
    for exchange in between_servers().filter(|exchange| exchange.answer.is_some()) {
        let told = body_of(exchange.answer.as_ref());
        let told = String::from_utf8(told).expect("text");
        *reply.lock().expect("a reply") = json("200 OK", &told);
        let body = body_of(exchange.body.as_ref());
        let mut client = Client::connect(app.server.addresses()[1]);
        client.send(wire(exchange, &body));
        let back = client.read();
        let name = format!("{} {}", exchange.flow, exchange.route);
        assert_eq!((back.status, back.text()), (200, told.as_str()), "{name}");
        let arrived = servers.next();
        let line = format!("{} {} HTTP/1.1", exchange.method, exchange.target);
        assert_eq!(arrived.request_line(), line);
        assert_eq!(arrived.body, body, "{name}");
        let signature = exchange.headers.iter();
        let signature = signature.filter(|(name, _)| name == "Authorization");
        let signature: Vec<&str> = signature.map(|(_, value)| value.as_str()).collect();
        assert_eq!(arrived.headers("authorization"), signature, "{name}");
        passed += 1;
    }
    assert!(passed > 100, "{passed}");
}
