//! Marks on what is worth keeping in the service's prompt cache.

use llm_switch_types::CacheMark;
use serde_json::{Value, json};

/// Mark in BODY what MARKS name. The service takes four marks at most; three
/// kinds, each at one place, stay below.
pub(super) fn mark(body: &mut Value, marks: &[CacheMark]) {
    for mark in marks {
        if let Some(block) = last(body, *mark) {
            block["cache_control"] = json!({"type": "ephemeral"});
        }
    }
}

/// The last block of what MARK names: a mark holds for all that is before it.
/// It is never an empty one, which the service refuses to mark, because none
/// is encoded.
fn last(body: &mut Value, mark: CacheMark) -> Option<&mut Value> {
    let list = match mark {
        CacheMark::System => body.get_mut("system")?,
        CacheMark::Tool => body.get_mut("tools")?,
        CacheMark::Message => {
            let turns = body.get_mut("messages")?.as_array_mut()?;
            turns.iter_mut().rfind(|turn| turn["role"] == "user")?.get_mut("content")?
        }
    };
    list.as_array_mut()?.last_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(mut body: Value, marks: &[CacheMark]) -> Value {
        mark(&mut body, marks);
        body
    }

    #[test]
    fn each_mark_stands_on_the_last_block_of_what_it_names() {
        let body = json!({
            "system": [{"text": "a"}, {"text": "b"}],
            "tools": [{"name": "f"}, {"name": "g"}],
            "messages": [
                {"role": "user", "content": [{"text": "c"}]},
                {"role": "user", "content": [{"text": "d"}, {"text": "e"}]},
                {"role": "assistant", "content": [{"text": "f"}]}]});
        let all = [CacheMark::System, CacheMark::Tool, CacheMark::Message, CacheMark::System];
        let mut expected = body.clone();
        for block in ["/system/1", "/tools/1", "/messages/1/content/1"] {
            expected.pointer_mut(block).unwrap()["cache_control"] = json!({"type": "ephemeral"});
        }
        assert_eq!(marked(body, &all), expected);
    }

    #[test]
    fn what_is_not_there_is_not_marked() {
        let body = json!({"messages": [{"role": "assistant", "content": [{"text": "a"}]}]});
        let all = [CacheMark::System, CacheMark::Tool, CacheMark::Message];
        assert_eq!(marked(body.clone(), &all), body);
    }
}
