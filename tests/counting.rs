//! Counting costs no memory once a series is known: neither for requests and decisions nor for what
//! was hit, refused, looked up or changed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::time::Duration;

use borderpost::cache::{Current, Snapshot};
use borderpost::config::{self, Memory};
use borderpost::gateway::limit::{Hits, Limit};
use borderpost::gateway::tally::{Decided, Requests, Tally};
use borderpost::policy::{Act, Block, CompanyIx, ContentKind, KindSet, NetworkIx, Reason};
use borderpost::telemetry::Meters;
use http::StatusCode;

/// Counts what this thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

#[expect(
    unsafe_code,
    reason = "an allocator is nothing else; it leaves all to the system's"
)]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn allocations(run: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    run();
    ALLOCATIONS.get() - before
}

const GATEWAY: &str = "
listeners: [{ address: \"127.0.0.1:0\" }]
upstream: { url: \"http://127.0.0.1:1\" }
dialect: plain.yaml
networks: { line: { people: [\"line:*\"] } }
";
const ACME: &str = "
company: acme
members: [alice]
external_messaging: { line: { connect: deny } }
";
const PLAIN: &str = include_str!("../config/dialects/plain.yaml");

/// Times that each thing is counted.
const TIMES: u64 = 10_000;

#[test]
fn counting_allocates_nothing_in_the_steady_state() {
    let files = Memory::default()
        .with("c/gateway.yaml", GATEWAY)
        .with("c/plain.yaml", PLAIN)
        .with("c/policy/acme.yaml", ACME);
    let loaded = config::load_from(&files, "c/gateway.yaml".as_ref(), &|_| None).unwrap();
    let current = Current::new(Snapshot::new(loaded.policy, loaded.directory));
    let (dialect, snapshot, meters) = (loaded.dialect, current.owned(), Meters::new());
    let tally = Tally::new(meters.clone(), Hits::new(&meters));
    let requests = Requests::new(meters.clone(), &dialect);
    let block = Block {
        reason: Reason::AttachmentRestricted,
        network: Some(NetworkIx(0)),
        company: Some(CompanyIx(0)),
        kind: Some(ContentKind::File),
    };
    let decisions = [
        Decided::new(Act::Send, KindSet::default(), None),
        Decided::new(Act::Send, KindSet::default(), Some(&block)),
    ];
    let count = || {
        for surface in dialect
            .surfaces
            .iter()
            .map(|surface| Some(surface.ix))
            .chain([None])
        {
            for status in [
                StatusCode::OK,
                StatusCode::FORBIDDEN,
                StatusCode::BAD_GATEWAY,
            ] {
                requests.answered(&dialect, surface, status);
            }
        }
        tally.decided(&snapshot, &decisions);
        tally.refused("policy");
        tally.looked_up("place");
        tally.changed("masked", 3);
        tally.upstream_failed("closed");
        tally.hit(Limit::Headers);
    };
    count();
    let counted = allocations(|| (1..TIMES).for_each(|_| count()));
    assert_eq!(counted, 0);
    let told = meters.render();
    for line in [
        r#"borderpost_http_requests_total{surface="GET /v1/rooms",status="2xx"} 10000"#,
        r#"borderpost_http_requests_total{surface="none",status="5xx"} 10000"#,
        r#"borderpost_decisions_total{company="",network="",act="send",kind="none",verdict="allow"} 10000"#,
        r#"borderpost_decisions_total{company="acme",network="line",act="send",kind="file",verdict="attachment_restricted"} 10000"#,
        r#"borderpost_effects_total{effect="masked"} 30000"#,
        r#"borderpost_limit_hits_total{limit="limits.headers_max"} 10000"#,
    ] {
        assert!(told.lines().any(|told| told == line), "{line}\n{told}");
    }
}

#[test]
fn a_measured_time_is_kept_with_others_in_one_piece() {
    let meters = Meters::new();
    let tally = Tally::new(meters.clone(), Hits::new(&meters));
    let record = || tally.request_took(Duration::from_millis(1));
    record();
    let recorded = allocations(|| (1..TIMES).for_each(|_| record()));
    // The exporter keeps samples in blocks until it is asked for them.
    assert!(recorded as u64 <= TIMES / 32, "{recorded} for {TIMES}");
}

#[test]
fn a_decision_is_named_by_the_revision_that_made_it() {
    let load = |company: &str| {
        let policy = ACME.replace("acme", company);
        let files = Memory::default()
            .with("c/gateway.yaml", GATEWAY)
            .with("c/plain.yaml", PLAIN)
            .with("c/policy/acme.yaml", &policy);
        let loaded = config::load_from(&files, "c/gateway.yaml".as_ref(), &|_| None).unwrap();
        Snapshot::new(loaded.policy, loaded.directory)
    };
    let meters = Meters::new();
    let tally = Tally::new(meters.clone(), Hits::new(&meters));
    let current = Current::new(load("acme"));
    let mut decided = Decided::new(Act::Send, KindSet::default(), None);
    decided.company = Some(CompanyIx(0));
    tally.decided(&current.load(), &[decided]);
    current.apply(load("globex"));
    tally.decided(&current.load(), &[decided]);
    let told = meters.render();
    for company in ["acme", "globex"] {
        let line = format!("borderpost_decisions_total{{company=\"{company}\"");
        assert!(told.contains(&line), "{line}\n{told}");
    }
}
