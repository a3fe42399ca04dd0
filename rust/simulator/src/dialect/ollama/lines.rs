//! Answers as lines of JSON, or as one.

use super::failure;
use crate::{
    moves::{Block, Move, moves},
    prompt::Prompt,
    reply::Answer,
    response::{Part, Response},
    steps::{Ending, Finish, Step, Usage},
    whole::{self, Whole},
    wire::{self, NOT_JSON, marked},
};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The lines of `answer`, made as they are asked for.
pub(super) fn parts(mut writer: Writer, answer: Answer) -> impl Iterator<Item = Part> + Send {
    moves(answer.steps, answer.ending).flat_map(move |step| writer.write(step))
}

/// The response that holds all of `answer`.
pub(super) fn whole(writer: Writer, answer: Answer) -> Response {
    let failed = |shape| Response::json(500, failure(shape));
    whole::response(answer, |whole| writer.body(&whole), failed)
}

/// The maker of lines.
pub(super) struct Writer {
    model: String,
    usage: Option<Usage>,
}

impl Writer {
    pub(super) fn new(answer: &Answer, prompt: &Prompt) -> Self {
        let model = answer.served.clone().unwrap_or_else(|| prompt.model.clone());
        Writer { model, usage: answer.usage.clone() }
    }

    fn write(&mut self, step: Move) -> Option<Part> {
        match step {
            Move::Step(step) => self.step(step),
            // Calls come whole, so they wait until they are.
            Move::Close(Block::Call { name, arguments, .. }) => {
                let calls = json!([call(&name, &arguments)]);
                Some(self.said(json!({"content": "", "tool_calls": calls})))
            }
            Move::End(Ending::Fault(fault)) => Some(Part::Fault(fault)),
            Move::End(Ending::Finished(finish)) => {
                Some(line(&self.last(json!({"role": "assistant", "content": ""}), finish)))
            }
            Move::Begin | Move::Open(_) | Move::Close(_) => None,
        }
    }

    fn step(&self, step: Step) -> Option<Part> {
        Some(match step {
            Step::Text(text) => self.said(json!({"content": text})),
            Step::Escaped(text) => self.said(json!({"content": marked(text)})),
            Step::Reasoning { text, .. } => self.said(json!({"content": "", "thinking": text})),
            Step::Repeat { text, times } => {
                let event = bytes(&self.line(json!({"role": "assistant", "content": text})));
                return Some(Part::Repeat { event, times });
            }
            Step::Seal { .. } | Step::Call(_) => return None,
            Step::Nulls => self.said(json!({"content": null, "thinking": null, "tool_calls": null,
                                 "images": null})),
            Step::NotJson => Part::Event(format!("{NOT_JSON}\n").into_bytes()),
            Step::Failure(shape) => line(&failure(shape)),
        })
    }

    fn said(&self, mut message: Value) -> Part {
        message["role"] = json!("assistant");
        line(&self.line(message))
    }

    fn line(&self, message: Value) -> Value {
        json!({"model": self.model, "created_at": Timestamp::now().to_string(),
               "message": message, "done": false})
    }

    /// The line that says so. What the cache held was not evaluated, so it is
    /// not counted, and neither are thoughts apart from what was said.
    fn last(&self, message: Value, finish: Finish) -> Value {
        let mut line = self.line(message);
        line["done"] = json!(true);
        line["done_reason"] = json!(done_reason(finish));
        line["total_duration"] = json!(5_000_000);
        line["load_duration"] = json!(1_000_000);
        if let Some(usage) = &self.usage {
            line["prompt_eval_count"] = json!(usage.prompt - usage.cached);
            line["prompt_eval_duration"] = json!(1_000_000);
            line["eval_count"] = json!(usage.output);
            line["eval_duration"] = json!(3_000_000);
        }
        line
    }

    fn body(&self, whole: &Whole) -> String {
        let mut message = json!({"role": "assistant", "content": ""});
        let mut calls = Vec::new();
        for block in &whole.blocks {
            match block {
                Block::Thoughts { text, .. } => message["thinking"] = json!(text),
                Block::Text(text) => message["content"] = json!(text),
                Block::Call { name, arguments, .. } => calls.push(call(name, arguments)),
                Block::Hidden { .. } => {}
            }
        }
        if !calls.is_empty() || whole.nulls {
            message["tool_calls"] = if whole.nulls { Value::Null } else { json!(calls) };
        }
        wire::text(&self.last(message, whole.finish))
    }
}

fn call(name: &str, arguments: &str) -> Value {
    let arguments = serde_json::from_str(arguments).unwrap_or(Value::Null);
    json!({"function": {"name": name, "arguments": arguments}})
}

fn done_reason(finish: Finish) -> &'static str {
    match finish {
        Finish::Stop | Finish::ToolCalls | Finish::ContentFilter => "stop",
        Finish::Length => "length",
    }
}

fn line(value: &Value) -> Part {
    Part::Event(bytes(value))
}

fn bytes(value: &Value) -> Vec<u8> {
    (wire::text(value) + "\n").into_bytes()
}
