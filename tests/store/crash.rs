//! The program is killed in the middle of its writing.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use crate::running::Town;

/// How often it is killed, and after how many grants that were told to be given.
const KILLS: usize = 5;
const GRANTS: usize = 8;

#[tokio::test]
async fn what_was_told_to_be_done_is_there_after_a_kill() {
    let town = Town::new("{ sqlite: store.db }").await;
    let members: Vec<String> = (0..1000).map(|number| format!("m{number}")).collect();
    let line = "{ connect: allow, permission: by_member }";
    let members = members.join(", ");
    let policy =
        format!("company: acme\nmembers: [{members}]\nexternal_messaging:\n  line: {line}\n");
    town.files.put("policy/acme.yaml", &policy);

    let script = "n=$2; while :; do \"$0\" admin grants grant m$n --network line --config \"$1\"; n=$((n+1)); done";
    let mut told = Vec::new();
    for round in 0..KILLS {
        let mut shell = Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_borderpost")])
            .arg(town.files.gateway())
            .arg((round * 100).to_string())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .expect("a shell");
        let output = BufReader::new(shell.stdout.take().expect("its output"));
        // What comes through before the pipe ends has been told, also while it was being killed.
        for (number, line) in output.lines().map_while(Result::ok).enumerate() {
            told.push(line);
            if number + 1 == GRANTS {
                let group = format!("-{}", shell.id());
                let killed = Command::new("kill").args(["-KILL", "--", &group]).status();
                assert!(killed.expect("to kill").success());
            }
        }
        let _ = shell.wait();
    }
    assert!(told.len() >= KILLS * GRANTS);
    let listed = town.admin("grants list");
    assert!(listed.status.success(), "{listed:?}");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    for line in told {
        let (member, _) = line.split_once(':').expect("a member");
        let there = listed
            .lines()
            .any(|line| line.split(' ').next() == Some(member));
        assert!(there, "{member} was told to be granted");
    }
}
