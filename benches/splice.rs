//! What changing costs: a megabyte of rooms and events of which some go.

#[path = "shared/documents.rs"]
#[expect(dead_code, reason = "the reader's bench needs the rest")]
mod documents;
#[path = "../fuzz/src/targets/programs.rs"]
#[expect(dead_code, reason = "the reader's bench needs the rest")]
mod programs;

use std::hint::black_box;

use borderpost::dialect::json::scan::{Twins, scan};
use borderpost::dialect::json::splice::{Edit, splice};
use borderpost::dialect::reading::SlotIx;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

fn change(criterion: &mut Criterion) {
    let body = documents::sync();
    let reading = scan(
        body.as_bytes(),
        &programs::everything(),
        &programs::roomy(Twins::Exact),
    )
    .expect("a document");
    let mut group = criterion.benchmark_group("splice sync");
    group.throughput(Throughput::Bytes(body.len() as u64));
    for one_in in [10, 100, 1000] {
        let slots = (0..reading.slots.len() as u32).step_by(one_in);
        let edits: Vec<Edit> = slots.map(|slot| Edit::Drop(SlotIx(slot))).collect();
        group.bench_function(format!("one in {one_in} goes"), |bencher| {
            bencher.iter_batched(
                || edits.clone(),
                |edits| splice(black_box(body.as_bytes()), &reading, edits),
                BatchSize::LargeInput,
            );
        });
    }
}

criterion_group!(benches, change);
criterion_main!(benches);
