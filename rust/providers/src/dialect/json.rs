//! Reading JSON that services send, and writing what is sent to them.

use crate::surrogates;
use llm_switch_types::{Dialect, Error, ErrorKind, Result};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// More values than any message holds. In memory a value can take a hundred
/// times what it takes in text.
const MAX_VALUES: usize = 1 << 19;

/// What JSON says, as services of DIALECT send it: half a surrogate pair or a
/// byte that is no UTF-8 spoils one character and not the answer.
///
/// # Errors
/// [`ErrorKind::Protocol`], without the reason in serde's words: these quote
/// the answer, which has no place in an error.
pub(super) fn parse<T: DeserializeOwned>(json: &[u8], dialect: Dialect) -> Result<T> {
    if crowd(json) > MAX_VALUES {
        let what = "the answer holds more values than any service sends";
        return Err(Error::new(ErrorKind::Protocol, what));
    }
    let repaired =
        |_| serde_json::from_str(&surrogates::replace_lone(&String::from_utf8_lossy(json)));
    serde_json::from_slice(json).or_else(repaired).map_err(|error| {
        let (name, column) = (dialect.name(), error.column());
        let what = format!("the answer is not what {name} services send (at column {column})");
        Error::new(ErrorKind::Protocol, what).advise("Check the base-url of this provider")
    })
}

/// At least as many values as JSON holds: each follows one of these.
fn crowd(json: &[u8]) -> usize {
    json.iter().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

/// The members of an object that is sent.
pub(super) struct Members<'a>(pub(super) &'a mut Map<String, Value>);

impl Members<'_> {
    /// The member KEY is VALUE, where there is one: services tell a missing
    /// member from null.
    pub(super) fn set(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value);
        }
    }
}

/// The ARGUMENTS of a tool call, for wires that want an object and not its
/// text. What the model wrote instead of one is kept under KEY, since its
/// tool's complaint would make no sense without it.
///
/// They come from a conversation that anybody may have written, so the same
/// limit holds as for an answer. Beyond it they go back as the text they are.
pub(super) fn object(arguments: &str, key: &str) -> Value {
    match members(arguments) {
        Some(object) => Value::Object(object),
        None if arguments.trim().is_empty() => json!({}),
        None => json!({ key: arguments }),
    }
}

/// What ARGUMENTS say, if they are an object of no more values than any
/// message holds.
pub(super) fn members(arguments: &str) -> Option<Map<String, Value>> {
    let few = crowd(arguments.as_bytes()) <= MAX_VALUES;
    few.then(|| serde_json::from_str(arguments).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_character_does_not_spoil_an_answer() {
        for json in [&br#"{"a":"\ud83e"}"#[..], b"{\"a\":\"\xff\"}"] {
            let read: Value = parse(json, Dialect::Gemini).unwrap();
            assert_eq!(read["a"], "\u{fffd}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_repeated() {
        let error = parse::<u64>(b"\"my secret\"", Dialect::Ollama).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Protocol);
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn arguments_become_an_object_whatever_the_model_wrote() {
        let table = [
            ("{\"a\":1}", json!({"a": 1})),
            (" ", json!({})),
            ("{\"a\":", json!({"arguments": "{\"a\":"})),
            ("[1]", json!({"arguments": "[1]"})),
        ];
        for (text, expected) in table {
            assert_eq!(object(text, "arguments"), expected);
        }
    }

    #[test]
    fn arguments_with_more_values_than_any_message_holds_stay_text() {
        let list = |count| format!("{{\"a\":[{}1]}}", "1,".repeat(count));
        assert!(object(&list(MAX_VALUES - 9), "arguments")["a"].is_array());
        let crowd = list(MAX_VALUES + 1);
        assert_eq!(object(&crowd, "arguments"), json!({"arguments": crowd}));
    }
}
