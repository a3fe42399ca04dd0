//! JSON Schema, cut down to what a provider takes.

use llm_switch_types::Quirks;
use serde_json::{Map, Value};

/// Make SCHEMA one that QUIRKS allow. The model loses a hint; refused, the
/// whole request would be lost.
pub(super) fn adapt(quirks: &Quirks, schema: &mut Value) {
    if quirks.typed_properties || !quirks.refused_schema_keywords.is_empty() {
        walk(quirks, schema);
    }
}

fn walk(quirks: &Quirks, schema: &mut Value) {
    match schema {
        Value::Array(schemas) => schemas.iter_mut().for_each(|schema| walk(quirks, schema)),
        Value::Object(map) => {
            map.retain(|keyword, _| !quirks.refused_schema_keywords.contains(keyword));
            map.iter_mut().for_each(|(keyword, value)| below(quirks, keyword, value));
        }
        _ => {}
    }
}

/// What stands below a keyword: schemas by names of the user's, which are no
/// keywords whatever they are called; values, which are no schemas; or schemas.
fn below(quirks: &Quirks, keyword: &str, value: &mut Value) {
    match (keyword, value) {
        ("properties" | "patternProperties" | "$defs" | "definitions", Value::Object(named)) => {
            named.values_mut().for_each(|schema| part(quirks, schema));
        }
        ("enum" | "const" | "default" | "examples", _) => {}
        ("items", schema) => part(quirks, schema),
        (_, schema) => walk(quirks, schema),
    }
}

fn part(quirks: &Quirks, schema: &mut Value) {
    walk(quirks, schema);
    if let Value::Object(map) = schema
        && (quirks.typed_properties || map.is_empty())
        && !["type", "$ref", "anyOf", "oneOf", "allOf"].iter().any(|it| map.contains_key(*it))
    {
        map.insert("type".into(), kind(map).into());
    }
}

/// The type that the rest of a schema shows; a text can say anything.
fn kind(schema: &Map<String, Value>) -> &'static str {
    let example = schema.get("const").or_else(|| schema.get("enum")?.get(0));
    match example {
        Some(Value::Bool(_)) => "boolean",
        Some(Value::Number(_)) => "number",
        None if schema.contains_key("properties") => "object",
        None if schema.contains_key("items") => "array",
        _ => "string",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keywords_go_and_properties_of_the_same_name_stay() {
        let refused_schema_keywords = vec!["pattern".to_owned(), "minItems".to_owned()];
        let quirks = Quirks { refused_schema_keywords, ..Quirks::default() };
        let mut schema = json!({"type": "object", "properties": {
            "pattern": {"type": "string", "pattern": "^a", "default": {"pattern": 1}},
            "list": {"type": "array", "minItems": 1, "items": {}},
            "either": {"anyOf": [{"type": "string", "pattern": "b"}]}}});
        adapt(&quirks, &mut schema);
        let expected = json!({"type": "object", "properties": {
            "pattern": {"type": "string", "default": {"pattern": 1}},
            "list": {"type": "array", "items": {"type": "string"}},
            "either": {"anyOf": [{"type": "string"}]}}});
        assert_eq!(schema, expected);
    }

    #[test]
    fn every_property_gets_a_type_that_fits() {
        let quirks = Quirks { typed_properties: true, ..Quirks::default() };
        let mut schema = json!({"properties": {"any": {"description": "d"}, "one": {"enum": [1, 2]},
            "map": {"properties": {}}, "many": {"items": {"type": "string"}}, "ref": {"$ref": "#/x"}}});
        adapt(&quirks, &mut schema);
        let kind = |name: &str| schema["properties"][name]["type"].clone();
        assert_eq!(
            [kind("any"), kind("one"), kind("map"), kind("many")],
            ["string", "number", "object", "array"]
        );
        assert_eq!(kind("ref"), Value::Null);
    }

    #[test]
    fn nothing_special_leaves_a_schema_verbatim() {
        let mut schema = json!({"properties": {"a": {}}, "minItems": 3});
        adapt(&Quirks::default(), &mut schema);
        assert_eq!(schema, json!({"properties": {"a": {}}, "minItems": 3}));
    }
}
