//! Scripts that repeat what they were shown and told, in words that are the
//! same in every dialect.

use crate::{
    prompt::{Message, Prompt},
    reply::{Answer, Reply},
};
use serde_json::Value;

/// What was shown in the conversation.
pub(crate) fn sees(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let shown = prompt.messages.iter().flat_map(|message| message.media.clone());
    let shown: Vec<Value> = shown.collect();
    let answer = || Answer::text(&format!("I see {}.", told(&shown)), prompt.tokens());
    parameters.is_empty().then(|| answer().into())
}

/// The conversation so far.
pub(crate) fn recite(parameters: &str, prompt: &Prompt) -> Option<Reply> {
    let text = || recitation(&prompt.messages);
    parameters.is_empty().then(|| Answer::text(&text(), prompt.tokens()).into())
}

/// A line for each question, and for what was called, given and said about it.
/// Dialects split a turn differently, so those are gathered.
fn recitation(messages: &[Message]) -> String {
    let spoken: Vec<&Message> = messages.iter().filter(|it| it.role != "system").collect();
    let turns = spoken.chunk_by(|_, next| next.role != "user");
    turns.flat_map(turn).collect::<Vec<_>>().join("\n")
}

fn turn(messages: &[&Message]) -> Vec<String> {
    let texts = |role: &str| {
        let of_role = messages.iter().filter(|message| message.role == role);
        of_role.map(|message| quoted(&message.text)).filter(|text| text != "\"\"").collect()
    };
    let media: Vec<Value> = messages.iter().flat_map(|message| message.media.clone()).collect();
    let shown = if media.is_empty() { Vec::new() } else { vec![told(&media)] };
    let calls = messages.iter().flat_map(|message| message.calls.clone()).collect();
    let lines: [(&str, Vec<String>); 5] = [
        ("asked", texts("user")),
        ("shown", shown),
        ("called", calls),
        ("given", texts("tool")),
        ("said", texts("assistant")),
    ];
    let lines = lines.into_iter().filter(|(_, what)| !what.is_empty());
    lines.map(|(word, what)| format!("{word}: {}", what.join(", "))).collect()
}

/// TEXT in a line: dialects join its pieces with different blanks.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Pictures by their size, since one dialect does not tell their type.
fn told(media: &[Value]) -> String {
    let size = |media: &Value| match media["data"].as_str() {
        Some(data) => format!("{} bytes", data.trim_end_matches('=').len() * 3 / 4),
        None => media["url"].as_str().unwrap_or_default().to_owned(),
    };
    let sizes: Vec<String> = media.iter().map(size).collect();
    match sizes.as_slice() {
        [] => "no picture".to_owned(),
        [size] => format!("a picture of {size}"),
        _ => format!("{} pictures of {}", sizes.len(), sizes.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(role: &str, text: &str, calls: &[&str]) -> Message {
        let calls = calls.iter().map(|name| (*name).to_owned()).collect();
        Message { role: role.to_owned(), text: text.to_owned(), calls, ..Message::default() }
    }

    #[test]
    fn a_turn_in_pieces_is_recited_as_a_whole_one() {
        let whole = [
            message("system", "Be brief.", &[]),
            message("user", "Look!\n", &[]),
            message("assistant", "I look.", &["look", "read"]),
            message("tool", "moon", &[]),
            message("tool", "rain", &[]),
            message("assistant", "I  saw.", &[]),
            message("user", "Thanks", &[]),
        ];
        let pieces = [
            message("user", "Look!", &[]),
            message("assistant", "I look.", &[]),
            message("assistant", "", &["look"]),
            message("tool", "moon", &[]),
            message("assistant", "", &["read"]),
            message("tool", "rain", &[]),
            message("assistant", "I saw.", &[]),
            message("user", "Thanks", &[]),
        ];
        let expected = "asked: \"Look!\"\ncalled: look, read\ngiven: \"moon\", \"rain\"\n\
                        said: \"I look.\", \"I saw.\"\nasked: \"Thanks\"";
        assert_eq!(recitation(&whole), expected);
        assert_eq!(recitation(&pieces), expected);
    }

    #[test]
    fn pictures_are_told_by_their_size() {
        let inline = |data: &str| json!({"mime": null, "data": data});
        assert_eq!(told(&[]), "no picture");
        assert_eq!(told(&[inline("AAAAAA==")]), "a picture of 4 bytes");
        let two = [inline("AAAA"), json!({"url": "https://a.example/b.png"})];
        assert_eq!(told(&two), "2 pictures of 3 bytes, https://a.example/b.png");
    }
}
