//! The rules, in their order.

use super::question::Question;
use super::settings::Settings;
use super::verdict::Verdict;

/// Decides one act: the first rule that matches.
pub fn decide(_settings: &Settings, _question: &Question<'_>) -> Verdict {
    todo!()
}
