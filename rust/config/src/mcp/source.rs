//! A file of another program, in JSON.

use super::comments::without_comments;
use llm_switch_types::{Error, ErrorKind, Result};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{fmt, fs};

/// A file of another program, with its comments left out.
pub(super) struct Source {
    pub(super) file: PathBuf,
    text: String,
    /// Where each line ends.
    breaks: Vec<usize>,
}

/// What a JSON object holds, each value as it is written: one that is wrong
/// spoils no other.
pub(super) type Object<'a> = BTreeMap<String, &'a RawValue>;

/// Claude Code keeps a history in its file; what is longer than this is none.
const MOST_BYTES: u64 = 64 << 20;

impl Source {
    /// The file at FILE, if there is one that says anything.
    pub(super) fn read(file: PathBuf) -> Result<Option<Source>> {
        let text = match read_text(&file, MOST_BYTES) {
            Ok(text) => text,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(unreadable(&error).at(file.display())),
        };
        let text = without_comments(text.strip_prefix('\u{feff}').unwrap_or(&text));
        let breaks = text.match_indices('\n').map(|(at, _)| at).collect();
        Ok((!text.trim().is_empty()).then_some(Source { file, text, breaks }))
    }

    /// What the file holds.
    pub(super) fn top(&self) -> Result<Object<'_>> {
        serde_json::from_str(&self.text).map_err(|error| {
            let what = match error.classify() {
                // Its message would repeat what stands there.
                serde_json::error::Category::Data => "an object is expected".to_owned(),
                _ => without_place(&error.to_string()).to_owned(),
            };
            self.problem(Some(error.line()), format!("this is not JSON that can be used: {what}"))
        })
    }

    /// What the object RAW holds, which is called KEY.
    pub(super) fn object<'a>(&self, key: &str, raw: &'a RawValue) -> Result<Object<'a>> {
        let read = serde_json::from_str(raw.get());
        read.map_err(|_| self.problem(self.line(raw), format!("{key:?} must be an object")))
    }

    /// The line on which RAW, which is a part of the file, begins.
    pub(super) fn line(&self, raw: &RawValue) -> Option<usize> {
        let start = raw.get().as_ptr().addr().checked_sub(self.text.as_ptr().addr())?;
        Some(self.breaks.partition_point(|end| *end < start) + 1)
    }

    /// WHAT is wrong on LINE, for people.
    pub(super) fn problem(&self, line: Option<usize>, what: impl fmt::Display) -> Error {
        problem(&self.file, line, what)
    }
}

/// MESSAGE of serde without the place, which is told in its own.
fn without_place(message: &str) -> &str {
    message.split(" at line ").next().unwrap_or(message)
}

/// WHAT is wrong on LINE of FILE, for people.
pub(super) fn problem(file: &Path, line: Option<usize>, what: impl fmt::Display) -> Error {
    let what = match line {
        Some(line) => format!("line {line}: {what}"),
        None => what.to_string(),
    };
    Error::new(ErrorKind::Config, what).at(file.display())
}

/// The text of FILE, of at most MOST bytes. A repository may hold a link to
/// anything, also to what never ends. It blocks.
///
/// # Errors
/// Those of the system, and for what is no file, too long or not UTF-8.
pub fn read_text(file: &Path, most: u64) -> io::Result<String> {
    let about = fs::metadata(file)?;
    if !about.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut text = String::new();
    fs::File::open(file)?.take(most.saturating_add(1)).read_to_string(&mut text)?;
    if text.len() as u64 > most {
        return Err(io::Error::other("it is too long"));
    }
    Ok(text)
}

fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

fn unreadable(error: &io::Error) -> Error {
    let what = match error.kind() {
        io::ErrorKind::InvalidData => "it is not UTF-8 text".to_owned(),
        _ => error.to_string(),
    };
    Error::new(ErrorKind::Config, format!("cannot be read: {what}"))
        .advise("Make it a readable file, or take it away")
}
