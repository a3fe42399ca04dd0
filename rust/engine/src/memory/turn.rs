//! A turn whose thoughts are remembered.

use super::trace::{Print, Trace, question};
use llm_switch_types::{Message, Role, ToolCall};

/// A turn whose thoughts are remembered, by what it looks like when it comes
/// back.
pub(crate) struct Turn {
    question: Print,
    /// Texts, then calls: in this order a chat shows them.
    traces: Vec<Trace>,
    /// What goes back with it, closed with its [seal](crate::seal).
    sealed: String,
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
        Turn { question: question(messages), traces, sealed }
    }

    /// In the chat it stands as TEXTS, and its calls.
    pub(super) fn stand(&mut self, texts: &[String]) {
        let texts = texts.iter().filter_map(|text| Trace::text(text));
        let calls = self.traces.iter().filter(|trace| matches!(trace, Trace::Call(_))).cloned();
        self.traces = texts.chain(calls).collect();
    }

    /// What it takes, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.sealed.len() + self.traces.len() * size_of::<Trace>() + size_of::<Turn>()
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

    /// Whether it is about the question that BEFORE ends with. The same words
    /// may be said in two conversations, and some services number the calls of
    /// each from 0: one must not get the thoughts of the other.
    pub(super) fn answers(&self, before: &[Message]) -> bool {
        question(before) == self.question
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
            let is_call = |trace: &Trace| matches!(trace, Trace::Call(call) if call == id);
            self.traces.iter().position(is_call)
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
