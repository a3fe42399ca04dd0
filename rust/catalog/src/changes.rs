//! What a new price list changes.

use crate::{Model, PriceList};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A model whose price another list has, has not, or has otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Change {
    /// `provider/model`.
    pub model: String,
    /// What happened to it.
    pub kind: ChangeKind,
    /// The rates that are not the same; dollars per million tokens, and for
    /// fees dollars.
    pub rates: Vec<RateChange>,
}

/// What happened to a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// There was none.
    Added,
    /// There is none any more.
    Removed,
    /// It is another one.
    Changed,
}

/// A rate that is not the same in two lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RateChange {
    /// What it is for, such as `input` or `above 200000 output`.
    pub rate: String,
    /// What it was.
    pub old: Option<String>,
    /// What it is.
    pub new: Option<String>,
}

impl PriceList {
    /// What is otherwise in the list NEW, by model.
    pub fn changes(&self, new: &PriceList) -> Vec<Change> {
        let names: BTreeSet<&String> =
            self.models().chain(new.models()).map(|model| &model.name).collect();
        let change = |name: &String| change(name, self.model(name), new.model(name));
        names.into_iter().filter_map(change).collect()
    }
}

/// What is otherwise in the price of NEW, which is called NAME like OLD.
pub(crate) fn change(name: &str, old: Option<&Model>, new: Option<&Model>) -> Option<Change> {
    let price =
        |model: Option<&Model>| model.and_then(|it| it.price.as_ref()).map(|it| it.named_rates());
    let (old, new) = (price(old), price(new));
    let kind = match (&old, &new) {
        (None, Some(_)) => ChangeKind::Added,
        (Some(_), None) => ChangeKind::Removed,
        _ => ChangeKind::Changed,
    };
    let rates = rates(&old.unwrap_or_default(), &new.unwrap_or_default());
    (!rates.is_empty()).then(|| Change { model: name.to_owned(), kind, rates })
}

fn rates(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Vec<RateChange> {
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let change = |rate: &String| {
        let (old, new) = (old.get(rate).cloned(), new.get(rate).cloned());
        (old != new).then(|| RateChange { rate: rate.clone(), old, new })
    };
    names.into_iter().filter_map(change).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;

    fn list(json: &str) -> PriceList {
        PriceList::parse(json.as_bytes(), "2026-11-20".parse().unwrap()).unwrap()
    }

    fn told(change: &Change) -> Vec<String> {
        let text = |rate: &Option<String>| rate.clone().unwrap_or("-".into());
        let line = |it: &RateChange| {
            format!("{} {}: {} -> {}", change.model, it.rate, text(&it.old), text(&it.new))
        };
        change.rates.iter().map(line).collect()
    }

    #[test]
    fn what_is_added_removed_and_changed_is_told_with_old_and_new() {
        let old = list(
            r#"{"a": {"p": "x", "m": "c", "r": {"in": 1, "out": 2}, "t": [[5, {"in": 2}]]},
                "b": {"p": "x", "m": "c", "r": {"in": 1, "out": 2}},
                "same": {"p": "x", "m": "c", "r": {"in": 1, "out": 2}}}"#,
        );
        let new = list(
            r#"{"a": {"p": "x", "m": "c", "r": {"in": 1.5, "out": 2}, "t": [[5, {"in": 2}]],
                      "s": {"flex": {"in": 0.5}}},
                "c": {"p": "x", "m": "c", "r": {"in": 1, "out": 2}},
                "same": {"p": "x", "m": "c", "r": {"in": 1.0, "out": 2.0}, "ctx": [1, 1]}}"#,
        );
        let changes = old.changes(&new);
        let kinds: Vec<_> = changes.iter().map(|it| (it.model.as_str(), it.kind)).collect();
        use ChangeKind::{Added, Changed, Removed};
        assert_eq!(kinds, [("x/a", Changed), ("x/b", Removed), ("x/c", Added)]);
        assert_eq!(told(&changes[0]), ["x/a flex input: - -> 0.5", "x/a input: 1 -> 1.5"]);
        assert_eq!(told(&changes[1]), ["x/b input: 1 -> -", "x/b output: 2 -> -"]);
    }

    #[test]
    fn a_list_does_not_differ_from_itself() {
        assert_eq!(PriceList::embedded().changes(PriceList::embedded()), []);
    }

    /// Where the list and `models.toml` know the same model otherwise. A line
    /// more or less is a price to look up at the service.
    #[test]
    fn the_list_and_the_models_differ_only_where_we_know() {
        let catalog = Catalog::embedded().unwrap();
        let listed = |row: &Model| catalog.list().model(&row.name);
        let changes = catalog
            .models
            .values()
            .filter_map(|row| change(&row.name, Some(listed(row)?), Some(row)))
            .flat_map(|change| told(&change));
        assert_eq!(changes.collect::<Vec<_>>(), KNOWN_DIFFERENCES);
    }

    const KNOWN_DIFFERENCES: &[&str] = &[
        "cerebras/gpt-oss-120b cache-read: - -> 0.35",
        "cerebras/qwen-3.8-27b cache-read: - -> 0.99",
        // The services' pages as we have them name no price: the list's holds.
        "dashscope/qwen3.7-plus above 256000 cache-read: 0.24 -> -",
        "dashscope/qwen3.7-plus above 256000 input: 1.2 -> -",
        "dashscope/qwen3.7-plus above 256000 output: 4.8 -> -",
        "dashscope/qwen3.7-plus cache-read: 0.08 -> -",
        "dashscope/qwen3.7-plus input: 0.4 -> -",
        "dashscope/qwen3.7-plus output: 1.6 -> -",
        // Writes are not billed and not counted there.
        "deepseek/deepseek-flash cache-write-5m: 0 -> -",
        "deepseek/deepseek-v4-pro cache-write-5m: 0 -> -",
        "groq/openai/gpt-oss-safeguard-20b cache-read: 0.037 -> 0.0375",
        "mistral/mistral-large-4 cache-read: 0.068 -> 0.07",
        "mistral/mistral-large-4 input: 0.68 -> 0.7",
        "mistral/mistral-large-4 output: 2.09 -> 2.1",
        // Fifty times the standard rate, and none for output: a slip.
        "openai/gpt-5-nano priority input: 2.5 -> -",
        "openai/gpt-5.6-cyber above 272000 cache-read: 2.5 -> -",
        "openai/gpt-5.6-cyber above 272000 cache-write-5m: 31.25 -> -",
        "openai/gpt-5.6-cyber above 272000 input: 25 -> -",
        "openai/gpt-5.6-cyber above 272000 output: 112.5 -> -",
        "zai/glm-4.7 cache-write-5m: 0 -> -",
        "zai/glm-5.2 cache-write-5m: 0 -> -",
        "zai/glm-5.3 cache-write-5m: 0 -> -",
        "zai/glm-5.3-flash cache-write-5m: 0 -> -",
    ];
}
