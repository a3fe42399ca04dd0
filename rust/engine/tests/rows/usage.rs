//! Tokens, in buckets that do not overlap, as each dialect counts them.

use crate::ask::{ask_well, recorded};
use crate::world::World;
use llm_switch_simulator::{Tag, evidence};
use llm_switch_types::{Dialect, Usage};
use serde_json::{Value, json};

/// What the script says: 1000 tokens of prompt, 600 of them cached, 50 of
/// output, 30 of them reasoning, and 100 and 40 written to the cache.
const SCRIPT: &str = "usage:1000,600,50,30,100,40";

/// What that means where DIALECT tells it.
fn expected(dialect: Dialect) -> Usage {
    let told = Usage { input: 260, cache_read: 600, output: 50, reasoning: 30, ..Usage::default() };
    match dialect {
        Dialect::Anthropic => Usage { cache_write_5m: 100, cache_write_1h: 40, ..told },
        // The newest models of OpenAI count what they write, in one number.
        Dialect::OpenaiChat | Dialect::OpenaiResponses => Usage { cache_write_5m: 140, ..told },
        Dialect::Gemini => Usage { input: 400, ..told },
        // It counts what it had to read, and no thoughts.
        Dialect::Ollama => Usage { input: 400, output: 50, ..Usage::default() },
    }
}

#[test]
fn every_row_counts_in_disjoint_buckets() {
    let world = World::new();
    for row in world.rows() {
        for stream in [true, false] {
            let answer = ask_well(&world, &row, SCRIPT, json!({"stream": stream}));
            let usage: Value = recorded(&world, &answer)["usage"].take();
            let expected = json!(expected(row.dialect));
            for (bucket, tokens) in expected.as_object().unwrap() {
                assert_eq!(&usage[bucket], tokens, "{} {bucket}: {usage}", row.name);
            }
        }
        evidence(&row.name, "usage", Tag::Simulated);
    }
}
