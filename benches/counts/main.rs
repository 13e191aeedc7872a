//! How many instructions each part takes, held to what is recorded in `benches/counts/recorded.txt`:
//! counts repeat where times don't. `cargo bench --bench counts`, with valgrind; with `-- --record` it
//! records them anew, with a word it looks only at the parts that have it in their name.
//!
//! Each part runs in a process of its own under callgrind, which counts only inside of `measured`.

#[path = "../shared/crowd.rs"]
#[expect(dead_code, reason = "other benches need the rest")]
mod crowd;
#[path = "../shared/documents.rs"]
mod documents;
#[path = "../shared/fields.rs"]
mod fields;
mod parts;
#[path = "../../fuzz/src/targets/programs.rs"]
mod programs;
mod table;

use std::process::{Command, ExitCode};

use parts::{PARTS, Part};
use table::Table;

const RECORDED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/counts/recorded.txt");

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let has = |word: &str| words.iter().any(|given| given == word);
    if let [first, name] = words.as_slice()
        && first == "--run"
    {
        run(part(name));
        return ExitCode::SUCCESS;
    }
    // Run as a test, it has nothing to say.
    if !has("--bench") {
        return ExitCode::SUCCESS;
    }
    if !cfg!(target_arch = "x86_64") {
        println!("left out: the recorded counts are those of x86_64");
        return ExitCode::SUCCESS;
    }
    let wanted = words.iter().find(|word| !word.starts_with("--"));
    let wanted = |part: &&Part| wanted.is_none_or(|word| part.name.contains(word.as_str()));
    let counted = PARTS.iter().filter(wanted).map(|part| {
        let count = count(part);
        println!("{count:>12}  {}", part.name);
        (part.name.to_owned(), count)
    });
    let counted = Table(counted.collect());
    let text = std::fs::read_to_string(RECORDED).expect("the recorded counts");
    let mut recorded = Table::read(&text);
    if has("--record") {
        recorded.take(counted);
        std::fs::write(RECORDED, recorded.to_string()).expect("the recorded counts");
        return ExitCode::SUCCESS;
    }
    let faults = counted.faults(&recorded);
    for told in counted.gains(&recorded).iter().chain(&faults) {
        println!("{told}");
    }
    ExitCode::from(u8::from(!faults.is_empty()))
}

fn part(name: &str) -> &'static Part {
    let mut parts = PARTS.iter();
    parts.find(|part| part.name == name).expect("a part")
}

fn run(part: &Part) {
    let mut run = (part.prepare)();
    // What is made at the first time is not counted.
    run();
    measured(&mut run, part.times);
}

/// What is counted: callgrind knows it by this name.
#[inline(never)]
fn measured(run: &mut dyn FnMut(), times: u64) {
    for _ in 0..times {
        run();
    }
}

/// The instructions that one run of a part takes.
fn count(part: &Part) -> u64 {
    let done = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg("--toggle-collect=counts::measured")
        .arg(std::env::current_exe().expect("this program"))
        .args(["--run", part.name])
        .output()
        .expect("valgrind is installed");
    let told = String::from_utf8_lossy(&done.stderr);
    let collected = told
        .lines()
        .filter_map(|line| line.split_once("Collected :"))
        .find_map(|(_, count)| count.trim().parse::<u64>().ok())
        .filter(|count| *count > 0);
    let collected = collected.unwrap_or_else(|| panic!("{}: nothing counted:\n{told}", part.name));
    collected / part.times
}
