//! Pseudonyms of unknown people: stable for one audience, of no use to another.

use aws_lc_rs::hmac;
use metrics::Counter;

use super::learnt::{Learnt, Memory};
use crate::policy::PersonId;

/// Who sees a pseudonym: all who share an audience see the same one, and no two audiences can link
/// theirs (DESIGN 2.3: per viewer's company and network).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Audience {
    /// The viewer's company; empty for a peer of no company here.
    pub company: String,
    /// The network through which the viewer sees the person; empty if none is known.
    pub network: String,
}

/// Makes pseudonyms by a keyed hash, and finds the person behind those it made.
pub struct Pseudonyms {
    key: hmac::Key,
    people: Learnt<(Audience, Box<str>), PersonId>,
}

/// Lower-case letters and digits that are hard to take for one another.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

impl Pseudonyms {
    /// Pseudonyms under this key, of which as many can be found again as `memory` holds.
    pub fn new(key: &[u8], memory: Memory) -> Self {
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, key),
            people: Learnt::new(memory),
        }
    }

    /// The same; `full` counts how often some are forgotten to make room.
    pub fn counting(self, full: Counter) -> Self {
        Self {
            people: self.people.counting(full),
            ..self
        }
    }

    /// The pseudonym of `person` for `audience`: 120 bits of HMAC-SHA-256 in 24 characters.
    pub fn of(&self, person: &PersonId, audience: &Audience) -> String {
        let mut context = hmac::Context::with_key(&self.key);
        for part in [
            audience.company.as_str(),
            audience.network.as_str(),
            person.as_str(),
        ] {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        let pseudonym = spell(context.sign().as_ref());
        let key = (audience.clone(), pseudonym.as_str().into());
        if self.people.get(&key).is_none() {
            self.people.remember(key, person.clone());
        }
        pseudonym
    }

    /// Who stands behind a pseudonym that this audience was shown. `None` also when it was shown so
    /// long ago that it is forgotten: then it names nobody.
    pub fn person(&self, pseudonym: &str, audience: &Audience) -> Option<PersonId> {
        self.people.get(&(audience.clone(), pseudonym.into()))
    }
}

fn spell(digest: &[u8]) -> String {
    digest
        .chunks_exact(5)
        .take(3)
        .flat_map(|five| {
            let bits = five
                .iter()
                .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
            (0..8).rev().map(move |place| bits >> (place * 5) & 31)
        })
        .filter_map(|letter| {
            ALPHABET
                .get(usize::try_from(letter).ok()?)
                .map(|l| char::from(*l))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn pseudonyms(key: &str) -> Pseudonyms {
        let memory = Memory {
            facts_max: 100,
            stale_after: Duration::from_secs(60),
        };
        Pseudonyms::new(key.as_bytes(), memory)
    }

    fn audience(company: &str, network: &str) -> Audience {
        Audience {
            company: company.into(),
            network: network.into(),
        }
    }

    #[test]
    fn it_is_stable_for_one_audience_and_different_for_each() {
        let made = pseudonyms("key");
        let alice = PersonId::from("alice");
        let line = made.of(&alice, &audience("", "line"));
        assert_eq!(line, made.of(&alice, &audience("", "line")));
        assert_eq!(line.len(), 24);
        for other in [
            audience("", "works"),
            audience("globex", "line"),
            audience("globex", "works"),
        ] {
            assert_ne!(line, made.of(&alice, &other));
        }
        assert_ne!(line, made.of(&PersonId::from("bob"), &audience("", "line")));
        assert_ne!(
            line,
            pseudonyms("other key").of(&alice, &audience("", "line"))
        );
    }

    #[test]
    fn only_its_own_audience_finds_the_person_again() {
        let made = pseudonyms("key");
        let line = audience("", "line");
        let pseudonym = made.of(&PersonId::from("alice"), &line);
        assert_eq!(
            made.person(&pseudonym, &line),
            Some(PersonId::from("alice"))
        );
        assert_eq!(made.person(&pseudonym, &audience("globex", "works")), None);
        assert_eq!(made.person("abcdefghijkmnpqrstuvwxyz", &line), None);
    }
}
