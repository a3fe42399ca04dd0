//! Asking, as gptel asks, and what is heard of the answer.

use crate::world::World;
use llm_switch_engine::Body;
use llm_switch_types::{Provider, ToolCall};
use serde_json::{Value, json};

/// What was heard of an answer.
#[derive(Debug, Default)]
pub struct Answer {
    pub text: String,
    pub reasoning: String,
    pub calls: Vec<ToolCall>,
    /// What `Done` or `Error` tells.
    pub known: Value,
    pub failed: bool,
}

impl Answer {
    fn of(events: Vec<Body>) -> Answer {
        let mut answer = Answer::default();
        for event in events {
            match event {
                Body::Text(text) => answer.text.push_str(&text),
                Body::Reasoning(text) => answer.reasoning.push_str(&text),
                Body::ToolCall(call) => answer.calls.push(call),
                Body::Done(known) => answer.known = known,
                Body::Error(error) => (answer.known, answer.failed) = (error, true),
                other => panic!("{other:?}"),
            }
        }
        answer
    }
}

/// Ask MODEL of ROW with these members of a request.
pub fn ask(world: &World, row: &Provider, model: &str, members: Value) -> Answer {
    let mut request = json!({"model": format!("sw/{}/{model}", row.name),
        "messages": [{"role": "user", "content": "Hi there"}],
        "llm_switch": {"v": 1, "purpose": "chat"}});
    request.as_object_mut().unwrap().extend(members.as_object().cloned().unwrap());
    Answer::of(world.submit(&request))
}

/// The same, where nothing may go wrong: one request, which had the right
/// key, and of which nothing had to be left out.
pub fn ask_well(world: &World, row: &Provider, model: &str, members: Value) -> Answer {
    let answer = ask(world, row, model, members);
    let place = format!("{} {model}: {answer:?}", row.name);
    assert!(!answer.failed, "{place}");
    assert_eq!(answer.known["remarks"], json!([]), "{place}");
    let received = world.received(row);
    assert_eq!(received.len(), 1, "{place}");
    assert_ne!(received[0].key_matches, Some(false), "{place}");
    answer
}

/// What the ledger keeps of ANSWER's attempt.
pub fn recorded(world: &World, answer: &Answer) -> Value {
    let mut row =
        world.call("ledger.request", &json!({"v": 1, "request": answer.known["request"]}));
    assert_eq!(row["attempts"].as_array().unwrap().len(), 1, "{row}");
    row["attempts"][0].take()
}
