//! From what `anthropic` services send to [`Event`]s.

use super::blocks::Blocks;
use super::usage::Counts;
use crate::classify;
use crate::dialect::decoder::{Answer, cut_short};
use crate::dialect::json;
use llm_switch_types::{Dialect, Event, Result, StopReason, ToolCall};
use serde::de::IgnoredAny;
use serde_json::Value;

/// What has been understood of an answer so far.
///
/// Frames stay JSON and are read by hand: whatever is missing, `null` or of
/// another type then reads as nothing, instead of spoiling the whole frame.
pub(crate) struct Message {
    blocks: Blocks,
    counts: Counts,
    served: Option<String>,
    stop: Option<StopReason>,
    /// There was a whole message, empty or not.
    answered: bool,
    /// The service said that this was all.
    ended: bool,
}

impl Message {
    pub(crate) fn new(seed: &str) -> Self {
        Message {
            blocks: Blocks::new(seed),
            counts: Counts::default(),
            served: None,
            stop: None,
            answered: false,
            ended: false,
        }
    }

    fn frame(&mut self, mut frame: Value, out: &mut Vec<Event>) -> Result<()> {
        if !frame["error"].is_null() {
            return Err(classify::in_stream(&frame["error"]));
        }
        let index = frame["index"].as_u64();
        match frame["type"].as_str().unwrap_or_default() {
            "message_start" => self.head(&frame["message"], out),
            "content_block_start" => {
                self.blocks.begin(index, frame["content_block"].take(), out)?;
            }
            "content_block_delta" => self.blocks.push(index, &frame["delta"], out)?,
            "message_delta" => {
                self.stopped(&frame["delta"]);
                self.counted(&frame["usage"], out);
            }
            "message_stop" => self.ended = true,
            "message" => self.whole(frame, out)?,
            // `ping`, the end of a block, and whatever is invented next.
            _ => {}
        }
        Ok(())
    }

    /// An answer that was not streamed.
    fn whole(&mut self, mut message: Value, out: &mut Vec<Event>) -> Result<()> {
        self.head(&message, out);
        self.stopped(&message);
        let Value::Array(content) = message["content"].take() else { return Ok(()) };
        self.answered = true;
        content.into_iter().try_for_each(|block| self.blocks.begin(None, block, out))
    }

    fn head(&mut self, message: &Value, out: &mut Vec<Event>) {
        let model = message["model"].as_str().filter(|it| !it.is_empty());
        if let Some(model) = model.filter(|it| self.served.as_deref() != Some(it)) {
            out.push(Event::Served(model.to_owned()));
            self.served = Some(model.to_owned());
        }
        let tier = message["usage"]["service_tier"].as_str().filter(|it| !it.is_empty());
        out.extend(tier.map(|tier| Event::ServiceTier(tier.to_owned())));
        self.counted(&message["usage"], out);
    }

    fn counted(&mut self, usage: &Value, out: &mut Vec<Event>) {
        out.extend(self.counts.update(usage).map(Event::Usage));
    }

    fn stopped(&mut self, delta: &Value) {
        self.stop = delta["stop_reason"].as_str().map(stop_reason).or(self.stop);
    }
}

impl Answer for Message {
    fn message(&mut self, json: &[u8], out: &mut Vec<Event>) -> Result<()> {
        // Some proxies end with it as they do elsewhere.
        if json == b"[DONE]" {
            Ok(())
        } else {
            self.frame(json::parse(json, Dialect::Anthropic)?, out)
        }
    }

    fn is_whole(&mut self) {
        self.ended |= self.answered;
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        if !self.ended {
            return Err(cut_short());
        }
        let (opaque, mut calls) = self.blocks.take();
        if matches!(self.stop, Some(StopReason::Length | StopReason::ContentFilter)) {
            calls.pop_if(|call| !is_whole(call));
        }
        let stop = match self.stop.unwrap_or(StopReason::End) {
            // Some servers stop with "end_turn" although they call tools.
            StopReason::End if !calls.is_empty() => StopReason::ToolCalls,
            stop => stop,
        };
        out.extend(opaque.map(Event::Opaque));
        out.extend(calls.into_iter().map(Event::ToolCall));
        out.push(Event::Stop(stop));
        Ok(())
    }
}

/// Whether CALL was written to its end when the answer was not. One without
/// any argument may as well have been cut before them, and is better not run.
fn is_whole(call: &ToolCall) -> bool {
    call.arguments != "{}" && serde_json::from_str::<IgnoredAny>(&call.arguments).is_ok()
}

fn stop_reason(reason: &str) -> StopReason {
    match reason {
        // A turn is paused when the service's own tools took too many steps:
        // a limit like the others, and the user may ask it to go on.
        "max_tokens" | "model_context_window_exceeded" | "pause_turn" => StopReason::Length,
        "tool_use" => StopReason::ToolCalls,
        "refusal" => StopReason::ContentFilter,
        _ => StopReason::End,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::ErrorKind;
    use serde_json::json;

    /// The events of FRAMES, and how it ended.
    fn decode(frames: impl IntoIterator<Item = Value>) -> (Vec<Event>, Result<()>) {
        let (mut message, mut out) = (Message::new("seed"), Vec::new());
        let end = frames
            .into_iter()
            .try_for_each(|frame| message.message(frame.to_string().as_bytes(), &mut out));
        let end = end.and_then(|()| message.finish(&mut out));
        (out, end)
    }

    fn stopped(reason: &str) -> Vec<Event> {
        let delta = json!({"type": "message_delta", "delta": {"stop_reason": reason}});
        let (events, end) = decode([delta, json!({"type": "message_stop"})]);
        end.unwrap();
        events
    }

    #[test]
    fn each_reason_to_stop_has_its_meaning() {
        let table = [
            ("end_turn", StopReason::End),
            ("stop_sequence", StopReason::End),
            ("tool_use", StopReason::ToolCalls),
            ("max_tokens", StopReason::Length),
            ("model_context_window_exceeded", StopReason::Length),
            ("pause_turn", StopReason::Length),
            ("refusal", StopReason::ContentFilter),
            ("whatever comes next", StopReason::End),
        ];
        for (reason, meaning) in table {
            assert_eq!(stopped(reason), [Event::Stop(meaning)], "{reason}");
        }
    }

    #[test]
    fn a_call_that_was_cut_before_its_arguments_is_not_made() {
        let tool = json!({"type": "tool_use", "id": "a", "name": "erase", "input": {}});
        let frames = |reason: &str| {
            [
                json!({"type": "content_block_start", "index": 0, "content_block": tool}),
                json!({"type": "message_delta", "delta": {"stop_reason": reason}}),
                json!({"type": "message_stop"}),
            ]
        };
        assert_eq!(decode(frames("max_tokens")).0, [Event::Stop(StopReason::Length)]);
        assert_eq!(decode(frames("tool_use")).0.len(), 2);
    }

    #[test]
    fn an_error_may_come_with_any_frame() {
        let error = json!({"type": "rate_limit_error", "message": "Slow down"});
        for frame in [json!({"type": "error", "error": error}), json!({"error": error})] {
            assert_eq!(decode([frame]).1.unwrap_err().kind, ErrorKind::RateLimited);
        }
    }

    #[test]
    fn what_is_no_json_is_not_this_protocol() {
        let (mut message, mut out) = (Message::new("seed"), Vec::new());
        let deep = "[".repeat(100_000);
        for wrong in ["<html>", "", "{", &deep] {
            let error = message.message(wrong.as_bytes(), &mut out).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Protocol);
        }
    }

    #[test]
    fn values_of_another_type_than_expected_are_nothing() {
        for frame in [json!([]), json!(1), json!({"type": 1}), json!({"type": "message_start"})] {
            assert_eq!(decode([frame.clone()]).1.unwrap_err().kind, ErrorKind::Network, "{frame}");
        }
    }

    #[test]
    fn an_answer_without_end_is_given_up() {
        let block = |index: u64| {
            json!({"type": "content_block_start", "index": index,
            "content_block": {"type": "tool_use", "id": "a", "name": "f"}})
        };
        assert_eq!(decode((0..1_000_000).map(block)).1.unwrap_err().kind, ErrorKind::Protocol);
        for (kind, field) in [
            ("thinking_delta", "thinking"),
            ("text_delta", "text"),
            ("signature_delta", "signature"),
            ("input_json_delta", "partial_json"),
        ] {
            let delta = json!({"type": "content_block_delta", "index": 0,
                "delta": {"type": kind, (field): "x".repeat(1 << 20)}});
            let end = decode(std::iter::repeat_n(delta, 20)).1;
            assert_eq!(end.unwrap_err().kind, ErrorKind::Protocol, "{kind}");
        }
    }
}
