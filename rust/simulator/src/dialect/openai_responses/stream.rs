//! Answers as a stream of named events.

use super::{
    Object, failure, incomplete,
    item::{Items, output_text, summary},
};
use crate::{
    moves::{Block, Move, moves},
    reply::Answer,
    response::Part,
    steps::{Ending, FailureShape, Finish, Step, Usage},
    wire::{self, NOT_JSON, marked, named_event},
};
use serde_json::{Value, json};

/// The events of `answer`, made as they are asked for.
pub(super) fn parts(
    object: Object,
    items: Items,
    answer: Answer,
) -> impl Iterator<Item = Part> + Send {
    let usage = answer.usage;
    let mut writer =
        Writer { object, items, usage, output: Vec::new(), item_id: String::new(), sequence: 0 };
    moves(answer.steps, answer.ending).flat_map(move |step| writer.write(step))
}

struct Writer {
    object: Object,
    items: Items,
    usage: Option<Usage>,
    /// The items that are complete.
    output: Vec<Value>,
    /// The id of the item that is not.
    item_id: String,
    /// The number of the next event.
    sequence: u64,
}

impl Writer {
    fn write(&mut self, step: Move) -> Vec<Part> {
        match step {
            Move::Begin => self.begin(),
            Move::Open(block) => self.open(&block),
            Move::Step(step) => self.step(step).into_iter().collect(),
            Move::Close(block) => self.close(&block),
            Move::End(Ending::Fault(fault)) => vec![Part::Fault(fault)],
            Move::End(Ending::Finished(finish)) => vec![self.end(finish)],
        }
    }

    fn begin(&mut self) -> Vec<Part> {
        let response = self.object.json("in_progress", &[], None);
        ["response.created", "response.in_progress"]
            .map(|kind| self.event(kind, json!({"response": response})))
            .into()
    }

    fn open(&mut self, block: &Block) -> Vec<Part> {
        let index = self.output.len();
        self.item_id = self.items.id(index, block);
        let item = self.items.added(index, block);
        let added =
            self.event("response.output_item.added", json!({"output_index": index, "item": item}));
        let part = match block {
            Block::Thoughts { .. } => {
                Some(self.of_summary("response.reasoning_summary_part.added", "part", summary("")))
            }
            Block::Text(_) => {
                Some(self.of_content("response.content_part.added", "part", output_text("")))
            }
            Block::Hidden { .. } | Block::Call { .. } => None,
        };
        [added].into_iter().chain(part).collect()
    }

    fn step(&mut self, step: Step) -> Option<Part> {
        Some(match step {
            Step::Text(text) => self.text(json!(text)),
            Step::Escaped(text) => self.text(json!(marked(text))),
            Step::Repeat { text, times } => return self.repeat(text, times),
            Step::Reasoning { text, .. } => {
                self.of_summary("response.reasoning_summary_text.delta", "delta", json!(text))
            }
            // The seal stands in the complete item.
            Step::Seal { .. } => return None,
            // The head of a call is its item; an empty delta is none.
            Step::Call(piece) if piece.arguments.is_empty() => return None,
            Step::Call(piece) => self.of_item(
                "response.function_call_arguments.delta",
                json!({"delta": piece.arguments}),
            ),
            Step::Nulls => self.nulls(),
            Step::NotJson => Part::Event(named_event("response.output_text.delta", NOT_JSON)),
            Step::Failure(shape) => self.fail(shape),
        })
    }

    fn text(&mut self, delta: Value) -> Part {
        self.of_content("response.output_text.delta", "delta", delta)
    }

    fn repeat(&mut self, text: &str, times: u64) -> Option<Part> {
        let Part::Event(event) = self.text(json!(text)) else { return None };
        self.sequence += times.saturating_sub(1);
        Some(Part::Repeat { event, times })
    }

    /// Null where a response may have it, in an event that changes nothing.
    fn nulls(&mut self) -> Part {
        let mut response = self.object.json("in_progress", &[], None);
        for name in ["service_tier", "temperature", "top_p", "truncation", "reasoning", "metadata"]
        {
            response[name] = Value::Null;
        }
        self.event("response.in_progress", json!({"response": response}))
    }

    fn close(&mut self, block: &Block) -> Vec<Part> {
        let index = self.output.len();
        let mut parts = self.closing(block);
        let item = self.items.done(index, block);
        let done = json!({"output_index": index, "item": item});
        parts.push(self.event("response.output_item.done", done));
        self.output.push(item);
        parts
    }

    /// What ends the inside of an item.
    fn closing(&mut self, block: &Block) -> Vec<Part> {
        match block {
            Block::Thoughts { text, .. } => [
                ("response.reasoning_summary_text.done", "text", json!(text)),
                ("response.reasoning_summary_part.done", "part", summary(text)),
            ]
            .map(|(kind, name, value)| self.of_summary(kind, name, value))
            .into(),
            Block::Text(text) => [
                ("response.output_text.done", "text", json!(text)),
                ("response.content_part.done", "part", output_text(text)),
            ]
            .map(|(kind, name, value)| self.of_content(kind, name, value))
            .into(),
            Block::Call { name, arguments, .. } => {
                let done = json!({"name": name, "arguments": arguments});
                vec![self.of_item("response.function_call_arguments.done", done)]
            }
            Block::Hidden { .. } => Vec::new(),
        }
    }

    fn end(&mut self, finish: Finish) -> Part {
        let response = self.object.finished(&self.output, finish, self.usage.as_ref());
        let kind = match incomplete(finish) {
            None => "response.completed",
            Some(_) => "response.incomplete",
        };
        self.event(kind, json!({"response": response}))
    }

    /// One kind of failure is an event of its own, the others make the
    /// response a failed one.
    fn fail(&mut self, shape: FailureShape) -> Part {
        if let FailureShape::Overloaded = shape {
            let mut error = failure(shape);
            error["param"] = Value::Null;
            return self.event("error", error);
        }
        let response = self.object.failed(&self.output, shape);
        self.event("response.failed", json!({"response": response}))
    }

    fn of_summary(&mut self, kind: &str, name: &str, value: Value) -> Part {
        self.of_item(kind, json!({"summary_index": 0, name: value}))
    }

    fn of_content(&mut self, kind: &str, name: &str, value: Value) -> Part {
        let mut data = json!({"content_index": 0, name: value});
        if name != "part" {
            data["logprobs"] = json!([]);
        }
        if name == "delta" {
            // Padding against listeners who count bytes.
            data["obfuscation"] = json!("r4nd0m");
        }
        self.of_item(kind, data)
    }

    /// An event of the item that is open.
    fn of_item(&mut self, kind: &str, mut data: Value) -> Part {
        data["item_id"] = json!(self.item_id);
        data["output_index"] = json!(self.output.len());
        self.event(kind, data)
    }

    fn event(&mut self, kind: &str, mut data: Value) -> Part {
        data["type"] = json!(kind);
        data["sequence_number"] = json!(self.sequence);
        self.sequence += 1;
        Part::Event(named_event(kind, wire::text(&data)))
    }
}
