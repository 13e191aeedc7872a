//! The seeded world: two companies, two people outside, and a little of everything.

use super::content::{Attached, Card, Content};
use super::files::Home;
use super::items::{ItemKind, Words};
use super::world::World;

impl World {
    /// The world of `docs/plain-protocol.md`, section 11.
    pub fn seeded() -> Self {
        let mut world = Self::new();
        let (acme, globex) = (Some("Acme Corp"), Some("Globex"));
        world
            .operator("token-operator")
            .person("alice", "Alice Kim", acme)
            .person("bob", "Bob Lee", acme)
            .person("carol", "Carol Park", acme)
            .person("dave", "Dave Choi", acme)
            .person("grace", "Grace Sato", globex)
            .person("heidi", "Heidi Mori", globex)
            .person("line:mei", "Mei Tanaka", None)
            .person("line:ken", "Ken Ito", None);
        world
            .contact("alice", "line:mei")
            .contact("alice", "grace")
            .contact("bob", "line:mei");
        let template = world.template("Visit request", &["who", "when"]);
        fill_rooms(&mut world);
        fill_group(&mut world, &template);
        fill_boards(&mut world, &template);
        world
    }
}

fn fill_rooms(world: &mut World) {
    let lobby = world.room(Some("Acme lobby"), &["alice", "bob", "carol", "dave"]);
    world.message(&lobby, "carol", Content::text("Coffee machine is back"));
    let card = Card {
        name: "Harbour Office".to_owned(),
        phone: Some("+82-51-555-0100".to_owned()),
        mail: None,
    };
    world.message(&lobby, "dave", Content::Contact { card });

    let direct = world.direct("alice", "line:mei");
    world.message(&direct, "line:mei", Content::text("Hello Alice, it is Mei"));

    let members = ["alice", "bob", "line:mei"];
    let order = world.room(Some("Order 4711"), &members);
    world.message(&order, "alice", Content::text("Your order is packed"));
    let photo = world.room_file(
        &order,
        "line:mei",
        "berth.png",
        "image/png",
        b"\x89PNG berth 9",
    );
    let attached = Attached {
        file: photo,
        caption: Some("this is the berth".to_owned()),
    };
    world.message(&order, "line:mei", Content::Image(attached));
    world.message(&order, "bob", Content::text("The ship is in"));

    let partners = world.direct("alice", "grace");
    world.message(
        &partners,
        "grace",
        Content::text("Shall we meet at the fair?"),
    );

    let fair = world.room(Some("Harbour fair"), &["alice", "grace", "line:ken"]);
    world.message(&fair, "line:ken", Content::text("I bring the posters"));

    let lunch = world.open_room("Acme lunch", &["bob", "carol"]);
    world.message(&lunch, "bob", Content::text("Noodles at noon"));
}

fn fill_group(world: &mut World, template: &str) {
    let group = world.group("Harbour project", "alice", &["bob", "grace"]);
    let room = world.group_room(&group);
    world.message(&room, "alice", Content::text("Welcome to the project"));
    world.folder_file(
        &group,
        "grace",
        "plan.pdf",
        "application/pdf",
        b"%PDF-1.7 the plan",
    );
    let home = Home::Group(group);
    let now = world.state.settings.clock.now();
    let words = |title: &str, text: &str| Words {
        title: title.to_owned(),
        text: text.to_owned(),
        ..Words::default()
    };
    let note = Words {
        template: Some(template.to_owned()),
        ..words("Minutes", "Berth 9 it is")
    };
    let event = Words {
        starts_at: Some(now),
        ..words("Review", "We look at the plan")
    };
    let task = Words {
        assignee: Some("grace".to_owned()),
        ..words("Send the offer", "To the harbour office")
    };
    let state = &mut world.state;
    state.add_item(ItemKind::Note, home.clone(), "alice", note);
    state.add_item(ItemKind::Event, home.clone(), "grace", event);
    state.add_item(ItemKind::Task, home, "bob", task);
}

fn fill_boards(world: &mut World, template: &str) {
    let news = world.board("Partner news", "alice", &["carol", "grace"], Some(template));
    let post = Words {
        title: "Welcome".to_owned(),
        text: "News for our partners stand here".to_owned(),
        ..Words::default()
    };
    let home = Home::Board(news);
    world.state.add_item(ItemKind::Post, home, "alice", post);
    world.board("Acme notices", "alice", &["bob", "carol", "dave"], None);
}
