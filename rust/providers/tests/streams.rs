//! Recorded streams mean the same events however the network cuts them.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_providers::decoder;
use llm_switch_types::{Dialect, Event, Result};
use std::path::{Path, PathBuf};

fn fixtures() -> Vec<PathBuf> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/fixtures/streams/openai-chat");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| is(file, "sse") || is(file, "json")).collect();
    files.sort();
    assert!(files.len() >= 8, "the fixtures are gone: {files:?}");
    files
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|it| it == extension)
}

/// What the PIECES of FILE mean, neighbouring texts joined.
fn decode<'a>(file: &Path, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Event>> {
    let mut decoder = decoder(Dialect::OpenaiChat, is(file, "sse"), "seed");
    let mut events = Vec::new();
    pieces.into_iter().try_for_each(|piece| decoder.push(piece, &mut events))?;
    decoder.finish(&mut events)?;
    Ok(joined(events))
}

fn joined(events: Vec<Event>) -> Vec<Event> {
    let mut out: Vec<Event> = Vec::new();
    for event in events {
        match (out.last_mut(), &event) {
            (Some(Event::Text(text)), Event::Text(more))
            | (Some(Event::Reasoning(text)), Event::Reasoning(more)) => text.push_str(more),
            _ => out.push(event),
        }
    }
    out
}

#[test]
fn each_fixture_means_the_events_beside_it() {
    for file in fixtures() {
        let bytes = std::fs::read(&file).unwrap();
        let events = decode(&file, [&bytes[..]]).unwrap();
        let lines: Vec<_> =
            events.iter().map(|event| serde_json::to_string(event).unwrap()).collect();
        let expected = std::fs::read_to_string(file.with_extension("events")).unwrap_or_default();
        assert_eq!(lines.join("\n"), expected.trim_end(), "{}", file.display());
    }
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    for file in fixtures() {
        let bytes = std::fs::read(&file).unwrap();
        let whole = decode(&file, [&bytes[..]]).unwrap();
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(decode(&file, [head, tail]).unwrap(), whole, "{} at {cut}", file.display());
        }
        assert_eq!(decode(&file, bytes.chunks(1)).unwrap(), whole, "{}", file.display());
    }
}

#[test]
fn a_stream_that_ends_early_is_an_error_until_the_service_said_that_it_was_all() {
    for file in fixtures().into_iter().filter(|file| is(file, "sse")) {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let said = text.find(r#""finish_reason":""#).unwrap();
        let before = text[..said].rfind("data:").unwrap();
        assert!(decode(&file, [&bytes[..before]]).is_err(), "{}", file.display());
        let done = text.find("data: [DONE]").unwrap();
        assert!(decode(&file, [&bytes[..done]]).is_ok(), "{}", file.display());
    }
}
