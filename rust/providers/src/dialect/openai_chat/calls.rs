//! Tool calls, put together from their fragments.

use super::wire::{CallDelta, FunctionDelta};
use llm_switch_types::{Error, ErrorKind, Result, ToolCall};
use serde_json::Value;

/// More calls in one turn than any model makes.
const MAX_CALLS: usize = 1024;
/// More bytes of calls in one turn than any model writes.
const MAX_BYTES: usize = 16 << 20;

/// The tool calls of a turn, as far as they have arrived.
#[derive(Debug, Default)]
pub(crate) struct Calls {
    seed: String,
    open: Vec<Open>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Open {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
}

impl Calls {
    pub(crate) fn new(seed: &str) -> Self {
        Calls { seed: seed.to_owned(), ..Calls::default() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    /// Take a fragment. Servers are told apart by what they leave out: by
    /// index, else by a new id, else by a new name a call begins; what has
    /// none of these continues the last one.
    pub(super) fn push(&mut self, delta: CallDelta) -> Result<()> {
        let function = delta.function.unwrap_or_default();
        let id = delta.id.filter(|id| !id.is_empty());
        let name = function.name.filter(|name| !name.is_empty());
        let at = match self.find(delta.index, id.as_deref(), name.as_deref()) {
            Some(at) => at,
            None => {
                self.open.push(Open { index: delta.index, ..Open::default() });
                self.open.len() - 1
            }
        };
        let arguments = fragment(function.arguments);
        let names = [&id, &name].into_iter().flatten().map(String::len);
        self.bytes += arguments.len() + names.sum::<usize>();
        if self.open.len() > MAX_CALLS || self.bytes > MAX_BYTES {
            return Err(Error::new(ErrorKind::Protocol, "the answer calls tools without end"));
        }
        let call = &mut self.open[at];
        call.id = id.unwrap_or(std::mem::take(&mut call.id));
        call.name = name.unwrap_or(std::mem::take(&mut call.name));
        call.arguments.push_str(&arguments);
        Ok(())
    }

    /// Take a call of NAME that came in one piece, for the dialects that know
    /// no other.
    pub(crate) fn push_whole(
        &mut self,
        id: Option<String>,
        name: String,
        arguments: Option<Value>,
    ) -> Result<()> {
        let index = Some(self.open.len() as u64);
        let function = Some(FunctionDelta { name: Some(name), arguments });
        self.push(CallDelta { index, id, function })
    }

    fn find(&self, index: Option<u64>, id: Option<&str>, name: Option<&str>) -> Option<usize> {
        if index.is_some() {
            return self.open.iter().position(|call| call.index == index);
        }
        let last = self.open.len().checked_sub(1)?;
        match (id, name) {
            (Some(id), _) => self.open.iter().position(|call| call.id == id),
            (None, Some(_)) => None,
            (None, None) => Some(last),
        }
    }

    /// The calls, whole and named.
    pub(crate) fn take(&mut self) -> Vec<ToolCall> {
        let seed = &self.seed;
        let name = |at: usize, id: String| {
            if id.is_empty() { format!("call_{seed}_{at}") } else { prefixed(id) }
        };
        let whole = |(at, call): (usize, Open)| ToolCall {
            id: name(at, call.id),
            name: call.name,
            arguments: if call.arguments.trim().is_empty() { "{}".into() } else { call.arguments },
        };
        std::mem::take(&mut self.open).into_iter().enumerate().map(whole).collect()
    }
}

fn fragment(arguments: Option<Value>) -> String {
    match arguments {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text,
        Some(object) => object.to_string(),
    }
}

/// gptel prefixes ids that it reads back from a buffer with `call_`, so all
/// of ours have it from the start.
pub(crate) fn prefixed(id: String) -> String {
    if id.starts_with("call_") { id } else { format!("call_{id}") }
}
