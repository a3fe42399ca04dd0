//! What a request would cost, without sending it.

use crate::choice::{Candidate, in_order, wanted};
use crate::core::Core;
use crate::intake::Ask;
use crate::money::{Quote, caps};
use jiff::Timestamp;
use llm_switch_types::{Money, Payer, Request, Result, Subject, Usage};
use serde_json::{Value, json};

/// What is known of ASK before it is sent: `deployment`, `payer`, `input` and
/// `output` (`likely` and `most`, in tokens; `most` is null where nobody knows
/// it), `cost` (`likely` and `most`, pico-dollars or null), `error-percent`
/// (how far such estimates were off on average, or null) and `budgets`
/// (`name`, `unit`, `left`), of the first deployment that would be asked; and
/// `metered`: whether one that may be asked is paid by what it uses.
///
/// # Errors
/// Those of the configuration.
pub(crate) async fn preview(core: &Core, id: i64, ask: &Ask) -> Result<Value> {
    let setup = core.setup().await?;
    let ledger = core.ledger.get().await.ok();
    let wanted = wanted(core, id, &setup, ask).await?;
    let mut candidates = in_order(core, &setup, &ask.request, wanted.allowed());
    if candidates.is_empty() {
        candidates.extend(wanted.beyond().cloned());
    }
    let metered = candidates.iter().any(|it| it.account.payer == Payer::Metered);
    let Some(candidate) = candidates.pop_front() else { return Ok(Value::Null) };
    let request = candidate.shape(&ask.request);
    let deployment = candidate.deployment();
    let habits = core.experience.habits(&deployment, ledger.as_ref(), &core.tasks).await;
    let bounds = habits.bound(&request);
    let Candidate { account, model, .. } = &candidate;
    let at = Timestamp::now();
    let quote = Quote { catalog: &setup.catalog, account, model, at, tier: None };
    let known = setup.catalog.model(&account.provider.name, model);
    let most = most_output(&request, known.and_then(|model| model.max_output));
    let output = most.map_or(bounds.likely.1, |most| bounds.likely.1.min(most));
    let likely = Usage { input: bounds.likely.0, output, ..Usage::default() };
    let subject = Subject {
        provider: &account.provider.name,
        account: &account.name,
        model,
        route: None,
        project: ask.project.as_deref(),
        client: &ask.client,
    };
    let caps = caps(&setup.budgets, &subject, at, &setup.time_zone);
    let asked = caps.clone();
    let standings = match ledger {
        Some(ledger) => {
            let read = move || ledger.standings(&asked, at.as_millisecond());
            core.tasks.blocking(read).await??
        }
        None => Vec::new(),
    };
    let budgets = caps.iter().zip(standings).map(|(cap, standing)| {
        let left = standing.limit - standing.spent - standing.held;
        json!({"name": cap.budget, "unit": cap.limit.unit(), "left": left.max(0)})
    });
    Ok(json!({
        "deployment": deployment.to_string(),
        "payer": account.payer,
        "metered": metered,
        "input": {"likely": likely.input, "most": bounds.input},
        "output": {"likely": likely.output, "most": most},
        "cost": {"likely": quote.price(&likely), "most": dearest(&quote, bounds.input, most)},
        "error-percent": habits.error_percent,
        "budgets": budgets.collect::<Vec<_>>(),
    }))
}

fn most_output(request: &Request, of_model: Option<u64>) -> Option<u64> {
    request.max_output_tokens.into_iter().chain(of_model).min()
}

fn dearest(quote: &Quote<'_>, input: u64, output: Option<u64>) -> Option<Money> {
    quote.highest(input, output?)
}
