//! What a test has shown about a provider, for `make provider-table`.

use std::{env, fs::OpenOptions, io::Write, thread};

/// The variable that names the file for evidence.
const FILE: &str = "LLM_SWITCH_EVIDENCE";

/// How far what a test has shown can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// A stream that somebody's server once sent was read.
    Recorded,
    /// A stream that we wrote from a service's documents was read.
    Written,
    /// The simulator answered: we agree with ourselves.
    Simulated,
    /// Nothing was shown, and there is a reason for that.
    Absent,
}

impl Tag {
    const fn word(self) -> &'static str {
        match self {
            Tag::Recorded => "recorded",
            Tag::Written => "written",
            Tag::Simulated => "simulated",
            Tag::Absent => "-",
        }
    }
}

/// Notes that the test which runs has shown `cell` of `provider`; nothing
/// unless `LLM_SWITCH_EVIDENCE` names a file. To be called when all that the
/// test demands of this provider was seen.
///
/// # Panics
/// When the file cannot be written: a table without its evidence would lie.
pub fn evidence(provider: &str, cell: &str, tag: Tag) {
    let thread = thread::current();
    note(provider, cell, tag, thread.name().unwrap_or("a test"));
}

/// Notes why there is nothing to show in `cell` of `provider`.
pub fn absent(provider: &str, cell: &str, reason: &str) {
    note(provider, cell, Tag::Absent, reason);
}

fn note(provider: &str, cell: &str, tag: Tag, test: &str) {
    let Some(file) = env::var_os(FILE) else { return };
    let line = format!("{provider}\t{cell}\t{}\t{test}\n", tag.word());
    // One write, because several tests append at the same time.
    let opened = OpenOptions::new().create(true).append(true).open(&file);
    let written = opened.and_then(|mut file| file.write_all(line.as_bytes()));
    assert!(written.is_ok(), "{FILE}: {}: {written:?}", file.display());
}
