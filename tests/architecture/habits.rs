//! What holds for all of `src/`, whichever the module.

use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;

use super::names::{Names, Word};
use super::source::Source;

/// Where time is read, and why there.
const TIME_READERS: [(&str, &str); 2] = [
    ("src/clock.rs", "the one reader of time"),
    (
        "src/gateway/alarm.rs",
        "timers go by the runtime's clock, which tests can pause",
    ),
];

/// The most lines of a file, its unit tests left out.
const LINES_MAX: usize = 500;

/// Longer files for which the question was asked, and its answer.
pub const LONG_FOR_A_REASON: &[(&str, &str)] = &[(
    "src/config/gateway_shape.rs",
    "a table of keys: rows, no logic, and read beside each other",
)];

/// A place where a name of a protocol stands: those are words of dialect files.
pub fn protocol_names(sources: &[Source]) -> Vec<String> {
    let names = ["matrix", "mattermost", "worksmobile", "line.me", "naver"];
    lines(sources, |line| {
        let line = line.to_lowercase();
        let name = names.iter().find(|name| line.contains(**name))?;
        Some(format!(
            "`{name}` names a protocol; that is for `config/dialects/`"
        ))
    })
}

/// Marks of what is not done.
pub fn left_undone(sources: &[Source], names: &Names) -> Vec<String> {
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut found = lines(sources, |line| {
        let mark = marks.iter().find(|mark| line.contains(**mark))?;
        Some(format!("`{mark}` stays: do it, or write an issue"))
    });
    let ends = ["todo", "unimplemented", "dbg"];
    found.extend(words(&names.macros, |word| {
        let end = ends.iter().find(|end| **end == word.word)?;
        Some(format!("`{end}!` stays"))
    }));
    found
}

/// Readings of the time elsewhere than in [`TIME_READERS`], by whatever name the type was imported.
pub fn clock_readings(names: &Names) -> Vec<String> {
    let readers = [
        "Instant",
        "SystemTime",
        "Timestamp",
        "Zoned",
        "Utc",
        "Local",
    ];
    let mut found = Vec::new();
    for named in &names.paths {
        let reads = names.meanings(named).iter().any(|path| {
            matches!(path.as_slice(), [.., kind, now]
                if now == "now" && readers.contains(&kind.as_str()))
        });
        if reads && !reads_time(&named.file) {
            let written = named.written.join("::");
            let (file, line) = (&named.file, named.line);
            found.push(format!(
                "{file}:{line}: `{written}`: time comes from `clock`"
            ));
        }
    }
    found.extend(words(&names.methods, |word| {
        (word.word == "elapsed" && !reads_time(&word.file))
            .then(|| "`.elapsed()` reads the time: subtract from `clock::now()`".to_owned())
    }));
    found
}

fn reads_time(file: &str) -> bool {
    TIME_READERS.iter().any(|(reader, _)| *reader == file)
}

/// Metrics that bypass the list of names.
pub fn raw_metrics(names: &Names) -> Vec<String> {
    words(&names.macros, |word| {
        let name = word.word.strip_prefix("describe_").unwrap_or(&word.word);
        ["counter", "gauge", "histogram"].contains(&name).then(|| {
            format!(
                "`{}!`: a metric is a `telemetry::Name`, counted through `Meters`",
                word.word
            )
        })
    })
}

/// SQL outside the store.
pub fn sql(names: &Names) -> Vec<String> {
    let speakers = ["rusqlite", "tokio_postgres"];
    let mut found = Vec::new();
    for named in &names.paths {
        let speaks = names.meanings(named).iter().any(|path| {
            path.first()
                .is_some_and(|first| speakers.contains(&first.as_str()))
        });
        if speaks && !named.file.starts_with("src/store/") {
            let written = named.written.join("::");
            let (file, line) = (&named.file, named.line);
            found.push(format!(
                "{file}:{line}: `{written}`: only `store` speaks SQL"
            ));
        }
    }
    found
}

/// Printing outside the command line.
pub fn printing(names: &Names) -> Vec<String> {
    words(&names.macros, |word| {
        let prints = ["print", "println", "eprint", "eprintln"].contains(&word.word.as_str());
        let may = word.file == "src/main.rs" || word.file.starts_with("src/cli");
        (prints && !may).then(|| format!("`{}!`: only `cli` and `main` speak to people", word.word))
    })
}

/// Sources that are taken from where they don't stand.
pub fn hidden_sources(sources: &[Source], names: &Names) -> Vec<String> {
    let mut found = words(&names.macros, |word| {
        (word.word == "include").then(|| "`include!` hides a source from these checks".to_owned())
    });
    for source in sources {
        let Ok(file) = syn::parse_file(&source.text) else {
            continue;
        };
        for item in file.items {
            let syn::Item::Mod(module) = item else {
                continue;
            };
            let moved = module
                .attrs
                .iter()
                .find(|attr| attr.path().is_ident("path"));
            if let Some(attr) = moved.filter(|_| !is_for_tests(&module.attrs)) {
                let (path, line) = (&source.path, attr.span().start().line);
                found.push(format!(
                    "{path}:{line}: `#[path]`: a module stands where its name says"
                ));
            }
        }
    }
    found
}

/// Files in which a second reason to change must be looked for.
pub fn long_files(sources: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !source.is_of_tests()) {
        let file = syn::parse_file(&source.text).expect("a source parses");
        let of_tests: usize = file.items.iter().map(lines_of_tests).sum();
        let count = source.text.lines().count() - of_tests;
        let answered = |(path, _): &(&str, &str)| *path == source.path;
        let may_be_long = LONG_FOR_A_REASON.iter().any(answered);
        if may_be_long && count <= LINES_MAX {
            let path = &source.path;
            found.push(format!("{path}:1: is short again: take it out of the list"));
        }
        if !may_be_long && count > LINES_MAX {
            let (path, over) = (&source.path, LINES_MAX + 1);
            found.push(format!(
                "{path}:{over}: {count} lines without tests, at most {LINES_MAX}: \
                 what is the second reason to change?"
            ));
        }
    }
    found
}

fn lines_of_tests(item: &syn::Item) -> usize {
    match item {
        syn::Item::Mod(module) if module.content.is_some() && is_for_tests(&module.attrs) => {
            let span = module.span();
            span.end().line - span.start().line + 1
        }
        _ => 0,
    }
}

fn is_for_tests(attrs: &[syn::Attribute]) -> bool {
    attrs.iter().any(|attr| match &attr.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && is_test(&list.tokens),
        _ => false,
    })
}

fn is_test(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    matches!(tokens.as_slice(), [TokenTree::Ident(word)] if word == "test")
}

fn words(words: &[Word], judge: impl Fn(&Word) -> Option<String>) -> Vec<String> {
    let say = |word: &Word| Some(format!("{}:{}: {}", word.file, word.line, judge(word)?));
    words.iter().filter_map(say).collect()
}

fn lines(sources: &[Source], judge: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources {
        for (number, line) in (1..).zip(source.text.lines()) {
            if let Some(fault) = judge(line) {
                found.push(format!("{}:{number}: {fault}", source.path));
            }
        }
    }
    found
}
