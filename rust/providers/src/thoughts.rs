//! Thoughts of earlier turns that a service does not take back.
//!
//! Services hand their models' reasoning out signed or encrypted and want it
//! back unchanged. It expires with a key, an organisation or a model, and
//! then the service refuses the whole conversation because of it.

use llm_switch_types::{Error, Reasoning, Request, Role};

/// The codes and words with which services refuse thoughts: OpenAI and xAI;
/// OpenAI where it does not keep what it is asked for by name; Anthropic.
const REFUSALS: &[&str] = &[
    "invalid_encrypted_content",
    "encrypted_content",
    "encrypted content",
    "items are not persisted when `store` is set to false",
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified",
    "invalid `signature` in `thinking` block",
    "invalid `data` in `redacted_thinking` block",
];

/// REQUEST without the thoughts of its earlier turns, when ERROR refuses
/// these; `None` when it does not, or when there are none.
///
/// Where results of tools are waiting for an answer, the model does not think
/// about them either: Anthropic refuses an answer that thinks to a call that
/// did not.
pub fn without_refused_thoughts(error: &Error, request: &Request) -> Option<Request> {
    let has_thoughts = request.messages.iter().any(|message| message.opaque.is_some());
    if !has_thoughts || !refuses_thoughts(error) {
        return None;
    }
    let mut request = request.clone();
    request.messages.iter_mut().for_each(|message| message.opaque = None);
    if request.messages.last().is_some_and(|last| last.role == Role::Tool) {
        request.reasoning = Reasoning::default();
    }
    Some(request)
}

fn refuses_thoughts(error: &Error) -> bool {
    let Some(said) = &error.said else { return false };
    let text = format!("{} {}", said.codes, said.message).to_lowercase();
    REFUSALS.iter().any(|words| text.contains(words))
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
}
