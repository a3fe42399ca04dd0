//! Parameters that are passed on to a service as they are.

use crate::lines::Fault;
use serde_json::{Map, Value};

/// What `extra` may not set, and what to write instead: a hold is priced by
/// the length and the number of the answers, so nothing may change them
/// behind its back.
const TAKEN: [(&str, &str); 19] = [
    ("max_tokens", "max-output-tokens"),
    ("max_completion_tokens", "max-output-tokens"),
    ("max_output_tokens", "max-output-tokens"),
    ("generationConfig.maxOutputTokens", "max-output-tokens"),
    ("options.num_predict", "max-output-tokens"),
    ("temperature", "temperature"),
    ("reasoning_effort", "effort"),
    ("system", "system"),
    ("instructions", "system"),
    ("systemInstruction", "system"),
    ("model", "use"),
    ("n", ""),
    ("best_of", ""),
    ("generationConfig.candidateCount", ""),
    ("stream", ""),
    ("messages", ""),
    ("input", ""),
    ("contents", ""),
    ("prompt", ""),
];

/// EXTRA, if a service can be sent it.
pub(crate) fn read(extra: Map<String, Value>) -> Result<Map<String, Value>, Fault> {
    for (path, instead) in TAKEN {
        if at(&extra, path).is_some() {
            let instead = match instead {
                "" => "llm-switch sets it for each request, so leave it out".to_owned(),
                key => format!("write {key} in the route itself"),
            };
            return Err(Fault::new(
                format!("extra.{path}"),
                format!("{path} is not extra: {instead}"),
            ));
        }
    }
    extra.iter().try_for_each(|(key, value)| check(&format!("extra.{key}"), value))?;
    Ok(extra)
}

fn at<'a>(extra: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut keys = path.split('.');
    let first = extra.get(keys.next()?)?;
    keys.try_fold(first, |value, key| value.get(key))
}

/// TOML knows dates and infinities, which JSON has no word for.
fn check(path: &str, value: &Value) -> Result<(), Fault> {
    match value {
        Value::Null => Err(Fault::new(path, "JSON has no nan and no inf: write a number")),
        Value::Object(map) if map.keys().any(|key| key.starts_with("$__toml")) => {
            Err(Fault::new(path, "JSON has no dates: write it as text, between quotes"))
        }
        Value::Object(map) => {
            map.iter().try_for_each(|(key, value)| check(&format!("{path}.{key}"), value))
        }
        Value::Array(values) => {
            let mut values = values.iter().enumerate();
            values.try_for_each(|(index, value)| check(&format!("{path}[{index}]"), value))
        }
        _ => Ok(()),
    }
}
