//! `borderpost demo`: a sandbox message server, the gateway in front of it, a short story played
//! against them; then both stay up to be tried by hand.

mod caller;
mod story;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use super::{Exit, complain, environment, say, show};
use crate::app::run::{Started, start};
use crate::app::watch::Consulted;
use crate::config;
use crate::sandbox::Sandbox;
use crate::telemetry::log;

#[derive(clap::Args)]
pub(super) struct Args {
    /// Where the gateway listens
    #[arg(long, default_value = "127.0.0.1:7700")]
    listen: SocketAddr,
    /// End after the story instead of staying up
    #[arg(long)]
    once: bool,
}

/// The files that ship, as the demo lays them out.
const FILES: [(&str, &str); 3] = [
    (
        "dialects/plain.yaml",
        include_str!("../../../config/dialects/plain.yaml"),
    ),
    (
        "policy/acme.yaml",
        include_str!("../../../config/policy/acme.yaml"),
    ),
    (
        "policy/globex.yaml",
        include_str!("../../../config/policy/globex.yaml"),
    ),
];

pub(super) fn demo(args: &Args) -> Result<(), Exit> {
    log::start(&log::Settings {
        level: log::Level::Warn,
        ..log::Settings::default()
    });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|fault| failed(&fault))?;
    runtime.block_on(play(args))
}

async fn play(args: &Args) -> Result<(), Exit> {
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let sandbox = Sandbox::seeded()
        .start(anywhere)
        .await
        .map_err(|fault| failed(&fault))?;
    let directory = std::env::temp_dir().join(format!("borderpost-demo-{}", std::process::id()));
    let path =
        lay_out(&directory, args.listen, sandbox.address()).map_err(|fault| failed(&fault))?;
    let consulted = Consulted::default();
    let loaded = config::load_from(&consulted, &path, &environment).map_err(|found| {
        show(&found);
        Exit::Config
    })?;
    let started = start(&path, loaded, consulted)
        .await
        .map_err(|fault| failed(&fault))?;
    let gateway = started
        .app
        .server
        .addresses()
        .first()
        .copied()
        .unwrap_or(args.listen);
    say(format!(
        "Borderpost stands at http://{gateway}, in front of a sandbox message server."
    ));
    let told = story::tell(gateway, &directory.join("policy/acme.yaml"), &started).await;
    if let Err(fault) = &told {
        complain(format!("the story broke off: {fault}"));
    }
    if told.is_ok() && !args.once {
        invite(gateway, &started, &directory);
        started.until_told_to_end().await;
    } else {
        drop(started);
    }
    sandbox.shutdown().await;
    if let Err(fault) = std::fs::remove_dir_all(&directory) {
        complain(format!(
            "{} could not be removed: {fault}",
            directory.display()
        ));
    }
    told.map_err(|_| Exit::Failed)
}

/// Writes the demo's files, so that they can be edited while it runs.
fn lay_out(directory: &Path, listen: SocketAddr, upstream: SocketAddr) -> std::io::Result<PathBuf> {
    for (name, text) in FILES {
        let path = directory.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent)?;
        }
        std::fs::write(path, text)?;
    }
    let path = directory.join("gateway.yaml");
    let gateway = format!(
        "listeners: [{{ address: \"{listen}\" }}]\n\
         upstream: {{ url: \"http://{upstream}\", lookup_token: token-operator }}\n\
         dialect: dialects/plain.yaml\n\
         admin: {{ address: \"127.0.0.1:0\" }}\n\
         drive_hosts: [drive.acme.example]\n\
         pseudonym_key: ${{BORDERPOST_PSEUDONYM_KEY:-only-for-the-demo-and-not-a-secret}}\n"
    );
    std::fs::write(&path, gateway)?;
    Ok(path)
}

/// What can be tried by hand.
fn invite(gateway: SocketAddr, started: &Started, directory: &Path) {
    say(format!(
        "
Both stay up until Ctrl-C. The token of each person is token-<id>: alice, bob, carol, dave (Acme),
grace, heidi (Globex), line:mei, line:ken (LINE). Try:

  # what Carol sees, who has no grant for LINE
  curl -s -H 'Authorization: Bearer token-carol' http://{gateway}/v1/rooms

  # Alice writes to Mei on LINE, and sends her a drive link
  curl -s -H 'Authorization: Bearer token-alice' -H 'Content-Type: application/json' \\
       -d '{{\"content\":{{\"type\":\"text\",\"text\":\"hello\"}}}}' http://{gateway}/v1/rooms/r2/messages
  curl -s -H 'Authorization: Bearer token-alice' -H 'Content-Type: application/json' \\
       -d '{{\"content\":{{\"type\":\"text\",\"text\":\"see https://drive.acme.example/s/1\"}}}}' http://{gateway}/v1/rooms/r2/messages

  # what Mei is told, as it happens
  curl -sN -H 'Authorization: Bearer token-line:mei' http://{gateway}/v1/events

  # what was decided
  curl -s http://{admin}/metrics | grep borderpost_decisions

The policy is {policy}: edit it while this runs, and it is applied at once.",
        admin = started.admin,
        policy = directory.join("policy").display(),
    ));
}

fn failed(fault: &dyn std::error::Error) -> Exit {
    complain(fault);
    Exit::Failed
}
