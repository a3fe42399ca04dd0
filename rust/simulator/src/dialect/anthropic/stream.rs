//! Answers as a stream of named events.

use super::{Message, content, error, refusal_details, stop_reason, usage_at_begin, usage_at_end};
use crate::{
    moves::{Block, Move, moves},
    reply::Answer,
    response::Part,
    seal,
    steps::{Ending, Finish, ReasoningField, Step, Usage},
    wire::{self, NOT_JSON, marked, named_event},
};
use serde_json::{Value, json};

/// The events of `answer`, made as they are asked for.
pub(super) fn parts(message: Message, answer: Answer) -> impl Iterator<Item = Part> + Send {
    let mut writer = Writer { message, usage: answer.usage, index: 0 };
    moves(answer.steps, answer.ending).flat_map(move |step| writer.write(step))
}

struct Writer {
    message: Message,
    usage: Option<Usage>,
    /// The number of the block that is open, or comes next.
    index: usize,
}

impl Writer {
    fn write(&mut self, step: Move) -> Vec<Part> {
        match step {
            Move::Begin => vec![self.begin()],
            Move::Open(block) => self.open(&block),
            Move::Step(step) => self.step(step).into_iter().collect(),
            Move::Close(_) => vec![self.close()],
            Move::End(Ending::Fault(fault)) => vec![Part::Fault(fault)],
            Move::End(Ending::Finished(finish)) => self.end(finish),
        }
    }

    fn begin(&self) -> Part {
        let mut message = self.message.json(&[], None);
        if let Some(usage) = &self.usage {
            message["usage"] = usage_at_begin(usage);
        }
        event(json!({"type": "message_start", "message": message}))
    }

    fn open(&self, block: &Block) -> Vec<Part> {
        let block = content::opened(block);
        let start = event(
            json!({"type": "content_block_start", "index": self.index, "content_block": block}),
        );
        // The service pings whenever it likes; once is enough to be ready for.
        let ping = (self.index == 0).then(|| event(json!({"type": "ping"})));
        [start].into_iter().chain(ping).collect()
    }

    fn step(&self, step: Step) -> Option<Part> {
        let delta = match step {
            Step::Text(text) => json!({"type": "text_delta", "text": text}),
            Step::Escaped(text) => json!({"type": "text_delta", "text": marked(text)}),
            Step::Repeat { text, times } => {
                let delta = json!({"type": "text_delta", "text": text});
                return Some(Part::Repeat { event: bytes(self.delta(delta)), times });
            }
            Step::Reasoning { text, .. } => json!({"type": "thinking_delta", "thinking": text}),
            // Hidden thoughts were sealed when their block began.
            Step::Seal { field: ReasoningField::Hidden, .. } => return None,
            Step::Seal { thoughts, .. } => {
                json!({"type": "signature_delta", "signature": seal::of(&thoughts)})
            }
            Step::Call(piece) => {
                json!({"type": "input_json_delta", "partial_json": piece.arguments})
            }
            Step::Nulls => return Some(self.nulls()),
            Step::NotJson => {
                return Some(Part::Event(named_event("content_block_delta", NOT_JSON)));
            }
            Step::Failure(shape) => return Some(event(error::failure(shape))),
        };
        Some(event(self.delta(delta)))
    }

    fn delta(&self, delta: Value) -> Value {
        json!({"type": "content_block_delta", "index": self.index, "delta": delta})
    }

    /// Members that may be null, in an event that changes nothing.
    fn nulls(&self) -> Part {
        let delta = json!({"stop_reason": null, "stop_sequence": null, "stop_details": null,
                           "container": null});
        let usage = json!({"input_tokens": null, "cache_creation_input_tokens": null,
                           "cache_read_input_tokens": null, "output_tokens": 1,
                           "output_tokens_details": null, "server_tool_use": null});
        event(json!({"type": "message_delta", "delta": delta, "usage": usage}))
    }

    fn close(&mut self) -> Part {
        let stop = event(json!({"type": "content_block_stop", "index": self.index}));
        self.index += 1;
        stop
    }

    fn end(&self, finish: Finish) -> Vec<Part> {
        let mut delta = json!({"stop_reason": stop_reason(finish), "stop_sequence": null});
        if matches!(finish, Finish::ContentFilter) {
            delta["stop_details"] = refusal_details();
        }
        let mut end = json!({"type": "message_delta", "delta": delta});
        if let Some(usage) = &self.usage {
            end["usage"] = usage_at_end(usage);
        }
        vec![event(end), event(json!({"type": "message_stop"}))]
    }
}

fn event(data: Value) -> Part {
    Part::Event(bytes(data))
}

/// An event is named by its own type.
fn bytes(data: Value) -> Vec<u8> {
    named_event(data["type"].as_str().unwrap_or_default(), wire::text(&data))
}
