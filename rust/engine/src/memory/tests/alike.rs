//! Turns that look much the same are told apart.

use super::*;

#[test]
fn go_on_is_known_by_what_it_goes_on_with() {
    let memory = Memory::default();
    let chat = |what: &str| vec![user(what), said("Done."), user("Go on")];
    for what in ["Sow", "Reap"] {
        memory.keep(Turn::new(&chat(what), "Done.", &[], json!(what).to_string()));
    }
    let ask = |what: &str| {
        let messages = [chat(what), vec![said("Done.")]].concat();
        thoughts(&memory, messages).pop().flatten()
    };
    assert_eq!((ask("Sow"), ask("Reap")), (Some(json!("Sow")), Some(json!("Reap"))));
    assert_eq!(ask("Mow"), None);
}

#[test]
fn what_is_older_than_the_question_before_may_be_left_out() {
    let memory = Memory::default();
    let chat = [user("One"), said("1"), user("Two"), said("2"), user("Go on")];
    memory.keep(Turn::new(&chat, "3", &[], json!("t").to_string()));
    let messages = [&chat[2..], &[said("3")]].concat();
    assert_eq!(thoughts(&memory, messages).pop().flatten(), Some(json!("t")));
}

fn looking(at: &str) -> ToolCall {
    ToolCall { arguments: json!({"at": at}).to_string(), ..call("call_0") }
}

fn loops(ats: &[&str]) -> Vec<Message> {
    let step =
        |at: &&str| [Message { tool_calls: vec![looking(at)], ..calling("") }, result("call_0")];
    [user("Look!")].into_iter().chain(ats.iter().flat_map(step)).collect()
}

fn keep_looking(memory: &Memory, at: &str, thoughts: &str) {
    let sealed = json!(thoughts).to_string();
    memory.keep(Turn::new(&[user("Look!")], "", &[looking(at)], sealed));
}

#[test]
fn calls_of_one_id_are_told_apart_by_what_they_ask() {
    let memory = Memory::default();
    ["moon", "sun"].iter().for_each(|at| keep_looking(&memory, at, at));
    let expected = [None, Some(json!("moon")), None, Some(json!("sun")), None];
    assert_eq!(thoughts(&memory, loops(&["moon", "sun"])), expected);
    let edited = [None, Some(json!("moon")), None, None, None];
    assert_eq!(thoughts(&memory, loops(&["moon", "mars"])), edited);
}

#[test]
fn turns_that_look_the_same_come_back_once_each_in_their_order() {
    let memory = Memory::default();
    ["one", "two"].iter().for_each(|thoughts| keep_looking(&memory, "moon", thoughts));
    let expected = [None, Some(json!("one")), None, Some(json!("two")), None];
    assert_eq!(thoughts(&memory, loops(&["moon", "moon"])), expected);
    let twice = thoughts(&memory, loops(&["moon", "moon", "moon"]));
    assert_eq!(twice.into_iter().flatten().collect::<Vec<_>>(), [json!("one"), json!("two")]);
}

#[test]
fn of_two_turns_that_fit_the_whole_one_counts() {
    let memory = Memory::default();
    memory.keep(turn("Hi", "I look.", &["call_0"], "whole"));
    memory.keep(turn("Hi", "I look.", &[], "half"));
    let messages = vec![user("Hi"), said("I look."), calling("call_0"), result("call_0")];
    assert_eq!(thoughts(&memory, messages), [None, Some(json!("whole")), None]);
}

#[test]
fn arguments_may_be_written_another_way() {
    let memory = Memory::default();
    let written = |arguments: &str| ToolCall { arguments: arguments.into(), ..call("call_0") };
    let made = [written(r#"{"a":"\u00e9","b":[1.50]}"#)];
    memory.keep(Turn::new(&[user("Hi")], "", &made, json!("t").to_string()));
    let back = written(r#"{ "a": "é", "b": [1.5] }"#);
    let messages = vec![user("Hi"), Message { tool_calls: vec![back], ..calling("") }];
    assert_eq!(thoughts(&memory, messages), [None, Some(json!("t"))]);
}
