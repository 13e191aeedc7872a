//! The gateway and the command line upon a store, as processes of their own.

use std::process::{Command, Output};
use std::time::Duration;

use borderpost::sandbox::{Running, Sandbox, World};
use tokio::task::spawn_blocking;

use crate::files::Files;
use crate::postgres::{self, Server};
use crate::process::Process;
use crate::support::Client;

/// A town whose members hold no grant but what the store has.
const BY_MEMBER: &str = "{ connect: allow, permission: by_member, restrict_attachments: false }";
const AUTO: &str = "{ connect: allow, permission: by_member, auto_grant_new_members: true }";

/// A configuration with a store, and the sandbox that it stands in front of.
pub struct Town {
    pub files: Files,
    _sandbox: Running,
}

impl Town {
    pub async fn new(store: &str) -> Self {
        let sandbox = Sandbox::new(World::seeded())
            .start(([127, 0, 0, 1], 0).into())
            .await
            .expect("a sandbox");
        let files = Files::new(sandbox.address());
        let gateway = std::fs::read_to_string(files.gateway()).unwrap();
        files.put("gateway.yaml", &format!("{gateway}store: {store}\n"));
        let town = Self {
            files,
            _sandbox: sandbox,
        };
        town.policy("[alice, bob, carol, dave]", BY_MEMBER);
        town
    }

    /// Upon a file.
    async fn sqlite() -> Self {
        Self::new("{ sqlite: store.db }").await
    }

    fn policy(&self, members: &str, line: &str) {
        let text =
            format!("company: acme\nmembers: {members}\nexternal_messaging:\n  line: {line}\n");
        self.files.put_by_renaming("policy/acme.yaml", &text);
    }

    async fn start(&self) -> Process {
        let gateway = self.files.gateway();
        spawn_blocking(move || Process::start(&gateway))
            .await
            .expect("it starts")
    }

    /// `borderpost admin …`
    pub fn admin(&self, arguments: &str) -> Output {
        Command::new(env!("CARGO_BIN_EXE_borderpost"))
            .arg("admin")
            .args(arguments.split(' '))
            .arg("--config")
            .arg(self.files.gateway())
            .output()
            .expect("it runs")
    }

    /// Which works, and says this.
    #[track_caller]
    fn done(&self, arguments: &str, says: &str) {
        let output = self.admin(arguments);
        let said = text(&output.stdout);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(said.contains(says), "{said}");
    }

    /// Which is refused, and says this.
    #[track_caller]
    fn refused(&self, arguments: &str, says: &[&str]) {
        let output = self.admin(arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(says.iter().all(|part| said.contains(part)), "{said}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether somebody may read the room with a peer of LINE.
async fn sees_it(process: &Process, who: &str) -> bool {
    let client = Client::new(process.listeners[0], &format!("token-{who}"));
    match client.get("/v1/rooms/r2").await.status.as_u16() {
        200 => true,
        404 => false,
        other => panic!("{other}"),
    }
}

/// Waits until they may, or may not.
async fn until(process: &Process, who: &str, sees: bool) {
    let waits = async {
        while sees_it(process, who).await != sees {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), waits)
        .await
        .expect("it comes into force");
}

async fn ready(process: &Process) -> String {
    Client::new(process.admin, "").get("/readyz").await.text()
}

macro_rules! on_both {
    ($($name:ident,)*) => {
        mod upon_sqlite {
            use super::Town;
            $(#[tokio::test]
            async fn $name() {
                super::$name(Town::sqlite().await).await;
            })*
        }
        mod upon_postgres {
            use super::{Town, postgres, spawn_blocking};
            $(#[tokio::test]
            async fn $name() {
                let server = spawn_blocking(postgres::shared).await.unwrap();
                if let Some(server) = server {
                    let url = server.new_url();
                    let store = format!("{{ postgres: {{ url: \"{url}\" }} }}");
                    super::$name(Town::new(&store).await).await;
                }
            })*
        }
    };
}

on_both! {
    grants_given_and_taken_beside_the_running_gateway_are_in_force,
    grants_last_over_a_restart_and_a_reload,
    who_is_suspended_is_as_revoked_until_resumed,
    who_is_deleted_is_revoked_for_good,
    who_first_appears_by_a_request_is_granted,
    who_first_appears_in_a_file_is_granted,
}

async fn grants_given_and_taken_beside_the_running_gateway_are_in_force(town: Town) {
    let process = town.start().await;
    assert!(!sees_it(&process, "alice").await);
    town.done("grants grant alice --network line", "alice: may use line\n");
    until(&process, "alice", true).await;
    town.done(
        "grants revoke alice --network line",
        "alice: may not use line\n",
    );
    until(&process, "alice", false).await;
}

async fn grants_last_over_a_restart_and_a_reload(town: Town) {
    town.done("grants grant alice --network line", "");
    let process = town.start().await;
    assert!(
        sees_it(&process, "alice").await,
        "from the first request on"
    );
    town.policy("[alice, bob]", BY_MEMBER);
    let process = spawn_blocking(move || {
        let mut process = process;
        process.wait_for("reload applied");
        process
    });
    assert!(sees_it(&process.await.unwrap(), "alice").await);
}

async fn who_is_suspended_is_as_revoked_until_resumed(town: Town) {
    town.done("grants grant alice --network line", "");
    let process = town.start().await;
    town.done("members suspend alice", "alice: is suspended");
    until(&process, "alice", false).await;
    town.done("members resume alice", "alice: is active");
    until(&process, "alice", true).await;
}

async fn who_is_deleted_is_revoked_for_good(town: Town) {
    town.done("grants grant alice --network line", "");
    let process = town.start().await;
    town.done("members delete alice", "alice: is deleted");
    until(&process, "alice", false).await;
    town.refused(
        "grants grant alice --network line",
        &["alice: this member was deleted"],
    );
    town.done("members create alice", "alice: is there");
    town.done("grants list", "nobody holds a grant");
}

async fn who_first_appears_by_a_request_is_granted(town: Town) {
    town.policy("{ match: [alice, bob] }", AUTO);
    let process = town.start().await;
    until(&process, "alice", true).await;
    town.done("grants list", "alice   acme     line     auto");
}

async fn who_first_appears_in_a_file_is_granted(town: Town) {
    town.policy("[bob]", AUTO);
    let process = town.start().await;
    town.done("members list", "bob");
    town.policy("[bob, alice]", AUTO);
    until(&process, "alice", true).await;
}

#[tokio::test]
async fn a_copy_that_is_put_back_takes_what_was_granted_since() {
    let town = Town::sqlite().await;
    town.done("grants grant alice --network line", "");
    let process = town.start().await;
    until(&process, "alice", true).await;
    let store = rusqlite::Connection::open(town.files.path("store.db")).unwrap();
    let earlier = "BEGIN IMMEDIATE; DELETE FROM grants; DELETE FROM members;
         UPDATE revision SET number = 0; COMMIT";
    store.execute_batch(earlier).unwrap();
    until(&process, "alice", false).await;
}

#[tokio::test]
async fn what_a_file_grants_is_not_changed_at_run_time() {
    let town = Town::sqlite().await;
    town.policy(
        "[alice, bob]",
        "{ connect: allow, connected_members: [alice] }",
    );
    for change in ["grant", "revoke"] {
        let change = format!("grants {change} alice --network line");
        town.refused(
            &change,
            &["alice: this grant stands in a file", "acme.yaml:4)"],
        );
    }
    town.done("grants list", "alice   acme     line     file");
}

#[tokio::test]
async fn under_all_members_single_grants_are_refused() {
    let town = Town::sqlite().await;
    town.policy("[alice]", "{ connect: allow, permission: all_members }");
    let said = ["alice: all members may use this network", "acme.yaml:4)"];
    town.refused("grants grant alice --network line", &said);
}

#[tokio::test]
async fn one_who_is_refused_keeps_nobody_else_back() {
    let town = Town::sqlite().await;
    town.refused(
        "grants grant alice zoe bob --network line",
        &["zoe: is no member"],
    );
    let output = town.admin("grants list --output json");
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let members: Vec<_> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["member"])
        .collect();
    assert_eq!(members, ["alice", "bob"]);
}

#[tokio::test]
async fn a_check_opens_nothing() {
    let town = Town::sqlite().await;
    let checked = Command::new(env!("CARGO_BIN_EXE_borderpost"))
        .args(["check", "--config"])
        .arg(town.files.gateway())
        .output()
        .unwrap();
    assert!(checked.status.success(), "{}", text(&checked.stderr));
    assert!(!town.files.path("store.db").exists());
}

#[tokio::test]
async fn without_its_store_the_gateway_does_not_start() {
    let town = Town::new("{ sqlite: no/such/directory.db }").await;
    let ended = crate::process::command(&town.files.gateway())
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    let said = text(&ended.stderr);
    assert!(said.contains("the store can't be opened"), "{said}");
}

#[tokio::test]
async fn while_the_database_is_gone_what_is_known_stays_and_nothing_is_changed() {
    let Some(mut server) = spawn_blocking(Server::start).await.unwrap() else {
        return;
    };
    let store = format!("{{ postgres: {{ url: \"{}\" }} }}", server.new_url());
    let town = Town::new(&store).await;
    town.done("grants grant alice --network line", "");
    let process = town.start().await;
    assert!(ready(&process).await.contains("ok   store"));

    let mut server = spawn_blocking(move || {
        server.stop();
        server
    })
    .await
    .unwrap();
    wait_for_ready(&process, "FAIL store").await;
    assert!(sees_it(&process, "alice").await && !sees_it(&process, "bob").await);
    town.refused(
        "grants revoke alice --network line",
        &["the store can't be opened: database test_"],
    );

    let server = spawn_blocking(move || {
        server.run();
        server
    })
    .await
    .unwrap();
    wait_for_ready(&process, "ok   store").await;
    town.done("grants revoke alice --network line", "");
    until(&process, "alice", false).await;
    drop(server);
}

async fn wait_for_ready(process: &Process, says: &str) {
    let waits = async {
        while !ready(process).await.contains(says) {
            tokio::task::yield_now().await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waits).await;
    waited.expect("readiness tells the truth");
}
