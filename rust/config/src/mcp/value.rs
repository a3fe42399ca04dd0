//! Parts of a JSON object. What is wrong is told by its key: the value may be
//! a secret.

use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The text at KEY, if there is any.
pub(super) fn text(object: &Map<String, Value>, key: &str) -> Result<Option<String>, String> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(format!("its {key} must be text")),
    }
}

/// Whether true stands at KEY.
pub(super) fn flag(object: &Map<String, Value>, key: &str) -> bool {
    object.get(key) == Some(&Value::Bool(true))
}

/// The object at KEY, if there is one.
pub(super) fn part<'a>(
    object: &'a Map<String, Value>,
    key: &str,
) -> Result<Option<&'a Map<String, Value>>, String> {
    match object.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(part)) => Ok(Some(part)),
        Some(_) => Err(format!("its {key} must be an object")),
    }
}

/// The texts at KEY.
pub(super) fn list(object: &Map<String, Value>, key: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("its {key} must be a list of texts");
    let values = match object.get(key) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(values)) => values,
        Some(_) => return Err(wrong()),
    };
    let texts = values.iter().map(|value| value.as_str().map(str::to_owned));
    texts.collect::<Option<_>>().ok_or_else(wrong)
}

/// The texts at KEY by their names. A number is its digits, and null is as if
/// the name were not there: VS Code has it so.
pub(super) fn map(
    object: &Map<String, Value>,
    key: &str,
) -> Result<BTreeMap<String, String>, String> {
    let mut texts = BTreeMap::new();
    for (name, value) in part(object, key)?.into_iter().flatten() {
        let text = match value {
            Value::Null => continue,
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return Err(format!("the values of its {key} must be texts")),
        };
        texts.insert(name.clone(), text);
    }
    Ok(texts)
}
