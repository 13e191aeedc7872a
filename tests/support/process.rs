//! The real program in a process of its own, and what it writes.
#![allow(dead_code, reason = "each test binary uses the part that it needs")]

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use borderpost::clock;
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(30);

/// A `borderpost run` that is running.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
    /// All that it has written so far.
    pub log: String,
    pub listeners: Vec<SocketAddr>,
    pub admin: SocketAddr,
}

impl Process {
    /// Starts it with this `gateway.yaml` and waits until it runs. Its log must be JSON.
    pub fn start(gateway: &Path) -> Self {
        let mut child = command(gateway)
            .stderr(Stdio::piped())
            .spawn()
            .expect("a process");
        let stderr = BufReader::new(child.stderr.take().expect("its standard error"));
        let (line, lines) = channel();
        std::thread::spawn(move || {
            for text in stderr.lines().map_while(Result::ok) {
                if line.send(text).is_err() {
                    return;
                }
            }
        });
        let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut process = Self {
            child,
            lines,
            log: String::new(),
            listeners: Vec::new(),
            admin: nowhere,
        };
        let running = process.wait_for("borderpost is running");
        let listeners = running["listeners"]
            .as_str()
            .expect("listeners")
            .trim_matches(['[', ']']);
        process.listeners = listeners
            .split(", ")
            .map(|address| address.parse().expect("an address"))
            .collect();
        process.admin = running["admin"]
            .as_str()
            .expect("the admin listener")
            .parse()
            .expect("an address");
        process
    }

    /// The next line with this message.
    pub fn wait_for(&mut self, message: &str) -> Value {
        let until = clock::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(clock::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line says `{message}`:\n{}", self.log);
            };
            self.log.push_str(&line);
            self.log.push('\n');
            match serde_json::from_str::<Value>(&line) {
                Ok(line) if line["message"] == message => return line,
                _ => {}
            }
        }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &self.id().to_string()])
            .status();
        assert!(sent.expect("to send a signal").success());
    }

    /// Waits for its end: the status, and all that it wrote.
    pub fn end(mut self) -> (ExitStatus, String) {
        let until = clock::now() + PATIENCE;
        loop {
            let left = until.saturating_duration_since(clock::now());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.log.push_str(&format!("{line}\n")),
                // It has closed its standard error.
                Err(_) => break,
            }
        }
        let status = self.child.wait().expect("its end");
        (status, std::mem::take(&mut self.log))
    }

    /// The most memory that it ever held, in bytes.
    pub fn memory_max(&self) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("its status");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("its high-water mark");
        line.trim()
            .trim_end_matches(" kB")
            .parse::<u64>()
            .expect("a number")
            * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `borderpost run` with this `gateway.yaml`.
pub fn command(gateway: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_borderpost"));
    command
        .arg("run")
        .arg("--config")
        .arg(gateway)
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    command
}
