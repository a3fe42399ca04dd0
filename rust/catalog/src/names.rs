//! What others call the providers and models that we know.

use jiff::civil::Date;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// `data/prices.toml`: where the price list comes from.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Origin {
    as_of: Date,
    /// Where its maintainers publish a newer one.
    address: String,
    /// Their name of a provider and ours.
    providers: BTreeMap<String, String>,
}

fn origin() -> &'static Origin {
    static ORIGIN: OnceLock<Origin> = OnceLock::new();
    ORIGIN.get_or_init(|| {
        toml::from_str(include_str!("../data/prices.toml")).unwrap_or_else(|_| Origin {
            as_of: Date::ZERO,
            address: String::new(),
            providers: BTreeMap::new(),
        })
    })
}

/// The day on which the embedded price list was made.
pub(crate) fn as_of() -> Date {
    origin().as_of
}

/// Where a newer price list is published.
pub(crate) fn address() -> &'static str {
    &origin().address
}

/// The name, `provider/model`, of what the price list calls KEY at PROVIDER.
///
/// Its keys may begin with the provider's name, or with a part of that
/// (`vertex_ai/…` of `vertex_ai-llama_models`), or not.
pub(crate) fn ours(provider: &str, key: &str) -> String {
    let own = |prefix: &str| provider.starts_with(prefix);
    let model = key.split_once('/').filter(|(prefix, _)| own(prefix)).map_or(key, |(_, it)| it);
    match origin().providers.get(provider) {
        Some(ours) => format!("{ours}/{model}"),
        None => format!("{}/{model}", provider.replace('_', "-")),
    }
}

/// The names, `provider/model`, under which MODEL at PROVIDER may be known,
/// nearest first: its own, and that without a date at its end, for services
/// tell the dated version that an undated name stands for.
pub(crate) fn full(provider: &str, model: &str) -> impl Iterator<Item = String> {
    let model = model.strip_prefix("models/").unwrap_or(model);
    std::iter::once(model).chain(undated(model)).map(move |name| format!("{provider}/{name}"))
}

/// MODEL without `-2025-08-07`, `-20250807` or `@20250807` at its end.
fn undated(model: &str) -> Option<&str> {
    let at = |length: usize| model.len().checked_sub(length).filter(|at| *at > 0);
    let split = |length| at(length).and_then(|at| model.split_at_checked(at));
    let dated = |form: &str| {
        let (name, end) = split(form.len())?;
        let same = |(given, wanted): (char, char)| match wanted {
            '0' => given.is_ascii_digit(),
            _ => given == wanted,
        };
        end.chars().zip(form.chars()).all(same).then_some(name)
    };
    ["-0000-00-00", "-00000000", "@00000000"].into_iter().find_map(dated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_names_become_ours() {
        assert_eq!(ours("openai", "gpt-5"), "openai/gpt-5");
        assert_eq!(ours("openai", "openai/container"), "openai/container");
        assert_eq!(ours("fireworks_ai", "fireworks_ai/accounts/x"), "fireworks/accounts/x");
        assert_eq!(ours("groq", "groq/openai/gpt-oss-20b"), "groq/openai/gpt-oss-20b");
        assert_eq!(ours("vertex_ai-llama_models", "vertex_ai/meta/llama"), "vertex/meta/llama");
        assert_eq!(ours("lambda_ai", "lambda_ai/x"), "lambda-ai/x");
    }

    #[test]
    fn a_date_at_the_end_is_not_part_of_the_name() {
        let known = |name| full("x", name).collect::<Vec<_>>();
        assert_eq!(known("gpt-5-2025-08-07"), ["x/gpt-5-2025-08-07", "x/gpt-5"]);
        assert_eq!(known("claude-20251001"), ["x/claude-20251001", "x/claude"]);
        assert_eq!(known("claude@20251001"), ["x/claude@20251001", "x/claude"]);
        assert_eq!(known("models/gemini-2.5-pro"), ["x/gemini-2.5-pro"]);
        assert_eq!(known("codestral-2508"), ["x/codestral-2508"], "too short for a date");
        assert_eq!(known("-20251001"), ["x/-20251001"]);
        assert_eq!(known("größe-2025"), ["x/größe-2025"]);
    }
}
