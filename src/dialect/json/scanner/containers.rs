//! Arrays and objects while they are open: nesting, limits, and the slots of what stands in them.

use super::super::follow::Span;
use super::super::lexer::Stopped;
use super::super::scan::{DEPTH_MAX, ScanFaultKind};
use super::Scanner;
use crate::dialect::program::ListIx;
use crate::dialect::reading::{ScopeIx, Slot, SlotIx};

/// An array or object that is open.
pub(super) struct Container {
    /// Its place in the order of opening.
    pub(super) number: u32,
    pub(super) states: Span,
    /// The scope that its elements or members stand in.
    pub(super) scope: ScopeIx,
    /// How many of them came before.
    pub(super) ordinal: u32,
    /// The comma before the one that comes next.
    pub(super) comma: Option<usize>,
    /// Its name, for counts.
    pub(super) list: Option<ListIx>,
}

impl Scanner<'_> {
    /// One more level of nesting.
    #[inline]
    pub(super) fn deepen(&mut self) -> Result<(), Stopped> {
        if self.depth >= self.manners.depth_max.min(DEPTH_MAX) {
            return Err(self.lexer.fault(ScanFaultKind::Depth));
        }
        self.depth += 1;
        Ok(())
    }

    /// An array or object opens here.
    #[inline]
    pub(super) fn open(&mut self, states: Span, scope: ScopeIx) -> Container {
        let number = self.containers;
        self.containers += 1;
        self.lexer.at += 1;
        self.lexer.skip_space();
        Container {
            number,
            states,
            scope,
            ordinal: 0,
            comma: None,
            list: None,
        }
    }

    pub(super) fn close(&mut self) {
        self.depth -= 1;
    }

    /// One more element or member.
    #[inline]
    pub(super) fn count(&mut self, container: &Container) -> Result<(), Stopped> {
        if container.ordinal as usize >= self.manners.members_max {
            return Err(self.lexer.fault(ScanFaultKind::Members));
        }
        Ok(())
    }

    /// A slot for the element or member that begins at `start`, to be completed by
    /// [`Self::next_sibling`].
    pub(super) fn note_slot(&mut self, container: &Container, start: usize) -> SlotIx {
        let slot = SlotIx(self.reading.slots.len() as u32);
        self.reading.slots.push(Slot {
            container: container.number,
            ordinal: container.ordinal,
            span: start..start,
            comma_before: container.comma,
            next: start,
            scope: container.scope,
            list: container.list,
        });
        slot
    }

    /// What follows an element or member: a comma and the next one, or the end.
    #[inline]
    pub(super) fn next_sibling(
        &mut self,
        container: &mut Container,
        close: u8,
        slot: Option<SlotIx>,
    ) -> Result<bool, Stopped> {
        let end = self.lexer.at;
        self.lexer.skip_space();
        let comma = self.lexer.at;
        let goes_on = self.lexer.peek() == b',';
        let mut next = end;
        if goes_on {
            self.lexer.at += 1;
            self.lexer.skip_space();
            next = self.lexer.at;
            container.comma = Some(comma);
            container.ordinal += 1;
        } else {
            self.lexer.expect(close)?;
        }
        if let Some(slot) = slot.and_then(|slot| self.reading.slots.get_mut(slot.0 as usize)) {
            slot.span.end = end;
            slot.next = next;
        }
        Ok(goes_on)
    }
}
