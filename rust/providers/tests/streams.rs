//! Recorded streams mean the same events however the network cuts them.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_providers::decoder;
use llm_switch_types::{Dialect, ErrorKind, Event, Result};
use std::path::{Path, PathBuf};

/// Each folder of recorded streams: its dialect, what its streams' files end
/// in, and what stands in a message that ends an answer.
const DIALECTS: &[(&str, Dialect, &str, &[&str])] = &[
    ("openai-chat", Dialect::OpenaiChat, "sse", &[r#""finish_reason":""#]),
    (
        "openai-responses",
        Dialect::OpenaiResponses,
        "sse",
        &[
            r#"data: {"type":"response.completed""#,
            r#"data: {"type":"response.incomplete""#,
            r#"data: {"type":"response.failed""#,
            r#"data: {"type":"error""#,
        ],
    ),
];

/// An answer as a service sends it.
struct Fixture {
    file: PathBuf,
    dialect: Dialect,
    streams: bool,
    ends: &'static [&'static str],
}

fn fixtures() -> Vec<Fixture> {
    let of = |&(folder, dialect, extension, ends): &(_, _, _, _)| {
        let fixture = move |file: PathBuf| {
            let streams = is(&file, extension);
            (streams || is(&file, "json")).then_some(Fixture { file, dialect, streams, ends })
        };
        files(folder).into_iter().filter_map(fixture)
    };
    DIALECTS.iter().flat_map(of).collect()
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test/fixtures/streams").join(folder);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.collect();
    files.sort();
    assert!(files.len() >= 8, "the fixtures are gone: {files:?}");
    files
}

fn is(file: &Path, extension: &str) -> bool {
    file.extension().is_some_and(|it| it == extension)
}

impl Fixture {
    fn bytes(&self) -> Vec<u8> {
        std::fs::read(&self.file).unwrap()
    }

    /// What PIECES of it mean, neighbouring texts joined, and how it ended.
    fn decode<'a>(&self, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Vec<Event>, Result<()>) {
        let mut decoder = decoder(self.dialect, self.streams, "seed");
        let mut events = Vec::new();
        let pushed = pieces.into_iter().try_for_each(|piece| decoder.push(piece, &mut events));
        let end = pushed.and_then(|()| decoder.finish(&mut events));
        (joined(events), end)
    }

    /// The same, a line each.
    fn meaning(&self) -> String {
        let (events, end) = self.decode([&self.bytes()[..]]);
        let events = events.iter().map(|event| serde_json::to_string(event).unwrap());
        let error = end.err().map(|error| format!(r#"{{"error":"{}"}}"#, error.kind.name()));
        events.chain(error).collect::<Vec<_>>().join("\n")
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
        let beside = fixture.file.with_extension("events");
        let expected = std::fs::read_to_string(beside).unwrap_or_default();
        assert_eq!(fixture.meaning(), expected.trim_end(), "{}", fixture.file.display());
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
fn a_stream_that_ends_early_is_an_error_until_the_service_said_that_it_was_all() {
    for fixture in fixtures().into_iter().filter(|fixture| fixture.streams) {
        let (bytes, file) = (fixture.bytes(), fixture.file.display());
        let text = String::from_utf8_lossy(&bytes);
        let said = fixture.ends.iter().find_map(|end| text.find(end)).unwrap();
        let before = text[..said].rfind('\n').unwrap();
        let (_, end) = fixture.decode([&bytes[..before]]);
        assert_eq!(end.unwrap_err().kind, ErrorKind::Network, "{file}");
        let after = said + text[said..].find('\n').unwrap();
        let ends = [&bytes[..after], &bytes[..]].map(|bytes| fixture.decode([bytes]).1);
        assert_eq!(ends[0], ends[1], "{file}");
    }
}
