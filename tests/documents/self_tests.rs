//! The checks find what they are for.

use super::checks;
use super::markdown::{Page, root};

fn page(text: &str) -> Page {
    Page::new("README.md", text)
}

/// The lines on which a check finds a fault.
fn lines(faults: &[String]) -> Vec<usize> {
    let line = |fault: &String| fault.split(':').nth(1)?.parse().ok();
    faults.iter().filter_map(line).collect()
}

#[test]
fn a_file_that_is_not_there_is_found() {
    let text =
        "`src/lib.rs` `tests/*.rs` `Cargo.toml`\n`src/nothing.rs`\n`src/*.yaml`\n`NONE.md`\n";
    assert_eq!(
        lines(&checks::missing_files(&page(text), root())),
        [2, 3, 4]
    );
}

#[test]
fn a_link_that_leads_nowhere_is_found() {
    let text = "# First steps\n[a](Cargo.toml) [b](#first-steps) [c](https://example.com/x)\n\
                [d](nothing.md)\n[e](#second-steps)\n";
    assert_eq!(lines(&checks::broken_links(&page(text), root())), [3, 4]);
}

#[test]
fn yaml_that_is_none_is_found_with_its_line() {
    let text = "```yaml\na: 1\na: 2\n```\n\n```yaml sketch\n{ …\n```\n\n```yaml\nb: [1, 2]\n```\n";
    assert_eq!(lines(&checks::unreadable_yaml(&page(text))), [3]);
}

#[test]
fn an_item_that_no_source_has_is_found() {
    let sources = ["pub struct Cleared; impl Cleared { fn pass() {} }".to_owned()];
    let text =
        "`Cleared` `Cleared::pass` `pass()` `connect` `camera`\n`Clear`\n`go()`\n`Cleared::go`\n";
    assert_eq!(
        lines(&checks::missing_items(&page(text), &sources)),
        [2, 3, 4]
    );
}

#[test]
fn a_test_that_is_not_there_is_found() {
    let tests = [("hidden".to_owned(), "async fn search() {}".to_owned())];
    let text = "`hidden::search` `Cleared::pass`\n`hidden::sear`\n`shown::search`\n";
    assert_eq!(lines(&checks::missing_tests(&page(text), &tests)), [2, 3]);
}

#[test]
fn a_command_that_is_not_there_is_found() {
    let help = "Borderpost\n\nUsage: borderpost <COMMAND>\n\nCommands:\n  run    Serves\n         more\n  \
                check  Checks\n\nOptions:\n  -h, --help  Help\n";
    let commands = checks::commands_of(help);
    assert_eq!(commands, ["run", "check"]);
    let text = "```console\n$ borderpost check config\nborderpost: fine\n$ borderpost go\n\
                $ cargo run --release -- fly\n$ scripts/none\n```\n`borderpost run` `cargo lint -- x`\n";
    let found = checks::missing_commands(&page(text), &commands, root());
    assert_eq!(lines(&found), [4, 5, 6]);
}
