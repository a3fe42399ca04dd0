//! Whoever leaves the choice to us gets the route that the rules say, and why.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A prompt of our own, and the tier that it should have.
#[derive(Deserialize)]
struct Prompt {
    tier: String,
    kind: String,
    prompt: String,
    #[serde(default)]
    purpose: Option<String>,
    /// Letters of conversation before it.
    #[serde(default)]
    pad: usize,
    #[serde(default)]
    image: bool,
    /// Tools that are offered, and calls that have come back.
    #[serde(default)]
    tools: usize,
    #[serde(default)]
    turns: usize,
    #[serde(default)]
    failures: u64,
}

const PROMPTS: &str = include_str!("../../../test/fixtures/auto/prompts.json");

impl Prompt {
    fn request(&self) -> Value {
        let mut messages = vec![json!({"role": "user", "content": "x".repeat(self.pad)})];
        let image = json!({"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}});
        let text = json!({"type": "text", "text": self.prompt});
        let content = if self.image { json!([text, image]) } else { json!([text]) };
        messages.push(json!({"role": "user", "content": content}));
        for turn in 0..self.turns {
            messages
                .push(json!({"role": "tool", "tool_call_id": turn.to_string(), "content": "ok"}));
        }
        let tool = |it| json!({"type": "function", "function": {"name": format!("tool{it}")}});
        json!({"model": "sw/coding-auto", "messages": messages,
            "tools": (0..self.tools).map(tool).collect::<Vec<_>>(),
            "llm_switch": {"v": 1, "purpose": self.purpose.as_deref().unwrap_or("chat"),
                "facts": {"failures": self.failures}}})
    }
}

#[test]
fn the_rules_agree_with_people_on_what_a_prompt_asks_for() {
    let prompts: Vec<Prompt> = serde_json::from_str(PROMPTS).unwrap();
    assert!(prompts.len() >= 60, "{}", prompts.len());
    let mut bench = Bench::keyless("");
    let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for prompt in &prompts {
        let params = json!({"v": 1, "request": prompt.request().to_string()});
        let chosen = bench.call("auto.choose", params);
        let agrees = chosen["tier"] == prompt.tier.as_str();
        let (right, all) = by_kind.entry(&prompt.kind).or_default();
        (*right, *all) = (*right + usize::from(agrees), *all + 1);
        if !agrees {
            println!("{}: not {} but {chosen}: {}", prompt.kind, prompt.tier, prompt.prompt);
        }
    }
    for (kind, (right, all)) in &by_kind {
        println!("{kind:13} {right:2} of {all:2}");
    }
    let right: usize = by_kind.values().map(|it| it.0).sum();
    println!("agreement     {right} of {} ({} %)", prompts.len(), 100 * right / prompts.len());
    assert!(100 * right >= 85 * prompts.len());
}

/// Routes of the names that the rules know, at one simulator.
fn bench() -> Bench {
    Bench::keyless(
        "[route.coding-cheap]\nuse = ['sim/words:1']\n[route.coding-best]\nuse = ['sim/words:2']\n",
    )
}

fn ask(bench: &mut Bench, prompt: &str, more: Value) -> Value {
    let mut switch = json!({"v": 1, "purpose": "chat", "project": "/p", "mode": "auto"});
    switch.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let messages = json!([{"role": "user", "content": prompt}]);
    let id = bench.submit_as("sw/mode", json!({"messages": messages, "llm_switch": switch}));
    match bench.end(id) {
        Body::Done(known) => known,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_choice_and_its_reason_stand_with_the_answer() {
    let mut bench = bench();
    let known = ask(&mut bench, "Rename x to y.", json!({}));
    assert_eq!(known["sent"], "words:1");
    let expected = json!({"tier": "quick", "route": "coding-cheap", "reason": "a small edit"});
    assert_eq!(known["chosen"], expected);
    let known = ask(&mut bench, "Rename x to y.", json!({"facts": {"failures": 2}}));
    assert_eq!((&known["sent"], &known["chosen"]["tier"]), (&json!("words:2"), &json!("best")));
}

#[test]
fn what_the_user_escalates_again_and_again_the_rule_learns_in_that_project() {
    let mut bench = bench();
    let prompt = "Write a function that adds two numbers and another that multiplies them.";
    let tier = |known: &Value| known["chosen"]["tier"].as_str().unwrap().to_owned();
    assert_eq!(tier(&ask(&mut bench, prompt, json!({}))), "cheap");
    for _ in 0..2 {
        assert_eq!(tier(&ask(&mut bench, prompt, json!({"escalate": true}))), "best");
    }
    assert_eq!(tier(&ask(&mut bench, prompt, json!({}))), "best");
    assert_eq!(tier(&ask(&mut bench, prompt, json!({"project": "/other"}))), "cheap");
    let table = bench.call("auto.escalations", json!({"v": 1}));
    assert_eq!(table, json!([{"project": "/p", "rule": "ordinary", "times": 2, "learnt": true}]));
    assert_eq!(bench.call("auto.clear", json!({"v": 1, "project": "/p"})), json!({"cleared": 1}));
    assert_eq!(tier(&ask(&mut bench, prompt, json!({}))), "cheap");
}

#[test]
fn who_names_a_deployment_and_escalates_is_led_one_step_up() {
    let mut bench = bench();
    let prompt = "Write a function that adds two numbers and another that multiplies them.";
    let switch = json!({"v": 1, "purpose": "chat", "project": "/p", "escalate": true});
    let messages = json!([{"role": "user", "content": prompt}]);
    let request = json!({"messages": messages, "llm_switch": switch});
    let id = bench.submit_as("sw/sim/words:1", request);
    let Body::Done(known) = bench.end(id) else { panic!() };
    assert_eq!((&known["sent"], &known["requested"]), (&json!("words:2"), &json!("sim/words:1")));
    assert_eq!(known["chosen"]["tier"], "best");
}

#[test]
fn the_turns_of_tools_do_not_escalate_again() {
    let mut bench = bench();
    ask(&mut bench, "Rename x to y.", json!({"escalate": true}));
    ask(&mut bench, "Rename x to y.", json!({"escalate": true, "purpose": "tool-turn"}));
    let table = bench.call("auto.escalations", json!({"v": 1}));
    assert_eq!(table[0]["times"], 1, "{table}");
    let other = json!({"v": 1, "project": "/p", "rule": "other"});
    assert_eq!(bench.call("auto.clear", other), json!({"cleared": 0}));
}
