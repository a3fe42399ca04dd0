//! Budgets, as the overview shows them.

use super::history::History;
use crate::methods::{Job, budget};
use llm_switch_ledger::{Column, Filter};
use llm_switch_types::{Money, Result, Scope};
use serde::Deserialize;
use serde::de::{IntoDeserializer, value};
use serde_json::{Value, json};
use std::sync::Arc;

/// What `budget.list` tells of a budget and is needed here.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Known {
    on: Scope,
    window: String,
    unit: String,
    limit: i64,
    spent: i64,
    until: Option<i64>,
}

/// The budgets as `budget.list` gives them.
///
/// # Errors
/// Those of `budget.list`.
pub(super) async fn list(job: &Job) -> Result<Vec<Value>> {
    let params = json!({"v": crate::BOUNDARY});
    let listed = budget::list(Job { core: Arc::clone(&job.core), id: job.id, params }).await?;
    Ok(listed.as_array().cloned().unwrap_or_default())
}

/// The columns that the BUDGETS with a forecast are on.
pub(super) fn columns(budgets: &[Value]) -> Vec<Column> {
    let filters = budgets.iter().filter_map(|it| Some(lasting(it)?.filter()));
    filters.flat_map(|filter| filter.0.into_keys()).collect()
}

/// BUDGETS with `passes`, when a lasting one will be used up by the mean of
/// HISTORY, in Unix milliseconds, or null.
pub(super) fn with_forecast(mut budgets: Vec<Value>, history: &History) -> Vec<Value> {
    for budget in &mut budgets {
        let passes = lasting(budget).and_then(|known| {
            let (spent, limit) = (Money::from_pico(known.spent), Money::from_pico(known.limit));
            let open = spent <= limit;
            open.then(|| history.passes(&known.filter(), spent, limit, known.until?)).flatten()
        });
        budget["passes"] = json!(passes);
    }
    budgets
}

/// BUDGET, if it is of money and lasts longer than the day that a forecast
/// counts in.
fn lasting(budget: &Value) -> Option<Known> {
    let known = Known::deserialize(budget).ok()?;
    let lasts = matches!(known.window.as_str(), "week" | "month");
    (known.unit == "dollars" && lasts).then_some(known)
}

impl Known {
    /// What counts against it.
    fn filter(&self) -> Filter {
        // The words for the kinds are the ledger's columns, but for `global`.
        let kind: value::StrDeserializer<value::Error> = self.on.kind().into_deserializer();
        match Column::deserialize(kind) {
            Ok(column) => Filter::default().with(column, self.on.name()),
            Err(_) => Filter::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn budget(on: Value, window: &str, unit: &str) -> Value {
        json!({"name": "b", "on": on, "window": window, "unit": unit, "limit": 10, "spent": 2,
               "held": 0, "from": 0, "until": 99, "warn": [0.5], "at-limit": "block",
               "default": false})
    }

    #[test]
    fn lasting_budgets_of_money_need_the_columns_that_they_are_on() {
        let budgets = [
            budget(json!({"provider": "openai"}), "month", "dollars"),
            budget(json!({"route": "best"}), "week", "dollars"),
            budget(json!({"model": "x"}), "day", "dollars"),
            budget(json!({"client": "emacs"}), "month", "tokens"),
            budget(json!("global"), "month", "dollars"),
        ];
        assert_eq!(columns(&budgets), [Column::Provider, Column::Route]);
    }

    #[test]
    fn every_scope_but_the_global_one_is_a_column() {
        let filter = |on: Scope| lasting(&budget(json!(on), "month", "dollars")).unwrap().filter();
        assert_eq!(filter(Scope::Global), Filter::default());
        let named: [fn(String) -> Scope; 6] = [
            Scope::Provider,
            Scope::Account,
            Scope::Model,
            Scope::Route,
            Scope::Project,
            Scope::Client,
        ];
        let filters = named.map(|scope| filter(scope("x".into())));
        assert!(filters.iter().all(|it| it.0.values().eq([&vec![Some("x".to_owned())]])));
    }
}
