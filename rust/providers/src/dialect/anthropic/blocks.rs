//! The content of a turn, put together from its fragments.

use super::ids;
use crate::dialect::json::parse;
use llm_switch_types::{Dialect, Error, ErrorKind, Event, Result, ToolCall};
use serde_json::{Value, json};

/// More blocks in one turn than any model makes.
const MAX_BLOCKS: usize = 1024;
/// More bytes in one turn than any model writes.
const MAX_BYTES: usize = 16 << 20;

/// The content blocks of a turn, as far as they have arrived.
#[derive(Debug, Default)]
pub(super) struct Blocks {
    seed: String,
    open: Vec<Block>,
    bytes: usize,
}

/// A block as JSON, without the text of its `input`, which comes in pieces
/// that are no JSON by themselves.
#[derive(Debug, Default)]
struct Block {
    index: Option<u64>,
    json: Value,
    input: String,
}

impl Blocks {
    pub(super) fn new(seed: &str) -> Self {
        Blocks { seed: seed.to_owned(), ..Blocks::default() }
    }

    /// Take a block that begins, or is whole: some servers put all of it here.
    pub(super) fn begin(
        &mut self,
        index: Option<u64>,
        json: Value,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        // What is no object could not be added to.
        let json = if json.is_object() { json } else { json!({}) };
        self.grow(json.to_string().len())?;
        out.extend(shown(&json));
        self.open(Block { index, json, ..Block::default() }).map(drop)
    }

    /// Take a piece of the block at INDEX.
    pub(super) fn push(
        &mut self,
        index: Option<u64>,
        delta: &Value,
        out: &mut Vec<Event>,
    ) -> Result<()> {
        let Some((kind, field)) = target(delta) else { return Ok(()) };
        let piece = &delta[field];
        self.grow(piece.as_str().map_or_else(|| delta.to_string().len(), str::len))?;
        out.extend(shown(delta));
        self.at(index, kind)?.push(field, piece);
        Ok(())
    }

    /// The block at INDEX. It need not be the last: llama-server signs one
    /// when the next has begun. One that never began begins as a KIND.
    fn at(&mut self, index: Option<u64>, kind: &str) -> Result<&mut Block> {
        let found = match index {
            Some(_) => self.open.iter().rposition(|block| block.index == index),
            None => self.open.len().checked_sub(1),
        };
        match found {
            Some(at) => Ok(&mut self.open[at]),
            None => self.open(Block { index, json: json!({"type": kind}), ..Block::default() }),
        }
    }

    fn open(&mut self, block: Block) -> Result<&mut Block> {
        let at = self.open.len();
        if at == MAX_BLOCKS {
            return Err(endless());
        }
        self.open.push(block);
        Ok(&mut self.open[at])
    }

    fn grow(&mut self, bytes: usize) -> Result<()> {
        self.bytes += bytes;
        if self.bytes > MAX_BYTES { Err(endless()) } else { Ok(()) }
    }

    /// The whole turn: what has to go back with it, and its tool calls.
    ///
    /// Thinking goes back in its place among texts and calls, so all of them
    /// are kept in order where there is any; a call is kept as its name only,
    /// since the turn that is sent back has the rest.
    pub(super) fn take(&mut self) -> (Option<Value>, Vec<ToolCall>) {
        let mut content = Vec::new();
        let mut calls = Vec::new();
        for block in std::mem::take(&mut self.open) {
            if block.json["type"] == "tool_use" {
                let call = block.call(&self.seed, calls.len());
                content.push(json!({"type": "tool_use", "id": call.id}));
                calls.push(call);
            } else {
                content.push(block.back());
            }
        }
        let plain = |block: &Value| block["type"] == "text" || block["type"] == "tool_use";
        let opaque = !content.iter().all(plain);
        (opaque.then(|| json!({"content": content})), calls)
    }
}

impl Block {
    fn push(&mut self, field: &str, piece: &Value) {
        let text = piece.as_str().unwrap_or_default();
        match (field, &mut self.json) {
            ("partial_json", _) => self.input.push_str(text),
            ("citation", json) => match &mut json["citations"] {
                Value::Array(citations) => citations.push(piece.clone()),
                none => *none = json!([piece]),
            },
            // It comes once and whole.
            ("signature", json) => json["signature"] = piece.clone(),
            (field, json) => match &mut json[field] {
                Value::String(so_far) => so_far.push_str(text),
                none => *none = text.into(),
            },
        }
    }

    /// The tool call that this block is, the AT'th of its turn.
    fn call(&self, seed: &str, at: usize) -> ToolCall {
        let text = |field: &str| self.json[field].as_str().unwrap_or_default();
        let id = match text("id") {
            "" => ids::handed_out(&format!("{seed}_{at}")),
            id => ids::handed_out(id),
        };
        ToolCall { id, name: text("name").to_owned(), arguments: self.arguments() }
    }

    /// The pieces of the input, or the whole of it where none came.
    fn arguments(&self) -> String {
        match &self.json["input"] {
            _ if !self.input.trim().is_empty() => self.input.clone(),
            Value::Object(whole) => json!(whole).to_string(),
            _ => "{}".to_owned(),
        }
    }

    /// The block as the service wants it back.
    fn back(mut self) -> Value {
        if let Ok(input) = parse::<Value>(self.input.as_bytes(), Dialect::Anthropic) {
            self.json["input"] = input;
        }
        self.json
    }
}

/// The kind of block that DELTA is a piece of, and where the piece stands.
fn target(delta: &Value) -> Option<(&'static str, &'static str)> {
    Some(match delta["type"].as_str()? {
        "text_delta" => ("text", "text"),
        "thinking_delta" => ("thinking", "thinking"),
        "signature_delta" => ("thinking", "signature"),
        "input_json_delta" => ("tool_use", "partial_json"),
        "citations_delta" => ("text", "citation"),
        _ => return None,
    })
}

/// What the user sees of a block or a piece of one.
fn shown(it: &Value) -> Option<Event> {
    let said = |field: &str| Some(it[field].as_str().filter(|text| !text.is_empty())?.to_owned());
    match it["type"].as_str()? {
        "text" | "text_delta" => said("text").map(Event::Text),
        "thinking" | "thinking_delta" => said("thinking").map(Event::Reasoning),
        _ => None,
    }
}

fn endless() -> Error {
    Error::new(ErrorKind::Protocol, "the answer goes on without end")
}
