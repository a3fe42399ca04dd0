//! Answers: a stream's events and a whole body are of one kind here.

use super::error;
use crate::{
    moves::{Block, Move, moves},
    prompt::Prompt,
    reply::Answer,
    response::{Part, Response},
    seal,
    steps::{Ending, FailureShape, Finish, Step, Usage},
    whole::{self, Whole},
    wire::{self, NOT_JSON, event, marked},
};
use serde_json::{Map, Value, json};

/// The events of `answer`, made as they are asked for.
pub(super) fn parts(mut writer: Writer, answer: Answer) -> impl Iterator<Item = Part> + Send {
    moves(answer.steps, answer.ending).flat_map(move |step| writer.write(step))
}

/// The response that holds all of `answer`.
pub(super) fn whole(mut writer: Writer, answer: Answer) -> Response {
    let failed = |shape| {
        let error = error::failure(shape);
        let status = error["error"]["code"].as_u64().and_then(|code| u16::try_from(code).ok());
        Response::json(status.unwrap_or(500), error)
    };
    whole::response(answer, move |whole| writer.body(whole), failed)
}

/// The maker of `GenerateContentResponse`s.
pub(super) struct Writer {
    id: String,
    model: String,
    usage: Option<Usage>,
    /// The seal that has no part to stand on yet.
    seal: Option<String>,
}

impl Writer {
    pub(super) fn new(answer: &Answer, prompt: &Prompt) -> Self {
        Writer {
            id: format!("resp{}", prompt.caller.number),
            model: answer.served.clone().unwrap_or_else(|| prompt.model.clone()),
            usage: answer.usage.clone(),
            seal: None,
        }
    }

    fn write(&mut self, step: Move) -> Vec<Part> {
        match step {
            Move::Step(step) => self.step(step).into_iter().collect(),
            // Calls come whole, so they wait until they are.
            Move::Close(block @ Block::Call { .. }) => {
                let part = self.part(&block);
                vec![self.said(part)]
            }
            Move::End(Ending::Fault(fault)) => vec![Part::Fault(fault)],
            Move::End(Ending::Finished(finish)) => vec![self.end(finish)],
            Move::Begin | Move::Open(_) | Move::Close(_) => Vec::new(),
        }
    }

    fn step(&mut self, step: Step) -> Option<Part> {
        Some(match step {
            Step::Text(text) => self.said(json!({"text": text})),
            Step::Escaped(text) => self.said(json!({"text": marked(text)})),
            Step::Reasoning { text, .. } => self.said(json!({"text": text, "thought": true})),
            Step::Repeat { text, times } => {
                let event = self.bytes(&self.chunk(&[json!({"text": text})], None));
                return Some(Part::Repeat { event, times });
            }
            Step::Seal { thoughts, .. } => {
                self.seal = Some(seal::of(&thoughts));
                return None;
            }
            Step::Call(_) => return None,
            Step::Nulls => self.nulls(),
            Step::NotJson => Part::Event(event(NOT_JSON)),
            // Seen in both forms: bare, and in an array of one.
            Step::Failure(shape @ FailureShape::Overloaded) => {
                Part::Event(event(error::failure(shape)))
            }
            Step::Failure(shape) => Part::Event(event(json!([error::failure(shape)]))),
        })
    }

    /// The part that holds a block, and bears the seal that waits.
    fn part(&mut self, block: &Block) -> Value {
        let mut part = plain(block);
        if let Some(seal) = self.seal.take() {
            part["thoughtSignature"] = json!(seal);
        }
        part
    }

    /// The last chunk, with what is left to say: thoughts that led to text
    /// are sealed on a part that says nothing.
    fn end(&mut self, finish: Finish) -> Part {
        let seal = self.seal.take().map(|seal| json!({"text": "", "thoughtSignature": seal}));
        let parts: Vec<Value> = seal.into_iter().collect();
        let chunk = self.chunk(&parts, Some(finish));
        Part::Event(self.bytes(&chunk))
    }

    fn said(&self, part: Value) -> Part {
        Part::Event(self.bytes(&self.chunk(&[part], None)))
    }

    fn chunk(&self, parts: &[Value], finish: Option<Finish>) -> Value {
        let mut candidate = json!({"index": 0, "content": {"role": "model"}});
        if !parts.is_empty() {
            candidate["content"]["parts"] = json!(parts);
        }
        if let Some(finish) = finish {
            candidate["finishReason"] = json!(finish_reason(finish));
        }
        self.response(json!([candidate]), finish.is_some())
    }

    fn response(&self, candidates: Value, complete: bool) -> Value {
        let mut response = json!({"candidates": candidates, "modelVersion": self.model,
                                  "responseId": self.id});
        if let Some(usage) = &self.usage {
            response["usageMetadata"] = counts(usage, complete);
        }
        response
    }

    fn nulls(&self) -> Part {
        let mut response = self.response(
            json!([{"index": 0, "content": null,
            "finishReason": null, "safetyRatings": null}]),
            false,
        );
        response["promptFeedback"] = Value::Null;
        Part::Event(self.bytes(&response))
    }

    fn bytes(&self, response: &Value) -> Vec<u8> {
        event(wire::text(response))
    }

    fn body(&mut self, whole: Whole) -> String {
        let mut parts = Vec::new();
        let calls = whole.blocks.iter().any(|block| matches!(block, Block::Call { .. }));
        for block in &whole.blocks {
            if let Block::Thoughts { seal: Some(seal), .. } | Block::Hidden { seal } = block {
                self.seal = Some(seal.clone());
            }
            match block {
                Block::Hidden { .. } => {}
                // The first call is sealed, or the text where nothing is called.
                Block::Call { .. } => parts.push(self.part(block)),
                Block::Text(_) if !calls => parts.push(self.part(block)),
                _ => parts.push(plain(block)),
            }
        }
        let mut response = self.chunk(&parts, Some(whole.finish));
        if whole.nulls {
            response["promptFeedback"] = Value::Null;
            response["candidates"][0]["safetyRatings"] = Value::Null;
        }
        wire::text(&response)
    }
}

/// The part that holds a block.
fn plain(block: &Block) -> Value {
    match block {
        Block::Thoughts { text, .. } => json!({"text": text, "thought": true}),
        Block::Hidden { .. } => json!({"text": "", "thought": true}),
        Block::Text(text) => json!({"text": text}),
        Block::Call { id, name, arguments } => {
            let arguments = serde_json::from_str(arguments).unwrap_or(Value::Null);
            let mut call = json!({"name": name, "args": arguments});
            if let Some(id) = id {
                call["id"] = json!(id);
            }
            json!({"functionCall": call})
        }
    }
}

fn finish_reason(finish: Finish) -> &'static str {
    match finish {
        // That tools are called is no reason of its own here.
        Finish::Stop | Finish::ToolCalls => "STOP",
        Finish::Length => "MAX_TOKENS",
        Finish::ContentFilter => "SAFETY",
    }
}

/// The counts so far: before the end, those of the prompt. What was cached is
/// a part of the prompt, and thoughts are no part of the candidates.
fn counts(usage: &Usage, complete: bool) -> Value {
    let said = usage.output - usage.reasoning;
    let mut counts = Map::new();
    let mut count = |name: &str, tokens: u64| {
        // A count of nothing is left out, as protocol buffers do.
        if tokens > 0 {
            counts.insert(name.to_owned(), json!(tokens));
        }
    };
    count("promptTokenCount", usage.prompt);
    count("cachedContentTokenCount", usage.cached);
    if complete {
        count("candidatesTokenCount", said);
        count("thoughtsTokenCount", usage.reasoning);
    }
    count("totalTokenCount", usage.prompt + if complete { usage.output } else { 0 });
    Value::Object(counts)
}
