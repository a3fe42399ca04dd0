//! Each rule of each row, provoked in the provider's own words.

use crate::ask::ask;
use crate::world::World;
use llm_switch_simulator::{Tag, evidence};
use llm_switch_types::{ErrorRule, Provider};
use serde_json::json;

/// What any service means by a status, in its dialect's words.
const GENERAL: &[(&str, &str)] = &[
    ("status:401", "auth"),
    ("status:429", "rate-limited"),
    ("status:500", "server"),
    ("status:503:html", "overloaded"),
    ("error:context", "context-length"),
];

/// The name that RULE has with the simulator: its code, else its words, else
/// its status.
fn name(rule: &ErrorRule) -> String {
    let hyphened = |text: &String| {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|it| !it.is_empty());
        words.collect::<Vec<_>>().join("-").to_lowercase()
    };
    let status = || rule.status.map(|status| status.to_string());
    rule.code.clone().or_else(|| rule.text.as_ref().map(hyphened)).or_else(status).unwrap()
}

fn provoke(world: &World, row: &Provider, model: &str, kind: &str) {
    let once = json!({"v": 1, "purpose": "chat", "retries": 0});
    let answer = ask(world, row, model, json!({"stream": true, "llm_switch": once}));
    assert!(answer.failed, "{} {model}: {answer:?}", row.name);
    assert_eq!(answer.known["kind"], kind, "{} {model}: {}", row.name, answer.known);
}

#[test]
fn every_rule_of_every_row_is_provoked_and_understood() {
    let world = World::new();
    let mut provoked = 0;
    for row in world.rows() {
        for (model, kind) in GENERAL {
            provoke(&world, &row, model, kind);
        }
        for rule in &row.errors {
            let kind = json!(rule.kind);
            provoke(
                &world,
                &row,
                &format!("row:{}:{}", row.name, name(rule)),
                kind.as_str().unwrap(),
            );
            provoked += 1;
        }
        evidence(&row.name, "errors", Tag::Simulated);
    }
    assert!(provoked >= 90, "only {provoked} rules");
}
