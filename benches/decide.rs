//! What a decision costs, and what learning a room of many people costs.

use std::hint::black_box;

use borderpost::policy::settings::{
    Company, Connect, EncryptedRooms, History, Network, Permission, Restrict, Rules,
};
use borderpost::policy::unknown::buttons_off;
use borderpost::policy::{
    Act, CompanyIx, Contact, ContentKind, KindSet, NetworkIx, Question, RoomStanding, Settings,
    Standing, decide,
};
use criterion::{Criterion, criterion_group, criterion_main};

const COMPANIES: u16 = 4;
const PEOPLE: u16 = 200;
const OUTSIDE: NetworkIx = NetworkIx(0);
const BETWEEN: NetworkIx = NetworkIx(1);

fn settings() -> Settings {
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

fn member(company: u16) -> Standing {
    Standing::member(CompanyIx(company), [OUTSIDE, BETWEEN].into_iter().collect())
}

fn people() -> impl Iterator<Item = Standing> {
    (0..PEOPLE).map(|at| match at % (COMPANIES + 1) {
        COMPANIES => Standing::peer(OUTSIDE),
        company => member(company),
    })
}

fn decisions(criterion: &mut Criterion) {
    let settings = settings();
    let inside = RoomStanding::of([member(0), member(0)]);
    let pair = RoomStanding::of([member(0), Standing::peer(OUTSIDE)]);
    let many = RoomStanding::of(people());
    for (name, room) in [
        ("internal", &inside),
        ("pair", &pair),
        ("200 people", &many),
    ] {
        let question = Question {
            contact: Contact::Made,
            ..Question::new(member(0), Act::Send, KindSet::of(ContentKind::Text), room)
        };
        criterion.bench_function(&format!("decide, {name}"), |bencher| {
            bencher.iter(|| decide(black_box(&settings), black_box(&question)));
        });
    }
    criterion.bench_function("buttons_off, 200 people", |bencher| {
        bencher.iter(|| buttons_off(black_box(&settings), black_box(&many), member(0)));
    });
    criterion.bench_function("RoomStanding::of, 200 people", |bencher| {
        bencher.iter(|| RoomStanding::of(black_box(people())));
    });
}

criterion_group!(benches, decisions);
criterion_main!(benches);
