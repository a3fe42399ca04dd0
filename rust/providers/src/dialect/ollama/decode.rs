//! From what `ollama` servers send to [`Event`]s.

use super::wire::{Call, Delta, Line, usage};
use crate::dialect::decoder::{Answer, cut_short};
use crate::dialect::json::parse;
use crate::dialect::openai_chat::Calls;
use crate::{classify, think::ThinkSplitter};
use llm_switch_types::{Dialect, Error, ErrorKind, Event, Result, StopReason};
use serde_json::json;

/// More bytes of thoughts than any model writes in one turn.
const MAX_THINKING: usize = 16 << 20;

/// What has been understood of an answer so far.
pub(crate) struct Chat {
    /// For models whose thoughts the server does not tell from their text.
    think: ThinkSplitter,
    calls: Calls,
    served: Option<String>,
    /// What belongs into the turn when it is sent back.
    thinking: String,
    stop: Option<StopReason>,
    /// There was at least one message, empty or not.
    answered: bool,
}

impl Chat {
    pub(crate) fn new(seed: &str) -> Self {
        Chat {
            think: ThinkSplitter::default(),
            calls: Calls::new(seed),
            served: None,
            thinking: String::new(),
            stop: None,
            answered: false,
        }
    }

    fn line(&mut self, mut line: Line, out: &mut Vec<Event>) -> Result<()> {
        if let Some(error) = line.error.take().filter(|it| !it.is_null()) {
            return Err(classify::in_stream(&error));
        }
        let served = line.model.take().filter(|it| !it.is_empty());
        if served.is_some() && served != self.served {
            out.extend(served.clone().map(Event::Served));
            self.served = served;
        }
        if let Some(delta) = line.message.take() {
            self.answered = true;
            self.delta(delta, out)?;
        }
        out.extend(usage(&line).map(Event::Usage));
        if line.done == Some(true) {
            self.stop = Some(stop_reason(line.done_reason.as_deref()));
        }
        Ok(())
    }

    fn delta(&mut self, delta: Delta, out: &mut Vec<Event>) -> Result<()> {
        if let Some(text) = delta.thinking.filter(|text| !text.is_empty()) {
            self.thinking.push_str(&text);
            out.push(Event::Reasoning(text));
        }
        if self.thinking.len() > MAX_THINKING {
            return Err(Error::new(ErrorKind::Protocol, "the answer thinks without end"));
        }
        if let Some(text) = delta.content {
            self.think.push(&text, out);
        }
        delta.tool_calls.into_iter().flatten().try_for_each(|call| self.call(call))
    }

    fn call(&mut self, call: Call) -> Result<()> {
        let function = call.function.unwrap_or_default();
        match function.name.filter(|name| !name.is_empty()) {
            Some(name) => self.calls.push_whole(call.id, name, function.arguments),
            None => Ok(()),
        }
    }
}

impl Answer for Chat {
    fn message(&mut self, json: &[u8], out: &mut Vec<Event>) -> Result<()> {
        self.line(parse(json, Dialect::Ollama)?, out)
    }

    fn is_whole(&mut self) {
        if self.answered {
            self.stop.get_or_insert(StopReason::End);
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        self.think.finish(out);
        let stop = self.stop.ok_or_else(cut_short)?;
        // This wire stops with "stop" also where tools are called.
        let calling = !self.calls.is_empty() && stop == StopReason::End;
        let thinking = std::mem::take(&mut self.thinking);
        if !thinking.is_empty() {
            out.push(Event::Opaque(json!({"thinking": thinking})));
        }
        out.extend(self.calls.take().into_iter().map(Event::ToolCall));
        out.push(Event::Stop(if calling { StopReason::ToolCalls } else { stop }));
        Ok(())
    }
}

/// Why the model stopped; a server that only loaded or unloaded it has said
/// all, and this wire knows no filter.
fn stop_reason(reason: Option<&str>) -> StopReason {
    if reason == Some("length") { StopReason::Length } else { StopReason::End }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn decoded(lines: &[Value]) -> Result<Vec<Event>> {
        let (mut chat, mut out) = (Chat::new("seed"), Vec::new());
        lines.iter().try_for_each(|it| chat.message(it.to_string().as_bytes(), &mut out))?;
        chat.finish(&mut out)?;
        Ok(out)
    }

    #[test]
    fn nulls_and_unknown_fields_are_passed_over() {
        let events = decoded(&[
            json!({"model": null, "message": null, "error": null, "novelty": {}}),
            json!({"message": {"content": null, "thinking": null, "tool_calls": null}}),
            json!({"message": {"tool_calls": [{"id": null}, {"function": {"name": null}}]}}),
            json!({"done": true, "done_reason": null, "prompt_eval_count": null}),
        ]);
        assert_eq!(events, Ok(vec![Event::Stop(StopReason::End)]));
    }

    #[test]
    fn a_stream_whose_last_line_is_missing_was_cut_short() {
        let line = json!({"message": {"content": "a"}, "done": false});
        assert_eq!(decoded(&[line]).unwrap_err().kind, ErrorKind::Network);
    }

    #[test]
    fn an_error_is_a_text_or_an_object() {
        let table = [
            (
                json!({"error": "prompt too long; exceeded max context length"}),
                ErrorKind::ContextLength,
            ),
            (json!({"error": {"message": "too many requests"}}), ErrorKind::RateLimited),
            (json!({"error": "unexpected EOF"}), ErrorKind::Server),
        ];
        for (line, kind) in table {
            assert_eq!(decoded(&[line]).unwrap_err().kind, kind);
        }
    }

    #[test]
    fn calls_and_thoughts_without_end_are_refused() {
        let call = json!({"function": {"name": "f"}});
        let calls = json!({"message": {"tool_calls": vec![call; 2000]}});
        let thought = json!({"message": {"thinking": "x".repeat(MAX_THINKING + 1)}});
        for line in [calls, thought] {
            assert_eq!(decoded(&[line]).unwrap_err().kind, ErrorKind::Protocol);
        }
    }
}
