//! What tools are called with.

use llm_switch_mcp::Tool;
use serde_json::{Map, Value, json};

/// A call that is to be made.
pub struct Call {
    pub tool: String,
    pub arguments: Map<String, Value>,
}

/// What CONTEXT says, else all TOOLS.
pub fn calls(context: &Value, tools: &[Tool]) -> Vec<Call> {
    if let Some(calls) = context["toolCalls"].as_array() {
        return calls.iter().filter_map(read).collect();
    }
    let call = |tool: &Tool| {
        let others = tools.iter().find(|it| it.name != tool.name);
        let arguments = fill_in(&tool.input_schema, others);
        Call { tool: tool.name.clone(), arguments }
    };
    tools.iter().map(call).collect()
}

fn read(call: &Value) -> Option<Call> {
    let arguments = call["arguments"].as_object().cloned().unwrap_or_default();
    Some(Call { tool: call["name"].as_str()?.to_owned(), arguments })
}

/// All that SCHEMA names, filled in. A tool that wants to see a schema gets
/// that of OTHER, as it came.
fn fill_in(schema: &Map<String, Value>, other: Option<&Tool>) -> Map<String, Value> {
    let fields = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let value = |name: &str, field: &Value| match other {
        Some(other) if name == "schema" => Value::Object(other.input_schema.clone()),
        _ => value(field),
    };
    fields.map(|(name, field)| (name.clone(), value(name, field))).collect()
}

/// A value that FIELD allows.
fn value(field: &Value) -> Value {
    if let Some(default) = field.get("default") {
        return default.clone();
    }
    if let Some(first) = field["enum"].get(0) {
        return first.clone();
    }
    match field["type"].as_str() {
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(true),
        Some("array") => json!([]),
        Some("object") => json!({}),
        Some("null") => Value::Null,
        _ => json!("text"),
    }
}
