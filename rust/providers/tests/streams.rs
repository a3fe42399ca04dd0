//! Recorded streams mean the same events however the network cuts them.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_providers::decoder;
use llm_switch_simulator::{Tag, evidence};
use llm_switch_types::{Dialect, Event, Result};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Where the streams of each dialect stand, and what their files end with.
const FOLDERS: &[(&str, Dialect, &str)] = &[
    ("openai-chat", Dialect::OpenaiChat, "sse"),
    ("openai-responses", Dialect::OpenaiResponses, "sse"),
    ("anthropic", Dialect::Anthropic, "sse"),
    ("gemini", Dialect::Gemini, "sse"),
    ("ollama", Dialect::Ollama, "ndjson"),
];

/// The provider, and whether its server sent the stream.
type Origin = Option<(&'static str, Tag)>;

/// Whose streams they are, by folder and by how the file's name begins, as the
/// README beside them tells; the first that fits. Those of nobody in
/// particular are shapes that several servers have been seen to send.
const ORIGINS: &[(&str, &str, Origin)] = &[
    ("openai-chat", "llamacpp-", Some(("llamacpp", Tag::Recorded))),
    ("openai-chat", "openai-", Some(("openai", Tag::Written))),
    ("openai-chat", "openrouter-", Some(("openrouter", Tag::Written))),
    ("openai-chat", "mistral-", Some(("mistral", Tag::Written))),
    ("openai-chat", "deepseek-", Some(("deepseek", Tag::Written))),
    ("openai-responses", "llamacpp-", Some(("llamacpp", Tag::Recorded))),
    ("openai-responses", "openai-", Some(("openai", Tag::Written))),
    ("openai-responses", "loose", None),
    ("anthropic", "llamacpp-", Some(("llamacpp", Tag::Recorded))),
    ("anthropic", "anthropic-", Some(("anthropic", Tag::Written))),
    ("anthropic", "compatible-", None),
    ("gemini", "litellm-", Some(("litellm", Tag::Recorded))),
    ("gemini", "", Some(("gemini", Tag::Written))),
    ("ollama", "proxy-", Some(("ollama", Tag::Recorded))),
    ("ollama", "", Some(("ollama", Tag::Written))),
];

/// How often each stream is cut at random.
const CUTTINGS: u64 = 200;

/// What a service says when that was all, in each dialect.
const ENDS: &[&str] = &[
    "\"finish_reason\":\"",
    "\"response.completed\"",
    "\"response.incomplete\"",
    "\"message_stop\"",
    "\"finishReason\":\"",
    "\"blockReason\":\"",
    "\"done\":true",
];

/// A stream, or a whole answer.
struct Fixture {
    file: PathBuf,
    dialect: Dialect,
    streams: bool,
}

fn fixtures() -> Vec<Fixture> {
    FOLDERS.iter().flat_map(|row| folder(*row)).collect()
}

fn folder((name, dialect, extension): (&str, Dialect, &str)) -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/fixtures/streams");
    let files = std::fs::read_dir(folder.join(name)).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|file| is(file, extension) || is(file, "json")).collect();
    files.sort();
    assert!(files.len() >= 8, "the fixtures are gone: {files:?}");
    let fixture = |file: PathBuf| Fixture { streams: is(&file, extension), file, dialect };
    files.into_iter().map(fixture).collect()
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|it| it == extension)
}

impl Fixture {
    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.file).unwrap()
    }

    /// What its PIECES mean, neighbouring texts joined, and how that ends.
    fn decode<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Result<()>) {
        let mut decoder = decoder(self.dialect, self.streams, "seed");
        let mut events = Vec::new();
        let pushed = pieces.into_iter().try_for_each(|piece| decoder.push(piece, &mut events));
        let end = pushed.and_then(|()| decoder.finish(&mut events));
        (joined(events), end)
    }
}

impl Fixture {
    /// The service that it came from, or was written after.
    fn origin(&self) -> Origin {
        let name = self.file.file_name().unwrap().to_str().unwrap();
        let fits = |it: &&(&str, &str, _)| it.0 == self.dialect.name() && name.starts_with(it.1);
        ORIGINS.iter().find(fits).unwrap_or_else(|| panic!("whose is {name}?")).2
    }

    /// Notes what EVENTS, and that it FAILED, have shown of its service.
    fn tell(&self, events: &[Event], failed: bool) {
        let Some((provider, tag)) = self.origin() else { return };
        let whole = if self.streams { "stream" } else { "text" };
        let shows = |event: &Event| match event {
            Event::Text(_) => Some(whole),
            Event::ToolCall(_) => Some("tools"),
            Event::Usage(_) => Some("usage"),
            _ => None,
        };
        let cells: BTreeSet<_> =
            events.iter().filter_map(shows).chain(failed.then_some("errors")).collect();
        cells.into_iter().for_each(|cell| evidence(provider, cell, tag));
    }
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
        let (events, end) = fixture.decode([&fixture.bytes()[..]]);
        let failed = end.is_err();
        let error = end.err().map(|error| json!({"error": error.kind}).to_string());
        let told = events.iter().map(|event| serde_json::to_string(event).unwrap());
        let lines: Vec<_> = told.chain(error).collect();
        let expected = fixture.file.with_extension("events");
        let expected = std::fs::read_to_string(expected).unwrap_or_default();
        assert_eq!(lines.join("\n"), expected.trim_end(), "{}", fixture.file.display());
        fixture.tell(&events, failed);
    }
}

#[test]
fn a_cut_at_any_byte_changes_nothing() {
    for fixture in fixtures() {
        let (bytes, file) = (fixture.bytes(), fixture.file.display());
        let whole = fixture.decode([&bytes[..]]);
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(fixture.decode([head, tail]), whole, "{file} at {cut}");
        }
        assert_eq!(fixture.decode(bytes.chunks(1)), whole, "{file}");
    }
}

#[test]
fn random_cuts_change_nothing() {
    for fixture in fixtures() {
        let (bytes, file) = (fixture.bytes(), fixture.file.display());
        let whole = fixture.decode([&bytes[..]]);
        for seed in 0..CUTTINGS {
            assert_eq!(fixture.decode(cut(&bytes, seed)), whole, "{file} with the seed {seed}");
        }
    }
}

/// BYTES in pieces as SEED makes them: some streams come in crumbs, others in
/// lumps, and a piece may be empty.
fn cut(mut bytes: &[u8], seed: u64) -> Vec<&[u8]> {
    let mut random = fastrand::Rng::with_seed(seed);
    let largest = 1 << random.u32(0..12);
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(random.usize(0..=largest).min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}

#[test]
fn a_stream_that_ends_early_is_an_error_until_the_service_said_that_it_was_all() {
    for fixture in fixtures().into_iter().filter(|fixture| fixture.streams) {
        let (bytes, file) = (fixture.bytes(), fixture.file.display());
        let lines: Vec<_> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        let whole = |n: usize| fixture.decode(lines[..n].iter().copied()).1.is_ok();
        // Those that end in an error are never whole.
        if let Some(end) = (0..=lines.len()).find(|n| whole(*n)) {
            let last = String::from_utf8_lossy(lines[end - 1]).replace(' ', "");
            assert!(ENDS.iter().any(|word| last.contains(word)), "{file} ends with {last}");
            assert!((end..=lines.len()).all(whole), "{file}");
        }
    }
}
