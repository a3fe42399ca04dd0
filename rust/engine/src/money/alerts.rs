//! Telling the user that a budget is nearly spent.

use crate::core::Core;
use crate::event::Body;
use crate::ledger::now_ms;
use crate::setup::Setup;
use llm_switch_ledger::{Cap, Ledger, Standing};
use llm_switch_types::{Budget, Fraction, Limit, Money};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::oneshot;

/// The whole of a limit, in hundredths of a percent.
const WHOLE: u32 = 10_000;

/// Tell, in the background, which thresholds the budgets of CAPS have passed:
/// each one once in its window, whichever Emacs sees it first.
pub(crate) fn check(core: &Arc<Core>, setup: &Arc<Setup>, ledger: &Ledger, caps: &[Cap]) {
    if caps.is_empty() {
        return;
    }
    let (core, setup, ledger, caps) = (core.clone(), setup.clone(), ledger.clone(), caps.to_vec());
    let tasks = core.tasks.clone();
    tasks.background(async move {
        let read = {
            let (ledger, caps) = (ledger.clone(), caps.clone());
            core.tasks.blocking(move || {
                ledger.flush()?;
                ledger.standings(&caps, now_ms())
            })
        };
        // What cannot be read is told by the next admission.
        let Ok(Ok(standings)) = read.await else { return };
        for (cap, standing) in caps.iter().zip(standings) {
            let budget = setup.budgets.iter().find(|it| it.name == cap.budget);
            let Some(threshold) = budget.and_then(|it| passed(it, standing)) else { continue };
            if is_news(&ledger, cap, threshold).await {
                core.queue.push(0, Body::Notice(told(cap, standing, threshold)));
            }
        }
    });
}

/// The highest threshold that STANDING of BUDGET has passed.
fn passed(budget: &Budget, standing: Standing) -> Option<u32> {
    let fractions = budget.warn.iter().map(|it| threshold(*it)).chain([WHOLE]);
    let spent = i128::from(standing.spent) * i128::from(WHOLE);
    fractions.filter(|it| spent >= i128::from(standing.limit) * i128::from(*it)).max()
}

fn threshold(fraction: Fraction) -> u32 {
    (f64::from(fraction) * f64::from(WHOLE)).round() as u32
}

async fn is_news(ledger: &Ledger, cap: &Cap, threshold: u32) -> bool {
    let (tell, hear) = oneshot::channel();
    ledger.alert(&cap.budget, cap.window.start, threshold, now_ms(), move |it| {
        drop(tell.send(it));
    });
    matches!(hear.await, Ok(Ok(true)))
}

/// The notice: `kind`, `message`, `budget`, `unit`, `percent`, `spent`,
/// `limit`, `until` (Unix milliseconds, or null).
fn told(cap: &Cap, standing: Standing, threshold: u32) -> Value {
    let percent = f64::from(threshold) / 100.0;
    let amount = |number: i64| amount(cap.limit, number);
    let (spent, limit) = (amount(standing.spent), amount(standing.limit));
    json!({
        "kind": "alert",
        "message": format!("budget {:?}: {spent} of {limit} spent ({percent} %)", cap.budget),
        "budget": cap.budget,
        "unit": cap.limit.unit(),
        "percent": percent,
        "spent": standing.spent,
        "limit": standing.limit,
        "until": Some(cap.window.end).filter(|end| *end < i64::MAX),
    })
}

/// NUMBER in the unit of LIMIT, for a person.
pub(super) fn amount(limit: Limit, number: i64) -> String {
    match limit {
        Limit::Dollars(_) => format!("${}", Money::from_pico(number)),
        Limit::Tokens(_) => format!("{number} tokens"),
        Limit::Requests(_) => format!("{number} requests"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_types::{AtLimit, Origin, Scope};

    #[test]
    fn the_highest_threshold_that_was_passed_counts() {
        let warn = [0.5, 0.8].map(|part| Fraction::try_from(part).unwrap()).to_vec();
        let budget = Budget {
            name: "b".into(),
            on: Scope::Global,
            window: "day".parse().unwrap(),
            limit: Limit::Requests(10),
            warn,
            at_limit: AtLimit::Block,
            origin: Origin::Default,
        };
        let passed = |spent| passed(&budget, Standing { spent, held: 9, limit: 10 });
        assert_eq!(
            [4, 5, 7, 8, 9, 10, 11].map(passed),
            [None, Some(5_000), Some(5_000), Some(8_000), Some(8_000), Some(10_000), Some(10_000)]
        );
    }
}
