//! The arguments of a tool call, to be compared.

use super::json::members;
use serde_json::{Map, Value};

/// What the ARGUMENTS of a tool call say, in a form that is the same for all
/// texts that say the same.
///
/// A chat in Emacs reads them and writes them anew: with other spaces, escapes
/// and digits, and with an empty object for null and for what is no JSON.
pub fn comparable(arguments: &str) -> Value {
    let mut said = Value::Object(members(arguments).unwrap_or_default());
    said.sort_all_objects();
    settle(&mut said);
    said
}

/// Make what reading and writing may change in VALUE the same: null, and the
/// last bits of fractions, which go with digits that every reader keeps.
fn settle(value: &mut Value) {
    match value {
        Value::Null => *value = Value::Object(Map::new()),
        Value::Number(number) if number.is_f64() => {
            *value = format!("{:.12e}", number.as_f64().unwrap_or_default()).into();
        }
        Value::Array(values) => values.iter_mut().for_each(settle),
        Value::Object(members) => members.values_mut().for_each(settle),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_say_the_same_are_the_same() {
        let same = [
            (r#"{"a":1,"b":[{"c":2,"d":3}]}"#, r#"{ "b": [{"d": 3, "c": 2}], "a": 1 }"#),
            (r#"{"a":"\u00e9\/"}"#, r#"{"a":"é/"}"#),
            (r#"{"a":0.30000000000000004,"b":1e2}"#, r#"{"a":0.3,"b":100.0}"#),
            (r#"{"a":null,"b":[{}]}"#, r#"{"a":{},"b":[null]}"#),
            ("", "{}"),
            ("null", "{}"),
            ("{\"a\": 1", "{}"),
        ];
        for (one, other) in same {
            assert_eq!(comparable(one).to_string(), comparable(other).to_string(), "{one}");
        }
    }

    #[test]
    fn arguments_that_say_something_else_differ() {
        let texts = [
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":2}"#,
            r#"{"b":1}"#,
            r#"{"a":[]}"#,
            r#"{"a":null}"#,
            r#"{"a":false}"#,
            "{}",
        ];
        let long = [r#"{"a":12345678901234567}"#, r#"{"a":12345678901234568}"#];
        let all: Vec<Value> = texts.iter().chain(&long).map(|text| comparable(text)).collect();
        for (at, one) in all.iter().enumerate() {
            assert!(!all[at + 1..].contains(one), "{one}");
        }
    }
}
