//! The protocol log: the last messages, as they went over the wire.

use crate::{ring::Ring, secrets::Secrets};
use serde::Serialize;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// How many messages are kept, and how many bytes of each.
const MOST: usize = 500;
const LONGEST: usize = 16 << 10;

/// A message that went over the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Entry {
    /// When, in Unix milliseconds.
    pub at: u64,
    /// Which way.
    pub direction: Direction,
    /// The message as JSON, cut after 16 KiB, without the values of the
    /// server's environment and headers.
    pub text: String,
    /// Whether it was longer.
    pub cut: bool,
}

/// Which way a message went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// From us.
    Sent,
    /// To us.
    Received,
}

/// The protocol log of a server.
pub(crate) struct Protocol {
    entries: Ring<Entry>,
    secrets: Arc<Secrets>,
}

impl Protocol {
    pub(crate) fn new(secrets: Arc<Secrets>) -> Protocol {
        Protocol { entries: Ring::new(MOST), secrets }
    }

    /// What is hidden in it.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    pub(crate) fn all(&self) -> Vec<Entry> {
        self.entries.all()
    }

    /// Those that came after the first AFTER, and how many came in all.
    pub(crate) fn after(&self, after: usize) -> (Vec<Entry>, usize) {
        self.entries.after(after)
    }

    /// Note MESSAGE, which goes in DIRECTION.
    pub(crate) fn note(&self, direction: Direction, message: &impl Serialize) {
        // A secret may lie across the cut: it is looked for beyond it.
        let mut start = Start { bytes: Vec::new(), most: LONGEST + self.secrets.longest() };
        // The one error is that the message is longer than is kept of it.
        let cut = serde_json::to_writer(&mut start, message).is_err();
        let text = String::from_utf8_lossy(&start.bytes);
        let mut text = self.secrets.hide(&text).into_owned();
        let cut = cut || text.len() > LONGEST;
        text.truncate(text.floor_char_boundary(LONGEST));
        let at = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let at = u64::try_from(at.as_millis()).unwrap_or(u64::MAX);
        self.entries.push(Entry { at, direction, text, cut });
    }
}

/// Keeps the start of what is written, and then refuses: a message of many
/// megabytes is not copied for its first few lines.
struct Start {
    bytes: Vec<u8>,
    most: usize,
}

impl Write for Start {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        let room = self.most - self.bytes.len();
        if room == 0 && !piece.is_empty() {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = &piece[..piece.len().min(room)];
        self.bytes.extend_from_slice(taken);
        Ok(taken.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn log() -> Protocol {
        let values = [("TOKEN", "test_key_of_a_server")].into_iter().collect();
        Protocol::new(Arc::new(Secrets::new(&values)))
    }

    #[test]
    fn a_long_message_is_cut_and_a_secret_across_the_cut_is_hidden() {
        let log = log();
        let message = format!("{}test_key_of_a_server and more", "x".repeat(LONGEST - 10));
        log.note(Direction::Received, &json!(message));
        let entry = log.all().remove(0);
        assert!(entry.cut && entry.text.len() <= LONGEST);
        assert!(!entry.text.contains("test_key"), "{}", &entry.text[LONGEST - 30..]);
    }

    #[test]
    fn a_short_message_stands_whole() {
        let log = log();
        log.note(Direction::Sent, &json!({"a": 1}));
        let entry = log.all().remove(0);
        assert_eq!((entry.text.as_str(), entry.cut), (r#"{"a":1}"#, false));
    }
}
