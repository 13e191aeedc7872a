//! The people who must stay unknown, and the world they live in.

use borderpost::sandbox::{Content, World};

use crate::needles::Needles;
use crate::town::{GLOBEX, Town};

/// Somebody who must stay unknown, with everything that would tell who it is.
pub struct Canary {
    pub id: &'static str,
    /// At first, and after a change of name.
    pub names: [&'static str; 2],
    pub phone: &'static str,
    pub status: &'static str,
    pub picture: &'static str,
    /// Parts that are telling by themselves.
    pub parts: &'static [&'static str],
}

/// A company name that only they have.
pub const COMPANY: &str = "Zugvogel Werke";

/// A name that JSON must escape, a Korean and a Japanese one, and one of a single letter.
pub const CANARIES: [Canary; 4] = [
    Canary {
        id: "bob-canary",
        names: ["Bób \"Quillfeather\\\" 🐤 <b>", "Robert O'Plumage, Jr. 50%"],
        phone: "+82-77-7700-0001",
        status: "nesting since 1877",
        picture: "canary-picture-of-bob",
        parts: &["Quillfeather", "Plumage"],
    },
    Canary {
        id: "kim.canary",
        names: ["김카나리", "박종다리"],
        phone: "+82-77-7700-0002",
        status: "둥지에 있음",
        picture: "canary-picture-of-kim",
        parts: &["카나리", "종다리"],
    },
    Canary {
        id: "tanaka:canary",
        names: ["田中カナリア", "田中ヒバリ"],
        phone: "+82-77-7700-0003",
        status: "巣にいます",
        picture: "canary-picture-of-tanaka",
        parts: &["カナリア", "ヒバリ"],
    },
    Canary {
        id: "li-canary",
        names: ["鸝", "鷚"],
        phone: "+82-77-7700-0004",
        status: "在巢中",
        picture: "canary-picture-of-li",
        parts: &[],
    },
];

/// Acme: alice may talk to everybody outside, the canaries to nobody.
pub const ACME: &str = "
company: acme
name: Acme Corp
members: [alice, bob, carol, dave, bob-canary, kim.canary, \"tanaka:canary\", li-canary]
external_messaging:
  line: { connect: allow, permission: by_member, connected_members: [alice], restrict_attachments: false, history_on_external: allow }
  works: { connect: allow, permission: by_member, connected_members: [alice, carol], restrict_attachments: false, history_on_external: allow }
";

/// The ids of what was made.
pub struct Places {
    /// Everybody, with a title.
    pub mixed: String,
    /// Everybody, named after its members.
    pub untitled: String,
    /// Open to all; the canaries and alice.
    pub open: String,
    pub group: String,
    pub board: String,
    /// Only the canaries: nobody outside has anything to do with it.
    pub inside: String,
    /// The canaries and alice, untitled: outsiders are invited.
    pub inviting: String,
}

/// The town with the canaries in it.
pub async fn town() -> (Town, Places) {
    town_with("").await
}

/// The same, with more lines for `gateway.yaml`.
pub async fn town_with(more: &str) -> (Town, Places) {
    let mut world = World::seeded();
    let ids = CANARIES.map(|canary| canary.id);
    for canary in &CANARIES {
        world.person(canary.id, canary.names[0], Some(COMPANY));
    }
    let with = |more: &[&'static str]| -> Vec<&str> { [&ids[..], more].concat() };
    let everybody = with(&["alice", "carol", "grace", "line:mei"]);
    let mixed = world.room(Some("Aviary"), &everybody);
    let untitled = world.room(None, &everybody);
    let open = world.open_room("Open aviary", &with(&["alice"]));
    let group = world.group("Bird watch", "alice", &everybody);
    let board = world.board("Bird news", ids[0], &everybody, Some("t1"));
    let inside = world.room(Some("Inside"), &with(&["carol"]));
    let inviting = world.room(None, &with(&["alice"]));
    for id in ids {
        for peer in ["line:mei", "grace"] {
            let direct = world.direct(id, peer);
            world.message(&direct, id, Content::text("hello"));
            world.contact(id, peer);
        }
        world.message(&mixed, id, Content::text("before everything"));
    }
    let town = Town::with(world, &[ACME, GLOBEX], more).await;
    (
        town,
        Places {
            mixed,
            untitled,
            open,
            group,
            board,
            inside,
            inviting,
        },
    )
}

/// All that must not be seen.
pub fn needles() -> Needles {
    let secrets = CANARIES.iter().flat_map(|canary| {
        let texts = [canary.id, canary.phone, canary.status, canary.picture];
        texts
            .into_iter()
            .chain(canary.names)
            .chain(canary.parts.iter().copied())
    });
    Needles::of(secrets.chain([COMPANY, "zugvogel-werke.example"]))
}
