//! Requests on all legs: each is on a surface, in the room that it was in, of whom it was.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use borderpost::dialect::json::scan::{Twins, scan};
use borderpost::dialect::links::DriveHosts;
use borderpost::dialect::program::Meaning;
use borderpost::dialect::{Body, LegIx, Sender};
use borderpost::gateway::items::{Item, ReadBody};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::recorded::{Exchange, clients, exchanges, manners};

/// The exchanges on legs that the dialect knows, without preflights.
fn asked() -> impl Iterator<Item = &'static Exchange> {
    let is_ours = |exchange: &&Exchange| exchange.on().is_some();
    let asks = |exchange: &&Exchange| exchange.method != "OPTIONS";
    exchanges().iter().filter(is_ours).filter(asks)
}

/// Those of clients, and of the bridge that acts like one.
fn of_clients() -> impl Iterator<Item = &'static Exchange> {
    asked().filter(|exchange| exchange.on() == Some(LegIx::CLIENTS))
}

/// Those of one server with another.
fn of_servers() -> impl Iterator<Item = &'static Exchange> {
    asked().filter(|exchange| exchange.on() != Some(LegIx::CLIENTS))
}

fn headers(exchange: &Exchange) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in &exchange.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        headers.append(name, HeaderValue::from_str(value).expect("a value"));
    }
    headers
}

/// All faults of all exchanges, so that one run shows what is missing.
fn check(faults: impl Iterator<Item = String>) {
    let mut told = BTreeMap::<String, usize>::new();
    for fault in faults {
        *told.entry(fault).or_default() += 1;
    }
    let mut page = String::new();
    for (fault, times) in &told {
        let _ = writeln!(page, "{times:4} {fault}");
    }
    assert!(told.is_empty(), "\n{page}");
}

#[test]
fn every_recorded_request_is_on_a_surface() {
    check(asked().filter_map(|exchange| {
        let fault = exchange.routed().err()?;
        Some(format!("{} {}: {fault}", exchange.leg, exchange.route))
    }));
}

#[test]
fn a_request_is_in_the_room_that_it_was_recorded_in() {
    // Servers ask people into rooms that are not known yet: no room is looked up there.
    let is_asked_in = |exchange: &&Exchange| exchange.route.contains("/v2/invite/");
    check(
        asked()
            .filter(|it| !is_asked_in(it))
            .filter_map(|exchange| {
                let routed = exchange.routed().ok()?;
                let item = Item::of_target(&routed.captures, &clients().words);
                let found = item.place.map(|place| place.id.to_string());
                (found != exchange.room)
                    .then(|| format!("{}: {found:?}, not {:?}", exchange.route, exchange.room))
            }),
    );
}

#[test]
fn a_request_is_of_whom_it_was() {
    let mut owners = BTreeMap::<(String, String), String>::new();
    check(of_clients().filter_map(|exchange| {
        let query = exchange.target.split_once('?').map(|(_, query)| query);
        let found = clients().identity.credential(&headers(exchange), query);
        let truth = exchange.acting_as.as_ref().or(exchange.who.as_ref());
        match (found, truth) {
            (Err(_), None) => None,
            (Ok(credential), Some(truth)) => {
                let names_whom = match (&exchange.acting_as, credential.with.as_str()) {
                    (None, with) => with.is_empty(),
                    (Some(whom), with) => percent_decoded(with) == format!("user_id={whom}"),
                };
                let key = (credential.text, credential.with);
                let owner = owners.entry(key).or_insert_with(|| truth.clone());
                (owner != truth || !names_whom)
                    .then(|| format!("{}: of {owner}, not {truth}", exchange.route))
            }
            (found, truth) => Some(format!("{}: {found:?}, not {truth:?}", exchange.route)),
        }
    }));
}

#[test]
fn a_request_is_of_the_server_that_it_was() {
    let (_, leg) = clients().leg(Some("federation")).expect("a leg");
    let Sender::Claimed(claim) = &leg.sender else {
        panic!("servers say which they are");
    };
    check(of_servers().filter_map(|exchange| {
        let claimed = claim.read_from(&headers(exchange));
        let found = claimed.map(|claimed| claimed.anybody);
        let truth = exchange.viewer();
        (found != truth).then(|| format!("{}: {found:?}, not {truth:?}", exchange.route))
    }));
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text)
        .decode_utf8_lossy()
        .into_owned()
}

#[test]
fn every_recorded_body_is_read() {
    check(asked().filter_map(|exchange| {
        let routed = exchange.routed().ok()?;
        let fault = match (&routed.surface.body, &exchange.body) {
            (Body::Bytes, _) => None,
            (Body::Nothing, _) => (exchange.body_bytes > 0).then(|| "a body".to_owned()),
            (Body::Json(_), None) => (!routed.surface.empty_body).then(|| "no body".to_owned()),
            (Body::Shown(_) | Body::Noted(_), None) => Some("no body".to_owned()),
            (Body::Json(program) | Body::Shown(program) | Body::Noted(program), Some(body)) => {
                let body = serde_json::to_vec(body).expect("JSON");
                match scan(&body, program, &manners(Twins::Folded)) {
                    Err(fault) => Some(format!("{fault:?}")),
                    Ok(reading) => reading.first_misfit().map(|at| format!("misfit at {at}")),
                }
            }
        };
        fault.map(|fault| format!("{}: {fault}", exchange.route))
    }));
}

/// What is said in each recorded message, by the kinds that are found in it.
#[test]
fn what_is_sent_is_of_the_kinds_that_it_is() {
    let drive_hosts = DriveHosts::new(std::iter::empty()).expect("hosts");
    let mut found = BTreeMap::<String, usize>::new();
    for exchange in of_clients() {
        let Ok(routed) = exchange.routed() else {
            continue;
        };
        let (Body::Json(program), Some(body)) = (&routed.surface.body, &exchange.body) else {
            continue;
        };
        let is_content = exchange.route.contains("/send/") || exchange.route.contains("/state/");
        if !is_content {
            continue;
        }
        let bytes = serde_json::to_vec(body).expect("JSON");
        let reading = scan(&bytes, program, &manners(Twins::Folded)).expect("a reading");
        let read = ReadBody {
            bytes: &bytes,
            reading: &reading,
            program,
            drive_hosts: &drive_hosts,
        };
        let mut kinds = Item::of_target(&routed.captures, &clients().words).kinds;
        for item in read.all_items() {
            kinds = kinds.union(item.kinds);
        }
        let event = routed.captures.iter();
        let event = event
            .filter(|capture| matches!(capture.meaning, Some(Meaning::Kind(_))))
            .map(|capture| capture.value.as_str())
            .next()
            .unwrap_or_default();
        let edited = &body["m.new_content"]["msgtype"];
        let kinds: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
        let line = format!(
            "{event} {} {}: {}",
            body["msgtype"].as_str().unwrap_or("-"),
            edited.as_str().unwrap_or("-"),
            kinds.join(" ")
        );
        *found.entry(line).or_default() += 1;
    }
    let page: String = found
        .iter()
        .map(|(line, times)| format!("{times:3} {line}\n"))
        .collect();
    insta::assert_snapshot!("kinds_of_what_is_sent", page);
}
