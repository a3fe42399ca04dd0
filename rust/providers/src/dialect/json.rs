//! Reading JSON that services send.

use crate::surrogates;
use llm_switch_types::{Dialect, Error, ErrorKind, Result};
use serde::de::DeserializeOwned;

/// What JSON says, as services of DIALECT send it: half a surrogate pair or a
/// byte that is no UTF-8 spoils one character and not the answer.
///
/// # Errors
/// [`ErrorKind::Protocol`], without the reason in serde's words: these quote
/// the answer, which has no place in an error.
pub(super) fn parse<T: DeserializeOwned>(json: &[u8], dialect: Dialect) -> Result<T> {
    let repaired =
        |_| serde_json::from_str(&surrogates::replace_lone(&String::from_utf8_lossy(json)));
    serde_json::from_slice(json).or_else(repaired).map_err(|error| {
        let (name, column) = (dialect.name(), error.column());
        let what = format!("the answer is not what {name} services send (at column {column})");
        Error::new(ErrorKind::Protocol, what).advise("Check the base-url of this provider")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

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
}
