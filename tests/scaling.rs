//! What is known may grow: a decision takes no memory however many members and rooms there are, and
//! what each of them takes is bounded. Instructions are held flat by `cargo bench --bench counts`.

#[path = "../benches/shared/crowd.rs"]
#[expect(dead_code, reason = "the benches need the rest")]
mod crowd;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts what this thread allocates, and what it holds.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static HELD_BYTES: Cell<usize> = const { Cell::new(0) };
}

#[expect(
    unsafe_code,
    reason = "an allocator is nothing else; it leaves all to the system's"
)]
// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        HELD_BYTES.set(HELD_BYTES.get().wrapping_add(layout.size()));
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD_BYTES.set(HELD_BYTES.get().wrapping_sub(layout.size()));
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

/// What is made, and the bytes that it holds.
fn held<T>(make: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD_BYTES.get();
    let made = make();
    (made, HELD_BYTES.get().wrapping_sub(before))
}

const MEMBERS_MAX: u32 = 1_000_000;
const ROOMS_MAX: u32 = 100_000;

/// Of a listed member, the id of 27 bytes included.
const MEMBER_BYTES_MAX: usize = 72;

/// Of a learnt room of three people, with the ids of all.
const ROOM_BYTES_MAX: usize = 400;

#[test]
fn a_decision_allocates_nothing_among_few_members_or_a_million() {
    for members in [1_000, MEMBERS_MAX] {
        let snapshot = crowd::snapshot(members);
        let writers: Vec<String> = crowd::scattered(members, 1_000).collect();
        for people in [2, 200] {
            let room = crowd::room(people);
            // What the room adds up to is made once for each revision.
            let made = allocations(|| drop(room.standing(&snapshot)));
            assert!(made > 0);
            let more = allocations(|| {
                for writer in &writers {
                    let _ = crowd::decision(&snapshot, writer, &room);
                }
            });
            assert_eq!(more, 0, "{members} members, a room of {people}");
        }
    }
}

#[test]
fn recalling_a_room_allocates_nothing_among_few_or_many() {
    for rooms in [10, ROOMS_MAX] {
        let learnt = crowd::learnt(rooms);
        let keys: Vec<_> = (0..rooms).map(crowd::room_key).collect();
        let recalled = allocations(|| {
            assert!(keys.iter().all(|key| learnt.get(key).is_some()));
        });
        assert_eq!(recalled, 0, "{rooms} rooms");
    }
}

#[test]
fn a_member_takes_at_most_72_bytes() {
    let (_snapshot, bytes) = held(|| crowd::snapshot(MEMBERS_MAX));
    let each = bytes.div_ceil(MEMBERS_MAX as usize);
    println!("{each} bytes a member");
    assert!(each <= MEMBER_BYTES_MAX, "{each}");
}

#[test]
fn a_learnt_room_takes_a_bounded_number_of_bytes() {
    for rooms in [1_000, ROOMS_MAX] {
        let (_learnt, bytes) = held(|| crowd::learnt(rooms));
        let each = bytes.div_ceil(rooms as usize);
        println!("{each} bytes a room, of {rooms}");
        assert!(each <= ROOM_BYTES_MAX, "{each} of {rooms}");
    }
}
