//! From what `openai-chat` services send to [`Event`]s.

use super::calls::Calls;
use super::wire::{Choice, Chunk, Delta, usage};
use crate::dialect::decoder::{Answer, cut_short};
use crate::dialect::json::parse;
use crate::{classify, think::ThinkSplitter};
use llm_switch_types::{Dialect, Error, ErrorKind, Event, Money, Result, StopReason};
use serde_json::{Map, Value, json};

/// More bytes of reasoning than any model writes in one turn.
const MAX_REASONING: usize = 16 << 20;

/// What has been understood of an answer so far.
pub(crate) struct Chat {
    think: ThinkSplitter,
    calls: Calls,
    served: Option<String>,
    service_tier: Option<String>,
    reasoning: Option<(&'static str, String)>,
    details: Vec<Value>,
    /// What the reasoning and its details take.
    bytes: usize,
    stop: Option<StopReason>,
    /// There was at least one choice, empty or not.
    answered: bool,
    /// The service said that this was all.
    ended: bool,
}

impl Chat {
    pub(crate) fn new(seed: &str) -> Self {
        Chat {
            think: ThinkSplitter::default(),
            calls: Calls::new(seed),
            served: None,
            service_tier: None,
            reasoning: None,
            details: Vec::new(),
            bytes: 0,
            stop: None,
            answered: false,
            ended: false,
        }
    }

    fn chunk(&mut self, chunk: Chunk, out: &mut Vec<Event>) -> Result<()> {
        if let Some(error) = reported(&chunk) {
            return Err(classify::in_stream(&error));
        }
        out.extend(news(&mut self.served, chunk.model).map(Event::Served));
        out.extend(news(&mut self.service_tier, chunk.service_tier).map(Event::ServiceTier));
        self.answered |= chunk.choices.is_some();
        // Only the first of several candidates is shown.
        let choices = chunk.choices.unwrap_or_default().into_iter().flatten();
        for choice in choices.filter(|choice| choice.index.unwrap_or(0) == 0) {
            self.choice(choice, out)?;
        }
        if let Some(wire) = &chunk.usage {
            out.extend(usage(wire).map(Event::Usage));
            out.extend(reported_cost(wire).map(Event::Reported));
        }
        Ok(())
    }

    fn choice(&mut self, choice: Choice, out: &mut Vec<Event>) -> Result<()> {
        if let Some(delta) = choice.delta.or(choice.message) {
            self.delta(delta, out)?;
        }
        if let Some(reason) = choice.finish_reason.filter(|it| !it.is_empty()) {
            self.stop = Some(stop_reason(&reason)?);
            self.ended = true;
        }
        Ok(())
    }

    fn delta(&mut self, delta: Delta, out: &mut Vec<Event>) -> Result<()> {
        if let Some((field, text)) = delta.reasoning() {
            self.grow(text.len())?;
            self.reasoning.get_or_insert((field, String::new())).1.push_str(text);
            out.push(Event::Reasoning(text.to_owned()));
        }
        let details = delta.reasoning_details.unwrap_or_default();
        self.grow(details.iter().map(|it| it.to_string().len()).sum())?;
        self.details.extend(details);
        match delta.content {
            Some(Value::String(text)) => self.think.push(&text, out),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| self.part(part, out)),
            _ => {}
        }
        if let Some(refusal) = delta.refusal {
            self.think.push(&refusal, out);
        }
        delta.tool_calls.into_iter().flatten().try_for_each(|call| self.calls.push(call))
    }

    fn grow(&mut self, bytes: usize) -> Result<()> {
        self.bytes += bytes;
        if self.bytes > MAX_REASONING {
            return Err(Error::new(ErrorKind::Protocol, "the answer reasons without end"));
        }
        Ok(())
    }

    /// Mistral's parts: text, or reasoning as a list of texts.
    fn part(&mut self, part: &Value, out: &mut Vec<Event>) {
        if let Some(text) = part["text"].as_str() {
            self.think.push(text, out);
        }
        let thoughts = part["thinking"].as_array().into_iter().flatten();
        let texts = thoughts.filter_map(|thought| thought["text"].as_str());
        out.extend(texts.map(|text| Event::Reasoning(text.to_owned())));
    }

    /// What belongs into the assistant's turn when it is sent back: several
    /// services refuse a tool turn whose reasoning is missing.
    fn opaque(&mut self) -> Option<Value> {
        let mut fields = Map::new();
        if !self.details.is_empty() {
            fields.insert("reasoning_details".into(), std::mem::take(&mut self.details).into());
        } else if let Some((field, text)) = self.reasoning.take() {
            fields.insert(field.to_owned(), text.into());
        }
        (!fields.is_empty()).then_some(Value::Object(fields))
    }
}

impl Answer for Chat {
    fn message(&mut self, json: &[u8], out: &mut Vec<Event>) -> Result<()> {
        if json == b"[DONE]" {
            self.ended = true;
            return Ok(());
        }
        self.chunk(parse(json, Dialect::OpenaiChat)?, out)
    }

    fn is_whole(&mut self) {
        self.ended |= self.answered;
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        self.think.finish(out);
        if !self.ended {
            return Err(cut_short());
        }
        // Some servers stop with "stop" although they call tools.
        let called = !self.calls.is_empty();
        out.extend(self.opaque().map(Event::Opaque));
        out.extend(self.calls.take().into_iter().map(Event::ToolCall));
        let stop = self.stop.filter(|stop| !called || *stop != StopReason::End);
        out.push(Event::Stop(stop.unwrap_or(if called {
            StopReason::ToolCalls
        } else {
            StopReason::End
        })));
        Ok(())
    }
}

/// TOLD when it says something and not what was KNOWN.
fn news(known: &mut Option<String>, told: Option<String>) -> Option<String> {
    let news = told.filter(|it| !it.is_empty() && known.as_ref() != Some(it))?;
    *known = Some(news.clone());
    Some(news)
}

/// The error that a chunk reports, in any of the shapes seen.
fn reported(chunk: &Chunk) -> Option<Value> {
    let nested = chunk.error.clone().filter(|error| !error.is_null());
    nested.or_else(|| {
        let flat = chunk.object.as_deref() == Some("error");
        flat.then(|| json!({"message": chunk.message, "code": chunk.code}))
    })
}

/// `usage.cost`, in dollars, which OpenRouter and LiteLLM report.
pub(crate) fn reported_cost(usage: &Value) -> Option<Money> {
    Money::from_dollars(usage.get("cost")?.as_f64()?)
}

fn stop_reason(reason: &str) -> Result<StopReason> {
    Ok(match reason {
        "length" | "model_context_window_exceeded" => StopReason::Length,
        "tool_calls" | "function_call" => StopReason::ToolCalls,
        "content_filter" | "sensitive" => StopReason::ContentFilter,
        "insufficient_system_resource" => {
            return Err(Error::new(ErrorKind::Overloaded, "the service ran out of resources"));
        }
        "error" | "network_error" => {
            return Err(Error::new(
                ErrorKind::Server,
                "the service failed in the middle of the answer",
            ));
        }
        _ => StopReason::End,
    })
}
