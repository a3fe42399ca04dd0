//! Answers as a stream of server-sent events.

use super::{Completion, error, finish_reason, sealed, thoughts, usage};
use crate::{
    reply::Answer,
    response::Part,
    steps::{CallPiece, Ending, FailureShape, Step, Usage},
    wire::{NOT_JSON, event},
};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// The events of `answer`, made as they are asked for.
pub(super) fn parts(
    completion: Completion,
    answer: Answer,
    include_usage: bool,
) -> impl Iterator<Item = Part> + Send {
    let chunks = Chunks { completion, include_usage };
    let Answer { steps, ending, usage, .. } = answer;
    let role = json!({"role": "assistant", "content": "", "refusal": null});
    let first = Part::Event(chunks.delta(role));
    let last = chunks.ending(ending, usage.as_ref());
    let steps = steps.map(move |step| chunks.part(step));
    std::iter::once(first).chain(steps).chain(last)
}

/// The maker of chunks, which are what OpenAI calls its events.
struct Chunks {
    completion: Completion,
    include_usage: bool,
}

impl Chunks {
    fn part(&self, step: Step) -> Part {
        Part::Event(match step {
            Step::Text(text) => self.delta(json!({"content": text})),
            Step::Escaped(text) => self.delta(format_args!(r#"{{"content":"{text}"}}"#)),
            Step::Reasoning { field, text } => self.delta(Value::Object(thoughts(field, &text))),
            Step::Seal { field, thoughts } => self.sealed(sealed(field, &thoughts)),
            Step::Call(piece) => self.delta(json!({"tool_calls": [call(piece)]})),
            Step::Nulls => self.nulls(),
            Step::NotJson => event(NOT_JSON),
            Step::Failure(shape) => self.failure(shape),
            Step::Repeat { text, times } => {
                return Part::Repeat { event: self.delta(json!({"content": text})), times };
            }
        })
    }

    fn ending(&self, ending: Ending, tokens: Option<&Usage>) -> Vec<Part> {
        let finish = match ending {
            Ending::Fault(fault) => return vec![Part::Fault(fault)],
            Ending::Finished(finish) => finish,
        };
        let choice = json!([{"index": 0, "delta": {}, "logprobs": null,
                             "finish_reason": finish_reason(finish)}]);
        let usage = tokens.filter(|_| self.include_usage).map(|tokens| self.usage(tokens));
        let events = [Some(self.chunk(choice)), usage, Some(event("[DONE]"))];
        events.into_iter().flatten().map(Part::Event).collect()
    }

    /// The chunk that holds the usage, and no choice.
    fn usage(&self, tokens: &Usage) -> Vec<u8> {
        let head = self.completion.head("chat.completion.chunk");
        event(format_args!(r#"{{{head},"choices":[],"usage":{}}}"#, usage(tokens)))
    }

    fn delta(&self, delta: impl Display) -> Vec<u8> {
        self.chunk(format_args!(
            r#"[{{"index":0,"delta":{delta},"logprobs":null,"finish_reason":null}}]"#
        ))
    }

    /// A chunk with these choices. Who asked for usage finds `null` in each
    /// chunk before the one that has it.
    fn chunk(&self, choices: impl Display) -> Vec<u8> {
        let head = self.completion.head("chat.completion.chunk");
        let usage = if self.include_usage { r#","usage":null"# } else { "" };
        event(format_args!(r#"{{{head},"choices":{choices}{usage}}}"#))
    }

    /// The delta with the seal; no bytes where the thoughts have none.
    fn sealed(&self, members: Map<String, Value>) -> Vec<u8> {
        if members.is_empty() { Vec::new() } else { self.delta(Value::Object(members)) }
    }

    fn nulls(&self) -> Vec<u8> {
        let delta = json!({"role": null, "content": null, "refusal": null, "tool_calls": null,
                           "function_call": null, "reasoning_content": null, "reasoning": null});
        [self.chunk(Value::Null), self.delta(Value::Null), self.delta(delta)].concat()
    }

    fn failure(&self, shape: FailureShape) -> Vec<u8> {
        let error = error::failure(shape);
        match shape {
            // Its error stands in an ordinary chunk, beside the choices.
            FailureShape::OpenRouter => {
                let head = self.completion.head("chat.completion.chunk");
                let choice = json!([{"index": 0, "delta": {"content": ""},
                                     "finish_reason": "error", "native_finish_reason": null}]);
                event(format_args!(
                    r#"{{{head},"provider":"Simulator","error":{},"choices":{choice}}}"#,
                    error["error"]
                ))
            }
            _ => event(error),
        }
    }
}

fn call(piece: CallPiece) -> Value {
    let mut function = Map::new();
    let mut call = Map::new();
    if let Some(index) = piece.index {
        call.insert("index".to_owned(), json!(index));
    }
    if let Some(id) = piece.id {
        call.insert("id".to_owned(), json!(id));
    }
    if let Some(name) = piece.name {
        call.insert("type".to_owned(), json!("function"));
        function.insert("name".to_owned(), json!(name));
    }
    function.insert("arguments".to_owned(), json!(piece.arguments));
    call.insert("function".to_owned(), Value::Object(function));
    Value::Object(call)
}
