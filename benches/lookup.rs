//! What it costs to find somebody among the members, and a room among those learnt of.

#[path = "shared/crowd.rs"]
#[expect(dead_code, reason = "the bench of decisions needs the rest")]
mod crowd;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};

/// As many as no cache holds.
const SCATTERED: u32 = 1 << 18;

fn people(criterion: &mut Criterion) {
    for members in [1_000, 1_000_000] {
        let snapshot = crowd::snapshot(members);
        let known = crowd::id(1);
        criterion.bench_function(&format!("person, {members} members, hot"), |bencher| {
            bencher.iter(|| snapshot.standing(black_box(&known)));
        });
        let ids: Vec<String> = crowd::scattered(members, SCATTERED).collect();
        let mut next = ids.iter().cycle();
        criterion.bench_function(
            &format!("person, {members} members, each another"),
            |bencher| bencher.iter(|| next.next().map(|id| snapshot.standing(id))),
        );
        criterion.bench_function(
            &format!("person, {members} members, by pattern"),
            |bencher| {
                bencher.iter(|| snapshot.standing(black_box("@line_mei:acme.example")));
            },
        );
    }
}

fn rooms(criterion: &mut Criterion) {
    for rooms in [10, 100_000] {
        let learnt = crowd::learnt(rooms);
        let keys: Vec<_> = (0..rooms).map(crowd::room_key).collect();
        let mut next = keys.iter().cycle();
        criterion.bench_function(&format!("room, {rooms} learnt"), |bencher| {
            bencher.iter(|| next.next().and_then(|key| learnt.get(key)));
        });
    }
}

criterion_group!(benches, people, rooms);
criterion_main!(benches);
