//! What no service sends costs a bounded amount of memory, and ends.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_providers::decoder;
use llm_switch_types::{Dialect, ErrorKind, Result};
use peak_alloc::PeakAlloc;
use std::sync::{Mutex, MutexGuard, PoisonError};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// More megabytes than any of these may take: a few times the longest line.
const BOUND: usize = 256;

/// One test at a time, since memory is counted for all of them.
static ALONE: Mutex<()> = Mutex::new(());

const DIALECTS: &[Dialect] = &[
    Dialect::OpenaiChat,
    Dialect::OpenaiResponses,
    Dialect::Anthropic,
    Dialect::Gemini,
    Dialect::Ollama,
];

/// Messages with a place (%) whose content a decoder keeps until the end.
const KEPT: &[(Dialect, &str)] = &[
    (Dialect::OpenaiChat, r#"{"choices":[{"delta":{"reasoning_details":[%]}}]}"#),
    (Dialect::OpenaiChat, r#"{"choices":[{"delta":{"reasoning_content":%}}]}"#),
    (
        Dialect::OpenaiChat,
        r#"{"choices":[{"delta":{"tool_calls":[{"id":"","function":{"arguments":%}}]}}]}"#,
    ),
    (Dialect::OpenaiChat, r#"{"choices":[{"delta":{"tool_calls":[{"index":@,"id":%}]}}]}"#),
    (
        Dialect::OpenaiChat,
        r#"{"choices":[{"delta":{"tool_calls":[{"index":@,"function":{"name":%}}]}}]}"#,
    ),
    (
        Dialect::OpenaiResponses,
        r#"{"type":"response.output_item.added","output_index":@,"item":{"id":%}}"#,
    ),
    (
        Dialect::OpenaiResponses,
        r#"{"type":"response.output_item.done","output_index":@,"item":{"a":%}}"#,
    ),
    (Dialect::OpenaiResponses, r#"{"type":"response.function_call_arguments.delta","delta":%}"#),
    (Dialect::Anthropic, r#"{"type":"content_block_start","index":@,"content_block":{"a":%}}"#),
    (
        Dialect::Anthropic,
        r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":%}}"#,
    ),
    (
        Dialect::Anthropic,
        r#"{"type":"content_block_delta","delta":{"type":"citations_delta","citation":%}}"#,
    ),
    (
        Dialect::Anthropic,
        r#"{"type":"content_block_delta","index":@,"delta":{"type":"signature_delta","signature":%}}"#,
    ),
    (Dialect::Gemini, r#"{"candidates":[{"content":{"parts":[{"text":%}]}}]}"#),
    (Dialect::Gemini, r#"{"candidates":[{"content":{"parts":[{"inlineData":{"data":%}}]}}]}"#),
    (Dialect::Gemini, r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":%}}]}}]}"#),
    (
        Dialect::Gemini,
        r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","id":%}}]}}]}"#,
    ),
    (Dialect::Ollama, r#"{"message":{"thinking":%}}"#),
    (Dialect::Ollama, r#"{"message":{"tool_calls":[{"function":{"name":"f","arguments":%}}]}}"#),
    (Dialect::Ollama, r#"{"message":{"tool_calls":[{"function":{"name":%}}]}}"#),
    (Dialect::Ollama, r#"{"message":{"tool_calls":[{"id":%,"function":{"name":"f"}}]}}"#),
];

/// Messages with a place for what is shown as it comes.
const SHOWN: &[(Dialect, &str)] = &[
    (Dialect::OpenaiChat, r#"{"choices":[{"delta":{"content":%}}]}"#),
    (Dialect::OpenaiResponses, r#"{"type":"response.output_text.delta","delta":%}"#),
    (
        Dialect::Anthropic,
        r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":%}}"#,
    ),
    (Dialect::Gemini, r#"{"candidates":[{"content":{"parts":[{"text":%}]}}]}"#),
    (Dialect::Ollama, r#"{"message":{"content":%}}"#),
];

/// A message that calls one more tool, in each dialect.
const CALLS: &[(Dialect, &str)] = &[
    (Dialect::OpenaiChat, r#"{"choices":[{"delta":{"tool_calls":[{"index":@}]}}]}"#),
    (
        Dialect::OpenaiResponses,
        r#"{"type":"response.output_item.added","output_index":@,"item":{"type":"function_call"}}"#,
    ),
    (
        Dialect::Anthropic,
        r#"{"type":"content_block_start","index":@,"content_block":{"type":"tool_use"}}"#,
    ),
    (Dialect::Gemini, r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f"}}]}}]}"#),
    (Dialect::Ollama, r#"{"message":{"tool_calls":[{"function":{"name":"f"}}]}}"#),
];

/// What a message may hold for its size to be hard to guess: objects take
/// most of all, about ninety times their text.
const CROWDS: &[(&str, usize)] = &[("0,", 6 << 20), ("{\"\":0},", 2 << 20), ("{\"\":0},", 1 << 17)];

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How a stream of PIECES ends whose events are taken away as they come, and
/// the most megabytes that were in use meanwhile.
fn feed(
    dialect: Dialect,
    stream: bool,
    pieces: impl IntoIterator<Item = Vec<u8>>,
) -> (Result<()>, usize) {
    let mut decoder = decoder(dialect, stream, "seed");
    let mut events = Vec::new();
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let end = pieces.into_iter().try_for_each(|piece| {
        events.clear();
        decoder.push(&piece, &mut events)
    });
    let end = end.and_then(|()| decoder.finish(&mut events));
    (end, MEMORY.peak_usage().saturating_sub(before) >> 20)
}

/// MESSAGE with its places filled in, as a stream of DIALECT bears it.
fn framed(dialect: Dialect, message: &str, at: usize, content: &str) -> Vec<u8> {
    let message = message.replace('@', &at.to_string()).replace('%', content);
    let before = if dialect == Dialect::Ollama { "" } else { "data: " };
    format!("{before}{message}\n\n").into_bytes()
}

/// Feed CONTENT, as often as TIMES says, in MESSAGE.
fn fill(dialect: Dialect, message: &str, content: &str, times: usize) -> (Result<()>, usize) {
    feed(dialect, true, (0..times).map(|at| framed(dialect, message, at, content)))
}

fn text(of: &str) -> String {
    format!("\"{}\"", of.repeat(1 << 20))
}

fn is_refused(end: &Result<()>) -> bool {
    end.as_ref().is_err_and(|error| error.kind == ErrorKind::Protocol)
}

#[test]
fn a_line_or_a_body_without_end_is_an_error() {
    let _alone = alone();
    for (dialect, stream) in DIALECTS.iter().flat_map(|it| [(*it, true), (*it, false)]) {
        let begin = std::iter::once(b"data: {\"a\":\"".to_vec());
        let (end, used) =
            feed(dialect, stream, begin.chain(std::iter::repeat_n(vec![b'x'; 1 << 20], BOUND)));
        assert!(is_refused(&end) && used < BOUND, "{dialect:?}: {end:?} with {used} MB");
    }
}

#[test]
fn a_million_tool_calls_are_an_error() {
    let _alone = alone();
    for (dialect, message) in CALLS {
        let (end, used) = fill(*dialect, message, "", 1_000_000);
        assert!(is_refused(&end) && used < BOUND, "{message}: {end:?} with {used} MB");
    }
}

#[test]
fn json_without_bottom_is_an_error() {
    let _alone = alone();
    for (dialect, message) in KEPT {
        let (end, used) = fill(*dialect, message, &"[".repeat(500_000), 1);
        assert!(is_refused(&end) && used < BOUND, "{message}: {end:?} with {used} MB");
    }
}

#[test]
fn what_is_kept_until_the_end_has_one() {
    let _alone = alone();
    let content = text("x");
    for (dialect, message) in KEPT {
        let (end, used) = fill(*dialect, message, &content, BOUND + 1);
        assert!(is_refused(&end) && used < BOUND, "{message}: {end:?} with {used} MB");
    }
}

#[test]
fn what_is_shown_as_it_comes_is_not_kept() {
    let _alone = alone();
    for content in [text("x"), text(" ")] {
        for (dialect, message) in SHOWN {
            let (end, used) = fill(*dialect, message, &content, 100);
            assert!(used < BOUND / 4, "{message}: {end:?} with {used} MB");
        }
    }
}

#[test]
fn a_message_of_many_small_values_is_bounded() {
    let _alone = alone();
    for (value, times) in CROWDS {
        let content = format!("[{}0]", value.repeat(*times));
        for (dialect, message) in KEPT {
            let (end, used) = fill(*dialect, message, &content, 1);
            assert!(end.is_err() && used < BOUND, "{message}: {end:?} with {used} MB");
        }
    }
}

#[test]
fn the_input_of_a_hosted_tool_is_bounded_as_a_message_is() {
    let _alone = alone();
    let frame = |message: &str, content: &str| framed(Dialect::Anthropic, message, 0, content);
    let begin = r#"{"type":"content_block_start","content_block":{"type":"server_tool_use"}}"#;
    let input =
        r#"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":"%"}}"#;
    let many = r#"{\"\":0},"#.repeat(100_000);
    let mut pieces = vec![frame(begin, ""), frame(input, "[")];
    pieces.extend(std::iter::repeat_n(frame(input, &many), 18));
    pieces.extend([frame(input, "0]"), frame(r#"{"type":"message_stop"}"#, "")]);
    let (end, used) = feed(Dialect::Anthropic, true, pieces);
    assert!(end.is_ok() && used < BOUND, "{end:?} with {used} MB");
}
