//! Thoughts of earlier turns that a service does not take back.
//!
//! Services hand their models' reasoning out signed or encrypted and want it
//! back unchanged. It expires with a key, an organisation or a model, and
//! then the service refuses the whole conversation because of it.

use llm_switch_types::{Error, Reasoning, Request, Role};

/// How services refuse thoughts, each with words that stand together in no
/// other refusal: OpenAI and those who speak as it does, OpenAI where it does
/// not keep what it is asked for by name, xAI, Anthropic.
const REFUSALS: &[&[&str]] = &[
    &["invalid_encrypted_content"],
    &["encrypted content", "could not be"],
    &["items are not persisted when `store` is set to false"],
    &["could not decrypt", "encrypted_content"],
    &["`thinking` or `redacted_thinking` blocks", "cannot be modified"],
    &["invalid `signature` in `thinking` block"],
    &["invalid `data` in `redacted_thinking` block"],
];

/// How Anthropic refuses a conversation whose thoughts are missing, as they
/// are when another model made the call whose result is waiting.
const MISSING: &str = "expected `thinking` or `redacted_thinking`, but found";

/// REQUEST as it can be asked again when ERROR refuses the thoughts of its
/// earlier turns, or misses some: without them. `None` when ERROR is about
/// something else, or REQUEST has none already.
///
/// Where the result of a tool is waiting, the model does not think about it
/// either, because an answer that thinks has to follow a call that did.
pub fn without_refused_thoughts(error: &Error, request: &Request) -> Option<Request> {
    let said = error.said.as_ref()?;
    let text = format!("{} {}", said.codes, said.message).to_lowercase();
    let has_all = |words: &&[&str]| words.iter().all(|word| text.contains(word));
    if !text.contains(MISSING) && !REFUSALS.iter().any(has_all) {
        return None;
    }
    let mut changed = request.clone();
    changed.messages.iter_mut().for_each(|message| message.opaque = None);
    if changed.messages.last().is_some_and(|last| last.role == Role::Tool) {
        changed.reasoning = Reasoning::default();
    }
    (changed != *request).then_some(changed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{Effort, ErrorKind, Message, Said};
    use serde_json::json;

    fn refusal(codes: &str, message: &str) -> Error {
        let said = Said { codes: codes.into(), message: message.into(), ..Said::default() };
        Error { said: Some(Box::new(said)), ..Error::new(ErrorKind::BadRequest, "refused") }
    }

    fn thoughtful(last: Role) -> Request {
        let turn = Message { opaque: Some(json!([])), ..Message::text(Role::Assistant, "I see") };
        let reasoning = Reasoning { effort: Some(Effort::High), ..Reasoning::default() };
        let messages = vec![turn, Message::text(last, "Go on")];
        Request { messages, reasoning, ..Request::default() }
    }

    #[test]
    fn each_way_of_refusing_thoughts_is_understood() {
        let table = [
            ("invalid_encrypted_content", "The encrypted content gAAA could not be verified."),
            ("", "The encrypted content gAAA could not be verified."),
            ("", "Could not decrypt the provided encrypted_content."),
            ("", "messages.1.content.0: Invalid `signature` in `thinking` block"),
            (
                "invalid_request_error",
                "messages.3.content.1: `thinking` or `redacted_thinking` blocks in the latest \
                 assistant message cannot be modified. These blocks must remain as they were",
            ),
            (
                "invalid_request_error",
                "Item with id 'rs_1' not found. Items are not persisted when `store` is set to \
                 false.",
            ),
        ];
        for (codes, message) in table {
            let request = thoughtful(Role::User);
            let retry = without_refused_thoughts(&refusal(codes, message), &request);
            let retry = retry.unwrap_or_else(|| panic!("{message}"));
            assert!(retry.messages.iter().all(|message| message.opaque.is_none()));
            assert_eq!(retry.reasoning, request.reasoning);
        }
    }

    #[test]
    fn another_refusal_and_a_request_without_thoughts_stay() {
        let bad = refusal("invalid_encrypted_content", "");
        assert_eq!(without_refused_thoughts(&bad, &Request::default()), None);
        let other = refusal("", "temperature is refused");
        assert_eq!(without_refused_thoughts(&other, &thoughtful(Role::User)), None);
        let ours = Error::new(ErrorKind::BadRequest, "invalid_encrypted_content");
        assert_eq!(without_refused_thoughts(&ours, &thoughtful(Role::User)), None);
    }

    #[test]
    fn about_results_that_wait_nothing_is_thought() {
        let bad = refusal("", "Invalid `signature` in `thinking` block");
        let retry = without_refused_thoughts(&bad, &thoughtful(Role::Tool)).unwrap();
        assert_eq!(retry.reasoning, Reasoning::default());
    }

    #[test]
    fn a_call_of_another_model_is_answered_without_thinking_and_once() {
        let said = "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but \
                    found `tool_use`. When `thinking` is enabled, a final `assistant` message must";
        let mut request = thoughtful(Role::Tool);
        request.messages[0].opaque = None;
        let retry = without_refused_thoughts(&refusal("", said), &request).unwrap();
        assert_eq!(retry.reasoning, Reasoning::default());
        assert_eq!(without_refused_thoughts(&refusal("", said), &retry), None);
    }

    #[test]
    fn a_parameter_for_thoughts_that_is_refused_is_no_refusal_of_thoughts() {
        for said in [
            "Encrypted content is not supported with this model.",
            "thinking: Extra inputs are not permitted",
        ] {
            let refused = refusal("invalid_request_error", said);
            assert_eq!(without_refused_thoughts(&refused, &thoughtful(Role::User)), None, "{said}");
        }
    }
}
