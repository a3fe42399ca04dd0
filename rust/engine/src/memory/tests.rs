//! What comes back with its thoughts, and what takes how much.

mod alike;

use super::*;
use kept::{MOST_BYTES, MOST_TURNS};
use llm_switch_types::{Part, Role, ToolCall};
use serde_json::{Value, json};

fn user(text: &str) -> Message {
    Message::text(Role::User, text)
}

fn said(text: &str) -> Message {
    Message::text(Role::Assistant, text)
}

fn call(id: &str) -> ToolCall {
    ToolCall { id: id.into(), name: "look".into(), arguments: "{}".into() }
}

fn calling(id: &str) -> Message {
    Message { parts: Vec::new(), tool_calls: vec![call(id)], ..said("") }
}

fn result(id: &str) -> Message {
    Message { tool_call_id: Some(id.into()), ..Message::text(Role::Tool, id) }
}

fn turn(question: &str, text: &str, calls: &[&str], thoughts: &str) -> Turn {
    let calls: Vec<ToolCall> = calls.iter().map(|id| call(id)).collect();
    Turn::new(&[user(question)], text, &calls, json!(thoughts).to_string())
}

fn thoughts(memory: &Memory, messages: Vec<Message>) -> Vec<Option<Value>> {
    memory.restore(messages).into_iter().map(|message| message.opaque).collect()
}

#[test]
fn a_text_that_comes_back_has_its_thoughts_again() {
    let memory = Memory::default();
    memory.keep(turn("Hi", "Hello \n", &[], "t"));
    let messages = vec![user("Hi"), said("Hello"), user("Go on")];
    assert_eq!(thoughts(&memory, messages), [None, Some(json!("t")), None]);
}

#[test]
fn a_text_that_was_changed_goes_without() {
    let memory = Memory::default();
    memory.keep(turn("Hi", "Hello", &[], "t"));
    assert_eq!(thoughts(&memory, vec![user("Hi"), said("Hello!")]), [None, None]);
}

#[test]
fn the_same_words_after_another_question_are_another_turn() {
    let memory = Memory::default();
    memory.keep(turn("Is it?", "Yes.", &[], "one"));
    memory.keep(turn("Was it?", "Yes.", &[], "two"));
    let messages = vec![user("Is it?"), said("Yes."), user("Will it?"), said("Yes.")];
    assert_eq!(thoughts(&memory, messages), [None, Some(json!("one")), None, None]);
}

#[test]
fn of_two_answers_to_one_question_the_newer_counts() {
    let memory = Memory::default();
    memory.keep(turn("Is it?", "Yes.", &[], "one"));
    memory.keep(turn("Is it?", "Yes.", &[], "two"));
    let messages = vec![user("Is it?"), said("Yes.")];
    assert_eq!(thoughts(&memory, messages), [None, Some(json!("two"))]);
}

#[test]
fn what_stands_in_the_chat_counts_and_not_what_was_said() {
    let memory = Memory::default();
    let number = memory.keep(turn("Hi", "**Hello**", &[], "t"));
    memory.stands(number, &["*Hello*".to_owned()]);
    let ask = |text: &str| thoughts(&memory, vec![user("Hi"), said(text)]).pop().flatten();
    assert_eq!(ask("*Hello*"), Some(json!("t")));
    assert_eq!(ask("**Hello**"), None);
}

#[test]
fn a_turn_that_comes_back_in_pieces_is_one_again() {
    let memory = Memory::default();
    memory.keep(turn("Hi", "I look.", &["call_1", "call_2"], "t"));
    let pieces = vec![
        user("Hi"),
        said("I look."),
        calling("call_2"),
        result("call_2"),
        calling("call_1"),
        result("call_1"),
        said("I saw."),
    ];
    let whole = Message {
        tool_calls: vec![call("call_1"), call("call_2")],
        opaque: Some(json!("t")),
        ..said("I look.")
    };
    let expected = [user("Hi"), whole, result("call_1"), result("call_2"), said("I saw.")].to_vec();
    assert_eq!(memory.restore(pieces), expected);
}

#[test]
fn calls_are_known_only_all_together_and_after_their_question() {
    let memory = Memory::default();
    memory.keep(turn("Hi", "", &["call_0", "call_1"], "t"));
    let both = |question: &str| {
        let calls = [calling("call_0"), result("call_0"), calling("call_1"), result("call_1")];
        thoughts(&memory, [vec![user(question)], calls.to_vec()].concat())
    };
    assert_eq!(both("Hi"), [None, Some(json!("t")), None, None]);
    assert_eq!(both("Ho"), [const { None }; 5]);
    let one = vec![user("Hi"), calling("call_0"), result("call_0"), said("I saw.")];
    assert_eq!(thoughts(&memory, one), [const { None }; 4]);
}

#[test]
fn a_turn_that_brings_its_own_thoughts_keeps_them() {
    let memory = Memory::default();
    memory.keep(turn("Hi", "Hello", &[], "ours"));
    let own = Message { opaque: Some(json!("own")), ..said("Hello") };
    assert_eq!(thoughts(&memory, vec![user("Hi"), own]), [None, Some(json!("own"))]);
}

#[test]
fn the_oldest_are_forgotten_first_by_count_and_by_size() {
    let memory = Memory::default();
    for i in 0..=MOST_TURNS {
        memory.keep(turn("Hi", &format!("a{i}"), &[], "t"));
    }
    let is_known = |text: &str| thoughts(&memory, vec![user("Hi"), said(text)])[1].is_some();
    assert!(!is_known("a0") && is_known("a1"));
    memory.keep(turn("Hi", "large", &[], &"t".repeat(MOST_BYTES - 2_000)));
    assert!(!is_known("a1") && is_known("large"));
    memory.keep(turn("Hi", "larger", &[], &"t".repeat(MOST_BYTES + 1)));
    assert!(!is_known("larger"));
    assert_eq!(memory.0.lock().bytes(), 0);
}

#[test]
fn a_question_is_known_by_what_it_shows_too() {
    let memory = Memory::default();
    let asked = |image: &str| Message {
        parts: vec![Part::Text("What?".into()), Part::Media(image.into())],
        ..user("")
    };
    memory.keep(Turn::new(&[asked("a")], "A cat.", &[], json!("t").to_string()));
    let ask = |image: &str| thoughts(&memory, vec![asked(image), said("A cat.")]).pop().flatten();
    assert_eq!((ask("a"), ask("b")), (Some(json!("t")), None));
}

#[test]
fn what_stands_in_the_chat_takes_what_it_takes() {
    let memory = Memory::default();
    let texts: Vec<String> = (0..100).map(|at| format!("piece {at}")).collect();
    for standing in [&texts[..], &[]] {
        let number = memory.keep(turn("Hi", "Hello", &["call_0"], "t"));
        memory.stands(number, standing);
    }
    for at in 0..MOST_TURNS {
        memory.keep(turn("Hi", &format!("a{at}"), &[], "t"));
    }
    let known = Memory::default();
    for at in 0..MOST_TURNS {
        known.keep(turn("Hi", &format!("a{at}"), &[], "t"));
    }
    assert_eq!(memory.0.lock().bytes(), known.0.lock().bytes());
}

#[test]
fn a_turn_that_has_grown_where_it_stands_may_cost_the_oldest() {
    let memory = Memory::default();
    memory.keep(turn("Hi", "oldest", &[], "t"));
    let number = memory.keep(turn("Hi", "large", &[], &"t".repeat(MOST_BYTES - 2_000)));
    let texts: Vec<String> = (0..40).map(|at| format!("piece {at}")).collect();
    memory.stands(number, &texts);
    assert_eq!(thoughts(&memory, vec![user("Hi"), said("oldest")]), [None, None]);
    assert!(memory.0.lock().bytes() <= MOST_BYTES);
}
