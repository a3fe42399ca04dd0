//! Thoughts of earlier turns, for as long as the engine runs.
//!
//! Services sign or encrypt what their models think and want it back with the
//! turn that it led to. A chat in Emacs is text: of a turn nothing comes back
//! but its words and its calls. So thoughts are kept here, by what their turn
//! looks like when it comes back, and put back when it does. They are held in
//! memory only, and neither written nor logged.

mod about;
mod kept;
mod trace;
mod turn;

#[cfg(test)]
mod tests;

pub(crate) use turn::Turn;

use about::abouts;
use kept::Kept;
use llm_switch_types::{Message, Request};
use parking_lot::Mutex;
use trace::Trace;

/// The thoughts that are remembered.
#[derive(Default)]
pub(crate) struct Memory(Mutex<Kept>);

impl Memory {
    /// Remember TURN; the oldest go where there are too many. The number that
    /// [`Memory::stands`] wants.
    pub(crate) fn keep(&self, turn: Turn) -> u64 {
        self.0.lock().add(turn)
    }

    /// Turn NUMBER stands in its chat as TEXTS: trimmed, or in another markup
    /// than the model's. One that is forgotten already stays so.
    pub(crate) fn stands(&self, number: u64, texts: &[String]) {
        self.0.lock().stands(number, texts);
    }

    /// Put the thoughts of earlier turns back into REQUEST.
    pub(crate) fn restore_in(&self, request: &mut Request) {
        request.messages = self.restore(std::mem::take(&mut request.messages));
    }

    /// MESSAGES with the thoughts of the turns that are known among them, each
    /// of which becomes one message again with all results behind it.
    fn restore(&self, messages: Vec<Message>) -> Vec<Message> {
        if self.0.lock().is_empty() {
            return messages;
        }
        // A long chat takes a while to be hashed, which nobody need wait for.
        let traces: Vec<Vec<Trace>> = messages.iter().map(Trace::of).collect();
        let abouts = abouts(&messages);
        let found = self.0.lock().find(&messages, &traces, &abouts);
        let mut restored = Vec::with_capacity(messages.len());
        let (mut rest, mut at) = (messages.into_iter(), 0);
        for turn in found {
            restored.extend(rest.by_ref().take(turn.at - at));
            restored.extend(turn.turn.restore(rest.by_ref().take(turn.length)));
            at = turn.at + turn.length;
        }
        restored.extend(rest);
        restored
    }
}
