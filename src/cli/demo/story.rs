//! The story: an order, a photo, a colleague without a grant, a revocation. Every scene says what
//! is tried, what should come of it, and what did.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::say;
use super::caller::{Caller, Fault, Reply};
use crate::app::run::Started;
use crate::config::Disk;

/// The first bytes of a JPEG.
const PHOTO: &[u8] = b"\xff\xd8\xff\xe0\x00\x10JFIF";

/// Tells the story; a scene that comes out otherwise than promised is a fault.
pub(super) async fn tell(
    gateway: SocketAddr,
    policy: &Path,
    started: &Started,
) -> Result<(), Fault> {
    let [alice, bob, carol, grace, mei] =
        ["alice", "bob", "carol", "grace", "line:mei"].map(|person| Caller::new(gateway, person));
    let text = |text: &str| json!({ "content": { "type": "text", "text": text } });

    heading(
        "Acme lets Alice and Bob talk to people on LINE. Photos, contacts and drive links stay inside.",
    );
    let reply = alice
        .post(
            "/v1/rooms/r2/messages",
            &text("Good morning! Your order is ready."),
        )
        .await?;
    scene(
        "Alice writes to Mei, who is on LINE",
        &reply,
        201,
        "delivered",
    )?;
    let reply = alice
        .upload("/v1/rooms/r2/files?name=order.jpg", "image/jpeg", PHOTO)
        .await?;
    refused("Alice sends Mei a photo", &reply, "attachment_restricted")?;
    let reply = alice
        .upload(
            "/v1/rooms/r2/files?name=order.pdf",
            "application/pdf",
            PHOTO,
        )
        .await?;
    refused(
        "Alice calls the photo order.pdf",
        &reply,
        "attachment_restricted",
    )?;
    let reply = alice
        .post(
            "/v1/rooms/r2/messages",
            &text("https://drive.acme.example/s/4711"),
        )
        .await?;
    refused(
        "Alice sends Mei a link into Acme's drive",
        &reply,
        "attachment_restricted",
    )?;
    let reply = alice
        .upload("/v1/rooms/r1/files?name=order.jpg", "image/jpeg", PHOTO)
        .await?;
    scene(
        "Alice sends the photo to her colleagues",
        &reply,
        201,
        "delivered: the room is internal",
    )?;
    let reply = alice.get("/v1/rooms/r2/functions").await?;
    scene(
        "Alice's app asks which buttons to show in Mei's room",
        &reply,
        200,
        &off(&reply),
    )?;

    heading("Carol holds no grant.");
    let reply = carol
        .post(
            "/v1/rooms",
            &json!({ "title": "Hello", "members": ["line:mei"] }),
        )
        .await?;
    refused("Carol opens a room with Mei", &reply, "not_permitted")?;
    let reply = bob
        .post("/v1/rooms/r1/members", &json!({ "person": "line:mei" }))
        .await?;
    refused(
        "Bob brings Mei into the room of all of Acme",
        &reply,
        "would_become_external",
    )?;

    heading("Bob's grant is revoked: the policy file is changed, and applied.");
    scene(
        "before, Bob opens \"Order 4711\" with Alice and Mei",
        &bob.get("/v1/rooms/r3").await?,
        200,
        "it is there",
    )?;
    let before = std::fs::read_to_string(policy)?;
    std::fs::write(
        policy,
        before.replace(
            "connected_members: [alice, bob]",
            "connected_members: [alice]",
        ),
    )?;
    reload(started).await?;
    let reply = bob.get("/v1/rooms/r3").await?;
    scene(
        "Bob opens it again",
        &reply,
        404,
        "there is no such room for him any more",
    )?;
    let reply = mei.get("/v1/rooms/r3").await?;
    scene(
        "Mei opens it",
        &reply,
        200,
        &format!("its members are {}", names(&reply)),
    )?;
    let reply = carol.get("/v1/people/bob").await?;
    scene(
        "Carol looks Bob up, her colleague",
        &reply,
        200,
        &format!("he is {}", reply.field("name")),
    )?;
    let reply = grace.get("/v1/rooms/r4").await?;
    scene(
        "Grace of Globex opens her room with Alice",
        &reply,
        200,
        &format!("its members are {}", names(&reply)),
    )?;
    std::fs::write(policy, before)?;
    reload(started).await?;
    scene(
        "the grant is given back, and Bob opens the room",
        &bob.get("/v1/rooms/r3").await?,
        200,
        "it is there again",
    )
}

/// The reload that a change of the file makes, waited for.
async fn reload(started: &Started) -> Result<(), Fault> {
    let (reloader, app) = (Arc::clone(&started.reloader), Arc::clone(&started.app));
    match tokio::task::spawn_blocking(move || reloader.reload(&app, &Disk)).await? {
        Ok(_) => Ok(()),
        Err(fault) => Err(format!("{fault:?}").into()),
    }
}

fn heading(text: &str) {
    say(format!("\n{text}"));
}

fn scene(tried: &str, reply: &Reply, status: u16, came: &str) -> Result<(), Fault> {
    say(format!("  {tried:<58} {}  {came}", reply.status.as_u16()));
    if reply.status == status {
        Ok(())
    } else {
        Err(format!(
            "{tried}: {} instead of {status}: {}",
            reply.status, reply.body
        )
        .into())
    }
}

fn refused(tried: &str, reply: &Reply, reason: &str) -> Result<(), Fault> {
    let error = reply.field("error");
    let word = |name: &str| error.get(name).and_then(Value::as_str).unwrap_or("?");
    let told = format!("{}: {}", word("code"), word("message"));
    scene(tried, reply, 403, &told)?;
    if word("code") == reason {
        Ok(())
    } else {
        Err(format!("{tried}: not for {reason}").into())
    }
}

fn names(reply: &Reply) -> String {
    let members = reply
        .field("members")
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let names: Vec<&str> = members
        .iter()
        .filter_map(|member| member.get("name")?.as_str())
        .collect();
    names.join(", ")
}

fn off(reply: &Reply) -> String {
    let buttons = reply.body.as_object().into_iter().flatten();
    let off: Vec<&str> = buttons
        .filter(|(_, on)| **on == Value::Bool(false))
        .map(|(button, _)| button.as_str())
        .collect();
    format!("off: {}", off.join(", "))
}
