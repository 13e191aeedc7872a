//! What a source names: every path in it, wherever it stands, followed through imports.
//!
//! The walk goes over tokens, not over items, so that the inside of a macro call, of an attribute
//! and of a test module is read like everything else. It is generous on purpose: an import counts
//! for its whole module, even one that stands in a function.

use std::collections::{BTreeSet, HashMap, HashSet};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::source::Source;

/// A module's path, without `crate`.
pub type Module = Vec<String>;

/// A path as it stands in a source.
#[derive(Clone, Debug)]
pub struct Named {
    /// The module that names it.
    pub within: Module,
    /// Its segments as written; the first may be `crate`, `self`, `super`, or `::` before a crate.
    /// The last is `*` where all is imported.
    pub written: Vec<String>,
    /// Where it stands.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
}

/// A word at a place: a macro that is called, a method that is called.
#[derive(Clone, Debug)]
pub struct Word {
    /// The word.
    pub word: String,
    /// Where it stands.
    pub file: String,
    /// Its line, from 1.
    pub line: usize,
}

struct Import {
    alias: String,
    written: Vec<String>,
}

/// Everything that some sources name.
#[derive(Default)]
pub struct Names {
    /// Paths of two segments and more, and everything imported.
    pub paths: Vec<Named>,
    /// `name!(…)`.
    pub macros: Vec<Word>,
    /// `.name(…)`.
    pub methods: Vec<Word>,
    imports: HashMap<Module, Vec<Import>>,
    modules: HashSet<Module>,
}

impl Names {
    /// Walks all of them.
    pub fn of(sources: &[Source]) -> Self {
        let mut names = Names::default();
        for source in sources {
            names.modules.insert(source.module.clone());
            let mut walk = Walk {
                names: &mut names,
                file: &source.path,
            };
            walk.tokens(source.tokens.clone(), &source.module);
        }
        names
    }

    /// A path and everything that it stands for, re-exports followed: paths that begin with `crate`
    /// are ours, all others begin with the name of a crate.
    pub fn meanings(&self, named: &Named) -> BTreeSet<Vec<String>> {
        let mut found = BTreeSet::new();
        let mut open = self.absolute(&named.within, &named.written, 0);
        while let Some(path) = open.pop() {
            if found.len() < 64 && found.insert(path.clone()) {
                open.extend(self.behind(&path));
            }
        }
        found
    }

    /// A written path from the root on. An import that is in the way is followed.
    fn absolute(&self, within: &Module, written: &[String], depth: usize) -> Vec<Vec<String>> {
        let Some((first, rest)) = written.split_first() else {
            return Vec::new();
        };
        let root = ["crate".to_owned()];
        let ours = |module: &[String], rest: &[String]| vec![[&root, module, rest].concat()];
        match first.as_str() {
            "crate" | "borderpost" => return ours(&[], rest),
            "self" => return ours(within, rest),
            "super" => {
                let ups = written.iter().take_while(|part| *part == "super").count();
                let kept = within.len().saturating_sub(ups);
                return ours(&within[..kept], &written[ups..]);
            }
            "::" => return vec![rest.to_vec()],
            _ => {}
        }
        let aliased = self.aliased(within, first);
        if !aliased.is_empty() && depth < 8 {
            let whole = |target: &Vec<String>| [target.as_slice(), rest].concat();
            return aliased
                .iter()
                // `use tokio;` and `use policy::…` beside `mod policy;` name themselves.
                .filter(|target| target.first() != Some(first))
                .flat_map(|target| self.absolute(within, &whole(target), depth + 1))
                .chain(self.child_or_crate(within, written, &aliased))
                .collect();
        }
        if let Some(path) = self.child(within, written) {
            return vec![path];
        }
        let mut through_globs: Vec<_> = self
            .globs(within)
            .filter(|_| depth < 8)
            .flat_map(|glob| self.absolute(within, glob, depth + 1))
            .filter(|module| self.has(module, first))
            .map(|module| [module.as_slice(), written].concat())
            .collect();
        if through_globs.is_empty() {
            through_globs.push(written.to_vec());
        }
        through_globs
    }

    fn child_or_crate(
        &self,
        within: &Module,
        written: &[String],
        aliased: &[Vec<String>],
    ) -> Option<Vec<String>> {
        let itself = aliased
            .iter()
            .any(|target| target.first() == written.first());
        itself.then(|| {
            self.child(within, written)
                .unwrap_or_else(|| written.to_vec())
        })
    }

    fn child(&self, within: &Module, written: &[String]) -> Option<Vec<String>> {
        let child = [within.as_slice(), &written[..1]].concat();
        let path = [&["crate".to_owned()], within.as_slice(), written].concat();
        self.modules.contains(&child).then_some(path)
    }

    fn has(&self, path: &[String], name: &str) -> bool {
        let Some((first, module)) = path.split_first() else {
            return false;
        };
        let child = [module, &[name.to_owned()]].concat();
        first == "crate"
            && (self.modules.contains(&child) || !self.aliased(module, name).is_empty())
    }

    fn aliased(&self, module: &[String], alias: &str) -> Vec<Vec<String>> {
        let imports = self.imports.get(module).into_iter().flatten();
        imports
            .filter(|import| import.alias == alias)
            .map(|import| import.written.clone())
            .collect()
    }

    fn globs(&self, module: &[String]) -> impl Iterator<Item = &[String]> {
        let imports = self.imports.get(module).into_iter().flatten();
        imports
            .filter(|import| import.alias == "*")
            .filter_map(|import| Some(import.written.split_last()?.1))
    }

    /// What one of our paths stands for, if some module on the way only imports the next part.
    fn behind(&self, path: &[String]) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        if path.first().is_none_or(|first| first != "crate") {
            return found;
        }
        for at in 1..path.len() {
            let (module, rest) = (path[1..at].to_vec(), &path[at..]);
            for target in self.aliased(&module, &rest[0]) {
                let whole = [target.as_slice(), &rest[1..]].concat();
                found.extend(self.absolute(&module, &whole, 0));
            }
            let globs = self
                .globs(&module)
                .flat_map(|glob| self.absolute(&module, glob, 0));
            let through = globs.filter(|other| self.has(other, &rest[0]));
            found.extend(through.map(|other| [other.as_slice(), rest].concat()));
        }
        found
    }
}

struct Walk<'n> {
    names: &'n mut Names,
    file: &'n str,
}

impl Walk<'_> {
    fn tokens(&mut self, tokens: TokenStream, within: &Module) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            at = match &tokens[at] {
                TokenTree::Group(group) => {
                    self.tokens(group.stream(), within);
                    at + 1
                }
                TokenTree::Ident(_) => self.word(&tokens, at, within),
                _ => at + 1,
            };
        }
    }

    /// Takes what begins with an identifier; gives where the rest goes on.
    fn word(&mut self, tokens: &[TokenTree], at: usize, within: &Module) -> usize {
        let word = ident(&tokens[at]).unwrap_or_default();
        let next = tokens.get(at + 1).and_then(ident);
        let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
        match (word.as_str(), next) {
            ("mod", Some(name)) => {
                let module = [within.as_slice(), &[name]].concat();
                if let Some(TokenTree::Group(body)) = tokens.get(at + 2) {
                    self.names.modules.insert(module.clone());
                    self.tokens(body.stream(), &module);
                    return at + 3;
                }
                return at + 2;
            }
            ("extern", Some(next)) if next == "crate" => {
                let named = match tokens.get(at + 2).and_then(ident) {
                    Some(name) if name == "self" => vec!["crate".to_owned()],
                    Some(name) => vec!["::".to_owned(), name],
                    None => return at + 2,
                };
                let alias = tokens.get(at + 4).and_then(ident);
                self.import(within, named, alias, line(&tokens[at]));
                return at + 3;
            }
            ("use", _) => return self.tree(tokens, at + 1, within, &[], true),
            _ => {}
        }
        if let ("macro_rules", Some(TokenTree::Ident(name))) = (word.as_str(), tokens.get(at + 2)) {
            // A macro is a part of its module, and can be imported as one.
            let itself = [within.as_slice(), &[name.to_string()]].concat();
            self.names.modules.insert(itself);
        }
        if before(1).is_some_and(|token| is(token, '.'))
            && matches!(tokens.get(at + 1), Some(TokenTree::Group(_)))
        {
            self.names
                .methods
                .push(found(&word, self.file, &tokens[at]));
        }
        if before(1).is_some_and(|token| is(token, '$')) && word != "crate" {
            return at + 1;
        }
        let of_a_crate = before(1).is_some_and(|token| is(token, ':'))
            && before(2).is_some_and(|token| is(token, ':'));
        let prefix: &[String] = if of_a_crate { &["::".to_owned()] } else { &[] };
        self.tree(tokens, at, within, prefix, false)
    }

    /// Takes one path, or one tree of paths; gives where the rest goes on.
    fn tree(
        &mut self,
        tokens: &[TokenTree],
        mut at: usize,
        within: &Module,
        prefix: &[String],
        imports: bool,
    ) -> usize {
        let start = tokens.get(at).map_or(0, line);
        let mut path = prefix.to_vec();
        if path.is_empty() && double_colon(tokens, at) {
            path.push("::".to_owned());
            at += 2;
        }
        loop {
            match tokens.get(at) {
                Some(TokenTree::Ident(_)) => {
                    path.extend(tokens.get(at).and_then(ident));
                    at += 1;
                }
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.branches(group.stream(), within, &path);
                    return at + 1;
                }
                Some(token) if is(token, '*') => {
                    path.push("*".to_owned());
                    at += 1;
                    break;
                }
                _ => break,
            }
            let goes_on = double_colon(tokens, at)
                && match tokens.get(at + 2) {
                    Some(TokenTree::Ident(_)) => true,
                    Some(TokenTree::Group(group)) => group.delimiter() == Delimiter::Brace,
                    Some(token) => is(token, '*'),
                    None => false,
                };
            if !goes_on {
                break;
            }
            at += 2;
        }
        if tokens.get(at).is_some_and(|token| is(token, '!'))
            && matches!(tokens.get(at + 1), Some(TokenTree::Group(_)))
            && let Some(name) = path.last()
        {
            let called = found(name, self.file, &tokens[at]);
            self.names.macros.push(called);
        }
        let alias = match (
            tokens.get(at).and_then(ident),
            tokens.get(at + 1).and_then(ident),
        ) {
            (Some(word), Some(alias)) if imports && word == "as" => {
                at += 2;
                Some(alias)
            }
            _ => None,
        };
        if imports {
            self.import(within, path, alias, start);
        } else if path.len() > 1 {
            self.path(within, path, start);
        }
        at
    }

    fn branches(&mut self, tokens: TokenStream, within: &Module, prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for branch in tokens.split(|token| is(token, ',')) {
            if !branch.is_empty() {
                self.tree(branch, 0, within, prefix, true);
            }
        }
    }

    fn import(
        &mut self,
        within: &Module,
        mut path: Vec<String>,
        alias: Option<String>,
        line: usize,
    ) {
        if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
            path.pop();
        }
        let Some(last) = path.last().cloned() else {
            return;
        };
        let import = Import {
            alias: alias.unwrap_or(last),
            written: path.clone(),
        };
        let imports = self.names.imports.entry(within.clone()).or_default();
        imports.push(import);
        self.path(within, path, line);
    }

    fn path(&mut self, within: &Module, written: Vec<String>, line: usize) {
        self.names.paths.push(Named {
            within: within.clone(),
            written,
            file: self.file.to_owned(),
            line,
        });
    }
}

fn found(word: &str, file: &str, token: &TokenTree) -> Word {
    Word {
        word: word.to_owned(),
        file: file.to_owned(),
        line: line(token),
    }
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

fn ident(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(word) => {
            let word = word.to_string();
            Some(word.strip_prefix("r#").unwrap_or(&word).to_owned())
        }
        _ => None,
    }
}

fn is(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn double_colon(tokens: &[TokenTree], at: usize) -> bool {
    [at, at + 1]
        .iter()
        .all(|at| tokens.get(*at).is_some_and(|token| is(token, ':')))
}
