//! Answers on all legs: read strictly, left alone where nothing is against them, and without
//! anything that their reader may not see where something is.

use std::collections::BTreeSet;
use std::time::Duration;

use borderpost::cache::{Memory, Pseudonyms, Snapshot};
use borderpost::dialect::json::scan::{Twins, scan};
use borderpost::dialect::json::splice::splice;
use borderpost::dialect::links::DriveHosts;
use borderpost::dialect::program::{Meaning, Program};
use borderpost::dialect::{AnswerForm, Routed};
use borderpost::gateway::facts::{Facts, Missing};
use borderpost::gateway::items::{Item, ReadBody};
use borderpost::gateway::show::{About, Judges, Plan, Reads, Shown, plan};
use borderpost::policy::ContentKind::{Camera, Contacts, Drive, File};
use borderpost::policy::PersonId;
use serde_json::Value;

use crate::recorded::{Exchange, LARGEST, big, clients, exchanges, manners};
use crate::town::{closed, open, restricted, town};

/// An answer that was recorded, who read it, and to what.
struct Answered {
    routed: Routed<'static>,
    viewer: Option<PersonId>,
    bytes: Vec<u8>,
    name: String,
}

fn of(exchange: &'static Exchange) -> Option<Answered> {
    if exchange.status != 200 {
        return None;
    }
    Some(Answered {
        routed: exchange.routed().ok()?,
        viewer: exchange.viewer().map(|id| PersonId::from(id.as_str())),
        bytes: serde_json::to_vec(exchange.answer.as_ref()?).expect("JSON"),
        name: format!("{} {}", exchange.flow, exchange.route),
    })
}

fn of_big() -> Vec<Answered> {
    let room = "%2141z968VLjfjelQv0E6n7U4IKH-2vUBZ2ytNBDeNSuOA";
    let v3 = "/_matrix/client/v3";
    let asked = [
        (LARGEST, "GET", format!("{v3}/sync")),
        ("sync-initial-medium-default", "GET", format!("{v3}/sync")),
        ("joined-rooms-501", "GET", format!("{v3}/joined_rooms")),
        ("members-221", "GET", format!("{v3}/rooms/{room}/members")),
        ("state-town", "GET", format!("{v3}/rooms/{room}/state")),
        (
            "messages-100-town",
            "GET",
            format!("{v3}/rooms/{room}/messages"),
        ),
        ("search", "POST", format!("{v3}/search")),
        (
            "sliding-first-20",
            "POST",
            "/_matrix/client/unstable/org.matrix.simplified_msc3575/sync".to_owned(),
        ),
    ];
    let answered = |(name, method, target): (&str, &str, String)| Answered {
        routed: clients().route(method, &target).expect("a surface"),
        viewer: Some(PersonId::from("@alice:acme.localhost:8448")),
        bytes: big(name),
        name: name.to_owned(),
    };
    asked.into_iter().map(answered).collect()
}

fn program(answered: &Answered) -> Option<&Program> {
    match &answered.routed.surface.answer {
        AnswerForm::Json(program) => Some(program),
        _ => None,
    }
}

/// What the viewer is shown of it; `None`: it is not there.
fn shown(answered: &Answered, program: &Program, snapshot: &Snapshot) -> Option<Vec<u8>> {
    let reading = scan(&answered.bytes, program, &manners(Twins::Exact))
        .unwrap_or_else(|fault| panic!("{}: {fault:?}", answered.name));
    let memory = Memory {
        facts_max: 1_000,
        stale_after: Duration::from_secs(60),
    };
    let pseudonyms = Pseudonyms::new(b"a key for tests that is long enough", memory);
    let drive_hosts = DriveHosts::new(std::iter::empty()).expect("hosts");
    let target = Item::of_target(&answered.routed.captures, &clients().words);
    let about = About {
        person: target.people.into_iter().next(),
        place: target.place,
        kinds: target.kinds,
    };
    let mut facts = Facts::default();
    loop {
        let body = ReadBody {
            bytes: &answered.bytes,
            reading: &reading,
            program,
            drive_hosts: &drive_hosts,
        };
        let shown = Shown {
            body,
            items: &body.items(),
            viewer: answered.viewer.as_ref(),
            reads: Reads::Alone,
            about: &about,
            own_origin: Some("https://chat.acme.example"),
            seen: None,
            id: "1",
            now_ms: 1_764_000_000_000,
            page: None,
            named: &[],
        };
        let judges = Judges {
            snapshot,
            dialect: clients(),
            pseudonyms: &pseudonyms,
            facts: &facts,
        };
        match plan(&shown, &judges) {
            Plan::Hidden => return None,
            Plan::Edits { edits, .. } if edits.is_empty() => return Some(answered.bytes.clone()),
            Plan::Edits { edits, .. } => return Some(splice(&answered.bytes, &reading, edits)),
            Plan::Wanted(wanted) => {
                for missing in wanted.into_inner() {
                    let learnt = match missing {
                        // Rooms that no event was recorded of are the reader's own.
                        Missing::Place(key) if !town().rooms.contains_key(&*key.id) => {
                            alone(key, answered.viewer.clone())
                        }
                        missing => town().learn(missing),
                    };
                    facts.learn(learnt);
                }
            }
        }
    }
}

fn alone(
    key: borderpost::gateway::facts::PlaceKey,
    viewer: Option<PersonId>,
) -> borderpost::gateway::facts::Learned {
    let people = borderpost::cache::PlaceFacts::new(viewer);
    borderpost::gateway::facts::Learned::Place(key, Some(std::sync::Arc::new(people)))
}

/// All answers that are read, each with its program; but for the largest, which takes its time.
fn all() -> impl Iterator<Item = Answered> {
    let recorded = exchanges().iter().filter_map(of);
    let recorded = recorded.filter(|answered| program(answered).is_some());
    recorded.chain(of_big().into_iter().filter(|it| it.name != LARGEST))
}

#[test]
fn with_nothing_against_it_an_answer_is_left_as_it_is() {
    let snapshot = open();
    let mut changed = BTreeSet::new();
    for answered in all() {
        let program = program(&answered).expect("a program");
        // There the server tells clients where to go, or how much there is beyond what is shown.
        let others = ["/login", "well-known", "search"];
        let differs = others.iter().any(|other| answered.name.contains(other));
        let shown = shown(&answered, program, &snapshot);
        if !differs && shown.as_ref() != Some(&answered.bytes) {
            let shown = String::from_utf8(shown.unwrap_or_default()).expect("text");
            let before = String::from_utf8(answered.bytes).expect("text");
            changed.insert(format!(
                "{}: {}",
                answered.name,
                first_difference(&before, &shown)
            ));
        }
    }
    assert!(changed.is_empty(), "{changed:#?}");
}

#[test]
fn the_largest_answer_is_left_as_it_is() {
    let answered = of_big().into_iter().find(|it| it.name == LARGEST);
    let answered = answered.expect("the largest");
    let program = program(&answered).expect("a program");
    assert!(shown(&answered, program, &open()) == Some(answered.bytes.clone()));
}

fn first_difference(before: &str, after: &str) -> String {
    let at = before
        .bytes()
        .zip(after.bytes())
        .take_while(|(a, b)| a == b)
        .count();
    let near = |text: &str| {
        let from = at.saturating_sub(60);
        String::from_utf8_lossy(&text.as_bytes()[from..(at + 80).min(text.len())]).into_owned()
    };
    format!("{} → {}", near(before), near(after))
}

#[test]
fn clients_are_sent_to_the_gateway() {
    for answered in all().filter(|it| it.name.contains("/login") || it.name.contains("well-known"))
    {
        let Some(shown) = shown(&answered, program(&answered).expect("a program"), &open()) else {
            panic!("{} is hidden", answered.name);
        };
        let shown: Value = serde_json::from_slice(&shown).expect("JSON");
        let told = shown.pointer("/well_known/m.homeserver/base_url");
        let told = told.or(shown.pointer("/m.homeserver/base_url"));
        if let Some(told) = told {
            assert_eq!(told, "https://chat.acme.example/", "{}", answered.name);
        }
    }
}

/// Rooms that somebody of acme is in, and somebody who is not.
fn external_rooms() -> Vec<&'static str> {
    let is_outside =
        |id: &String| id.starts_with("@line_") || id.ends_with(":globex.localhost:8548");
    let rooms = town().rooms.iter();
    rooms
        .filter(|(_, people)| people.iter().any(is_outside) && !people.iter().all(is_outside))
        .map(|(room, _)| room.as_str())
        .collect()
}

#[test]
fn a_member_who_may_not_talk_outside_sees_nothing_of_it() {
    let snapshot = closed();
    let rooms = external_rooms();
    assert!(rooms.len() > 3, "{rooms:?}");
    for answered in all() {
        let viewer = answered.viewer.as_ref().map_or("", PersonId::as_str);
        if !viewer.ends_with(":acme.localhost:8448") || viewer.starts_with("@line_") {
            continue;
        }
        let program = program(&answered).expect("a program");
        let Some(shown) = shown(&answered, program, &snapshot) else {
            continue;
        };
        let text = String::from_utf8(shown).expect("text");
        serde_json::from_str::<Value>(&text)
            .unwrap_or_else(|_| panic!("{}: no JSON", answered.name));
        for room in &rooms {
            let at = text.find(room);
            assert!(at.is_none(), "{}: {}", answered.name, near(&text, at));
        }
        for outsider in ["line_yuki", "line_somchai", "xavier"] {
            let at = text.find(outsider);
            assert!(at.is_none(), "{}: {}", answered.name, near(&text, at));
        }
    }
}

fn near(text: &str, at: Option<usize>) -> &str {
    let from = at.unwrap_or_default().saturating_sub(120);
    let from = (from..text.len())
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default();
    let to = (from + 300..text.len()).find(|at| text.is_char_boundary(*at));
    &text[from..to.unwrap_or(text.len())]
}

/// Everybody of acme is unknown to outsiders: by id, by name, wherever it stands.
#[test]
fn an_outsider_learns_nobodys_name() {
    let snapshot = closed();
    let names: BTreeSet<String> = town()
        .names
        .iter()
        .filter(|(id, _)| {
            let own = ["@alice:", "@bob:", "@carol:", "@dave:"];
            own.iter().any(|own| id.starts_with(own))
        })
        .flat_map(|(id, names)| names.iter().cloned().chain([id.clone()]))
        .collect();
    assert!(names.len() > 4, "{names:?}");
    for answered in all() {
        let viewer = answered.viewer.as_ref().map_or("", PersonId::as_str);
        if !viewer.starts_with("@xavier:") {
            continue;
        }
        let program = program(&answered).expect("a program");
        let Some(shown) = shown(&answered, program, &snapshot) else {
            continue;
        };
        let text = String::from_utf8(shown).expect("text");
        for name in &names {
            let at = text.find(name.as_str());
            assert!(
                at.is_none(),
                "{name} in {}: {}",
                answered.name,
                near(&text, at)
            );
        }
        let shown: Value = serde_json::from_str(&text).expect("JSON");
        assert!(!shown.is_null());
    }
}

/// Of what comes across the border nothing but words is shown.
#[test]
fn no_picture_comes_across_where_attachments_are_restricted() {
    let snapshot = restricted();
    let mut judged = 0;
    for answered in all() {
        let program = program(&answered).expect("a program");
        let Some(shown) = shown(&answered, program, &snapshot) else {
            continue;
        };
        let again = scan(&shown, program, &manners(Twins::Exact)).expect("it was made here");
        let drive_hosts = DriveHosts::new(std::iter::empty()).expect("hosts");
        let body = ReadBody {
            bytes: &shown,
            reading: &again,
            program,
            drive_hosts: &drive_hosts,
        };
        for item in body.items() {
            let (Some(author), Some(viewer)) = (&item.author, &answered.viewer) else {
                continue;
            };
            let (author, viewer) = (author.as_str(), viewer.as_str());
            let side = |id: &str| {
                (
                    id.starts_with("@line_"),
                    id.ends_with(":globex.localhost:8548"),
                )
            };
            if side(author) == side(viewer) {
                continue;
            }
            judged += 1;
            let kinds = item.kinds;
            // What could not be told is withheld too, but so is what stands in its place.
            let restricted = [Camera, Contacts, Drive, File];
            assert!(
                !restricted.iter().any(|kind| kinds.contains(*kind)),
                "{}: {author} to {viewer}: {kinds:?}",
                answered.name
            );
        }
        let finds = again.finds.iter();
        assert!(finds.filter(|find| find.meaning == Meaning::Never).count() == 0);
    }
    assert!(judged > 100, "{judged}");
}
