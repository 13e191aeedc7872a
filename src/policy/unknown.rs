//! Who is `unknown` to whom, and which rooms vanish for whom.

use super::settings::Settings;
use super::standing::{RoomStanding, Standing};
use super::verdict::Reason;
use super::words::{KindSet, NetworkIx};

/// Whether `member` may use `network` at all (rules 1 and 2).
pub fn may_use(_settings: &Settings, _member: Standing, _network: NetworkIx) -> Result<(), Reason> {
    todo!()
}

/// The network through which `a` sees `b`: `None` when both stand on the same side.
pub fn network_between(_settings: &Settings, _a: Standing, _b: Standing) -> Option<Between> {
    todo!()
}

/// How two sides reach one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Between {
    /// Through this network.
    Network(NetworkIx),
    /// Through none that is known.
    Nothing,
}

/// Whether `subject` is shown as `unknown` to `viewer`: they stand on different sides, and one of
/// the two may not talk to the other's.
pub fn is_unknown_to(_settings: &Settings, _subject: Standing, _viewer: Standing) -> bool {
    todo!()
}

/// Whether a room is there for `viewer`: an external room vanishes when the viewer may use none of
/// the networks that it reaches. The reason is the first rule that hides it.
pub fn is_hidden_from(
    _settings: &Settings,
    _room: &RoomStanding,
    _viewer: Standing,
) -> Option<Reason> {
    todo!()
}

/// The kinds that `viewer` could not send into `room`: their function buttons are off.
pub fn buttons_off(_settings: &Settings, _room: &RoomStanding, _viewer: Standing) -> KindSet {
    todo!()
}
