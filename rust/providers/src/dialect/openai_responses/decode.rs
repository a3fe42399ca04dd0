//! From what `openai-responses` services send to [`Event`]s.

use super::items::{Items, Shown};
use super::wire::{is_whole, output, reported, stop_reason, usage};
use crate::dialect::decoder::{Answer, cut_short};
use crate::dialect::json::parse;
use crate::dialect::openai_chat::reported_cost;
use crate::{classify, think::ThinkSplitter};
use llm_switch_types::{Dialect, Event, Result, StopReason};
use serde_json::{Map, Value};

/// What has been understood of an answer so far.
pub(crate) struct Response {
    /// Some local servers leave the reasoning in the text.
    think: ThinkSplitter,
    items: Items,
    served: Option<String>,
    /// The item whose text came last.
    said: Option<usize>,
    /// The item, and the part of it, whose reasoning came last.
    thought: Option<(usize, u64)>,
    refused: bool,
    /// Why the answer ended, once the service said that this was all.
    stop: Option<StopReason>,
}

impl Response {
    pub(crate) fn new(seed: &str) -> Self {
        Response {
            think: ThinkSplitter::default(),
            items: Items::new(seed),
            served: None,
            said: None,
            thought: None,
            refused: false,
            stop: None,
        }
    }

    /// Take MESSAGE of SIZE bytes. Of the many types those that are not named
    /// here repeat what others say, or report the progress of hosted tools.
    fn take(&mut self, mut message: Value, size: usize, out: &mut Vec<Event>) -> Result<()> {
        match message["type"].as_str().unwrap_or_default() {
            "response.created" | "response.in_progress" => {
                self.served(&message["response"], out);
                Ok(())
            }
            "response.output_item.added" => self.items.begin(&mut message, size),
            "response.output_item.done" => {
                let at = self.items.done(&mut message, size)?;
                self.item(at, out);
                Ok(())
            }
            "response.output_text.delta" => self.delta(&message, Shown::Text, out),
            "response.refusal.delta" => {
                self.refused = true;
                self.delta(&message, Shown::Text, out)
            }
            "response.reasoning_summary_text.delta" => self.delta(&message, Shown::Summary, out),
            "response.reasoning_text.delta" => self.delta(&message, Shown::Thought, out),
            "response.function_call_arguments.delta" | "response.function_call_arguments.done" => {
                self.items.arguments(&message)
            }
            "response.completed" | "response.incomplete" | "response.done" => {
                self.end(message["response"].take(), size, out)
            }
            "" if is_whole(&message) => self.end(message, size, out),
            _ => Ok(()),
        }
    }

    fn served(&mut self, response: &Value, out: &mut Vec<Event>) {
        let model = response["model"].as_str().filter(|it| !it.is_empty());
        if let Some(model) = model.filter(|it| self.served.as_deref() != Some(it)) {
            out.push(Event::Served(model.to_owned()));
            self.served = Some(model.to_owned());
        }
    }

    fn delta(&mut self, message: &Value, what: Shown, out: &mut Vec<Event>) -> Result<()> {
        let Some(at) = self.items.show(message, what)? else { return Ok(()) };
        let text = message["delta"].as_str().unwrap_or_default();
        let part = ["summary_index", "content_index"].map(|field| message[field].as_u64());
        self.tell(at, what, part.into_iter().flatten().next().unwrap_or(0), text, out);
        Ok(())
    }

    fn tell(&mut self, at: usize, what: Shown, part: u64, text: &str, out: &mut Vec<Event>) {
        match what {
            _ if text.is_empty() => {}
            Shown::Text => self.say(at, text, out),
            Shown::Summary | Shown::Thought => self.think(at, part, text, out),
        }
    }

    /// TEXT of the item AT. What two messages say is two paragraphs.
    fn say(&mut self, at: usize, text: &str, out: &mut Vec<Event>) {
        if self.said.replace(at).is_some_and(|last| last != at) {
            self.think.push("\n\n", out);
        }
        self.think.push(text, out);
    }

    /// TEXT of the reasoning in PART of the item AT, a paragraph each.
    fn think(&mut self, at: usize, part: u64, text: &str, out: &mut Vec<Event>) {
        if self.thought.replace((at, part)).is_some_and(|last| last != (at, part)) {
            out.push(Event::Reasoning("\n\n".into()));
        }
        out.push(Event::Reasoning(text.to_owned()));
    }

    /// The item AT is done, and is told now if its text did not come in pieces.
    fn item(&mut self, at: usize, out: &mut Vec<Event>) {
        self.refused |= self.items.refuses(at);
        for (part, (what, text)) in (0..).zip(self.items.unshown(at)) {
            self.tell(at, what, part, &text, out);
        }
    }

    /// The service says that RESPONSE was all. What it lists beyond the items
    /// that came one by one comes with it; a whole answer lists all.
    fn end(&mut self, mut response: Value, size: usize, out: &mut Vec<Event>) -> Result<()> {
        self.served(&response, out);
        let mut size = Some(size);
        for item in output(&mut response).into_iter().skip(self.items.len()) {
            let at = self.items.list(item, size.take().unwrap_or(0))?;
            self.item(at, out);
        }
        let wire = &response["usage"];
        // What was asked for may be `auto`; at the end it is what was served.
        let tier = response["service_tier"].as_str().filter(|it| !it.is_empty());
        out.extend(tier.map(|tier| Event::ServiceTier(tier.to_owned())));
        out.extend(usage(wire).map(Event::Usage));
        out.extend(reported_cost(wire).map(Event::Reported));
        self.stop = Some(stop_reason(&response));
        Ok(())
    }
}

impl Answer for Response {
    fn message(&mut self, json: &[u8], out: &mut Vec<Event>) -> Result<()> {
        // Some proxies end every stream with it, whatever the dialect.
        if json == b"[DONE]" {
            return Ok(());
        }
        let fields: Map<String, Value> = parse(json, Dialect::OpenaiResponses)?;
        let message = Value::Object(fields);
        match reported(&message) {
            Some(error) => Err(classify::in_stream(error)),
            None => self.take(message, json.len(), out),
        }
    }

    fn finish(&mut self, out: &mut Vec<Event>) -> Result<()> {
        self.think.finish(out);
        let stop = self.stop.ok_or_else(cut_short)?;
        let (kept, calls) = self.items.take(stop != StopReason::End);
        let says_more = !calls.is_empty() || kept.iter().any(|item| item["type"] != "message");
        let stop = match stop {
            StopReason::End if self.refused => StopReason::ContentFilter,
            StopReason::End if !calls.is_empty() => StopReason::ToolCalls,
            stop => stop,
        };
        out.extend(says_more.then(|| Event::Opaque(kept.into())));
        out.extend(calls.into_iter().map(Event::ToolCall));
        out.push(Event::Stop(stop));
        Ok(())
    }
}
