//! Thoughts of earlier turns go back to the service, as long as the engine
//! lives.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use llm_switch_types::{Dialect, ToolCall};
use serde_json::{Value, json};

/// The dialects whose services want thoughts back, and the model that tells
/// whether they came.
const WANTING: &[(Dialect, &str)] = &[
    (Dialect::OpenaiChat, "recall:details"),
    (Dialect::OpenaiResponses, "recall"),
    (Dialect::OpenaiResponses, "recall:hidden"),
    (Dialect::Anthropic, "recall"),
    (Dialect::Anthropic, "recall:hidden"),
    (Dialect::Gemini, "recall"),
];

/// A chat in which everything comes back as a chat's buffer gives it.
struct Chat {
    bench: Bench,
    model: String,
    messages: Vec<Value>,
    stream: bool,
}

/// What was heard of one turn.
struct Heard {
    text: String,
    calls: Vec<ToolCall>,
    known: Value,
}

impl Chat {
    fn new(dialect: Dialect, model: &str, stream: bool) -> Chat {
        let bench = Bench::keyless_speaking(dialect, "");
        Chat { bench, model: model.to_owned(), messages: Vec::new(), stream }
    }

    fn ask(&mut self, text: &str) -> Heard {
        self.messages.push(json!({"role": "user", "content": text}));
        self.send(&self.messages.clone())
    }

    fn send(&mut self, messages: &[Value]) -> Heard {
        let tool = |name: &str| json!({"type": "function", "function": {"name": name, "description": name}});
        let request = json!({"messages": messages, "tools": [tool("look"), tool("read")],
                             "stream": self.stream, "reasoning_effort": "high"});
        let id = self.bench.submit_more(&self.model, request);
        let Body::Done(known) = self.bench.end(id) else { panic!("{:?}", self.bench.heard) };
        let mut heard = Heard { text: String::new(), calls: Vec::new(), known };
        for (_, body) in self.bench.heard.iter().filter(|(of, _)| *of == id) {
            match body {
                Body::Text(text) => heard.text.push_str(text),
                Body::ToolCall(call) => heard.calls.push(call.clone()),
                _ => {}
            }
        }
        heard
    }

    /// What HEARD says stands in the buffer from now on, as STANDING.
    fn insert(&mut self, heard: &Heard, standing: &str) {
        if let Some(kept) = heard.known["kept"].as_u64() {
            let turns = json!([{"kept": kept, "texts": [standing]}]);
            self.bench.call("answer.stands", json!({"v": 1, "turns": turns}));
        }
        self.messages.push(json!({"role": "assistant", "content": standing}));
    }

    /// Ask TEXT and go through the calls that follow; the answer.
    fn ask_with_tools(&mut self, text: &str) -> Heard {
        let calling = self.ask(text);
        assert_eq!((calling.calls.len(), calling.text.as_str()), (2, "I **look**. "));
        let inside = self.inside(&calling);
        self.insert(&calling, "I *look*.");
        for call in &calling.calls {
            self.messages.push(json!({"role": "assistant", "tool_calls": [wire(call)]}));
            self.messages.push(result(call));
        }
        self.send(&inside)
    }

    /// What is sent inside of the tool loop after CALLING.
    fn inside(&self, calling: &Heard) -> Vec<Value> {
        let turn = json!({"role": "assistant", "content": calling.known["message"]["content"],
            "tool_calls": calling.calls.iter().map(wire).collect::<Vec<_>>(),
            "llm_switch": calling.known["message"]["opaque"]});
        let results = calling.calls.iter().map(result);
        self.messages.iter().cloned().chain([turn]).chain(results).collect()
    }
}

fn wire(call: &ToolCall) -> Value {
    json!({"id": call.id, "type": "function",
           "function": {"name": call.name, "arguments": call.arguments}})
}

fn result(call: &ToolCall) -> Value {
    json!({"role": "tool", "tool_call_id": call.id, "content": "moon"})
}

/// With how many of how many turns the thoughts came back, as TEXT says.
fn counts(text: &str) -> (u64, u64) {
    let (_, said) = text.split_once("**").unwrap();
    let (said, _) = said.split_once("**").unwrap();
    let (with, all) = said.split_once(" of ").unwrap();
    (with.parse().unwrap(), all.parse().unwrap())
}

#[test]
fn each_answer_goes_back_with_its_thoughts() {
    for (dialect, model) in WANTING {
        for stream in [true, false] {
            let mut chat = Chat::new(*dialect, model, stream);
            for asked in 0..3 {
                let heard = chat.ask("Is it?");
                assert_eq!(counts(&heard.text), (asked, asked), "{dialect:?} {model} {stream}");
                chat.insert(&heard, &heard.text.replace("**", "*"));
            }
        }
    }
}

#[test]
fn turns_with_parallel_calls_go_back_as_they_were() {
    for (dialect, model) in WANTING {
        for stream in [true, false] {
            let mut chat = Chat::new(*dialect, &format!("{model}:2"), stream);
            for _ in 0..2 {
                let heard = chat.ask_with_tools("Look!");
                let (with, all) = counts(&heard.text);
                assert_eq!((with, with > 0), (all, true), "{dialect:?} {model} {stream}");
                chat.insert(&heard, &heard.text.replace("**", "*"));
            }
        }
    }
}

#[test]
fn an_answer_that_was_edited_goes_back_without_thoughts() {
    let mut chat = Chat::new(Dialect::Anthropic, "recall", true);
    let heard = chat.ask("Is it?");
    chat.insert(&heard, &heard.text);
    chat.messages[1]["content"] = "No.".into();
    assert_eq!(counts(&chat.ask("Was it?").text), (0, 1));
}

#[test]
fn the_same_words_in_another_chat_get_no_thoughts_of_this_one() {
    for (dialect, model) in WANTING {
        let mut chat = Chat::new(*dialect, model, true);
        for question in ["Sow!", "Go on"] {
            let heard = chat.ask(question);
            chat.insert(&heard, "Done.");
        }
        assert_eq!(counts(&chat.ask("Go on").text), (2, 2), "{dialect:?} {model}");
        chat.messages.truncate(4);
        chat.messages[0]["content"] = "Reap!".into();
        assert_eq!(counts(&chat.ask("Go on").text), (0, 2), "{dialect:?} {model}");
    }
}

#[test]
fn another_model_gets_no_thoughts_of_this_one() {
    let mut chat = Chat::new(Dialect::Anthropic, "recall", true);
    let heard = chat.ask("Is it?");
    chat.insert(&heard, &heard.text);
    chat.model = "recall:hidden".into();
    assert_eq!(counts(&chat.ask("Was it?").text), (0, 1));
}

#[test]
fn another_engine_knows_nothing_of_it_and_nothing_fails() {
    for (dialect, model) in WANTING {
        let mut chat = Chat::new(*dialect, model, true);
        let heard = chat.ask("Is it?");
        chat.insert(&heard, &heard.text);
        drop(chat.bench.another_emacs());
        assert_eq!(counts(&chat.ask("Was it?").text), (0, 1), "{dialect:?} {model}");
    }
}

#[test]
fn what_is_thought_in_plain_words_stays_in_its_turn() {
    for (dialect, model) in [(Dialect::OpenaiChat, "recall"), (Dialect::Ollama, "recall")] {
        let mut chat = Chat::new(dialect, model, true);
        let heard = chat.ask("Is it?");
        assert_eq!(heard.known["kept"], Value::Null);
        chat.insert(&heard, &heard.text);
        assert_eq!(counts(&chat.ask("Was it?").text), (0, 1), "{dialect:?}");
    }
}

#[test]
fn turns_that_are_not_understood_are_refused_without_being_repeated() {
    let mut bench = Bench::keyless("");
    let params = json!({"v": 1, "turns": [{"kept": "my secret answer", "texts": []}]});
    let id = bench.engine.call("answer.stands".into(), params.to_string());
    let Body::Error(error) = bench.end(id) else { panic!() };
    assert!(!error.to_string().contains("secret"), "{error}");
}
