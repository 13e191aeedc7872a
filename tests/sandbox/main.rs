//! The promises of the sandbox message server, over real sockets.

#[path = "../support/mod.rs"]
mod support;

mod events;
mod files;
mod groups;
mod messages;
mod people;
mod refusals;
mod rooms;
mod wire;

use borderpost::sandbox::{Running, Sandbox, World};
use serde_json::{Value, json};

use support::Client;

async fn start(world: World) -> Running {
    let address = "127.0.0.1:0".parse().unwrap();
    Sandbox::new(world).start(address).await.unwrap()
}

async fn seeded() -> Running {
    start(World::seeded()).await
}

fn client(running: &Running, person: &str) -> Client {
    Client::new(running.address(), &format!("token-{person}"))
}

fn text(text: &str) -> Value {
    json!({"content": {"type": "text", "text": text}})
}

/// The ids in a list of shapes.
fn ids(list: &Value) -> Vec<&str> {
    let items = list.as_array().expect("a list");
    items.iter().map(|it| it["id"].as_str().unwrap()).collect()
}
