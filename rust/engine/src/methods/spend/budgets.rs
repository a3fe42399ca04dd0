//! Budgets, as the overview shows them.

use super::history::History;
use crate::methods::{self, Job};
use llm_switch_ledger::{Column, Filter};
use llm_switch_types::Money;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What `budget.list` tells of a budget and is needed here.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Known {
    #[serde(default)]
    on: Value,
    window: String,
    unit: String,
    limit: i64,
    spent: i64,
    #[serde(default)]
    until: Option<i64>,
}

/// The budgets as `budget.list` gives them.
pub(super) async fn list(job: &Job) -> Vec<Value> {
    let params = json!({"v": crate::BOUNDARY});
    let listed =
        methods::run(Job { core: Arc::clone(&job.core), id: job.id, params }, "budget.list");
    match listed.await {
        Ok(Value::Array(budgets)) => budgets,
        _ => Vec::new(),
    }
}

/// The columns that the BUDGETS with a forecast are on.
pub(super) fn columns(budgets: &[Value]) -> Vec<Column> {
    let filters = budgets.iter().filter_map(|it| lasting(it)?.filter());
    filters.flat_map(|filter| filter.0.into_keys()).collect()
}

/// BUDGETS with `passes`, when a lasting one will be used up by the mean of
/// HISTORY, in Unix milliseconds, or null.
pub(super) fn with_forecast(mut budgets: Vec<Value>, history: &History) -> Vec<Value> {
    for budget in &mut budgets {
        let passes = lasting(budget).and_then(|known| {
            let (spent, limit) = (Money::from_pico(known.spent), Money::from_pico(known.limit));
            let open = spent <= limit;
            open.then(|| history.passes(&known.filter()?, spent, limit, known.until?)).flatten()
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
    /// What counts against it; `None` for a kind that is not known here.
    fn filter(&self) -> Option<Filter> {
        let on = self.on.as_object().cloned().unwrap_or_default();
        let named = on.into_iter().filter(|(kind, _)| kind != "global");
        let column = |(kind, value): (String, Value)| {
            let column = Column::deserialize(Value::from(kind)).ok()?;
            Some((column, vec![Some(value.as_str()?.to_owned())]))
        };
        named.map(column).collect::<Option<BTreeMap<_, _>>>().map(Filter)
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
            budget(json!({"route": "best", "project": "/p"}), "week", "dollars"),
            budget(json!({"model": "x"}), "day", "dollars"),
            budget(json!({"client": "emacs"}), "month", "tokens"),
            budget(json!({"global": true}), "month", "dollars"),
            budget(Value::Null, "month", "dollars"),
        ];
        assert_eq!(columns(&budgets), [Column::Provider, Column::Route, Column::Project]);
    }

    #[test]
    fn what_a_budget_is_on_is_a_filter_unless_the_kind_is_not_known() {
        let filter = |on| lasting(&budget(on, "month", "dollars")).unwrap().filter();
        assert_eq!(filter(json!({"global": true})), Some(Filter::default()));
        let openai = Filter::default().with(Column::Provider, Some("openai"));
        assert_eq!(filter(json!({"provider": "openai"})), Some(openai));
        assert_eq!(filter(json!({"moon": "full"})), None);
    }
}
