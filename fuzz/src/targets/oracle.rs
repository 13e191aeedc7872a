//! Other readers of JSON, written apart from the one that is tested.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use unicode_normalization::UnicodeNormalization;

/// A document with every member that stands in it, twins too.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

/// What a strict reader that is not ours makes of it.
pub fn read(body: &[u8]) -> Option<Tree> {
    serde_json::from_slice(body).ok()
}

/// How readers take two keys for the same.
pub type Fold = fn(&str) -> String;

/// Readers that differ in what a key is: as written; ASCII letters; lower case; upper case; by
/// characters as simple folding does; compatible forms.
pub const FOLDS: [Fold; 6] = [
    str::to_owned,
    str::to_ascii_lowercase,
    str::to_lowercase,
    str::to_uppercase,
    |key| {
        let upper = key.chars().map(|c| one(c, c.to_uppercase()));
        upper.map(|c| one(c, c.to_lowercase())).collect()
    },
    |key| key.nfkc().collect::<String>().to_lowercase(),
];

fn one(character: char, mut mapped: impl ExactSizeIterator<Item = char>) -> char {
    if mapped.len() == 1 {
        mapped.next().unwrap_or(character)
    } else {
        character
    }
}

/// Which of two twins a reader takes.
#[derive(Clone, Copy)]
pub enum Wins {
    First,
    Last,
}

impl Tree {
    /// The document as such a reader sees it, its members in order of their folded keys.
    pub fn as_read(&self, wins: Wins, fold: Fold) -> Tree {
        match self {
            Tree::List(elements) => {
                Tree::List(elements.iter().map(|one| one.as_read(wins, fold)).collect())
            }
            Tree::Object(members) => {
                let mut taken = HashMap::new();
                for (key, value) in members {
                    let value = value.as_read(wins, fold);
                    match wins {
                        Wins::First => {
                            taken.entry(fold(key)).or_insert(value);
                        }
                        Wins::Last => {
                            taken.insert(fold(key), value);
                        }
                    }
                }
                let mut members: Vec<_> = taken.into_iter().collect();
                members.sort_by(|a, b| a.0.cmp(&b.0));
                Tree::Object(members)
            }
            leaf => leaf.clone(),
        }
    }

    /// How many values there are.
    pub fn size(&self) -> usize {
        match self {
            Tree::List(elements) => 1 + elements.iter().map(Tree::size).sum::<usize>(),
            Tree::Object(members) => 1 + members.iter().map(|(_, one)| one.size()).sum::<usize>(),
            _ => 1,
        }
    }

    /// Whether every key is ASCII.
    pub fn has_ascii_keys(&self) -> bool {
        match self {
            Tree::List(elements) => elements.iter().all(Tree::has_ascii_keys),
            Tree::Object(members) => members
                .iter()
                .all(|(key, one)| key.is_ascii() && one.has_ascii_keys()),
            _ => true,
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Tree;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E: de::Error>(self) -> Result<Tree, E> {
                Ok(Tree::Null)
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Tree, E> {
                Ok(Tree::Bool(value))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Tree, E> {
                Ok(Tree::Number(value.to_string()))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Tree, E> {
                Ok(Tree::Number(value.to_string()))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Tree, E> {
                Ok(Tree::Number(format!("{value:?}")))
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Tree, E> {
                Ok(Tree::Text(value.to_owned()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Tree, A::Error> {
                let mut elements = Vec::new();
                while let Some(element) = list.next_element()? {
                    elements.push(element);
                }
                Ok(Tree::List(elements))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Tree::Object(members))
            }
        }
        deserializer.deserialize_any(Reader)
    }
}

/// A value of a document that is known to be JSON, with the places of all that is in it.
#[derive(Debug)]
pub struct Placed {
    pub span: Range<usize>,
    pub inner: Inner,
}

#[derive(Debug)]
pub enum Inner {
    Leaf,
    List(Vec<Placed>),
    /// The keys' places, quotes included, and the values.
    Object(Vec<(Range<usize>, Placed)>),
}

/// The places in a document that is known to be JSON.
pub fn places(body: &[u8]) -> Placed {
    let mut at = 0;
    place(body, &mut at)
}

fn place(body: &[u8], at: &mut usize) -> Placed {
    skip_space(body, at);
    let start = *at;
    let inner = match body[start] {
        open @ (b'[' | b'{') => {
            *at += 1;
            let (mut elements, mut members) = (Vec::new(), Vec::new());
            loop {
                skip_space(body, at);
                match body[*at] {
                    b']' | b'}' => break *at += 1,
                    b',' => *at += 1,
                    _ if open == b'[' => elements.push(place(body, at)),
                    _ => {
                        let key = place(body, at).span;
                        skip_space(body, at);
                        *at += 1;
                        members.push((key, place(body, at)));
                    }
                }
            }
            if open == b'[' {
                Inner::List(elements)
            } else {
                Inner::Object(members)
            }
        }
        b'"' => {
            *at += 1;
            while body[*at] != b'"' {
                *at += if body[*at] == b'\\' { 2 } else { 1 };
            }
            *at += 1;
            Inner::Leaf
        }
        _ => {
            while body
                .get(*at)
                .is_some_and(|byte| !b",]} \n\r\t".contains(byte))
            {
                *at += 1;
            }
            Inner::Leaf
        }
    };
    Placed {
        span: start..*at,
        inner,
    }
}

fn skip_space(body: &[u8], at: &mut usize) {
    while body.get(*at).is_some_and(|byte| b" \n\r\t".contains(byte)) {
        *at += 1;
    }
}

/// The document without the space between its tokens.
pub fn minified(body: &[u8]) -> Vec<u8> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < body.len() {
        skip_space(body, &mut at);
        let start = at;
        match body.get(at) {
            None => break,
            Some(b'"') => at = place(body, &mut at).span.end,
            Some(_) => at += 1,
        }
        tokens.extend_from_slice(&body[start..at]);
    }
    tokens
}
