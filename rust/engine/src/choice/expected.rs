//! What a request probably costs somewhere.

use super::candidate::Candidate;
use crate::money::{Bounds, Quote};
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_types::{Money, Payer, Rate, Rates, Request, Usage};
use serde_json::{Value, json};

/// What a request probably costs, and what at most; `None` where nobody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expected {
    pub(crate) likely: Option<Money>,
    pub(crate) most: Option<Money>,
}

/// What REQUEST, which uses BOUNDS, costs at CANDIDATE when it is sent AT.
pub(crate) fn expected(
    setup: &Setup,
    candidate: &Candidate,
    request: &Request,
    bounds: Bounds,
    at: Timestamp,
) -> Expected {
    let Candidate { account, model, .. } = candidate;
    let quote = Quote { catalog: &setup.catalog, account, model, at, tier: None };
    let of_model = setup.catalog.model(&account.provider.name, model);
    let stated = request.max_output_tokens.into_iter();
    let most = stated.chain(of_model.and_then(|it| it.max_output)).min();
    let output = most.map_or(bounds.likely.1, |most| bounds.likely.1.min(most));
    let likely = quote.price(&Usage { input: bounds.likely.0, output, ..Usage::default() });
    Expected { likely, most: most.and_then(|most| quote.highest(bounds.input, most)) }
}

/// What tokens of CANDIDATE usually cost: `input` and `output` in dollars per
/// million as text, null where nobody knows; nothing where nobody pays.
pub(crate) fn usual_price(setup: &Setup, candidate: &Candidate) -> Value {
    let Candidate { account, model, .. } = candidate;
    let rates = setup.catalog.usual_rates(&account.provider.name, model);
    let price = |rate: fn(&Rates) -> Option<Rate>| match account.payer {
        Payer::Metered => rates.and_then(rate).map(|rate| rate.to_string()),
        Payer::Free | Payer::Plan => Some("0".to_owned()),
    };
    json!({"input": price(|it| it.input), "output": price(|it| it.output)})
}
