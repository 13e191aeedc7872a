//! What reading costs: a message of about 512 bytes, and a megabyte of rooms and events.

#[path = "shared/documents.rs"]
mod documents;
#[path = "shared/fields.rs"]
mod fields;
#[path = "../fuzz/src/targets/programs.rs"]
#[expect(dead_code, reason = "the splicer's bench needs the rest")]
mod programs;

use std::hint::black_box;

use borderpost::dialect::Reading;
use borderpost::dialect::json::scan::{Twins, scan_into};
use borderpost::dialect::program::Program;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

fn read(criterion: &mut Criterion) {
    let documents = [
        ("message", documents::message()),
        ("sync", documents::sync()),
    ];
    let programs = [
        ("nothing", Program::default()),
        ("six fields", fields::six_fields()),
        ("much", programs::busy()),
    ];
    for (document, body) in &documents {
        let mut group = criterion.benchmark_group(format!("read {document}"));
        group.throughput(Throughput::Bytes(body.len() as u64));
        for (asked, program) in &programs {
            for twins in [Twins::Exact, Twins::Folded] {
                let manners = programs::roomy(twins);
                let mut reading = Reading::default();
                group.bench_function(format!("{asked} asked, {twins:?}"), |bencher| {
                    bencher.iter(|| {
                        scan_into(black_box(body.as_bytes()), program, &manners, &mut reading)
                            .expect("a document")
                    });
                });
            }
        }
    }
}

criterion_group!(benches, read);
criterion_main!(benches);
