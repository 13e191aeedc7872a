//! Explanations as text.

use std::fmt::Write as _;

use super::act::{Explained, Rule};
use super::request::{ExplainedRequest, Found};

/// The longest text of a request that is repeated, characters.
const TEXT_CHARS_MAX: usize = 60;

/// An act.
pub(super) fn act(explained: &Explained) -> String {
    let mut out = String::new();
    let what = match explained.kinds.as_slice() {
        [] => explained.act.to_owned(),
        kinds => format!("{} {}", explained.act, kinds.join(" + ")),
    };
    let may = if explained.allowed { "may" } else { "may not" };
    line(&mut out, format!("{} {may} {what} here.", explained.who));
    if let Some(block) = &explained.block {
        let of = match (&block.company, &block.network) {
            (Some(company), Some(network)) => format!(" of {company} for {network}"),
            (Some(company), None) => format!(" of {company}"),
            (None, _) => String::new(),
        };
        line(
            &mut out,
            format!("  rule {}{of} blocks it: {}", block.rule, block.reason),
        );
        line(
            &mut out,
            format!("  told as {}: {}", block.told, block.sentence),
        );
    }
    room(&mut out, explained);
    rules(&mut out, &explained.rules);
    if !explained.changes.is_empty() {
        line(&mut out, "\nFor it to pass:".to_owned());
        for change in &explained.changes {
            line(&mut out, format!("  - {change}"));
        }
    }
    out
}

fn room(out: &mut String, explained: &Explained) {
    let room = &explained.room;
    line(out, "\nPeople".to_owned());
    let width = explained
        .people
        .iter()
        .map(|it| it.id.chars().count())
        .max()
        .unwrap_or(0);
    for person in &explained.people {
        let (id, part) = (&person.id, person.part);
        line(out, format!("  {id:width$}  {part:11}  {}", person.stands));
    }
    let side = |external| if external { "external" } else { "internal" };
    let sides = room.companies.iter().map(|it| format!("company {it}"));
    let sides = sides.chain(room.networks.iter().map(|it| format!("network {it}")));
    let sides = sides.chain(
        room.unclassified
            .then(|| "somebody unclassified".to_owned()),
    );
    let sides: Vec<_> = sides.collect();
    let afterwards = match room.external_afterwards {
        Some(afterwards) => format!("; {} afterwards", side(afterwards)),
        None => String::new(),
    };
    line(
        out,
        format!(
            "\nRoom: {} ({}){afterwards}",
            side(room.external),
            sides.join(", ")
        ),
    );
    if let Some(reason) = room.hidden {
        line(out, format!("  it is not shown to who looks: {reason}"));
    }
    if room.author_unknown == Some(true) {
        line(out, "  who wrote it is shown as unknown".to_owned());
    }
}

fn rules(out: &mut String, rules: &[Rule]) {
    let heading = |rule: &Rule| {
        let company = rule.company.as_deref().unwrap_or("nobody");
        match (&rule.network, rule.direction) {
            (Some(network), Some(way)) => format!("Rules of {company} for {network}, {way}"),
            (Some(network), None) => format!("Rules of {company} for {network}"),
            (None, _) => format!("Rules of {company}"),
        }
    };
    let mut last = String::new();
    for rule in rules {
        let heading = heading(rule);
        if heading != last {
            line(out, format!("\n{heading}"));
            last = heading;
        }
        let allows = match rule.allows {
            "yes" => "yes",
            "no" => "NO",
            _ => "-",
        };
        let at = rule
            .at
            .as_ref()
            .map(|at| format!("  ({at})"))
            .unwrap_or_default();
        let (number, name) = (rule.rule, rule.name);
        line(
            out,
            format!("  {number} {name:21} {allows:3} {}{at}", rule.why),
        );
    }
}

/// A captured request.
pub(super) fn request(explained: &ExplainedRequest) -> String {
    let mut out = String::new();
    let word = match explained.allowed {
        Some(true) => "passes",
        Some(false) => "is refused",
        None => "can't be decided yet",
    };
    line(
        &mut out,
        format!("{} {} {word}.", explained.method, explained.target),
    );
    for missing in &explained.missing {
        line(&mut out, format!("  missing: {missing}"));
    }
    for note in &explained.notes {
        line(&mut out, format!("  note: {note}"));
    }
    line(&mut out, "\nHow it was read".to_owned());
    let surface = explained.surface.as_deref().unwrap_or("none");
    let act = explained
        .act
        .map(|act| format!(", act {act}"))
        .unwrap_or_default();
    line(&mut out, format!("  surface {surface}{act}"));
    for found in explained.captures.iter().chain(&explained.finds) {
        line(&mut out, format!("  {}", of_find(found)));
    }
    for item in &explained.items {
        let parts = [
            ("in", item.places.join(", ")),
            ("names", item.things.join(", ")),
            ("kinds", item.kinds.join(", ")),
            ("people", item.people.join(", ")),
        ];
        let told: Vec<_> = parts
            .iter()
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| format!("{name} {text}"))
            .collect();
        line(&mut out, format!("  item: {}", told.join("; ")));
    }
    for fact in &explained.facts {
        line(&mut out, format!("  told by flag: {fact}"));
    }
    for place in &explained.places {
        line(&mut out, format!("\n== {}", place.place));
        out.push_str(&self::act(&place.explained));
    }
    if let Some(shown) = &explained.refusal {
        line(
            &mut out,
            format!("\nThe client sees (cause: {})", shown.cause),
        );
        line(&mut out, format!("  status {}", shown.status));
        for header in &shown.headers {
            line(&mut out, format!("  {header}"));
        }
        line(&mut out, format!("  {}", shown.body));
    }
    out
}

fn of_find(found: &Found) -> String {
    let text: String = found
        .text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(TEXT_CHARS_MAX)
        .collect();
    let more = if found.text.chars().nth(TEXT_CHARS_MAX).is_some() {
        "…"
    } else {
        ""
    };
    let (within, start, end) = (found.within, found.start, found.end);
    format!("{within} {start}..{end} {}: {text}{more}", found.meaning)
}

fn line(out: &mut String, text: String) {
    let _ = writeln!(out, "{text}");
}
