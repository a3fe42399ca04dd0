//! How this wire counts.

use llm_switch_types::Usage;
use serde_json::Value;

/// What has been counted so far.
///
/// Here `input_tokens` leaves out what the cache took or gave, so that the
/// three kinds of input are disjoint as they come, and `output_tokens`
/// includes reasoning. A stream counts twice: the input when it begins, and
/// all of it, cumulatively, when it ends; whatever the second count leaves
/// out or sends as `null` stands as the first said.
#[derive(Debug, Default)]
pub(super) struct Counts {
    input: u64,
    cache_read: u64,
    cache_write: u64,
    cache_write_1h: u64,
    output: u64,
    reasoning: u64,
}

impl Counts {
    /// Take a `usage` object; `None` when it is none.
    pub(super) fn update(&mut self, wire: &Value) -> Option<Usage> {
        wire.as_object()?;
        let fields = [
            ("/input_tokens", &mut self.input),
            ("/cache_read_input_tokens", &mut self.cache_read),
            ("/cache_creation_input_tokens", &mut self.cache_write),
            ("/cache_creation/ephemeral_1h_input_tokens", &mut self.cache_write_1h),
            ("/output_tokens", &mut self.output),
            ("/output_tokens_details/thinking_tokens", &mut self.reasoning),
        ];
        for (path, count) in fields {
            *count = wire.pointer(path).and_then(Value::as_u64).unwrap_or(*count);
        }
        Some(self.usage())
    }

    /// Written tokens live five minutes unless the split says otherwise.
    fn usage(&self) -> Usage {
        Usage {
            input: self.input,
            cache_read: self.cache_read,
            cache_write_5m: self.cache_write.saturating_sub(self.cache_write_1h),
            cache_write_1h: self.cache_write_1h,
            output: self.output,
            reasoning: self.reasoning,
            ..Usage::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_last_count_keeps_what_it_does_not_repeat() {
        let mut counts = Counts::default();
        let first = json!({"input_tokens": 10, "cache_read_input_tokens": 2000, "output_tokens": 1,
            "cache_creation_input_tokens": 300,
            "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}});
        let last = json!({"output_tokens": 50, "input_tokens": null,
            "output_tokens_details": {"thinking_tokens": 40}});
        counts.update(&first).unwrap();
        let expected = Usage {
            input: 10,
            cache_read: 2000,
            cache_write_5m: 100,
            cache_write_1h: 200,
            output: 50,
            reasoning: 40,
            ..Usage::default()
        };
        assert_eq!(counts.update(&last), Some(expected));
    }

    #[test]
    fn writes_that_are_not_split_live_five_minutes() {
        let usage = Counts::default().update(&json!({"cache_creation_input_tokens": 7})).unwrap();
        assert_eq!((usage.cache_write_5m, usage.cache_write_1h), (7, 0));
    }

    #[test]
    fn no_object_is_no_count() {
        assert_eq!(Counts::default().update(&Value::Null), None);
    }
}
