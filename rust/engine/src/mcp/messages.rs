//! What a server says to whom it may concern.

use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use tokio::sync::Notify;

/// How many of a server's own messages are kept.
const MOST: usize = 200;

/// Bytes of a message that are kept. It may be as long as any line of the
/// protocol, and nobody reads so much.
const LONGEST: usize = 16 << 10;

/// What a server says to whom it may concern, the last of it. However fast it
/// talks, nothing waits behind it and nothing grows.
#[derive(Default)]
pub(crate) struct Messages {
    /// How many gave way, and those that are kept, oldest first.
    kept: Mutex<(usize, VecDeque<Value>)>,
    new: Notify,
}

impl Messages {
    /// It says DATA: at LEVEL, by the part of it that is called LOGGER.
    pub(crate) fn add(&self, level: &str, logger: Option<&str>, data: Value) {
        let message = json!({"level": level, "logger": logger, "data": shortened(data)});
        {
            let (before, kept) = &mut *self.kept.lock();
            if kept.len() == MOST {
                kept.pop_front();
                *before += 1;
            }
            kept.push_back(message);
        }
        self.new.notify_one();
    }

    /// Wait until there is something new.
    pub(crate) async fn changed(&self) {
        self.new.notified().await;
    }

    /// What came after the first AFTER messages, and how many there were in
    /// all.
    pub(crate) fn after(&self, after: usize) -> (Vec<Value>, usize) {
        let (before, kept) = &*self.kept.lock();
        let new = kept.iter().skip(after.saturating_sub(*before)).cloned().collect();
        (new, before + kept.len())
    }
}

/// DATA, or the beginning of its text.
fn shortened(data: Value) -> Value {
    let text = match &data {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match text.len() > LONGEST {
        true => format!("{}…", &text[..text.floor_char_boundary(LONGEST)]).into(),
        false => data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_kept_and_each_is_told_once() {
        let messages = Messages::default();
        (0..MOST + 5).for_each(|it| messages.add("info", None, it.into()));
        let (kept, next) = messages.after(0);
        assert_eq!((kept.len(), next, &kept[0]["data"]), (MOST, MOST + 5, &json!(5)));
        assert_eq!(messages.after(next), (vec![], next));
    }

    #[test]
    fn a_long_one_is_cut() {
        let messages = Messages::default();
        messages.add("info", Some("x"), "ä".repeat(LONGEST).into());
        messages.add("info", None, json!({"rows": vec![1; LONGEST]}));
        for message in messages.after(0).0 {
            assert!(message["data"].as_str().unwrap().len() < LONGEST + 4, "{message}");
        }
    }
}
