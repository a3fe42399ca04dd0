//! A turn whose thoughts are remembered.

use super::about::about;
use super::trace::{Print, Trace};
use llm_switch_types::{Message, Role, ToolCall};
use std::sync::Arc;

/// A turn whose thoughts are remembered, by what it looks like when it comes
/// back.
pub(crate) struct Turn {
    about: Print,
    /// Texts, then calls: in this order a chat shows them.
    traces: Vec<Trace>,
    /// What goes back with it, closed with its [seal](crate::seal).
    sealed: Arc<str>,
}

impl Turn {
    /// The turn that followed MESSAGES, said TEXT and made CALLS. SEALED is
    /// what goes back with it.
    pub(crate) fn new(
        messages: &[Message],
        text: &str,
        calls: &[ToolCall],
        sealed: String,
    ) -> Turn {
        let calls = calls.iter().map(Trace::call);
        let traces = Trace::text(text).into_iter().chain(calls).collect();
        Turn { about: about(messages), traces, sealed: sealed.into() }
    }

    /// It, as it stands in its chat: as TEXTS, and its calls.
    pub(super) fn standing(&self, texts: &[String]) -> Turn {
        let texts = texts.iter().filter_map(|text| Trace::text(text));
        let calls = self.traces.iter().filter(|trace| trace.is_call()).cloned();
        Turn {
            about: self.about,
            traces: texts.chain(calls).collect(),
            sealed: self.sealed.clone(),
        }
    }

    /// What it takes, in bytes. Each trace may be a place of it, too.
    pub(super) fn bytes(&self) -> usize {
        let traces: usize = self.traces.iter().map(Trace::bytes).sum();
        let places: usize =
            self.places().map(|(about, first)| size_of_val(&about) + first.bytes()).sum();
        size_of::<Turn>() + self.sealed.len() + traces + places
    }

    /// What it is about, with each trace that may come first of it.
    pub(super) fn places(&self) -> impl Iterator<Item = (Print, Trace)> {
        let texts = self.traces.iter().filter(|trace| !trace.is_call()).count();
        let firsts = if texts > 0 { 1 } else { self.traces.len() };
        self.traces[..firsts].iter().map(|first| (self.about, first.clone()))
    }

    /// Whether OTHER looks the same when it comes back.
    pub(super) fn is_like(&self, other: &Turn) -> bool {
        self.about == other.about && self.traces == other.traces
    }

    /// How many of MESSAGES, which bear TRACES, are this turn; `None` when
    /// they begin with another one. A chat sends each text and each call as a
    /// turn of its own, the call with its result behind it.
    pub(super) fn length(&self, messages: &[Message], traces: &[Vec<Trace>]) -> Option<usize> {
        let mut missing: Vec<&Trace> = self.traces.iter().collect();
        let mut length = 0;
        for (message, traces) in messages.iter().zip(traces) {
            match message.role {
                Role::Assistant if !missing.is_empty() && !traces.is_empty() => {
                    traces.iter().try_for_each(|trace| strike(&mut missing, trace))?;
                }
                Role::Tool if length > 0 => {}
                _ => break,
            }
            length += 1;
        }
        (length > 0 && missing.is_empty()).then_some(length)
    }

    /// PIECES of this turn as it was: one message, and then the results, in
    /// the order of the calls.
    pub(super) fn restore(&self, pieces: impl Iterator<Item = Message>) -> Vec<Message> {
        let (said, mut results): (Vec<Message>, Vec<Message>) =
            pieces.partition(|message| message.role == Role::Assistant);
        let mut whole = Message { parts: Vec::new(), ..Message::text(Role::Assistant, "") };
        for piece in said {
            whole.parts.extend(piece.parts);
            whole.tool_calls.extend(piece.tool_calls);
        }
        let place = |id: &str| {
            let is_it = |it: &Trace| matches!(it, Trace::Call { id: call, .. } if call == id);
            self.traces.iter().position(is_it)
        };
        whole.tool_calls.sort_by_key(|call| place(&call.id));
        results.sort_by_key(|result| place(result.tool_call_id.as_deref().unwrap_or_default()));
        whole.opaque = serde_json::from_str(&self.sealed).ok();
        [whole].into_iter().chain(results).collect()
    }
}

/// Strike TRACE off MISSING, if it may come next: texts keep their order, and
/// calls come in that in which their results came in.
fn strike(missing: &mut Vec<&Trace>, trace: &Trace) -> Option<()> {
    let at = missing.iter().position(|it| *it == trace)?;
    if at > 0 && matches!(trace, Trace::Text(_)) {
        return None;
    }
    missing.remove(at);
    Some(())
}
