//! The parts that are counted, each by a name of its own.

use std::hint::black_box;

use borderpost::dialect::json::scan::{Twins, scan, scan_into};
use borderpost::dialect::json::splice::{Edit, splice};
use borderpost::dialect::program::Program;
use borderpost::dialect::reading::SlotIx;
use borderpost::dialect::{DriveHosts, Reading};
use borderpost::gateway::items::ReadBody;
use borderpost::policy::RoomStanding;

use crate::{crowd, documents, fields, programs};

/// One of them.
pub struct Part {
    pub name: &'static str,
    /// Runs of which the mean is taken.
    pub times: u64,
    /// What it needs, and then does.
    pub prepare: fn() -> Box<dyn FnMut()>,
}

pub const PARTS: &[Part] = &[
    Part {
        name: "message, room of 2, 1000 members",
        times: 10_000,
        prepare: || message(1_000, 2),
    },
    Part {
        name: "message, room of 200, 1000 members",
        times: 10_000,
        prepare: || message(1_000, 200),
    },
    Part {
        name: "message, room of 2, 1000000 members",
        times: 10_000,
        prepare: || message(1_000_000, 2),
    },
    Part {
        name: "person, 1000 members",
        times: 10_000,
        prepare: || person(1_000),
    },
    Part {
        name: "person, 1000000 members",
        times: 10_000,
        prepare: || person(1_000_000),
    },
    Part {
        name: "person, by pattern",
        times: 10_000,
        prepare: by_pattern,
    },
    Part {
        name: "room, 10 learnt",
        times: 10_000,
        prepare: || room(10),
    },
    Part {
        name: "room, 100000 learnt",
        times: 10_000,
        prepare: || room(100_000),
    },
    Part {
        name: "sum of a room of 200",
        times: 1_000,
        prepare: sum,
    },
    Part {
        name: "read, six fields of a message",
        times: 1_000,
        prepare: || read(documents::message(), fields::six_fields()),
    },
    Part {
        name: "read, a megabyte",
        times: 3,
        prepare: || read(documents::sync(), programs::busy()),
    },
    Part {
        name: "judge the words of a message",
        times: 1_000,
        prepare: words,
    },
    Part {
        name: "splice, one in 10 of a megabyte goes",
        times: 3,
        prepare: change,
    },
];

/// Does it to one after the other, again and again.
fn each<T: 'static>(all: Vec<T>, mut run: impl FnMut(&T) + 'static) -> Box<dyn FnMut()> {
    let mut at = 0;
    Box::new(move || {
        run(&all[at]);
        at = (at + 1) % all.len();
    })
}

fn scattered(members: u32) -> Vec<String> {
    crowd::scattered(members, 1_000).collect()
}

fn message(members: u32, people: u32) -> Box<dyn FnMut()> {
    let (snapshot, room) = (crowd::snapshot(members), crowd::room(people));
    each(scattered(members), move |writer| {
        let _ = black_box(crowd::decision(&snapshot, writer, &room));
    })
}

fn person(members: u32) -> Box<dyn FnMut()> {
    let snapshot = crowd::snapshot(members);
    each(scattered(members), move |id| {
        black_box(snapshot.standing(id));
    })
}

fn by_pattern() -> Box<dyn FnMut()> {
    let snapshot = crowd::snapshot(1_000);
    Box::new(move || {
        black_box(snapshot.standing(black_box("@line_mei:acme.example")));
    })
}

fn room(rooms: u32) -> Box<dyn FnMut()> {
    let learnt = crowd::learnt(rooms);
    each((0..rooms).map(crowd::room_key).collect(), move |key| {
        black_box(learnt.get(key));
    })
}

fn sum() -> Box<dyn FnMut()> {
    let (snapshot, room) = (crowd::snapshot(1_000), crowd::room(200));
    Box::new(move || {
        let people = room.people().iter();
        black_box(RoomStanding::of(
            people.map(|id| snapshot.standing(id.as_str())),
        ));
    })
}

fn read(body: String, program: Program) -> Box<dyn FnMut()> {
    let manners = programs::roomy(Twins::Exact);
    let mut reading = Reading::default();
    Box::new(move || {
        let body = black_box(body.as_bytes());
        scan_into(body, &program, &manners, &mut reading).expect("a document");
    })
}

fn words() -> Box<dyn FnMut()> {
    let (body, program) = (documents::message(), fields::six_fields());
    let reading = scan(body.as_bytes(), &program, &programs::roomy(Twins::Exact));
    let reading = reading.expect("a document");
    let drive_hosts = DriveHosts::default();
    Box::new(move || {
        let body = ReadBody {
            bytes: black_box(body.as_bytes()),
            reading: &reading,
            program: &program,
            drive_hosts: &drive_hosts,
        };
        black_box(body.items());
    })
}

fn change() -> Box<dyn FnMut()> {
    let body = documents::sync();
    let manners = programs::roomy(Twins::Exact);
    let reading = scan(body.as_bytes(), &programs::everything(), &manners).expect("a document");
    let slots = (0..reading.slots.len() as u32).step_by(10);
    let edits: Vec<Edit> = slots.map(|slot| Edit::Drop(SlotIx(slot))).collect();
    Box::new(move || {
        black_box(splice(body.as_bytes(), &reading, edits.clone()));
    })
}
