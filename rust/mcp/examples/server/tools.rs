//! The tools, as they are listed.

use rmcp::model::{JsonObject, Tool, ToolAnnotations};
use serde_json::{Value, json};

/// Names and what they do.
const TOOLS: &[(&str, &str)] = &[
    ("echo", "Gives its text back"),
    ("slow", "Takes STEPS steps of DELAY milliseconds and notes each"),
    ("cancelled", "The calls that were cancelled"),
    ("media", "One of each kind of content, the image to look at if REAL"),
    ("error", "Fails at its task"),
    ("refuse", "Is refused"),
    ("big", "A text of MEGABYTES"),
    ("env", "The environment of the server"),
    ("weather", "Get the weather of a city"),
    ("ask", "Asks for WHAT: form, survey, url, sampling or roots"),
    ("change", "Adds a tool"),
    ("crash", "Ends the server with code 7"),
    ("rubbish", "Writes lines that are no messages to standard output"),
    ("flood", "Writes MEGABYTES to standard error"),
];

/// All tools, ADDED ones among them.
pub fn all(added: usize) -> Vec<Tool> {
    let known = TOOLS.iter().map(|(name, description)| tool(name, description));
    let more = (1..=added).map(|it| tool(&format!("added-{it}"), "Was added"));
    known.chain(more).collect()
}

fn tool(name: &str, description: &str) -> Tool {
    let it = Tool::new(name.to_owned(), description.to_owned(), schema(name));
    match name {
        "echo" => it
            .with_raw_output_schema(
                object(json!({"type": "object", "x-kept": [1, {"a": null}]})).into(),
            )
            .with_annotations(ToolAnnotations::new().read_only(true).open_world(false)),
        _ => it,
    }
}

fn schema(name: &str) -> JsonObject {
    object(match name {
        "echo" => json!({
            "type": "object", "$defs": {"text": {"type": "string", "x-odd": {"b": 1, "a": 2}}},
            "properties": {"text": {"$ref": "#/$defs/text"}}, "required": ["text"],
        }),
        "weather" => json!({
            "type": "object", "required": ["city"],
            "properties": {"city": {"type": "string", "description": "City", "enum": ["Paris"]}},
        }),
        "slow" => json!({
            "type": "object",
            "properties": {"delay": {"type": "integer"}, "steps": {"type": "integer"}},
        }),
        _ => json!({"type": "object"}),
    })
}

fn object(value: Value) -> JsonObject {
    value.as_object().cloned().unwrap_or_default()
}
