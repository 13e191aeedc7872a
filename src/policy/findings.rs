//! Every rule that a decision rests on, with what it says: for whoever explains a verdict.
//!
//! It tells the settings of all companies concerned: for the installation's administrator only.

use super::decide::judge;
use super::pair::{Notes, Pair, Whose};
use super::question::Question;
use super::settings::{Direction, Settings};
use super::verdict::{Block, Reason};
use super::words::{CompanyIx, NetworkIx};

/// What one rule of one company says of an act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whose rule it is; `None`: nobody's policy speaks for the act.
    pub company: Option<CompanyIx>,
    /// For which network; `None`: for people who are reached through none that is known, or for an
    /// internal room that stays closed to all.
    pub network: Option<NetworkIx>,
    /// Which way the act goes, as the company sees it; `None` where it makes a room external.
    pub direction: Option<Direction>,
    /// The rule.
    pub rule: Reason,
    /// What it says.
    pub says: Says,
    /// The block as it is told: to members of another company as `peer_side_denied`.
    pub told: Option<Block>,
}

/// What a rule says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// It allows.
    Yes,
    /// It does not.
    No,
    /// It is not asked of such an act.
    Nothing,
}

/// What every rule says of an act that [`decide`](super::decide()) is asked about: by company and
/// network, rules 1 to 5 each, also those behind the first that does not allow; then rule 6. The
/// verdict is the least reason among those told. Nothing is found of an internal room.
pub fn findings(settings: &Settings, question: &Question<'_>) -> Vec<Finding> {
    let mut trace = Trace(Vec::new());
    judge(settings, question, &mut trace);
    trace.0
}

struct Trace(Vec<Finding>);

impl Trace {
    /// A room that is judged before and after an act is told of once.
    fn add(&mut self, finding: Finding) {
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }
}

impl Notes for Trace {
    fn ask(&mut self, pair: Pair<'_>, whose: Whose) {
        for (rule, answer) in pair.all() {
            self.add(Finding {
                company: Some(pair.company),
                network: Some(pair.network),
                direction: Some(pair.direction),
                rule,
                says: match &answer {
                    None => Says::Nothing,
                    Some(None) => Says::Yes,
                    Some(Some(_)) => Says::No,
                },
                told: answer.flatten().map(|block| whose.told(block)),
            });
        }
    }

    fn note(&mut self, found: Option<Block>, whose: Whose) {
        if let Some(block) = found {
            self.add(Finding {
                company: block.company,
                network: block.network,
                direction: None,
                rule: block.reason,
                says: Says::No,
                told: Some(whose.told(block)),
            });
        }
    }

    fn note_opening(&mut self, company: CompanyIx, found: Option<Block>, whose: Whose) {
        self.add(Finding {
            company: Some(company),
            network: found.as_ref().and_then(|block| block.network),
            direction: None,
            rule: Reason::WouldBecomeExternal,
            says: if found.is_some() { Says::No } else { Says::Yes },
            told: found.map(|block| whose.told(block)),
        });
    }
}
