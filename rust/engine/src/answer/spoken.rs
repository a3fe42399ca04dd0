//! What was answered so far.

use crate::choice::Candidate;
use crate::event::Body;
use crate::memory::Turn;
use crate::seal::Seal;
use llm_switch_providers::lasting;
use llm_switch_types::{Event, Message, StopReason, ToolCall};
use serde_json::{Value, json};

/// What was answered so far.
#[derive(Default)]
pub(super) struct Spoken {
    text: String,
    calls: Vec<ToolCall>,
    opaque: Option<Value>,
    stop: Option<StopReason>,
    reasoned: bool,
}

impl Spoken {
    /// Take note of EVENT: what the user interface hears of it.
    pub(super) fn hear(&mut self, event: Event) -> Option<Body> {
        match event {
            Event::Text(text) => {
                self.text.push_str(&text);
                Some(Body::Text(text))
            }
            Event::Reasoning(text) => {
                self.reasoned = true;
                Some(Body::Reasoning(text))
            }
            Event::ToolCall(call) => {
                self.calls.push(call.clone());
                Some(Body::ToolCall(call))
            }
            Event::Opaque(opaque) => {
                self.opaque = Some(opaque);
                None
            }
            Event::Stop(stop) => {
                self.stop = Some(stop);
                None
            }
            Event::Served(_) | Event::ServiceTier(_) | Event::Usage(_) | Event::Reported(_) => None,
        }
    }

    /// Whether the user has seen nothing of it yet, so that another can answer
    /// in its place.
    pub(super) fn is_silent(&self) -> bool {
        self.text.is_empty() && self.calls.is_empty() && !self.reasoned
    }

    /// What was said so far.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether the text so far can be gone on with. A tool call cannot: what
    /// it began may have been done.
    pub(super) fn can_continue(&self) -> bool {
        !self.text.is_empty() && self.calls.is_empty()
    }

    /// The turn of CANDIDATE after MESSAGES, if there is something in it that
    /// goes back with it for as long as the conversation goes on.
    pub(super) fn turn(&self, candidate: &Candidate, messages: &[Message]) -> Option<Turn> {
        let lasting = lasting(&candidate.account.provider, self.opaque.as_ref()?)?;
        let sealed = Seal::of(&candidate.account, &candidate.model).close(lasting);
        Some(Turn::new(messages, &self.text, &self.calls, sealed))
    }

    /// Add to KNOWN `stop-reason` and, when tools are called, the whole turn of
    /// CANDIDATE as `message` (`content`, `opaque`), to be sent back as it is.
    pub(super) fn complete(self, candidate: &Candidate, known: &mut Value) {
        known["stop-reason"] = self.stop.unwrap_or(StopReason::End).name().into();
        if !self.calls.is_empty() {
            let content = Some(self.text).filter(|text| !text.is_empty());
            let seal = Seal::of(&candidate.account, &candidate.model);
            let opaque = self.opaque.map(|it| seal.close(it));
            known["message"] = json!({"content": content, "opaque": opaque});
        }
    }
}
