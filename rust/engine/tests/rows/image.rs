//! Images in a question.

use crate::ask::ask_well;
use crate::world::World;
use llm_switch_catalog::Capability;
use llm_switch_simulator::{Tag, absent, evidence};
use llm_switch_types::{Dialect, Provider};
use serde_json::{Value, json};

const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=";

fn sees(world: &World, row: &Provider) {
    let url = format!("data:image/png;base64,{PNG}");
    let content = json!([{"type": "text", "text": "What is this?"},
        {"type": "image_url", "image_url": {"url": url}}]);
    let question = json!({"stream": true, "messages": [{"role": "user", "content": content}]});
    let answer = ask_well(world, row, "inspect", question);
    let seen: Value = serde_json::from_str(&answer.text).unwrap();
    // Ollama is sent the bytes and finds out by itself what they are.
    let mime = if row.dialect == Dialect::Ollama { Value::Null } else { json!("image/png") };
    let expected = json!([{"role": "user", "text": "What is this?",
        "media": [{"mime": mime, "data": PNG}]}]);
    assert_eq!(seen["messages"], expected, "{}", row.name);
}

#[test]
fn every_row_that_sees_gets_the_image() {
    let world = World::new();
    for row in world.rows() {
        match world.lacks(&row, Capability::Vision, "takes images") {
            Some(reason) => absent(&row.name, "image", &reason),
            None => {
                sees(&world, &row);
                evidence(&row.name, "image", Tag::Simulated);
            }
        }
    }
}
