//! Companies of any number of members, the rooms that they meet in, and what is asked of both.

use std::sync::Arc;
use std::time::Duration;

use borderpost::cache::directory::Origin;
use borderpost::cache::{DirectoryBuilder, Learnt, Memory, PlaceFacts, Snapshot};
use borderpost::dialect::program::PlaceIx;
use borderpost::gateway::facts::PlaceKey;
use borderpost::glob::Glob;
use borderpost::policy::settings::{
    Company, Connect, EncryptedRooms, History, Network, Permission, Restrict, Rules,
};
use borderpost::policy::{
    Act, CompanyIx, Contact, ContentKind, KindSet, NetworkIx, PersonId, Question, RoomStanding,
    Settings, Standing, Verdict, decide,
};

const COMPANIES: u16 = 4;
pub const OUTSIDE: NetworkIx = NetworkIx(0);
const BETWEEN: NetworkIx = NetworkIx(1);

/// Everything is allowed to those who hold a grant, but for attachments.
pub fn settings() -> Settings {
    let network = |id: &str| Network {
        id: id.into(),
        requires_contact: true,
        restricted_kinds: [ContentKind::Camera, ContentKind::File]
            .into_iter()
            .collect(),
    };
    let rules = Rules {
        connect: Connect::Allow,
        permission: Permission::ByMember,
        auto_grant_new_members: false,
        restrict_attachments: Restrict::Both,
        restricted_kinds: None,
        encrypted_rooms: EncryptedRooms::Auto,
        history_on_external: History::Refuse,
        greeting: Vec::new(),
    };
    let company = |at: u16| Company {
        id: format!("company-{at}").into(),
        name: format!("Company {at}"),
        rules: vec![Some(rules.clone()), Some(rules.clone())],
    };
    Settings {
        networks: vec![network("outside"), network("between")],
        companies: (0..COMPANIES).map(company).collect(),
        between_companies: Some(BETWEEN),
    }
}

/// A member with all grants.
pub fn member(company: u16) -> Standing {
    Standing::member(CompanyIx(company), [OUTSIDE, BETWEEN].into_iter().collect())
}

/// People of every company, and a fifth of them from outside.
pub fn people(count: u16) -> impl Iterator<Item = Standing> {
    (0..count).map(|at| match at % (COMPANIES + 1) {
        COMPANIES => Standing::peer(OUTSIDE),
        company => member(company),
    })
}

/// Asks whether a member of the first company may write to a room.
pub fn may_write(settings: &Settings, writer: Standing, room: &RoomStanding) -> Verdict {
    decide(settings, &writing(writer, room))
}

fn writing(writer: Standing, room: &RoomStanding) -> Question<'_> {
    Question {
        contact: Contact::Made,
        ..Question::new(writer, Act::Send, KindSet::of(ContentKind::Text), room)
    }
}

/// The id of a listed member: 27 bytes.
pub fn id(number: u32) -> String {
    format!("@member{number:07}:acme.example")
}

/// So many members, all with grants; and whoever comes from `line`, by a pattern.
pub fn snapshot(members: u32) -> Snapshot {
    let mut builder = DirectoryBuilder::new();
    for number in 0..members {
        let company = CompanyIx((number % u32::from(COMPANIES)) as u16);
        let origin = Origin {
            file: 0,
            at: number,
        };
        let id = id(number);
        builder.member(&id, company, origin);
        builder.grant(&id, company, OUTSIDE);
        builder.grant(&id, company, BETWEEN);
    }
    builder.network_pattern(Glob::new("@line_*:acme.example"), OUTSIDE);
    Snapshot::new(settings(), builder.finish())
}

/// Ids of listed members, in an order that no cache foresees.
pub fn scattered(members: u32, count: u32) -> impl Iterator<Item = String> {
    const STRIDE: u64 = 2_654_435_761;
    (0..u64::from(count)).map(move |at| id((at * STRIDE % u64::from(members)) as u32))
}

/// A room of so many people: one from outside, and members.
pub fn room(people: u32) -> PlaceFacts {
    let members = (1..people).map(|number| PersonId::from(id(number)));
    PlaceFacts::new(members.chain([PersonId::from("@line_mei:acme.example")]))
}

/// What the gateway asks for each message, once the room is known: who writes, what the room adds
/// up to, and whether it may pass.
pub fn decision(snapshot: &Snapshot, writer: &str, room: &PlaceFacts) -> Verdict {
    let standing = room.standing(snapshot);
    snapshot.decide(&writing(snapshot.standing(writer), &standing.1))
}

/// The key of a room.
pub fn room_key(number: u32) -> PlaceKey {
    PlaceKey {
        sort: PlaceIx(0),
        id: format!("!room{number:07}:acme.example").into(),
    }
}

/// A memory of so many rooms of three people.
pub fn learnt(rooms: u32) -> Learnt<PlaceKey, Arc<PlaceFacts>> {
    let learnt = Learnt::new(Memory {
        facts_max: 1_000_000,
        stale_after: Duration::from_secs(3_600),
    });
    for number in 0..rooms {
        learnt.remember(room_key(number), Arc::new(room(3)));
    }
    learnt
}
