//! A sandbox with a gateway in front of it, both in this process on ports of their own.
#![allow(
    dead_code,
    reason = "each test binary uses the part of the town that it needs"
)]

use std::net::SocketAddr;

use borderpost::app::App;
use borderpost::app::reload::{Applied, apply};
use borderpost::config::{self, Memory};
use borderpost::sandbox::{Running, Sandbox, World};
use borderpost::telemetry::Meters;

use super::support::{Client, Version};

/// What ships as `plain.yaml`.
pub const PLAIN: &str = include_str!("../../config/dialects/plain.yaml");

/// Acme: alice may talk to LINE, bob and the others may not; everyone may talk to other companies.
pub const ACME: &str = "
company: acme
name: Acme Corp
members: [alice, bob, carol, dave]
external_messaging:
  line:
    connect: allow
    permission: by_member
    connected_members: [alice]
    restrict_attachments: true
  works:
    connect: allow
    permission: by_member
    connected_members: [alice, carol]
    restrict_attachments: true
";

/// Globex: open to everyone.
pub const GLOBEX: &str = "
company: globex
name: Globex
members: [grace, heidi]
external_messaging:
  works: { connect: allow, permission: all_members, restrict_attachments: false }
  line: { connect: allow, permission: all_members, restrict_attachments: false }
";

/// The two networks that ship.
const NETWORKS: &str = "
networks:
  line: { people: [\"line:*\"] }
  works: { between_companies: true, restricted_kinds: [camera, contacts, drive, file, template] }
";

/// A running gateway and what stands behind it.
pub struct Town {
    pub sandbox: Running,
    pub app: App,
    pub address: SocketAddr,
    gateway_yaml: String,
}

impl Town {
    /// The seeded world behind a gateway with these companies.
    pub async fn new(policies: &[&str]) -> Self {
        Self::with(World::seeded(), policies, "").await
    }

    /// Any world, and more lines for `gateway.yaml`; its own networks if those are among them.
    pub async fn with(world: World, policies: &[&str], more: &str) -> Self {
        let sandbox = Sandbox::new(world)
            .start(SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .expect("the sandbox starts");
        let networks = if more.contains("networks:") {
            ""
        } else {
            NETWORKS
        };
        let gateway_yaml = format!(
            "
listeners: [{{ address: \"127.0.0.1:0\" }}]
upstream: {{ url: \"http://{}\", lookup_token: token-operator }}
dialect: plain.yaml
{networks}
drive_hosts: [drive.acme.example]
pseudonym_key: a-key-for-tests-that-is-long-enough
workers: 2
{more}
",
            sandbox.address()
        );
        let app =
            App::start(load(&gateway_yaml, policies), Meters::new()).expect("the gateway starts");
        let address = app.server.addresses()[0];
        Self {
            sandbox,
            app,
            address,
            gateway_yaml,
        }
    }

    /// Somebody who goes through the gateway.
    pub fn client(&self, person: &str) -> Client {
        Client {
            version: Version::of_this_binary(),
            ..Client::new(self.address, &format!("token-{person}"))
        }
    }

    /// Somebody who goes round it: for preparing a world, and for looking at what arrived.
    pub fn behind(&self, person: &str) -> Client {
        Client::new(self.sandbox.address(), &format!("token-{person}"))
    }

    /// Another policy, as a reload applies it.
    pub fn apply(&self, policies: &[&str]) -> Applied {
        apply(&self.app, load(&self.gateway_yaml, policies))
    }
}

fn load(gateway_yaml: &str, policies: &[&str]) -> config::Loaded {
    let mut files = Memory::default()
        .with("town/gateway.yaml", gateway_yaml)
        .with("town/plain.yaml", &dialect(gateway_yaml));
    for (nth, policy) in policies.iter().enumerate() {
        files = files.with(&format!("town/policy/{nth}.yaml"), policy);
    }
    config::load_from(&files, "town/gateway.yaml".as_ref(), &|_| None).unwrap_or_else(|found| {
        panic!(
            "{}",
            config::report::render(
                &found,
                config::report::Format::Text(config::report::Colour::None)
            )
        )
    })
}

/// What ships, and, where there are legs, one on which all events are pushed to a network's people.
fn dialect(gateway_yaml: &str) -> String {
    if !gateway_yaml.contains("legs:") {
        return PLAIN.to_owned();
    }
    let (_, events) = PLAIN.split_once("\n      events:\n").expect("events");
    let (events, _) = events.split_once("\n\n").expect("an end of them");
    let mut pushed = "\nshapes:\n  pushed:\n    has:\n".to_owned();
    for line in events.lines() {
        let (name, form) = line.trim().split_once(": ").expect("a name and a form");
        let form = match form.starts_with('{') {
            true => form.to_owned(),
            false => format!("{{ is: {form} }}"),
        };
        pushed.push_str(&format!("      '\"{name}\"[*]': {form}\n"));
    }
    pushed.push_str("      \"*\": stripped\n");
    PLAIN.replacen("\nshapes:\n", &pushed, 1) + LEG
}

const LEG: &str = "
legs:
  connector:
    identity: reader
    surfaces:
      \"PUT /v1/pushed/{_}\":
        act: show
        body: { shown: pushed }
        answer: { untouched: \"nothing\" }
";
