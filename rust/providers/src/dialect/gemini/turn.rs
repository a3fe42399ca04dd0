//! The model's turn, as the service wants it back.

use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::{Value, json};

/// More parts than any model writes in one turn.
const MAX_PARTS: usize = 4096;
/// More bytes than any model writes in one turn.
const MAX_BYTES: usize = 16 << 20;

/// The parts of a turn, as far as they have arrived.
///
/// A signature holds for the part that bears it at its place among the
/// others, so the whole turn is kept. Only what the service says may be left
/// out is: thoughts in words, which nobody signed.
#[derive(Debug, Default)]
pub(super) struct Turn {
    parts: Vec<Value>,
    bytes: usize,
    /// There is something in it that the neutral turn does not hold.
    peculiar: bool,
}

impl Turn {
    /// Take the next PART. Pieces of one text become one again, but never
    /// across a signature.
    pub(super) fn push(&mut self, part: Value) -> Result<()> {
        let signed = is_signed(&part);
        if is_thought(&part) && !signed {
            return Ok(());
        }
        self.peculiar |= signed || part.pointer("/functionCall/id").is_some();
        self.bytes += part.to_string().len();
        match (self.parts.last_mut(), plain_text(&part)) {
            (Some(last), Some(more)) if plain_text(last).is_some() => append(last, more),
            _ => self.parts.push(part),
        }
        if self.parts.len() > MAX_PARTS || self.bytes > MAX_BYTES {
            return Err(Error::new(ErrorKind::Protocol, "the answer has no end"));
        }
        Ok(())
    }

    /// What must go back with the turn, if anything must.
    pub(super) fn take(&mut self) -> Option<Value> {
        let parts = std::mem::take(&mut self.parts);
        self.peculiar.then(|| json!({"parts": parts}))
    }
}

/// Whether PART tells what the model thinks, and not what it says.
pub(super) fn is_thought(part: &Value) -> bool {
    part["thought"] == true
}

fn is_signed(part: &Value) -> bool {
    part["thoughtSignature"].as_str().is_some_and(|signature| !signature.is_empty())
}

/// The text of a part that is nothing else.
fn plain_text(part: &Value) -> Option<&str> {
    let alone = part.as_object().is_some_and(|fields| fields.len() == 1);
    part["text"].as_str().filter(|_| alone)
}

fn append(last: &mut Value, more: &str) {
    if let Some(Value::String(text)) = last.get_mut("text") {
        text.push_str(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(parts: &[Value]) -> Option<Value> {
        let mut turn = Turn::default();
        parts.iter().for_each(|part| turn.push(part.clone()).unwrap());
        turn.take()
    }

    #[test]
    fn a_turn_without_signature_or_id_needs_nothing() {
        let parts = [json!({"text": "a"}), json!({"functionCall": {"name": "f"}})];
        assert_eq!(kept(&parts), None);
    }

    #[test]
    fn texts_are_joined_but_not_across_a_signature() {
        let text = |text: &str| json!({"text": text});
        let signed = json!({"text": "", "thoughtSignature": "s"});
        let parts = [text("a"), text("b"), signed.clone(), text("c"), text("d")];
        let expected = json!({"parts": [{"text": "ab"}, signed, {"text": "cd"}]});
        assert_eq!(kept(&parts), Some(expected));
    }

    #[test]
    fn thoughts_are_kept_only_where_they_are_signed() {
        let thought = json!({"text": "hm", "thought": true});
        let signed = json!({"text": "hm", "thought": true, "thoughtSignature": "s"});
        assert_eq!(kept(&[thought, signed.clone()]), Some(json!({"parts": [signed]})));
    }

    #[test]
    fn parts_without_end_are_refused() {
        let mut turn = Turn::default();
        let part = json!({"functionCall": {"name": "f"}});
        let error = (0..=MAX_PARTS).find_map(|_| turn.push(part.clone()).err()).unwrap();
        assert_eq!(error.kind, ErrorKind::Protocol);
        let mut turn = Turn::default();
        let long = "x".repeat(1 << 20);
        for part in [json!({"text": long}), json!({"inlineData": {"data": long}})] {
            let error = (0..17).find_map(|_| turn.push(part.clone()).err()).unwrap();
            assert_eq!(error.kind, ErrorKind::Protocol);
            turn = Turn::default();
        }
    }
}
