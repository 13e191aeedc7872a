//! A memory of facts learnt one by one: bounded in number and age, one flight per miss.

use std::future::Future;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use metrics::Counter;
use tokio::sync::watch;

use crate::clock;

/// Bounds of one memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// How many facts are remembered at most.
    pub facts_max: usize,
    /// How long a fact is believed.
    pub stale_after: Duration,
}

/// Facts by key. A fact that can't be learnt is not remembered: the next one who asks tries again.
pub struct Learnt<K, V> {
    memory: Memory,
    facts: DashMap<K, Fact<V>>,
    /// Look-ups under way. Whoever comes second waits for the first.
    flights: DashMap<K, Flight<V>>,
    flight_number: AtomicU64,
    sieve: RandomState,
    /// Goes up when facts that are still fresh make room for others.
    full: Counter,
}

struct Fact<V> {
    value: V,
    learnt_at: Instant,
}

struct Flight<V> {
    number: u64,
    landed: watch::Receiver<Option<V>>,
}

impl<K, V> Learnt<K, V>
where
    K: Eq + Hash + Clone,
    V: Clone,
{
    /// An empty memory.
    pub fn new(memory: Memory) -> Self {
        Self {
            memory,
            facts: DashMap::new(),
            flights: DashMap::new(),
            flight_number: AtomicU64::new(0),
            sieve: RandomState::new(),
            full: Counter::noop(),
        }
    }

    /// The same; `full` counts how often it forgets what is still fresh, to make room.
    pub fn counting(self, full: Counter) -> Self {
        Self { full, ..self }
    }

    /// The fact, if it is known and fresh.
    pub fn get(&self, key: &K) -> Option<V> {
        let fact = self.facts.get(key)?;
        (clock::now().duration_since(fact.learnt_at) < self.memory.stale_after)
            .then(|| fact.value.clone())
    }

    /// The fact, learnt by `learn` if it is not known. Of several who ask at once, one learns.
    ///
    /// A fact that was forgotten while it was being learnt is told to those who waited for it, and
    /// not remembered.
    pub async fn get_or_learn<E, F>(&self, key: &K, learn: impl FnOnce() -> F) -> Result<V, E>
    where
        F: Future<Output = Result<V, E>>,
    {
        let mut learn = Some(learn);
        loop {
            if let Some(value) = self.get(key) {
                return Ok(value);
            }
            let role = self.board(key);
            match role {
                Role::Leads { number, landing } => {
                    let Some(learn) = learn.take() else { continue };
                    let _ended = EndFlight {
                        learnt: self,
                        key,
                        number,
                    };
                    let value = learn().await?;
                    if self.is_current(key, number) {
                        self.remember(key.clone(), value.clone());
                    }
                    landing.send_replace(Some(value.clone()));
                    return Ok(value);
                }
                Role::Waits(mut landed) => {
                    // An error means that the one who led gave up: take over.
                    if let Ok(value) = landed.wait_for(Option::is_some).await
                        && let Some(value) = value.clone()
                    {
                        return Ok(value);
                    }
                }
            }
        }
    }

    fn board(&self, key: &K) -> Role<V> {
        match self.flights.entry(key.clone()) {
            Entry::Occupied(flight) => Role::Waits(flight.get().landed.clone()),
            Entry::Vacant(place) => {
                let number = self.flight_number.fetch_add(1, Ordering::Relaxed);
                let (landing, landed) = watch::channel(None);
                place.insert(Flight { number, landed });
                Role::Leads { number, landing }
            }
        }
    }

    fn is_current(&self, key: &K, number: u64) -> bool {
        self.flights
            .get(key)
            .is_some_and(|flight| flight.number == number)
    }

    /// Remembers a fact that traffic showed.
    pub fn remember(&self, key: K, value: V) {
        if self.facts.len() >= self.memory.facts_max {
            self.make_room();
        }
        self.facts.insert(
            key,
            Fact {
                value,
                learnt_at: clock::now(),
            },
        );
    }

    /// Forgets a fact, and what is being learnt of it just now.
    pub fn forget(&self, key: &K) {
        self.flights.remove(key);
        self.facts.remove(key);
    }

    /// Changes a fact that is known, and keeps its age. What is being learnt of it just now is
    /// not remembered, since it may be older than the change.
    pub fn amend(&self, key: &K, change: impl FnOnce(&V) -> V) {
        self.flights.remove(key);
        if let Some(mut fact) = self.facts.get_mut(key) {
            fact.value = change(&fact.value);
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        self.flights.clear();
        self.facts.clear();
    }

    /// How many facts are held, stale ones included.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether nothing is held.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }

    /// Drops what is stale; to be called every few seconds.
    pub fn sweep(&self) {
        let now = clock::now();
        self.facts
            .retain(|_, fact| now.duration_since(fact.learnt_at) < self.memory.stale_after);
    }

    /// Drops what is stale, and if that is not enough a random eighth: one pass pays for many
    /// insertions.
    fn make_room(&self) {
        self.sweep();
        if self.facts.len() < self.memory.facts_max {
            return;
        }
        self.full.increment(1);
        let eighth = self.flight_number.fetch_add(1, Ordering::Relaxed) % 8;
        self.facts
            .retain(|key, _| self.sieve.hash_one(key) % 8 != eighth);
    }
}

enum Role<V> {
    Leads {
        number: u64,
        landing: watch::Sender<Option<V>>,
    },
    Waits(watch::Receiver<Option<V>>),
}

/// Takes the flight off the board when its leader is done, or was dropped on the way.
struct EndFlight<'a, K: Eq + Hash, V> {
    learnt: &'a Learnt<K, V>,
    key: &'a K,
    number: u64,
}

impl<K: Eq + Hash, V> Drop for EndFlight<'_, K, V> {
    fn drop(&mut self) {
        self.learnt
            .flights
            .remove_if(self.key, |_, flight| flight.number == self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;
    use std::rc::Rc;

    use super::*;

    const MEMORY: Memory = Memory {
        facts_max: 64,
        stale_after: Duration::from_secs(30),
    };

    #[tokio::test]
    async fn of_many_who_ask_at_once_one_learns() {
        let learnt = Learnt::<u32, u32>::new(MEMORY);
        let asked = Rc::new(Cell::new(0));
        let ask = || async {
            learnt
                .get_or_learn(&7, || async {
                    asked.set(asked.get() + 1);
                    tokio::task::yield_now().await;
                    Ok::<_, Infallible>(70)
                })
                .await
        };
        let (a, b, c) = tokio::join!(ask(), ask(), ask());
        assert_eq!((a, b, c), (Ok(70), Ok(70), Ok(70)));
        assert_eq!(asked.get(), 1);
    }

    #[tokio::test]
    async fn a_leader_who_fails_is_followed_by_another() {
        let learnt = Learnt::<u32, u32>::new(MEMORY);
        let (first, second) = tokio::join!(
            learnt.get_or_learn(&7, || async {
                tokio::task::yield_now().await;
                Err("no answer")
            }),
            learnt.get_or_learn(&7, || async { Ok::<_, &str>(70) }),
        );
        assert_eq!((first, second), (Err("no answer"), Ok(70)));
    }

    #[tokio::test]
    async fn a_leader_who_is_dropped_is_followed_by_another() {
        let learnt = Learnt::<u32, u32>::new(MEMORY);
        let never = learnt.get_or_learn(&7, std::future::pending::<Result<u32, Infallible>>);
        tokio::select! {
            biased;
            _ = never => unreachable!(),
            () = tokio::task::yield_now() => {}
        }
        let value = learnt
            .get_or_learn(&7, || async { Ok::<_, Infallible>(70) })
            .await;
        assert_eq!(value, Ok(70));
    }

    #[tokio::test]
    async fn what_is_forgotten_while_it_is_learnt_is_not_remembered() {
        let learnt = Learnt::<u32, u32>::new(MEMORY);
        let value = learnt
            .get_or_learn(&7, || async {
                learnt.forget(&7);
                Ok::<_, Infallible>(70)
            })
            .await;
        assert_eq!(value, Ok(70));
        assert_eq!(learnt.get(&7), None);
    }

    #[test]
    fn a_stale_fact_is_not_told() {
        let learnt = Learnt::new(Memory {
            facts_max: 8,
            stale_after: Duration::ZERO,
        });
        learnt.remember(7, 70);
        assert_eq!(learnt.get(&7), None);
    }

    #[test]
    fn the_number_of_facts_is_bounded() {
        let learnt = Learnt::new(MEMORY);
        for key in 0..10_000_u32 {
            learnt.remember(key, key);
            assert!(learnt.len() <= 64, "{}", learnt.len());
        }
        assert!(learnt.len() > 32);
    }
}
