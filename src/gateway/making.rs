//! Places that are being made: who was named for one counts as being there, whatever a look-up says.
//!
//! An upstream makes a place step by step. It can be seen, and written in, before everybody has been
//! asked in who was named; and they could read then what was judged without them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use super::refusal::Refused;
use crate::cache::PlaceFacts;
use crate::clock;
use crate::policy::PersonId;

/// How long a place counts as being made when nobody saw that it was: an upstream goes on when the
/// client that asked has gone, and what fails may have come half the way.
const UNSEEN_END: Duration = Duration::from_secs(300);

/// How many places one person may be making at once.
const MADE_AT_ONCE_MAX: usize = 64;

/// All places that are being made. It changes when the making of one begins or ends.
#[derive(Default)]
pub struct Making {
    under_way: ArcSwap<UnderWay>,
    numbers: AtomicU64,
}

/// Those of one moment.
#[derive(Clone, Default)]
pub struct UnderWay(Vec<Made>);

/// One place, whose id nobody knows yet.
#[derive(Clone)]
struct Made {
    number: u64,
    maker: PersonId,
    comers: Arc<[PersonId]>,
    /// When it is over, if nobody saw that.
    until: Option<Instant>,
}

/// One place is being made until this ends.
#[must_use]
pub struct BeingMade<'m> {
    making: &'m Making,
    number: u64,
}

impl Making {
    /// `maker` begins to make a place with `comers` in it.
    pub fn begin(&self, maker: &PersonId, comers: &[PersonId]) -> Result<BeingMade<'_>, Refused> {
        let now = clock::now();
        let is_here = |made: &&Made| made.until.is_none_or(|until| now < until);
        let under_way = self.under_way.load();
        let own = under_way.0.iter().filter(is_here);
        if own.filter(|made| made.maker == *maker).count() >= MADE_AT_ONCE_MAX {
            return Err(Refused::Internal);
        }
        let begun = Made {
            number: self.numbers.fetch_add(1, Ordering::Relaxed),
            maker: maker.clone(),
            comers: comers.into(),
            until: None,
        };
        self.under_way.rcu(|known| {
            let here = known.0.iter().filter(is_here).cloned();
            UnderWay(here.chain([begun.clone()]).collect())
        });
        Ok(BeingMade {
            making: self,
            number: begun.number,
        })
    }

    /// What is under way now: to be asked for before a look-up begins, since it can be over when the
    /// look-up's answer is there.
    pub fn under_way(&self) -> Arc<UnderWay> {
        self.under_way.load_full()
    }
}

impl UnderWay {
    /// The place with those who may be about to come into it, if it can be one that is being made: the
    /// maker is in it, and nobody who was not named.
    pub fn with_comers(&self, place: &PlaceFacts) -> Option<Arc<PlaceFacts>> {
        let now = clock::now();
        let is_in = |person: &PersonId| place.people().binary_search(person).is_ok();
        let is_this = |made: &&Made| {
            let is_named =
                |person: &PersonId| *person == made.maker || made.comers.contains(person);
            made.until.is_none_or(|until| now < until)
                && is_in(&made.maker)
                && place.people().iter().all(is_named)
        };
        let mut comers = self.0.iter().filter(is_this).peekable();
        comers.peek()?;
        let comers = comers.flat_map(|made| made.comers.iter().cloned());
        Some(Arc::new(place.with(comers)))
    }
}

impl BeingMade<'_> {
    /// The place is there, with everybody who was named.
    pub fn end(self) {
        self.making.under_way.rcu(|known| {
            let others = known.0.iter().filter(|made| made.number != self.number);
            UnderWay(others.cloned().collect())
        });
    }
}

impl Drop for BeingMade<'_> {
    fn drop(&mut self) {
        let until = clock::now() + UNSEEN_END;
        self.making.under_way.rcu(|known| {
            let mut known = UnderWay::clone(known);
            let own = known.0.iter_mut().find(|made| made.number == self.number);
            if let Some(made) = own {
                made.until = Some(until);
            }
            known
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(people: &[&str]) -> PlaceFacts {
        PlaceFacts::new(people.iter().map(|id| PersonId::from(*id)))
    }

    /// How many are counted in a place of these people, while alice makes one with bob and mei.
    fn counted(making: &Making, people: &[&str]) -> usize {
        let place = place(people);
        let widened = making.under_way().with_comers(&place);
        widened.map_or(place.people().len(), |place| place.people().len())
    }

    #[test]
    fn whoever_was_named_counts_until_the_place_is_made() {
        let making = Making::default();
        let comers = ["bob", "mei"].map(PersonId::from);
        let being_made = making.begin(&"alice".into(), &comers).unwrap();
        assert_eq!(counted(&making, &["alice"]), 3);
        assert_eq!(counted(&making, &["alice", "mei"]), 3);
        // Other places, for certain.
        assert_eq!(counted(&making, &["bob", "mei"]), 2);
        assert_eq!(counted(&making, &["alice", "carol"]), 2);
        being_made.end();
        assert_eq!(counted(&making, &["alice"]), 1);
    }

    #[test]
    fn a_making_whose_end_nobody_saw_counts_for_a_while() {
        let making = Making::default();
        drop(making.begin(&"alice".into(), &["mei".into()]).unwrap());
        assert_eq!(counted(&making, &["alice"]), 2);
    }

    #[test]
    fn nobody_makes_more_at_once_than_may_be() {
        let making = Making::default();
        for _ in 0..MADE_AT_ONCE_MAX {
            drop(making.begin(&"alice".into(), &[]).unwrap());
        }
        assert!(making.begin(&"alice".into(), &[]).is_err());
        assert!(making.begin(&"bob".into(), &[]).is_ok());
    }
}
