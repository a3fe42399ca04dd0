//! Text, whole and streamed.

use crate::ask::{ask_well, recorded};
use crate::world::World;
use llm_switch_simulator::{Tag, evidence, words_text};
use llm_switch_types::{Dialect, Provider};
use serde_json::{Value, json};

/// What a row's service refuses must not get there, and what it calls
/// otherwise must come under that name.
fn demanding(row: &Provider, stream: bool) -> Value {
    let mut request = json!({"stream": stream, "max_tokens": 500, "temperature": 0.5, "top_p": 0.9,
        "reasoning_effort": "low", "messages": [
            {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Count"}]});
    for (name, value) in [("seed", json!(7)), ("stop", json!(["STOP"]))] {
        // OpenAI knows neither over Responses, and is to say so itself.
        let is_refused = row.quirks.refused_parameters.iter().any(|refused| refused == name);
        if is_refused || row.dialect != Dialect::OpenaiResponses {
            request[name] = value;
        }
    }
    request
}

fn answers(world: &World, row: &Provider, stream: bool) {
    let answer = ask_well(world, row, "words:40", demanding(row, stream));
    assert_eq!(answer.text, words_text(40), "{}", row.name);
    let attempt = recorded(world, &answer);
    assert_eq!(attempt["usage"]["output"], 40, "{}: {attempt}", row.name);
}

#[test]
fn every_row_answers_in_one_piece() {
    let world = World::new();
    for row in world.rows() {
        answers(&world, &row, false);
        evidence(&row.name, "text", Tag::Simulated);
    }
}

#[test]
fn every_row_streams() {
    let world = World::new();
    for row in world.rows() {
        answers(&world, &row, true);
        evidence(&row.name, "stream", Tag::Simulated);
    }
}
