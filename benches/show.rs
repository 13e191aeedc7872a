//! What showing costs: the recorded first sync of a member of 501 rooms, 5.8 MB, stage by stage.

#[path = "shared/companies.rs"]
mod companies;
#[path = "../tests/traffic/recorded.rs"]
#[expect(dead_code, reason = "tests need the rest")]
mod recorded;
#[path = "../tests/traffic/town.rs"]
#[expect(dead_code, reason = "tests need the rest")]
mod town;

use std::hint::black_box;
use std::time::Duration;

use borderpost::cache::{Memory, Pseudonyms, Snapshot};
use borderpost::config::Loaded;
use borderpost::dialect::json::scan::{Twins, scan};
use borderpost::dialect::json::splice::splice;
use borderpost::dialect::{AnswerForm, Reading};
use borderpost::gateway::facts::Facts;
use borderpost::gateway::items::{Item, ReadBody};
use borderpost::gateway::show::{About, Judges, Plan, Reads, Shown, plan};
use borderpost::policy::PersonId;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

use companies::{Policy, READER};
use recorded::{LARGEST, big, manners};
use town::town;

/// What is decided by, and what has been learnt for it.
struct Judge {
    loaded: Loaded,
    snapshot: Snapshot,
    pseudonyms: Pseudonyms,
    facts: Facts,
}

impl Judge {
    fn new(policy: &Policy) -> Self {
        let loaded = policy.load();
        let memory = Memory {
            facts_max: 1_000,
            stale_after: Duration::from_secs(3_600),
        };
        let again = policy.load();
        Self {
            snapshot: Snapshot::new(again.policy, again.directory),
            pseudonyms: Pseudonyms::new(b"a key for measurements", memory),
            facts: Facts::default(),
            loaded,
        }
    }

    /// Learns what the plan wants until it wants nothing more.
    fn informed(mut self, body: ReadBody<'_>, items: &[Item]) -> Self {
        while let Plan::Wanted(wanted) = self.plan(body, items) {
            for missing in wanted.into_inner() {
                self.facts.learn(town().learn(missing));
            }
        }
        self
    }

    fn plan(&self, body: ReadBody<'_>, items: &[Item]) -> Plan {
        let judges = Judges {
            snapshot: &self.snapshot,
            dialect: &self.loaded.dialect,
            pseudonyms: &self.pseudonyms,
            facts: &self.facts,
        };
        let shown = Shown {
            body,
            items,
            viewer: Some(&PersonId::from(READER)),
            reads: Reads::Alone,
            about: &About::default(),
            own_origin: None,
            seen: None,
            id: "1",
            now_ms: 0,
            page: None,
            named: &[],
        };
        plan(&shown, &judges)
    }
}

fn show(criterion: &mut Criterion) {
    let bytes = big(LARGEST);
    let loaded = Policy::open().load();
    let routed = loaded.dialect.route("GET", "/_matrix/client/v3/sync");
    let AnswerForm::Json(program) = &routed.expect("a surface").surface.answer else {
        panic!("no JSON");
    };
    let read = || -> Reading { scan(&bytes, program, &manners(Twins::Exact)).expect("a document") };
    let reading = read();
    let body = ReadBody {
        bytes: &bytes,
        reading: &reading,
        program,
        drive_hosts: &loaded.drive_hosts,
    };
    let items = body.items();
    println!(
        "{} bytes: {} items, {} finds, {} scopes, {} slots",
        bytes.len(),
        items.len(),
        reading.finds.len(),
        reading.scopes.len(),
        reading.slots.len()
    );
    let mut group = criterion.benchmark_group("first sync");
    group.throughput(Throughput::Bytes(bytes.len() as u64));
    group.sample_size(10);
    group.bench_function("read", |bencher| bencher.iter(|| black_box(read())));
    group.bench_function("items", |bencher| bencher.iter(|| black_box(body.items())));
    for (name, policy) in [("open", Policy::open()), ("strict", Policy::strict())] {
        let judge = Judge::new(&policy).informed(body, &items);
        group.bench_function(format!("plan, {name}"), |bencher| {
            bencher.iter(|| black_box(judge.plan(body, &items)));
        });
        let Plan::Edits { edits, effects, .. } = judge.plan(body, &items) else {
            panic!("hidden");
        };
        println!("{name}: {} edits, {effects:?}", edits.len());
        group.bench_function(format!("splice, {name}"), |bencher| {
            bencher.iter_batched(
                || edits.clone(),
                |edits| black_box(splice(&bytes, &reading, edits)),
                BatchSize::LargeInput,
            );
        });
    }
}

criterion_group!(benches, show);
criterion_main!(benches);
