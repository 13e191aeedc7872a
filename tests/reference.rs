//! The reference, held to the code: pages that are made from it, and pages that must name all of it.
//!
//! With `BORDERPOST_WRITE_DOCS=1` the pages that are made are written anew.

#[path = "reference/limits.rs"]
mod limits;
#[path = "reference/surfaces.rs"]
mod surfaces;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use borderpost::config::shape;
use borderpost::policy::Reason;
use borderpost::telemetry::Name;
use borderpost::yaml::shape::{Field, Kind, Presence, Shape};
use borderpost::yaml::{show_bytes, show_duration};

/// The width of a command's help, columns.
const WIDTH: usize = 100;

fn path(page: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs/reference")
        .join(page)
}

fn read(page: &str) -> String {
    std::fs::read_to_string(path(page)).unwrap_or_default()
}

/// The page is what the code says.
fn check_made(page: &str, made: &str) {
    if std::env::var_os("BORDERPOST_WRITE_DOCS").is_some() {
        std::fs::write(path(page), made).expect("the page can be written");
    }
    assert!(
        read(page) == made,
        "docs/reference/{page} is not what the code says: BORDERPOST_WRITE_DOCS=1 cargo test --test reference"
    );
}

/// The page has these headings of the second level and no others, in this order, and under each
/// the text that belongs to it.
fn check_named<'t>(page: &str, named: impl Iterator<Item = (&'t str, &'t str)>) {
    let text = read(page);
    let sections: Vec<(&str, &str)> = text
        .split("\n## ")
        .skip(1)
        .map(|section| section.split_once('\n').expect("a section has a body"))
        .collect();
    let named: Vec<_> = named.collect();
    let headings: Vec<String> = sections
        .iter()
        .map(|(heading, _)| heading.replace('`', ""))
        .collect();
    let expected: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    assert_eq!(headings, expected, "the headings of docs/reference/{page}");
    for ((_, body), (name, says)) in sections.iter().zip(&named) {
        assert!(
            body.contains(says),
            "docs/reference/{page}: `{name}` does not say: {says}"
        );
    }
}

#[test]
fn commands_are_as_their_help_says() {
    let mut command = borderpost::cli::command().term_width(WIDTH);
    command.build();
    let mut page = String::from(
        "# Commands\n\nWhat `--help` says, command by command. This page is made from it.\n",
    );
    let mut help = |name: &str, command: &mut clap::Command| {
        let help = command
            .clone()
            .term_width(WIDTH)
            .render_long_help()
            .to_string();
        let help: Vec<&str> = help.lines().map(str::trim_end).collect();
        let _ = write!(
            page,
            "\n## {name}\n\n```text\n{}\n```\n",
            help.join("\n").trim_end()
        );
    };
    help("borderpost", &mut command.clone());
    for sub in command
        .get_subcommands_mut()
        .filter(|sub| sub.get_name() != "help")
    {
        let name = format!("borderpost {}", sub.get_name());
        help(&name, sub);
    }
    check_made("commands.md", &page);
}

#[test]
fn every_reason_is_explained() {
    check_named(
        "reasons.md",
        Reason::ALL
            .iter()
            .map(|reason| (reason.as_str(), reason.sentence())),
    );
}

#[test]
fn every_metric_is_explained() {
    check_named(
        "metrics.md",
        Name::ALL.iter().map(|name| (name.as_str(), name.help())),
    );
}

#[test]
fn settings_are_as_the_shapes_say() {
    let mut page = String::from(
        "# Settings\n\n\
         Every key of `gateway.yaml` and of the policy files, made from the tables that check them. \
         A key of a list's items is written with `[]`; `<…>` stands for a name of your choice.\n\n\
         Times are `500ms`, `10s`, `5m`, `2h`, `1d`; sizes `100B`, `64KiB`, `1MiB`, `2GiB`. A reload \
         (a change of a file, or SIGHUP) applies all keys marked *reload*; the others are read at the \
         start, and a log line says when a change of theirs needs a restart. The files that `tls` \
         names are read again with every reload, too.\n",
    );
    for (name, title) in [("gateway", "gateway.yaml"), ("policy", "policy/*.yaml")] {
        let shape = shape(name).expect("there is such a shape");
        let _ = write!(
            page,
            "\n## {title}\n\n| key | takes | default | applied | meaning |\n| --- | --- | --- | --- | --- |\n"
        );
        rows(
            shape,
            "",
            &|key| name == "policy" || reloads(key),
            &mut page,
        );
    }
    check_made("settings.md", &page);
}

/// Whether a key of gateway.yaml is applied while the gateway runs.
fn reloads(key: &str) -> bool {
    let reloaded = ["policy", "networks", "dialect", "drive_hosts", "env_allow"];
    reloaded.contains(&key.split(['.', '[']).next().unwrap_or_default())
}

fn rows(shape: &Shape, under: &str, reloads: &dyn Fn(&str) -> bool, page: &mut String) {
    for field in shape.fields {
        let key = format!("{under}{}", field.name);
        row(field, &key, reloads(&key), page);
        below(&field.kind, &key, reloads, page);
    }
}

/// The keys inside a value.
fn below(kind: &Kind, key: &str, reloads: &dyn Fn(&str) -> bool, page: &mut String) {
    match kind {
        Kind::Mapping(shape) | Kind::ListOr(_, shape) => {
            rows(shape, &format!("{key}."), reloads, page)
        }
        Kind::Named(_, value) => below(value, &format!("{key}.<…>"), reloads, page),
        Kind::List(item) | Kind::OneOrMany(item) => below(item, &format!("{key}[]"), reloads, page),
        _ => {}
    }
}

fn row(field: &Field, key: &str, reloads: bool, page: &mut String) {
    let default = match field.presence {
        Presence::Required => "required".to_owned(),
        Presence::Optional => String::new(),
        Presence::Default(text) => format!("`{text}`"),
    };
    let applied = if reloads { "reload" } else { "restart" };
    let (takes, doc) = (takes(&field.kind), field.doc);
    let _ = writeln!(
        page,
        "| `{key}` | {takes} | {default} | {applied} | {doc} |"
    );
}

fn takes(kind: &Kind) -> String {
    let time = |ms: u64| show_duration(std::time::Duration::from_millis(ms));
    match kind {
        Kind::Text => "text".to_owned(),
        Kind::Path => "path".to_owned(),
        Kind::Bool => "`true`, `false`".to_owned(),
        Kind::Integer(least, most) => format!("{least} to {most}"),
        Kind::Duration(least, most) => format!("{} to {}", time(*least), time(*most)),
        Kind::Bytes(least, most) => format!("{} to {}", show_bytes(*least), show_bytes(*most)),
        Kind::Word(words) => {
            let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            words.join(", ")
        }
        Kind::Mapping(_) => "mapping".to_owned(),
        Kind::Named(what, _) => format!("mapping by {what}"),
        Kind::List(item) => format!("list of {}", takes(item)),
        Kind::OneOrMany(item) => format!("{0}, or a list of {0}", takes(item)),
        Kind::ListOr(item, _) => format!("list of {}, or mapping", takes(item)),
    }
}
