//! What a decision costs, of rooms of few and of many, among few members and among a million.

#[path = "shared/crowd.rs"]
#[expect(dead_code, reason = "the look-up's bench needs the rest")]
mod crowd;

use std::hint::black_box;

use borderpost::policy::unknown::buttons_off;
use borderpost::policy::{RoomStanding, Standing};
use criterion::{Criterion, criterion_group, criterion_main};

use crowd::{OUTSIDE, may_write, member, people};

/// As many writers as no cache holds.
const SCATTERED: u32 = 1 << 18;

fn decisions(criterion: &mut Criterion) {
    let settings = crowd::settings();
    let inside = RoomStanding::of([member(0), member(0)]);
    let pair = RoomStanding::of([member(0), Standing::peer(OUTSIDE)]);
    let many = RoomStanding::of(people(200));
    for (name, room) in [
        ("internal", &inside),
        ("pair", &pair),
        ("200 people", &many),
    ] {
        criterion.bench_function(&format!("decide, {name}"), |bencher| {
            bencher.iter(|| may_write(black_box(&settings), member(0), black_box(room)));
        });
    }
    criterion.bench_function("buttons_off, 200 people", |bencher| {
        bencher.iter(|| buttons_off(black_box(&settings), black_box(&many), member(0)));
    });
    criterion.bench_function("RoomStanding::of, 200 people", |bencher| {
        bencher.iter(|| RoomStanding::of(black_box(people(200))));
    });
}

/// With the look-up of who writes, as for each message.
fn messages(criterion: &mut Criterion) {
    for members in [1_000, 1_000_000] {
        let snapshot = crowd::snapshot(members);
        for count in [2, 200] {
            let (room, writer) = (crowd::room(count), crowd::id(1));
            criterion.bench_function(
                &format!("message, {members} members, room of {count}, hot"),
                |bencher| {
                    bencher.iter(|| crowd::decision(&snapshot, black_box(&writer), &room));
                },
            );
        }
        let writers: Vec<String> = crowd::scattered(members, SCATTERED).collect();
        let (room, mut next) = (crowd::room(2), writers.iter().cycle());
        criterion.bench_function(
            &format!("message, {members} members, room of 2, each from another"),
            |bencher| {
                bencher.iter(|| {
                    next.next()
                        .map(|writer| crowd::decision(&snapshot, writer, &room))
                });
            },
        );
    }
}

criterion_group!(benches, decisions, messages);
criterion_main!(benches);
