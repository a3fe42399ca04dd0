//! Recorded streams mean the same events however the network cuts them.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_providers::decoder;
use llm_switch_types::{Dialect, Event, Result};
use std::path::{Path, PathBuf};

/// The folders of the fixtures, whose streams end in the extension.
const FOLDERS: [(&str, Dialect, &str); 2] =
    [("openai-chat", Dialect::OpenaiChat, "sse"), ("anthropic", Dialect::Anthropic, "sse")];

/// What stands in the line with which a service says that this was all.
fn last_word(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Anthropic => r#""type":"message_stop""#,
        _ => r#""finish_reason":""#,
    }
}

/// A recorded answer.
struct Fixture {
    dialect: Dialect,
    streams: bool,
    file: PathBuf,
    bytes: Vec<u8>,
}

fn fixtures() -> Vec<Fixture> {
    FOLDERS.into_iter().flat_map(fixtures_of).collect()
}

fn fixtures_of((folder, dialect, extension): (&str, Dialect, &str)) -> Vec<Fixture> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/fixtures/streams/").join(folder);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| is(file, extension) || is(file, "json")).collect();
    files.sort();
    assert!(files.len() >= 8, "the fixtures are gone: {files:?}");
    let fixture = |file: PathBuf| {
        let bytes = std::fs::read(&file).unwrap();
        Fixture { dialect, streams: is(&file, extension), file, bytes }
    };
    files.into_iter().map(fixture).collect()
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|it| it == extension)
}

/// What the PIECES of FIXTURE mean, neighbouring texts joined, and its end.
fn decode<'a>(
    fixture: &Fixture,
    pieces: impl IntoIterator<Item = &'a [u8]>,
) -> (Vec<Event>, Result<()>) {
    let mut decoder = decoder(fixture.dialect, fixture.streams, "seed");
    let mut events = Vec::new();
    let end = pieces.into_iter().try_for_each(|piece| decoder.push(piece, &mut events));
    let end = end.and_then(|()| decoder.finish(&mut events));
    (joined(events), end)
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
    for fixture in fixtures() {
        let (events, end) = decode(&fixture, [&fixture.bytes[..]]);
        let events = events.iter().map(|event| serde_json::to_string(event).unwrap());
        let error = end.err().map(|error| format!("{{\"error\":\"{}\"}}", error.kind.name()));
        let lines: Vec<_> = events.chain(error).collect();
        let expected =
            std::fs::read_to_string(fixture.file.with_extension("events")).unwrap_or_default();
        assert_eq!(lines.join("\n"), expected.trim_end(), "{}", fixture.file.display());
    }
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    for fixture in fixtures() {
        let (bytes, name) = (&fixture.bytes[..], fixture.file.display());
        let whole = decode(&fixture, [bytes]);
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(decode(&fixture, [head, tail]), whole, "{name} at {cut}");
        }
        assert_eq!(decode(&fixture, bytes.chunks(1)), whole, "{name}");
    }
}

#[test]
fn a_stream_that_ends_early_is_an_error_until_the_service_said_that_it_was_all() {
    for fixture in fixtures().into_iter().filter(|fixture| fixture.streams) {
        let (text, name) = (String::from_utf8_lossy(&fixture.bytes), fixture.file.display());
        // One that ends with an error never says it.
        let Some(said) = text.find(last_word(fixture.dialect)) else { continue };
        let before = text[..said].rfind('\n').unwrap();
        assert!(decode(&fixture, [&fixture.bytes[..before]]).1.is_err(), "{name}");
        let after = said + text[said..].find('\n').unwrap();
        assert!(decode(&fixture, [&fixture.bytes[..after]]).1.is_ok(), "{name}");
    }
}
