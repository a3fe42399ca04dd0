//! What a request would cost, without sending it.

use crate::choice::{Candidate, in_order, wanted};
use crate::core::Core;
use crate::intake::Ask;
use crate::money::{Bounds, Habits, Quote, caps};
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_types::{Money, Payer, Request, Result, Subject, Usage};
use serde_json::{Value, json};

/// What is known of ASK before it is sent: `deployment`, `payer`, `input` and
/// `output` (`likely` and `most`, in tokens; `most` is null where nobody knows
/// it), `cost` (`likely` and `most`, pico-dollars or null), `error-percent`
/// (how far such estimates were off on average, or null) and `budgets`
/// (`name`, `unit`, `left`), of the first deployment that would be asked. But
/// the cost is at most that of the dearest that may be asked, whoever answers
/// in the end, and `metered` tells whether one of them is paid by what it uses.
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
    let at = Timestamp::now();
    let mut outlooks = Vec::new();
    for candidate in &candidates {
        let deployment = candidate.deployment();
        let habits = core.experience.habits(&deployment, ledger.as_ref(), &core.tasks).await;
        outlooks.push(Outlook::of(candidate, &setup, &ask.request, &habits, at));
    }
    let most = outlooks.iter().map(Outlook::most).collect::<Option<Vec<Money>>>();
    let Some((candidate, outlook)) = candidates.front().zip(outlooks.first()) else {
        return Ok(Value::Null);
    };
    let likely = outlook.likely();
    let Candidate { account, model, .. } = candidate;
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
        "deployment": candidate.deployment().to_string(),
        "payer": account.payer,
        "metered": metered,
        "input": {"likely": likely.input, "most": outlook.bounds.input},
        "output": {"likely": likely.output, "most": outlook.output},
        "cost": {
            "likely": outlook.quote.price(&likely),
            "most": most.and_then(|all| all.into_iter().max()),
        },
        "error-percent": outlook.error_percent,
        "budgets": budgets.collect::<Vec<_>>(),
    }))
}

/// What a request would use and cost at one deployment.
struct Outlook<'a> {
    quote: Quote<'a>,
    bounds: Bounds,
    /// The most tokens that may come out, where it is known.
    output: Option<u64>,
    error_percent: Option<u64>,
}

impl<'a> Outlook<'a> {
    fn of(
        candidate: &'a Candidate,
        setup: &'a Setup,
        request: &Request,
        habits: &Habits,
        at: Timestamp,
    ) -> Outlook<'a> {
        let Candidate { account, model, .. } = candidate;
        let request = candidate.shape(request);
        let known = setup.catalog.model(&account.provider.name, model);
        Outlook {
            quote: Quote { catalog: &setup.catalog, account, model, at, tier: None },
            bounds: habits.bound(&request),
            output: most_output(&request, known.and_then(|model| model.max_output)),
            error_percent: habits.error_percent,
        }
    }

    fn likely(&self) -> Usage {
        let (input, output) = self.bounds.likely;
        let output = self.output.map_or(output, |most| output.min(most));
        Usage { input, output, ..Usage::default() }
    }

    /// The most that it can cost, where it is known. Where output costs
    /// nothing, nobody has to know how long it may be.
    fn most(&self) -> Option<Money> {
        let cost = |output| self.quote.highest(self.bounds.input, output);
        match self.output {
            Some(output) => cost(output),
            None => cost(0).filter(|input| cost(1_000_000).as_ref() == Some(input)),
        }
    }
}

fn most_output(request: &Request, of_model: Option<u64>) -> Option<u64> {
    request.max_output_tokens.into_iter().chain(of_model).min()
}
