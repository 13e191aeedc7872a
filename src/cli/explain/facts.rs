//! What the gateway would ask the message server, told by flags instead.

use std::sync::Arc;

use crate::cache::PlaceFacts;
use crate::dialect::Dialect;
use crate::dialect::program::{PlaceIx, ThingIx};
use crate::gateway::facts::{Facts, Learned, Missing, PlaceKey, ThingFacts, ThingKey};
use crate::policy::{ContentKind, PersonId};

/// The facts of the flags, and each as it was told.
pub(super) struct Told {
    pub facts: Facts,
    pub told: Vec<String>,
}

/// Reads `--place` and `--thing`.
pub(super) fn read(
    dialect: &Dialect,
    places: &[String],
    things: &[String],
) -> Result<Told, String> {
    let mut facts = Facts::default();
    for text in places {
        facts.learn(place(dialect, text)?);
    }
    for text in things {
        facts.learn(thing(dialect, text)?);
    }
    let told = places
        .iter()
        .map(|text| format!("place {text}"))
        .chain(things.iter().map(|text| format!("thing {text}")));
    Ok(Told {
        facts,
        told: told.collect(),
    })
}

/// The flag that would tell what is missing.
pub(super) fn flag(dialect: &Dialect, missing: &Missing) -> String {
    match missing {
        Missing::Place(key) => {
            let sort = place_name(dialect, key.sort);
            format!(
                "who is in the {sort} `{}`: --place {sort}:{}=ID,ID",
                key.id, key.id
            )
        }
        Missing::Thing(key) => {
            let sort = thing_name(dialect, key.sort);
            let place = dialect
                .places
                .first()
                .map_or("room", |place| place.name.as_str());
            let id = &key.id;
            format!("what the {sort} `{id}` is: --thing {sort}:{id}={place}:ID,author:ID,kind:KIND")
        }
        Missing::KnownAs(person) => format!("how `{person}` is known"),
    }
}

pub(super) fn place_name(dialect: &Dialect, sort: PlaceIx) -> &str {
    dialect
        .places
        .get(usize::from(sort.0))
        .map_or("place", |place| &place.name)
}

pub(super) fn thing_name(dialect: &Dialect, sort: ThingIx) -> &str {
    dialect
        .things
        .get(usize::from(sort.0))
        .map_or("thing", |thing| &thing.name)
}

fn place(dialect: &Dialect, text: &str) -> Result<Learned, String> {
    let (name, value) = halves(text);
    let key = place_key(dialect, name)?;
    let people = value.map(|value| {
        let ids = value.split(',').filter(|id| !id.is_empty());
        Arc::new(PlaceFacts::new(ids.map(PersonId::from)))
    });
    Ok(Learned::Place(key, people))
}

fn thing(dialect: &Dialect, text: &str) -> Result<Learned, String> {
    let (name, value) = halves(text);
    let (sort, id) = named(name)?;
    let known: Vec<&str> = dialect
        .things
        .iter()
        .map(|thing| thing.name.as_str())
        .collect();
    let at = known.iter().position(|known| *known == sort);
    let sort = at.and_then(|at| u8::try_from(at).ok()).ok_or_else(|| {
        format!(
            "there is no sort of thing `{sort}`; there is {}",
            known.join(", ")
        )
    })?;
    let key = ThingKey {
        sort: ThingIx(sort),
        id: id.into(),
    };
    let facts = match value {
        Some(value) => Some(Arc::new(thing_facts(dialect, value)?)),
        None => None,
    };
    Ok(Learned::Thing(key, facts))
}

fn thing_facts(dialect: &Dialect, value: &str) -> Result<ThingFacts, String> {
    let mut facts = ThingFacts::default();
    for part in value.split(',').filter(|part| !part.is_empty()) {
        let (what, id) = named(part)?;
        match what {
            "author" => facts.author = Some(id.into()),
            "contact" => facts.contact = Some(id.into()),
            "kind" => {
                let kind: ContentKind = id
                    .parse()
                    .map_err(|_| format!("`{id}` is no kind of content"))?;
                facts.kinds.insert(kind);
            }
            _ => facts.place = Some(place_key(dialect, part)?),
        }
    }
    Ok(facts)
}

fn place_key(dialect: &Dialect, text: &str) -> Result<PlaceKey, String> {
    let (sort, id) = named(text)?;
    let known: Vec<&str> = dialect
        .places
        .iter()
        .map(|place| place.name.as_str())
        .collect();
    let at = known.iter().position(|known| *known == sort);
    let sort = at.and_then(|at| u8::try_from(at).ok()).ok_or_else(|| {
        format!(
            "there is no sort of place `{sort}`; there is {}",
            known.join(", ")
        )
    })?;
    Ok(PlaceKey {
        sort: PlaceIx(sort),
        id: id.into(),
    })
}

/// `SORT:ID` or `SORT:ID=…`.
fn halves(text: &str) -> (&str, Option<&str>) {
    match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    }
}

fn named(text: &str) -> Result<(&str, &str), String> {
    text.split_once(':')
        .filter(|(sort, id)| !sort.is_empty() && !id.is_empty())
        .ok_or_else(|| format!("`{text}` is not SORT:ID, such as room:r3"))
}
