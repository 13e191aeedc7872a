//! What an outsider is shown of an answer: JSON, in which nobody who is unknown is named.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use borderpost::cache::{Memory as Remembered, PlaceFacts, Pseudonyms, Snapshot};
use borderpost::config::{Memory, load_from};
use borderpost::dialect::json::scan::{Twins, scan};
use borderpost::dialect::json::splice::splice;
use borderpost::dialect::json::string::unescape;
use borderpost::dialect::program::{Meaning, Program};
use borderpost::dialect::{AnswerForm, Dialect, DriveHosts};
use borderpost::gateway::facts::{Facts, KnownAs, Learned, Missing, PlaceKey};
use borderpost::gateway::items::ReadBody;
use borderpost::gateway::show::{About, Judges, Plan, Reads, Shown, plan};
use borderpost::policy::PersonId;

use super::{oracle, programs};

const PLAIN: &str = include_str!("../../../config/dialects/plain.yaml");
const GATEWAY: &str = include_str!("../../corpus/config/gateway.yaml");
const POLICY: &str = include_str!("../../corpus/config/policy.yaml");

/// A member who may not talk outside, and what is known of him.
const UNKNOWN: &str = "bob";
const NAMES: [&str; 2] = ["Bob Lee", "bob@acme.example"];

struct World {
    dialect: Dialect,
    snapshot: Snapshot,
    pseudonyms: Pseudonyms,
    drive_hosts: DriveHosts,
    programs: Vec<Arc<Program>>,
    /// The place that the request named. Of a text that is nowhere nobody knows whose names are
    /// to go.
    about: About,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let files = Memory::default()
            .with("post/gateway.yaml", GATEWAY)
            .with("post/plain.yaml", PLAIN)
            .with("post/policy/acme.yaml", POLICY);
        let loaded =
            load_from(&files, "post/gateway.yaml".as_ref(), &|_| None).expect("a configuration");
        let targets = [
            "/v1/messages/m1",
            "/v1/rooms",
            "/v1/rooms/r3/messages",
            "/v1/rooms/r3/members",
            "/v1/search",
            "/v1/contacts",
            "/v1/groups/g1/notes",
        ];
        let programs = targets.map(|target| {
            let routed = loaded.dialect.route("GET", target).expect("a surface");
            match &routed.surface.answer {
                AnswerForm::Json(program) => program.clone(),
                other => panic!("{other:?}"),
            }
        });
        let named = loaded
            .dialect
            .route("GET", "/v1/rooms/r3")
            .expect("a surface");
        let place = named
            .captures
            .iter()
            .find_map(|capture| match capture.meaning {
                Some(Meaning::Place(sort)) => Some(PlaceKey {
                    sort,
                    id: capture.value.as_str().into(),
                }),
                _ => None,
            });
        World {
            about: About {
                place: Some(place.expect("a room")),
                ..About::default()
            },
            programs: programs.to_vec(),
            snapshot: Snapshot::new(loaded.policy, loaded.directory),
            dialect: loaded.dialect,
            drive_hosts: loaded.drive_hosts,
            pseudonyms: Pseudonyms::new(
                b"a key of the fuzzer",
                Remembered {
                    facts_max: 100,
                    stale_after: Duration::from_secs(60),
                },
            ),
        }
    })
}

/// Each of the answers that the body could be is shown to somebody on LINE.
pub fn check(body: &[u8]) {
    let world = world();
    for program in &world.programs {
        let manners = programs::roomy(Twins::Exact);
        let Ok(reading) = scan(body, program, &manners) else {
            return;
        };
        let Some(shown) = show(body, &reading, program, world) else {
            continue;
        };
        assert!(
            oracle::read(&shown).is_some(),
            "no JSON: {}",
            shown.escape_ascii()
        );
        let again = scan(&shown, program, &manners).expect("it was written by us");
        for find in &again.finds {
            let Some(text) = unescape(&shown[find.span.clone()]) else {
                continue;
            };
            match find.meaning {
                Meaning::Person(_) => assert_ne!(text, UNKNOWN, "{}", shown.escape_ascii()),
                Meaning::Text => assert!(!names_unknown(&text), "{}", shown.escape_ascii()),
                _ => {}
            }
        }
    }
}

/// Whether a word of the text is one of the unknown person's.
fn names_unknown(text: &str) -> bool {
    NAMES.iter().chain(&[UNKNOWN]).any(|name| {
        text.match_indices(name).any(|(at, _)| {
            let tied = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
            !tied(text[..at].chars().next_back()) && !tied(text[at + name.len()..].chars().next())
        })
    })
}

fn show(
    body: &[u8],
    reading: &borderpost::dialect::Reading,
    program: &Program,
    world: &World,
) -> Option<Vec<u8>> {
    let viewer = PersonId::from("line:mei");
    let body = ReadBody {
        bytes: body,
        reading,
        program,
        drive_hosts: &world.drive_hosts,
    };
    let shown = Shown {
        body,
        items: &body.items(),
        viewer: Some(&viewer),
        reads: Reads::Alone,
        about: &world.about,
        own_origin: None,
        seen: None,
        id: "1",
        now_ms: 0,
        page: None,
        named: &[],
    };
    let mut facts = Facts::default();
    loop {
        let judges = Judges {
            snapshot: &world.snapshot,
            dialect: &world.dialect,
            pseudonyms: &world.pseudonyms,
            facts: &facts,
        };
        match plan(&shown, &judges) {
            Plan::Hidden => return None,
            Plan::Edits { edits, .. } => return Some(splice(body.bytes, reading, edits)),
            Plan::Wanted(wanted) => {
                for missing in wanted.into_inner() {
                    facts.learn(learnt(missing));
                }
            }
        }
    }
}

fn learnt(missing: Missing) -> Learned {
    match missing {
        Missing::Place(key) => {
            let people = ["alice", UNKNOWN, "line:mei"].map(PersonId::from);
            Learned::Place(key, Some(Arc::new(PlaceFacts::new(people))))
        }
        Missing::Thing(key) => Learned::Thing(key, None),
        Missing::KnownAs(person) => {
            let names = match person.as_str() {
                UNKNOWN => NAMES.map(str::to_owned).to_vec(),
                _ => Vec::new(),
            };
            Learned::KnownAs(person, Some(Arc::new(KnownAs(names))))
        }
    }
}
