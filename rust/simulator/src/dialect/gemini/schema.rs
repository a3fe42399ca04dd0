//! The names that Google's parser knows; it refuses all others. It takes them
//! in snake case as well, and Google's own SDK mixes both.

use serde_json::Value;

const REQUEST: &[&str] = &[
    "model",
    "contents",
    "systemInstruction",
    "tools",
    "toolConfig",
    "generationConfig",
    "cachedContent",
    "safetySettings",
    "labels",
    "serviceTier",
    "store",
];

const GENERATION_CONFIG: &[&str] = &[
    "audioTimestamp",
    "candidateCount",
    "enableEnhancedCivicAnswers",
    "frequencyPenalty",
    "imageConfig",
    "logprobs",
    "maxOutputTokens",
    "mediaResolution",
    "presencePenalty",
    "responseFormat",
    "responseJsonSchema",
    "responseLogprobs",
    "responseMimeType",
    "responseModalities",
    "responseSchema",
    "seed",
    "speechConfig",
    "stopSequences",
    "temperature",
    "thinkingConfig",
    "topK",
    "topP",
];

const THINKING_CONFIG: &[&str] = &["includeThoughts", "thinkingBudget", "thinkingLevel"];

const DECLARATION: &[&str] = &[
    "name",
    "description",
    "parameters",
    "parametersJsonSchema",
    "response",
    "responseJsonSchema",
    "behavior",
];

/// The members of OpenAPI's schemas that are known. Those of JSON Schema stand
/// in members of their own, where nobody looks at them.
const SCHEMA: &[&str] = &[
    "additionalProperties",
    "anyOf",
    "default",
    "defs",
    "description",
    "enum",
    "example",
    "format",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "nullable",
    "pattern",
    "properties",
    "propertyOrdering",
    "ref",
    "required",
    "title",
    "type",
];

/// Members whose content is the client's own, names included.
const OPAQUE: &[&str] =
    &["args", "response", "parametersJsonSchema", "responseJsonSchema", "default", "example"];

/// `value` with all names of the protocol in camel case.
pub(super) fn camel_cased(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(camel_cased).collect(),
        Value::Object(members) => members.into_iter().map(camel_cased_member).collect(),
        other => other,
    }
}

fn camel_cased_member((name, value): (String, Value)) -> (String, Value) {
    let name = camel(&name);
    let value = match (name.as_str(), value) {
        (opaque, value) if OPAQUE.contains(&opaque) => value,
        // The names of properties are the client's, what they hold is not.
        ("properties", Value::Object(properties)) => {
            properties.into_iter().map(|(name, schema)| (name, camel_cased(schema))).collect()
        }
        (_, value) => camel_cased(value),
    };
    (name, value)
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (initial, rest) = word.split_at_checked(1).unwrap_or((word, ""));
        name + &initial.to_uppercase() + rest
    })
}

/// The path of the first member of the request that has an unknown name.
pub(super) fn unknown(body: &Value) -> Option<String> {
    let config = &body["generationConfig"];
    first(body, REQUEST, "")
        .or_else(|| first(config, GENERATION_CONFIG, "generationConfig"))
        .or_else(|| {
            first(&config["thinkingConfig"], THINKING_CONFIG, "generationConfig.thinkingConfig")
        })
        .or_else(|| in_schema(&config["responseSchema"], "generationConfig.responseSchema"))
        .or_else(|| in_tools(&body["tools"]))
}

fn in_tools(tools: &Value) -> Option<String> {
    for (i, tool) in tools.as_array()?.iter().enumerate() {
        let declarations = tool["functionDeclarations"].as_array();
        for (j, declaration) in declarations.into_iter().flatten().enumerate() {
            let place = format!("tools[{i}].functionDeclarations[{j}]");
            let found = first(declaration, DECLARATION, &place)
                .or_else(|| in_schema(&declaration["parameters"], &format!("{place}.parameters")));
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

fn in_schema(schema: &Value, place: &str) -> Option<String> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let choices = schema["anyOf"].as_array().into_iter().flatten().enumerate();
    first(schema, SCHEMA, place)
        .or_else(|| {
            let place = format!("{place}.items");
            schema.get("items").and_then(|items| in_schema(items, &place))
        })
        .or_else(|| {
            let mut found = properties
                .filter_map(|(name, s)| in_schema(s, &format!("{place}.properties.{name}")));
            found.next()
        })
        .or_else(|| {
            choices.filter_map(|(i, s)| in_schema(s, &format!("{place}.anyOf[{i}]"))).next()
        })
}

fn first(value: &Value, known: &[&str], place: &str) -> Option<String> {
    let name = value.as_object()?.keys().find(|name| !known.contains(&name.as_str()))?;
    Some(if place.is_empty() { name.clone() } else { format!("{place}.{name}") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_property_may_have_any_name() {
        let body = json!({"contents": [], "generationConfig": {}, "tools": [
            {"googleSearch": {}}, {"functionDeclarations": [{"name": "f", "parameters":
                {"type": "object", "properties": {"$schema": {"type": "string"}}}}]}]});
        assert_eq!(unknown(&body), None);
    }

    #[test]
    fn names_of_the_protocol_and_no_others_become_camel_case() {
        let body = json!({"generation_config": {"top_k": 1}, "contents": [{"parts": [
            {"function_call": {"args": {"zip_code": 1}}}]}],
            "parameters": {"properties": {"zip_code": {"any_of": []}}}});
        let expected = json!({"generationConfig": {"topK": 1}, "contents": [{"parts": [
            {"functionCall": {"args": {"zip_code": 1}}}]}],
            "parameters": {"properties": {"zip_code": {"anyOf": []}}}});
        assert_eq!(camel_cased(body), expected);
    }

    #[test]
    fn a_name_that_only_json_schema_knows_is_found_at_its_place() {
        let parameters = json!({"type": "object", "properties": {
            "a": {"type": "array", "items": {"anyOf": [{"type": "string"}, {"const": 1}]}}}});
        let tool = json!({"functionDeclarations": [{"name": "f", "parameters": parameters}]});
        let place = "tools[0].functionDeclarations[0].parameters.properties.a.items.anyOf[1].const";
        assert_eq!(unknown(&json!({"tools": [tool]})), Some(place.to_owned()));
        let config = json!({"generationConfig": {"maxTokens": 5}});
        assert_eq!(unknown(&config), Some("generationConfig.maxTokens".to_owned()));
    }
}
