//! What a service's refusal means, as data.

use crate::ErrorKind;
use serde::{Deserialize, Serialize};

/// What a service's refusal means. All that is given must match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ErrorRule {
    /// The HTTP status.
    #[serde(default)]
    pub status: Option<u16>,
    /// One of the service's codes: `error.code`, `error.type` and the like.
    #[serde(default)]
    pub code: Option<String>,
    /// Words anywhere in the body, whatever their case.
    #[serde(default)]
    pub text: Option<String>,
    /// The class.
    pub kind: ErrorKind,
    /// When the quota is filled again, where the service does not tell.
    #[serde(default)]
    pub resets: Option<Reset>,
    /// Seconds to wait, where the service does not tell.
    #[serde(default)]
    pub wait: Option<u32>,
    /// What to do, where it is not what one does with the class.
    #[serde(default)]
    pub advice: Option<String>,
}

/// When a quota is filled again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reset {
    /// At midnight in California, as Google counts days.
    PacificMidnight,
    /// At midnight UTC.
    UtcMidnight,
    /// At midnight UTC before the first of the next month.
    UtcMonth,
}

impl ErrorRule {
    /// Whether a refusal matches that has this STATUS, where it is known, and
    /// CODES and TEXT, which is in lower case.
    ///
    /// An error in the middle of a stream has no status of its own: there the
    /// code or the words are enough, and a rule that has neither says nothing.
    pub fn matches(&self, status: Option<u16>, codes: &str, text: &str) -> bool {
        let words = self.code.is_some() || self.text.is_some();
        let status_fits = match (self.status, status) {
            (None, _) => true,
            (Some(_), None) => words,
            (Some(wanted), Some(status)) => wanted == status,
        };
        let has_code = |code: &String| codes.split_whitespace().any(|it| it == code);
        status_fits
            && self.code.as_ref().is_none_or(has_code)
            && self.text.as_ref().is_none_or(|words| text.contains(&words.to_lowercase()))
    }

    /// Whether OTHER, standing below this one, can never be reached.
    pub fn shadows(&self, other: &ErrorRule) -> bool {
        let text = other.text.as_ref().map(|text| text.to_lowercase()).unwrap_or_default();
        let code = other.code.as_deref().unwrap_or_default();
        self.status.is_none_or(|status| other.status == Some(status))
            && self.matches(other.status, code, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(status: Option<u16>, code: Option<&str>, text: Option<&str>) -> ErrorRule {
        let (code, text) = (code.map(str::to_owned), text.map(str::to_owned));
        ErrorRule {
            status,
            code,
            text,
            kind: ErrorKind::Quota,
            resets: None,
            wait: None,
            advice: None,
        }
    }

    #[test]
    fn all_that_a_rule_names_must_match() {
        let rule = rule(Some(429), Some("1308"), Some("Usage limit"));
        assert!(rule.matches(Some(429), "x 1308", "usage limit reached"));
        assert!(!rule.matches(Some(400), "1308", "usage limit reached"));
        assert!(!rule.matches(Some(429), "13080", "usage limit reached"));
        assert!(!rule.matches(Some(429), "1308", "no such model"));
    }

    #[test]
    fn in_a_stream_the_words_are_enough_and_a_bare_status_says_nothing() {
        assert!(rule(Some(429), Some("1308"), None).matches(None, "1308", ""));
        assert!(!rule(Some(429), None, None).matches(None, "1308", ""));
    }

    #[test]
    fn a_wider_rule_shadows_a_narrower_one_below_it_and_not_above() {
        let (wide, narrow) = (rule(Some(429), None, None), rule(Some(429), Some("1308"), None));
        assert!(wide.shadows(&narrow) && !narrow.shadows(&wide));
        assert!(!rule(Some(400), None, None).shadows(&narrow));
        assert!(!rule(Some(400), Some("1308"), None).shadows(&rule(None, Some("1308"), None)));
        let words = |text| rule(None, None, Some(text));
        assert!(
            words("limit").shadows(&words("usage LIMIT"))
                && !words("usage limit").shadows(&words("limit"))
        );
    }
}
