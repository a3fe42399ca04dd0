//! The items of an answer, put together from their events.

use super::turn::opaque;
use crate::dialect::openai_chat::prefixed;
use llm_switch_types::{Error, ErrorKind, Result, ToolCall};
use serde_json::Value;

/// More items in one turn than any model makes.
const MAX_ITEMS: usize = 1024;
/// More bytes of items in one turn than any model writes.
const MAX_BYTES: usize = 16 << 20;

/// The items of a turn, as far as they have arrived.
#[derive(Debug, Default)]
pub(super) struct Items {
    seed: String,
    items: Vec<Item>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Item {
    index: Option<u64>,
    id: Option<String>,
    /// The item as the service tells it: whole, or only begun.
    told: Value,
    done: bool,
    /// The arguments of a call, as far as they have arrived.
    arguments: String,
    shown: Option<Shown>,
}

/// What has been shown of an item.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shown {
    Text,
    Summary,
    Thought,
}

impl Items {
    pub(super) fn new(seed: &str) -> Self {
        Items { seed: seed.to_owned(), ..Items::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// An item of SIZE bytes has begun.
    pub(super) fn begin(&mut self, message: &mut Value, size: usize) -> Result<()> {
        let at = self.add(message)?;
        self.items[at].told = message["item"].take();
        self.grow(size)
    }

    /// An item of SIZE bytes is done. Where it stands among them.
    pub(super) fn done(&mut self, message: &mut Value, size: usize) -> Result<usize> {
        let at = self.find_or_add(message)?;
        self.close(at, message["item"].take(), size)
    }

    /// ITEM was never spoken of and came whole, in SIZE bytes.
    pub(super) fn list(&mut self, item: Value, size: usize) -> Result<usize> {
        let at = self.add(&Value::Null)?;
        self.close(at, item, size)
    }

    fn close(&mut self, at: usize, item: Value, size: usize) -> Result<usize> {
        self.items[at].told = item;
        self.items[at].done = true;
        self.grow(size)?;
        Ok(at)
    }

    /// A piece of the arguments of a call, or all of them.
    pub(super) fn arguments(&mut self, message: &Value) -> Result<()> {
        let at = self.find_or_add(message)?;
        let item = &mut self.items[at];
        if let Some(delta) = message["delta"].as_str() {
            item.arguments.push_str(delta);
            return self.grow(delta.len());
        }
        if let Some(whole) = message["arguments"].as_str() {
            item.arguments = whole.to_owned();
            return self.grow(whole.len());
        }
        Ok(())
    }

    /// The item that MESSAGE speaks of, if WHAT it tells is to be shown: where
    /// a service tells a thought and its summary, the first of them is.
    pub(super) fn show(&mut self, message: &Value, what: Shown) -> Result<Option<usize>> {
        let at = self.find_or_add(message)?;
        let first = *self.items[at].shown.get_or_insert(what);
        Ok((first == what).then_some(at))
    }

    /// What the item AT says, unless it has been shown already.
    pub(super) fn unshown(&self, at: usize) -> Vec<(Shown, String)> {
        let item = &self.items[at];
        if item.shown.is_some() { Vec::new() } else { texts(&item.told) }
    }

    /// Whether the item AT refuses to answer.
    pub(super) fn refuses(&self, at: usize) -> bool {
        let mut parts = self.items[at].told["content"].as_array().into_iter().flatten();
        parts.any(|part| part["type"] == "refusal")
    }

    /// Services are told apart by what they leave out or get wrong: one knows
    /// items by their id only, one changes the id with every event, one counts
    /// every item as the first. So the id decides, else the place among the
    /// items that are not done, else it is the last of these.
    fn find(&self, message: &Value) -> Option<usize> {
        let (index, id) = position(message);
        let known = self.items.iter().rposition(|item| item.id.is_some() && item.id == id);
        if id.is_some() && index.is_none() {
            return known;
        }
        let is_open = |item: &Item| !item.done && (index.is_none() || item.index == index);
        known.or_else(|| self.items.iter().rposition(is_open))
    }

    fn find_or_add(&mut self, message: &Value) -> Result<usize> {
        self.find(message).map_or_else(|| self.add(message), Ok)
    }

    fn add(&mut self, message: &Value) -> Result<usize> {
        let (index, id) = position(message);
        if self.items.len() == MAX_ITEMS {
            return Err(endless());
        }
        let size = id.as_ref().map_or(0, String::len);
        self.items.push(Item { index, id, ..Item::default() });
        self.grow(size)?;
        Ok(self.items.len() - 1)
    }

    fn grow(&mut self, bytes: usize) -> Result<()> {
        self.bytes += bytes;
        if self.bytes > MAX_BYTES { Err(endless()) } else { Ok(()) }
    }

    /// What goes back with the turn, and the calls in it. In an answer that
    /// was CUT a half item is none: half a call must not be made.
    pub(super) fn take(&mut self, cut: bool) -> (Vec<Value>, Vec<ToolCall>) {
        let (mut kept, mut calls) = (Vec::new(), Vec::new());
        for (at, mut item) in std::mem::take(&mut self.items).into_iter().enumerate() {
            if cut && item.is_half() {
                continue;
            }
            if item.told["type"] == "function_call" {
                calls.push(item.call(&self.seed, at));
            } else if !item.done {
                continue;
            }
            kept.push(opaque(item.told));
        }
        (kept, calls)
    }
}

impl Item {
    fn is_half(&self) -> bool {
        !self.done || self.told["status"] == "incomplete"
    }

    /// The call that this is. Where the service gave it no id, it gets the one
    /// that we hand out, so that the turn and the result name the same.
    fn call(&mut self, seed: &str, at: usize) -> ToolCall {
        let told = |field: &str| self.told[field].as_str().unwrap_or_default().to_owned();
        let (name, id, whole) = (told("name"), told("call_id"), told("arguments"));
        let id = if id.is_empty() { format!("call_{seed}_{at}") } else { id };
        let pieces = std::mem::take(&mut self.arguments);
        let arguments = [whole, pieces].into_iter().find(|it| !it.trim().is_empty());
        self.told["call_id"] = id.as_str().into();
        ToolCall { id: prefixed(id), name, arguments: arguments.unwrap_or_else(|| "{}".into()) }
    }
}

/// The texts of ITEM, a part each. Reasoning that has a summary is told by it.
fn texts(item: &Value) -> Vec<(Shown, String)> {
    let parts = |field: &str, what| {
        let parts = item[field].as_array().into_iter().flatten();
        let text =
            |part: &Value| part["text"].as_str().or(part["refusal"].as_str()).map(str::to_owned);
        parts.map(|part| (what, text(part).unwrap_or_default())).collect::<Vec<_>>()
    };
    match item["type"].as_str() {
        Some("message") => parts("content", Shown::Text),
        Some("reasoning") => Some(parts("summary", Shown::Summary))
            .filter(|it| !it.is_empty())
            .unwrap_or_else(|| parts("content", Shown::Thought)),
        _ => Vec::new(),
    }
}

fn position(message: &Value) -> (Option<u64>, Option<String>) {
    let ids = [&message["item_id"], &message["item"]["id"]];
    let id = ids.into_iter().filter_map(Value::as_str).find(|id| !id.is_empty());
    (message["output_index"].as_u64(), id.map(str::to_owned))
}

fn endless() -> Error {
    Error::new(ErrorKind::Protocol, "the answer holds items without end")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn call(id: Option<&str>, index: Option<u64>, at: &str) -> Value {
        let item = json!({"type": "function_call", "id": id, "call_id": format!("call_{at}"),
            "name": "look", "arguments": format!("{{\"at\":{at}}}"), "status": "completed"});
        json!({"output_index": index, "item": item})
    }

    fn calls(items: &mut Items, cut: bool) -> Vec<(String, String)> {
        items.take(cut).1.into_iter().map(|call| (call.id, call.arguments)).collect()
    }

    #[test]
    fn items_are_told_apart_whatever_the_service_leaves_out() {
        type Names = [(Option<&'static str>, Option<u64>); 2];
        let table: [(&str, Names, Names); 5] = [
            (
                "all",
                [(Some("a"), Some(0)), (Some("b"), Some(1))],
                [(Some("a"), Some(0)), (Some("b"), Some(1))],
            ),
            (
                "no index",
                [(Some("a"), None), (Some("b"), None)],
                [(Some("a"), None), (Some("b"), None)],
            ),
            ("no id", [(None, Some(0)), (None, Some(1))], [(None, Some(0)), (None, Some(1))]),
            (
                "ids that change",
                [(Some("a"), Some(0)), (Some("b"), Some(1))],
                [(Some("c"), Some(0)), (Some("d"), Some(1))],
            ),
            (
                "always the first",
                [(Some("a"), Some(0)), (Some("b"), Some(0))],
                [(Some("a"), Some(0)), (Some("b"), Some(0))],
            ),
        ];
        for (name, begun, done) in table {
            let mut items = Items::new("s");
            for ((id, index), at) in begun.into_iter().zip(["1", "2"]) {
                items.begin(&mut call(id, index, at), 1).unwrap();
            }
            for ((id, index), at) in done.into_iter().zip(["1", "2"]) {
                items.done(&mut call(id, index, at), 1).unwrap();
            }
            let expected = ["1", "2"].map(|at| (format!("call_{at}"), format!("{{\"at\":{at}}}")));
            assert_eq!(calls(&mut items, false), expected, "{name}");
        }
    }

    #[test]
    fn items_without_any_name_are_taken_in_turn() {
        let mut items = Items::new("s");
        for at in ["1", "2"] {
            items.begin(&mut call(None, None, "0"), 1).unwrap();
            items.done(&mut call(None, None, at), 1).unwrap();
        }
        items.list(call(None, None, "3")["item"].take(), 1).unwrap();
        let expected = ["1", "2", "3"].map(|at| (format!("call_{at}"), format!("{{\"at\":{at}}}")));
        assert_eq!(calls(&mut items, false), expected);
    }

    #[test]
    fn a_call_is_whole_although_nothing_says_that_it_is_done() {
        let mut items = Items::new("s");
        let begun = json!({"type": "function_call", "id": "fc", "name": "look", "arguments": ""});
        items.begin(&mut json!({"item": begun}), 1).unwrap();
        for piece in ["{\"at\"", ":1}"] {
            items.arguments(&json!({"item_id": "fc", "delta": piece})).unwrap();
        }
        items.arguments(&json!({"item_id": "fc", "delta": null})).unwrap();
        assert_eq!(calls(&mut items, false), [("call_s_0".into(), "{\"at\":1}".into())]);
    }

    #[test]
    fn half_a_call_is_none() {
        let mut items = Items::new("s");
        items.done(&mut call(Some("a"), None, "1"), 1).unwrap();
        items.begin(&mut call(Some("b"), None, "2"), 1).unwrap();
        let mut incomplete = call(Some("c"), None, "3");
        incomplete["item"]["status"] = "incomplete".into();
        items.done(&mut incomplete, 1).unwrap();
        let (kept, calls) = items.take(true);
        assert_eq!((kept.len(), calls.len(), calls[0].id.as_str()), (1, 1, "call_1"));
    }

    #[test]
    fn items_without_end_are_an_error() {
        let mut items = Items::new("s");
        let error = (0..).find_map(|at| items.begin(&mut call(None, Some(at), "1"), 1).err());
        assert_eq!(error, Some(endless()));
        assert_eq!(items.len(), MAX_ITEMS);
        let long = "x".repeat(1 << 20);
        let arguments = |_| json!({"item_id": "a", "delta": long});
        let names = |at| json!({"item_id": format!("{long}{at}"), "delta": ""});
        for messages in [&arguments as &dyn Fn(usize) -> Value, &names] {
            let mut items = Items::new("s");
            let error = (0..32).find_map(|at| items.arguments(&messages(at)).err());
            assert_eq!(error, Some(endless()));
        }
    }
}
