//! From what `gemini` services send to [`Event`]s.

use super::turn::{Turn, is_thought};
use super::wire::{Candidate, Chunk, usage};
use crate::classify;
use crate::dialect::decoder::{Answer, cut_short};
use crate::dialect::json::parse;
use crate::dialect::openai_chat::Calls;
use llm_switch_types::{Dialect, Error, ErrorKind, Event, Result, StopReason, Usage};
use serde_json::Value;

/// What has been understood of an answer so far.
pub(crate) struct Content {
    calls: Calls,
    turn: Turn,
    served: Option<String>,
    /// The tier at which the service says it served.
    traffic: Option<String>,
    usage: Option<Usage>,
    stop: Option<StopReason>,
    /// There was at least one candidate, empty or not.
    answered: bool,
}

impl Content {
    pub(crate) fn new(seed: &str) -> Self {
        Content {
            calls: Calls::new(seed),
            turn: Turn::default(),
            served: None,
            traffic: None,
            usage: None,
            stop: None,
            answered: false,
        }
    }

    fn chunk(&mut self, chunk: Chunk, out: &mut Vec<Event>) -> Result<()> {
        if let Some(error) = chunk.error.filter(|it| !it.is_null()) {
            return Err(classify::in_stream(&error));
        }
        let served = chunk.model_version.filter(|it| !it.is_empty());
        replaced(&mut self.served, served, Event::Served, out);
        let traffic = chunk.usage_metadata.as_ref().and_then(|it| it["trafficType"].as_str());
        replaced(&mut self.traffic, traffic.map(str::to_owned), Event::ServiceTier, out);
        // Before the candidates, since their end may be an error that is
        // billed all the same.
        let usage = chunk.usage_metadata.as_ref().and_then(usage);
        replaced(&mut self.usage, usage, Event::Usage, out);
        // A question that is withheld from the model gets no candidates.
        if chunk.prompt_feedback.is_some_and(|it| it.block_reason.is_some()) {
            self.stop = Some(StopReason::ContentFilter);
        }
        // Only the first of several candidates is shown.
        let candidates = chunk.candidates.unwrap_or_default().into_iter().flatten();
        candidates
            .filter(|candidate| candidate.index.unwrap_or(0) == 0)
            .try_for_each(|candidate| self.candidate(candidate, out))
    }

    fn candidate(&mut self, candidate: Candidate, out: &mut Vec<Event>) -> Result<()> {
        self.answered = true;
        let parts = candidate.content.and_then(|content| content.parts).unwrap_or_default();
        parts.into_iter().try_for_each(|part| self.part(part, out))?;
        if let Some(reason) = candidate.finish_reason.filter(|it| !it.is_empty()) {
            self.stop = Some(stop_reason(&reason)?);
        }
        Ok(())
    }

    fn part(&mut self, part: Value, out: &mut Vec<Event>) -> Result<()> {
        if let Some(text) = part["text"].as_str().filter(|text| !text.is_empty()) {
            let kind = if is_thought(&part) { Event::Reasoning } else { Event::Text };
            out.push(kind(text.to_owned()));
        }
        let call = &part["functionCall"];
        if let Some(name) = call["name"].as_str().filter(|name| !name.is_empty()) {
            let id = call["id"].as_str().map(str::to_owned);
            self.calls.push_whole(id, name.to_owned(), call.get("args").cloned())?;
        }
        self.turn.push(part)
    }
}

impl Answer for Content {
    fn message(&mut self, json: &[u8], out: &mut Vec<Event>) -> Result<()> {
        chunks(json)?.into_iter().try_for_each(|chunk| self.chunk(chunk, out))
    }

    fn is_whole(&mut self) {
        if self.answered {
            self.stop.get_or_insert(StopReason::End);
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        let stop = self.stop.ok_or_else(cut_short)?;
        // This wire stops with "STOP" also where tools are called.
        let calling = !self.calls.is_empty() && stop == StopReason::End;
        out.extend(self.turn.take().map(Event::Opaque));
        out.extend(self.calls.take().into_iter().map(Event::ToolCall));
        out.push(Event::Stop(if calling { StopReason::ToolCalls } else { stop }));
        Ok(())
    }
}

/// A message is one chunk, but errors come wrapped in a list, and so does the
/// whole answer where a proxy drops the `alt=sse` of the address.
fn chunks(json: &[u8]) -> Result<Vec<Chunk>> {
    if json.trim_ascii_start().starts_with(b"[") {
        parse(json, Dialect::Gemini)
    } else {
        Ok(vec![parse(json, Dialect::Gemini)?])
    }
}

/// Tell of NEW, unless it is what was KNOWN: each chunk repeats both the model
/// and the usage.
fn replaced<T: Clone + PartialEq>(
    known: &mut Option<T>,
    new: Option<T>,
    event: fn(T) -> Event,
    out: &mut Vec<Event>,
) {
    if new.is_some() && *known != new {
        out.extend(new.clone().map(event));
        *known = new;
    }
}

fn stop_reason(reason: &str) -> Result<StopReason> {
    Ok(match reason {
        "MAX_TOKENS" => StopReason::Length,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "MODEL_ARMOR"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => StopReason::ContentFilter,
        "MALFORMED_FUNCTION_CALL"
        | "UNEXPECTED_TOOL_CALL"
        | "TOO_MANY_TOOL_CALLS"
        | "MISSING_THOUGHT_SIGNATURE"
        | "MALFORMED_RESPONSE" => return Err(given_up(reason)),
        _ => StopReason::End,
    })
}

/// The service could not make an answer of what the model wrote.
fn given_up(reason: &str) -> Error {
    Error::new(ErrorKind::Server, format!("the service gave up the answer ({reason})"))
        .advise("Ask again, or choose another model with M-x llm-switch-backend")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn decoded(chunks: &[Value]) -> Result<Vec<Event>> {
        let (mut content, mut out) = (Content::new("seed"), Vec::new());
        chunks.iter().try_for_each(|it| content.message(it.to_string().as_bytes(), &mut out))?;
        content.finish(&mut out)?;
        Ok(out)
    }

    fn ended(reason: &str) -> Result<Vec<Event>> {
        decoded(&[json!({"candidates": [{"content": {"parts": [{"text": "a"}]},
            "finishReason": reason}]})])
    }

    #[test]
    fn the_tier_that_was_served_is_told_once() {
        let chunk = json!({"candidates": [{"content": {"parts": [{"text": "a"}]},
            "finishReason": "STOP"}], "usageMetadata": {"promptTokenCount": 1,
            "trafficType": "ON_DEMAND_PRIORITY"}});
        let events = decoded(&[chunk.clone(), chunk]).unwrap();
        let tiers = events.iter().filter(|event| matches!(event, Event::ServiceTier(_)));
        let expected = Event::ServiceTier("ON_DEMAND_PRIORITY".into());
        assert_eq!(tiers.collect::<Vec<_>>(), [&expected]);
    }

    #[test]
    fn each_reason_to_stop_has_its_meaning() {
        let table = [
            ("STOP", StopReason::End),
            ("MAX_TOKENS", StopReason::Length),
            ("SAFETY", StopReason::ContentFilter),
            ("PROHIBITED_CONTENT", StopReason::ContentFilter),
            ("A_REASON_OF_NEXT_YEAR", StopReason::End),
        ];
        for (reason, stop) in table {
            assert_eq!(ended(reason).unwrap().last(), Some(&Event::Stop(stop)), "{reason}");
        }
    }

    #[test]
    fn an_answer_that_the_service_gave_up_is_an_error() {
        for reason in ["MALFORMED_FUNCTION_CALL", "MISSING_THOUGHT_SIGNATURE"] {
            let error = ended(reason).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Server);
            assert!(error.what.contains(reason), "{error}");
        }
    }

    #[test]
    fn nulls_unknown_parts_and_other_candidates_are_passed_over() {
        let events = decoded(&[
            json!({"candidates": null, "modelVersion": null, "error": null, "usageMetadata": null}),
            json!({"candidates": [null, {"content": null}, {"content": {"parts": null}},
                {"content": {"parts": [null, 1, {"text": null}, {"executableCode": {}}]}},
                {"index": 1, "content": {"parts": [{"text": "no"}]}}], "novelty": {}}),
            json!({"candidates": [{"finishReason": "STOP"}]}),
        ]);
        assert_eq!(events, Ok(vec![Event::Stop(StopReason::End)]));
    }

    #[test]
    fn a_stream_without_a_reason_to_stop_was_cut_short() {
        let chunk = json!({"candidates": [{"content": {"parts": [{"text": "a"}]}}]});
        assert_eq!(decoded(&[chunk]).unwrap_err().kind, ErrorKind::Network);
    }

    #[test]
    fn errors_keep_the_class_that_their_code_gives_them() {
        let table = [
            (json!({"error": {"code": 503, "status": "UNAVAILABLE"}}), ErrorKind::Overloaded),
            (
                json!([{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED"}}]),
                ErrorKind::RateLimited,
            ),
            (json!({"error": {"code": 500, "status": "INTERNAL"}}), ErrorKind::Server),
        ];
        for (chunk, kind) in table {
            assert_eq!(decoded(&[chunk]).unwrap_err().kind, kind);
        }
    }

    #[test]
    fn calls_without_end_and_bottomless_json_are_refused() {
        let call = json!({"functionCall": {"name": "f"}});
        let endless = json!({"candidates": [{"content": {"parts": vec![call; 2000]}}]});
        let bottomless = "[".repeat(10_000);
        for message in [endless.to_string(), bottomless] {
            let error = Content::new("").message(message.as_bytes(), &mut Vec::new()).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Protocol);
        }
    }
}
