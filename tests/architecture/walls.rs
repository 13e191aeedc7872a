//! The table of walls: what each module may name of ours, and what of the rest it never may.

use std::collections::BTreeSet;

use super::names::{Named, Names};

/// One module's row.
pub struct Row {
    /// The module.
    pub module: &'static str,
    /// What it may name of ours, beside itself: a module, or a part of one. `*` is everything.
    pub may: &'static [&'static str],
    /// What it never may, of ours or of others.
    pub never: &'static [&'static str],
    /// The only crates that it may name, if the row says so.
    pub crates: Option<&'static [&'static str]>,
    /// Why.
    pub why: &'static str,
}

/// The rows, in reading order. Opening one needs its reason, here and in the commit.
pub const ROWS: &[Row] = &[
    Row {
        module: "policy",
        may: &[],
        never: &[
            "std::time",
            "std::net",
            "std::fs",
            "std::io",
            "std::env",
            "std::process",
            "std::thread",
            "std::future",
        ],
        crates: Some(&["std"]),
        why: "the same question must have the same answer: no I/O, no clock, no protocol, no async",
    },
    Row {
        module: "clock",
        may: &[],
        never: &[],
        crates: Some(&["std"]),
        why: "the only reader of time knows nothing else",
    },
    Row {
        module: "glob",
        may: &[],
        never: &[],
        crates: Some(&["std"]),
        why: "a pattern knows nothing of what it is held against",
    },
    Row {
        module: "telemetry",
        may: &["clock"],
        never: &["http", "hyper", "tokio"],
        crates: None,
        why: "it knows nothing of what is counted",
    },
    Row {
        module: "yaml",
        may: &[],
        never: &[
            "http",
            "hyper",
            "tokio",
            "std::net",
            "std::time::Instant",
            "std::time::SystemTime",
        ],
        crates: None,
        why: "a tree knows nothing of what files mean",
    },
    Row {
        module: "store",
        may: &["policy::words", "policy::grants::Life"],
        never: &["http", "hyper", "serde_json"],
        crates: None,
        why: "what lasts is rows: what becomes of one is decided elsewhere",
    },
    Row {
        module: "cache",
        may: &[
            "policy",
            "glob",
            "store::Row",
            "store::Key",
            "store::Grant",
            "store::By",
            "clock",
            "telemetry",
        ],
        never: &["http", "hyper", "serde_json"],
        crates: None,
        why: "what is known now is known without a protocol",
    },
    Row {
        module: "dialect",
        may: &["policy::words", "glob", "yaml"],
        never: &[
            "tokio",
            "tokio_util",
            "hyper",
            "hyper_util",
            "http_body",
            "http_body_util",
            "socket2",
            "rustls",
            "std::net",
            "std::time::Instant",
            "std::time::SystemTime",
            "std::thread",
        ],
        crates: None,
        why: "bytes become meaning without a socket, a clock, a setting or a verdict",
    },
    Row {
        module: "gateway",
        may: &["policy", "dialect", "cache", "telemetry", "clock"],
        never: &["policy::settings", "serde_json", "serde"],
        crates: None,
        why: "the proxy knows surfaces and verdicts, no setting, and builds no JSON tree",
    },
    Row {
        module: "admin",
        may: &["policy", "cache", "store", "clock", "telemetry"],
        never: &["http", "hyper"],
        crates: None,
        why: "what an administrator changes is told in the policy's words, whoever calls",
    },
    Row {
        module: "config",
        may: &[
            "policy",
            "dialect",
            "cache",
            "glob",
            "yaml",
            "telemetry",
            "gateway::settings",
            "store::Settings",
            "store::Url",
            "store::UrlFault",
        ],
        never: &[
            "tokio",
            "hyper",
            "std::time::Instant",
            "std::time::SystemTime",
        ],
        crates: None,
        why: "loading is a pure function from files to settings",
    },
    Row {
        module: "cases",
        may: &["policy", "yaml"],
        never: &["http", "hyper", "tokio", "std::time", "std::net"],
        crates: None,
        why: "a policy case is words in, a verdict out",
    },
    Row {
        module: "sandbox",
        may: &["telemetry", "clock"],
        never: &[],
        crates: None,
        why: "it is the other side, and must not share our bugs",
    },
    Row {
        module: "app",
        may: &["*"],
        never: &[],
        crates: None,
        why: "the composition root puts all parts together",
    },
    Row {
        module: "cli",
        may: &["*"],
        never: &[],
        crates: None,
        why: "a command uses what it needs",
    },
];

/// Where the name of another crate can't be meant: primitive types, and the tools' own attributes.
const NO_CRATES: &[&str] = &[
    "bool",
    "char",
    "str",
    "u8",
    "u16",
    "u32",
    "u64",
    "u128",
    "usize",
    "i8",
    "i16",
    "i32",
    "i64",
    "i128",
    "isize",
    "f32",
    "f64",
    "clippy",
    "rustfmt",
    "rustdoc",
    "diagnostic",
];

/// Every path that breaks the row of the module in which it stands.
pub fn broken(names: &Names) -> Vec<String> {
    let mut found = Vec::new();
    for named in &names.paths {
        let Some(module) = named.within.first() else {
            continue; // `lib.rs` lists the modules, and has none of its own code.
        };
        if named.file == "src/main.rs" {
            continue; // The program: it may only name the library, which is all it can do.
        }
        let fault = match ROWS.iter().find(|row| row.module == module) {
            Some(row) => fault(row, named, &names.meanings(named)),
            None => Some("has no row in the table of walls".to_owned()),
        };
        if let Some(fault) = fault {
            let Named { file, line, .. } = named;
            found.push(format!("{file}:{line}: `{module}` {fault}"));
        }
    }
    found.dedup();
    found
}

fn fault(row: &Row, named: &Named, meanings: &BTreeSet<Vec<String>>) -> Option<String> {
    let written = named.written.join("::");
    let said = |what: String| Some(format!("names `{written}`: {what} ({})", row.why));
    let mut ours = Vec::new();
    for meaning in meanings {
        let path = match meaning.split_first() {
            Some((first, rest)) if first == "crate" => {
                ours.extend((!rest.is_empty()).then_some(rest));
                rest
            }
            _ => meaning.as_slice(),
        };
        if let Some(never) = row.never.iter().find(|never| touches(path, never)) {
            return said(format!("never `{never}`"));
        }
        if let (Some(crates), Some(first)) = (row.crates, meaning.first()) {
            let is_crate = first.chars().next().is_some_and(char::is_lowercase)
                && first != "crate"
                && !NO_CRATES.contains(&first.as_str());
            if is_crate && !crates.contains(&first.as_str()) {
                return said(format!("of other crates only {}", crates.join(", ")));
            }
        }
    }
    let open = row.may.contains(&"*");
    let is_own = |path: &&[String]| path.first().is_some_and(|first| first == row.module);
    let is_open = |path: &&[String]| row.may.iter().any(|may| covers(may, path));
    if ours.is_empty() || open || ours.iter().any(|path| is_own(path) || is_open(path)) {
        return None;
    }
    match row.may {
        [] => said("it may name nothing of ours".to_owned()),
        may => said(format!("of ours it may name only {}", may.join(", "))),
    }
}

/// Whether a path lies in what a row forbids, or imports it unseen with everything else.
fn touches(path: &[String], never: &str) -> bool {
    let never: Vec<&str> = never.split("::").collect();
    let alike = never.iter().zip(path).take_while(|(a, b)| *a == b).count();
    alike == never.len() || (alike + 1 == path.len() && path.last().is_some_and(|last| last == "*"))
}

/// Whether a row opens a path: it lies in what is open, or is only the way there.
fn covers(may: &str, path: &[String]) -> bool {
    let may: Vec<&str> = may.split("::").collect();
    let alike = may.iter().zip(path).take_while(|(a, b)| *a == b).count();
    alike == may.len() || alike == path.len()
}
