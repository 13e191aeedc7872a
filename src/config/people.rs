//! Lists of ids, from YAML and from text files with one entry a line, into the directory.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::{Files, join_within};
use super::view::View;
use crate::cache::directory::{DirectoryBuilder, ID_BYTES_MAX, Listing, Origin};
use crate::dialect;
use crate::policy::{CompanyId, CompanyIx};
use crate::yaml::{Decoder, Diagnostic, Findings, Node, Source};

/// The largest text file of ids, bytes.
const LIST_BYTES_MAX: usize = 512 << 20;

/// The most mistakes shown of one list; a list that is wrong is often wrong in every line.
const SHOWN_MAX: usize = 20;

/// An id, and where it stands.
#[derive(Clone)]
pub(super) struct Mention<'s> {
    pub id: &'s str,
    pub span: Range<usize>,
}

/// A text, its number among those read, and what is wrong in it.
pub(super) struct List {
    pub source: Arc<Source>,
    pub number: u32,
    pub findings: Findings,
}

/// The people of all companies while their files are read.
#[derive(Default)]
pub(super) struct People {
    pub directory: DirectoryBuilder,
    /// Every text that named somebody, by the number in [`Origin`].
    sources: Vec<Arc<Source>>,
    pub files: Vec<PathBuf>,
    pub found: Vec<Diagnostic>,
    pub company_ids: Vec<CompanyId>,
    /// What ids look like in the dialect.
    pub ids: Option<dialect::People>,
}

impl People {
    /// Begins with a text that names people.
    pub fn list(&mut self, source: &Arc<Source>) -> List {
        let number = u32::try_from(self.sources.len()).unwrap_or(u32::MAX);
        self.sources.push(Arc::clone(source));
        List {
            source: Arc::clone(source),
            number,
            findings: Findings::showing(SHOWN_MAX),
        }
    }

    /// Ends with it: what was found is kept.
    pub fn done(&mut self, list: List) {
        self.found.extend(list.findings.finish());
    }

    /// Lists members of a company; who is a member of another is reported with both places.
    pub fn members<'s>(
        &mut self,
        list: &mut List,
        company: CompanyIx,
        mentions: impl IntoIterator<Item = Mention<'s>>,
    ) {
        for mention in mentions {
            let Some(id) = valid(list, &mention) else {
                continue;
            };
            match self.directory.member(id, company, list.origin(&mention)) {
                Listing::Added => {
                    if let Some(ids) = self.ids.as_ref().filter(|ids| !ids.is_id(id)) {
                        let message = format!("{} is nobody's id in this dialect", shown(id));
                        let warning = list.fault(&mention, message).warning();
                        let help = format!("they look like `{}`", ids.id_pattern());
                        list.findings.push(warning.help(help));
                    }
                }
                Listing::Again(first) => {
                    let message = format!("{} is listed a second time", shown(id));
                    let warning = list.fault(&mention, message).warning();
                    let warning = self.pointing_at(warning, first, id, "first here");
                    list.findings.push(warning.help("remove one of them"));
                }
                Listing::Elsewhere(other, first) => {
                    let other = self.company_ids.get(usize::from(other.0));
                    let other = other.map_or("another", CompanyId::as_str);
                    let message =
                        format!("{} is a member of the company `{other}` already", shown(id));
                    let error = list.fault(&mention, message);
                    let error = self.pointing_at(error, first, id, "listed first here");
                    list.findings
                        .push(error.help("list each person in one company only"));
                }
                Listing::Full => {
                    let error = list.fault(&mention, "there are too many people");
                    list.findings
                        .push(error.help("the gateway holds 10,000,000 listed members at most"));
                    return;
                }
            }
        }
    }

    fn pointing_at(&self, at: Diagnostic, first: Origin, id: &str, note: &str) -> Diagnostic {
        let source = usize::try_from(first.file)
            .ok()
            .and_then(|file| self.sources.get(file));
        let start = usize::try_from(first.at).unwrap_or_default();
        match source {
            Some(source) => at.also(source, start..start + id.len(), note),
            None => at,
        }
    }
}

impl List {
    fn origin(&self, mention: &Mention<'_>) -> Origin {
        Origin {
            file: self.number,
            at: u32::try_from(mention.span.start).unwrap_or(u32::MAX),
        }
    }

    /// A diagnostic at an id.
    pub fn fault(&self, mention: &Mention<'_>, message: impl Into<String>) -> Diagnostic {
        let span = self.source.first_line(&mention.span);
        Diagnostic::new(&self.source, span, message)
    }
}

/// The id, if it can be one; else that is reported.
pub(super) fn valid<'s>(list: &mut List, mention: &Mention<'s>) -> Option<&'s str> {
    let id = mention.id;
    let (message, help) = if id.is_empty() {
        // Where a text is wanted, the check of the file reported it.
        return None;
    } else if id.len() > ID_BYTES_MAX {
        (
            format!("this id is longer than {ID_BYTES_MAX} bytes"),
            "one id stands on a line",
        )
    } else if id.contains(|c: char| c.is_whitespace() || c.is_control()) {
        (
            format!("an id with white space: {}", shown(id)),
            "one id stands on a line, without a comma",
        )
    } else {
        return Some(id);
    };
    list.findings.push(list.fault(mention, message).help(help));
    None
}

/// The ids of a list in YAML.
pub(super) fn written(nodes: &[Node]) -> impl Iterator<Item = Mention<'_>> {
    nodes.iter().filter_map(|node| {
        Some(Mention {
            id: node.as_text()?,
            span: node.span.clone(),
        })
    })
}

/// The entries of a text file: one a line, `#` begins a comment at the start of a line or after
/// white space, empty lines are nothing.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Mention<'_>> {
    let mut start = 0;
    text.split('\n').filter_map(move |line| {
        let at = start;
        start += line.len() + 1;
        let line = if at == 0 {
            line.strip_prefix('\u{feff}').unwrap_or(line)
        } else {
            line
        };
        let at = start - 1 - line.len();
        let entry = without_comment(line);
        let id = entry.trim();
        let indent = entry.len() - entry.trim_start().len();
        let begin = at + indent;
        (!id.is_empty()).then(|| Mention {
            id,
            span: begin..begin + id.len(),
        })
    })
}

fn without_comment(line: &str) -> &str {
    let begins = |at: usize| {
        let before = line.get(..at).unwrap_or_default();
        before.is_empty() || before.ends_with(char::is_whitespace)
    };
    let comment = line
        .match_indices('#')
        .map(|(at, _)| at)
        .find(|at| begins(*at));
    comment.and_then(|at| line.get(..at)).unwrap_or(line)
}

/// The two halves of an entry that is a pair, each with its place.
pub(super) fn halves<'s>(entry: &Mention<'s>) -> Option<(Mention<'s>, Mention<'s>)> {
    let (first, second) = entry.id.split_once(char::is_whitespace)?;
    let second = second.trim_start();
    if second.contains(char::is_whitespace) {
        return None;
    }
    let Range { start, end } = entry.span;
    Some((
        Mention {
            id: first,
            span: start..start + first.len(),
        },
        Mention {
            id: second,
            span: end - second.len()..end,
        },
    ))
}

/// Opens the text file that `file` names, below the configuration's directory.
pub(super) fn open<'d>(
    people: &mut People,
    decoder: &mut Decoder<'d>,
    files: &dyn Files,
    root: &Path,
    file: View<'d>,
) -> Option<Arc<Source>> {
    let node = file.0?;
    let directory = decoder
        .document()
        .source
        .path
        .parent()
        .unwrap_or(Path::new(""));
    let path = join_within(root, directory, file.text()?).filter(|path| files.is_below(path, root));
    let Some(path) = path else {
        let message = format!(
            "{} lies outside the configuration's directory",
            node.shown()
        );
        decoder
            .error(&node.span, message)
            .set_help("move the file below the directory of gateway.yaml");
        return None;
    };
    if !files.is_file(&path) {
        decoder
            .error(&node.span, format!("there is no file {}", node.shown()))
            .set_help(format!("it was looked for at `{}`", path.display()));
        return None;
    }
    match files.read(&path, LIST_BYTES_MAX) {
        Ok(source) => {
            people.files.push(path);
            Some(source)
        }
        Err(fault) => {
            people.found.push(fault);
            None
        }
    }
}

/// An id in backticks, cut to one short line.
pub(super) fn shown(id: &str) -> String {
    let line: String = id
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(60)
        .collect();
    format!("`{line}`")
}

/// Where each company was declared.
pub(super) type Declared = HashMap<String, (Arc<Source>, Range<usize>)>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_ids_with_their_places() {
        let text = "\u{feff}alice\r\n# all of sales\n\n  이름#1  # boss\nlast";
        let found: Vec<_> = lines(text).map(|one| (one.id, &text[one.span])).collect();
        assert_eq!(
            found,
            [("alice", "alice"), ("이름#1", "이름#1"), ("last", "last")]
        );
    }

    #[test]
    fn a_pair_is_two_ids() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let entry = lines(text).next().unwrap();
            let found = halves(&entry).map(|(a, b)| (&text[a.span], &text[b.span]));
            assert_eq!(found, expected, "{text}");
        };
        check("alice line:mei", Some(("alice", "line:mei")));
        check(" alice \t line:mei # x", Some(("alice", "line:mei")));
        check("alice", None);
        check("a b c", None);
    }
}
