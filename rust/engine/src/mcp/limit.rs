//! How much of a result reaches a model.

use super::contents::Contents;
use llm_switch_types::Result;
use serde_json::{Map, Value};
use std::path::PathBuf;

/// Characters of a result that reach a model where nobody says otherwise:
/// about 12,000 tokens.
const USUAL: usize = 50_000;

/// The most that a tool can claim for itself, as in Claude Code.
const MOST_CLAIMED: usize = 500_000;

/// What servers call the limit that a tool of theirs needs.
const CLAIM: &str = "anthropic/maxResultSizeChars";

/// A text, and what of it had to stay behind.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Limited {
    pub(crate) text: String,
    /// Bytes that were left out.
    pub(crate) cut: usize,
    /// Where the whole is.
    pub(crate) whole: Option<PathBuf>,
}

/// The characters that a result may have: as the user has SET it for its
/// server, else as is claimed in one of METAS, the first that does.
pub(crate) fn limit(set: Option<u64>, metas: &[Option<&Map<String, Value>>]) -> usize {
    let claimed = || {
        let mut claims = metas.iter().flatten().filter_map(|meta| meta.get(CLAIM)?.as_u64());
        claims.next().map(|it| as_usize(it).clamp(USUAL, MOST_CLAIMED))
    };
    set.map(as_usize).or_else(claimed).unwrap_or(USUAL)
}

fn as_usize(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// TEXT, or its beginning and where the whole is kept among CONTENTS, when it
/// has more than LIMIT characters.
///
/// # Errors
/// That the whole cannot be written: it is not thrown away in silence.
pub(crate) fn cut(text: String, limit: usize, contents: &Contents) -> Result<Limited> {
    let Some((end, _)) = text.char_indices().nth(limit) else {
        return Ok(Limited { text, cut: 0, whole: None });
    };
    let kept = contents.keep("text/plain", text.as_bytes())?;
    let end = line_end(&text, end);
    let (cut, file) = (text.len() - end, kept.file);
    let text = format!(
        "{}\n\n[{cut} of {} bytes were left out here. The whole is in the file {}]",
        &text[..end],
        text.len(),
        file.display()
    );
    Ok(Limited { text, cut, whole: Some(file) })
}

/// The end of the last whole line before END, unless that throws much away.
fn line_end(text: &str, end: usize) -> usize {
    text[..end].rfind('\n').filter(|line| *line > end - end / 10).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn contents() -> (tempfile::TempDir, Contents) {
        let folder = tempfile::tempdir().unwrap();
        let contents = Contents::new(folder.path().to_owned());
        (folder, contents)
    }

    #[test]
    fn the_user_decides_over_the_tool_and_the_tool_within_bounds() {
        let meta = |claim: u64| json!({CLAIM: claim}).as_object().cloned();
        assert_eq!(limit(None, &[None, None]), USUAL);
        assert_eq!(limit(None, &[meta(200_000).as_ref()]), 200_000);
        assert_eq!(limit(None, &[meta(u64::MAX).as_ref()]), MOST_CLAIMED);
        assert_eq!(limit(Some(10), &[meta(200_000).as_ref()]), 10);
    }

    #[test]
    fn a_result_that_says_something_else_of_itself_leaves_the_claim_of_its_tool() {
        let (other, claim) = (json!({"a": 1}), json!({CLAIM: 200_000}));
        assert_eq!(limit(None, &[other.as_object(), claim.as_object()]), 200_000);
    }

    #[test]
    fn what_is_cut_is_whole_in_a_file() {
        let (_folder, contents) = contents();
        let text = format!("{}\n{}", "ä".repeat(99), "b".repeat(50));
        let limited = cut(text.clone(), 105, &contents).unwrap();
        assert!(limited.text.starts_with(&format!("{}\n\n[", "ä".repeat(99))), "{limited:?}");
        assert_eq!(limited.cut, 51);
        assert_eq!(std::fs::read_to_string(limited.whole.unwrap()).unwrap(), text);
    }

    #[test]
    fn what_is_short_enough_stays_as_it_is() {
        let (_folder, contents) = contents();
        let limited = cut("äöü".into(), 3, &contents).unwrap();
        assert_eq!(limited, Limited { text: "äöü".into(), cut: 0, whole: None });
    }
}
