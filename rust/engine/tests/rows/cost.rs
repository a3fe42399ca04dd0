//! What an answer costs, to the pico-dollar, and how that is known.

use crate::ask::{ask_well, recorded};
use crate::world::World;
use llm_switch_catalog::{Catalog, Model};
use llm_switch_simulator::{Builder, Tag, absent, evidence};
use llm_switch_types::{Dialect, Payer, Provider};
use serde_json::{Value, json};

/// Fresh input, read from the cache, output.
const TOKENS: [u64; 3] = [261, 739, 53];

/// Those that tell what an answer costs, and what they are made to tell.
const REPORTING: [&str; 2] = ["openrouter", "litellm"];
const REPORTED: (&str, u64) = ("cost:0.0042", 4_200_000_000);

/// A model of ROW whose price is the same at all hours.
fn priced<'a>(catalog: &'a Catalog, row: &Provider) -> Option<&'a Model> {
    let steady = |model: &&Model| {
        let price = model.price.as_ref();
        price.is_some_and(|it| it.off_peak.is_none() && it.per_request.pico() == 0)
            && rates(catalog, row, model).is_some()
    };
    let mut models: Vec<_> = catalog.models_of(&row.name).filter(steady).collect();
    // One that bills its cache by another rate than fresh input tells more.
    models.sort_by_key(|model| rates(catalog, row, model).unwrap()[1] == 0);
    models.first().copied()
}

/// The rates of [`TOKENS`] in billionths of a dollar per million; 0 for a
/// cache whose rate is not known, which then is not used.
fn rates(catalog: &Catalog, row: &Provider, model: &Model) -> Option<[u64; 3]> {
    let rates = catalog.usual_rates(&row.name, name(row, model))?;
    let cached = rates.cache_read.map_or("0".to_owned(), |rate| rate.to_string());
    Some([nano(&rates.input?.to_string())?, nano(&cached)?, nano(&rates.output?.to_string())?])
}

/// The billionths that DOLLARS are, read by hand: this is what the money of
/// the engine is compared with.
fn nano(dollars: &str) -> Option<u64> {
    let (whole, fraction) = dollars.split_once('.').unwrap_or((dollars, ""));
    format!("{whole}{fraction:0<9}").parse().ok()
}

fn name<'a>(row: &Provider, model: &'a Model) -> &'a str {
    &model.name[row.name.len() + 1..]
}

/// What is used of each bucket at these RATES. Ollama does not tell what its
/// cache held, so that it is nothing.
fn used(row: &Provider, rates: [u64; 3]) -> [u64; 3] {
    let [fresh, cached, output] = TOKENS;
    let has_cache = rates[1] > 0 && row.dialect != Dialect::Ollama;
    [fresh, if has_cache { cached } else { 0 }, output]
}

/// The pico-dollars that USED costs at RATES: half of one goes up.
fn pico(used: [u64; 3], rates: [u64; 3]) -> u64 {
    let femto: u64 = used.iter().zip(rates).map(|(tokens, rate)| tokens * rate).sum();
    (femto + 500) / 1000
}

/// BUILDER with the script of ROW's priced model.
fn plays(row: &Provider, builder: Builder) -> Builder {
    let catalog = Catalog::embedded().unwrap();
    let Some(model) = priced(&catalog, row) else { return builder };
    let [fresh, cached, output] = used(row, rates(&catalog, row, model).unwrap());
    let script = format!("usage:{},{cached},{output},0", fresh + cached);
    builder.plays(name(row, model), script)
}

/// The cost that the ledger keeps of an answer of MODEL.
fn cost(world: &World, row: &Provider, model: &str) -> Value {
    let answer = ask_well(world, row, model, json!({"stream": true}));
    let cost = recorded(world, &answer)["cost"].take();
    assert_eq!(cost["amount"], answer.known["cost"]["amount"], "{}", row.name);
    cost
}

/// What the user pays where the service takes this PICO: ROW may have a fee on
/// the credit that was bought for it, in hundredths of a percent.
fn with_fee(row: &Provider, pico: u64) -> Value {
    let whole = 10_000;
    json!((pico * (whole + u64::from(row.credit_fee)) + whole / 2) / whole)
}

fn expect(world: &World, row: &Provider, model: &str, basis: &str, amount: Value) {
    let cost = cost(world, row, model);
    let place = format!("{}/{model}: {cost}", row.name);
    assert_eq!((&cost["basis"], &cost["amount"]), (&json!(basis), &amount), "{place}");
}

#[test]
fn every_row_costs_what_its_price_says_or_says_that_it_is_unknown() {
    let world = World::where_plays(plays);
    let mut computed = 0;
    for row in world.rows() {
        let reports = REPORTING.contains(&row.name.as_str());
        if reports {
            let (model, told) = REPORTED;
            expect(&world, &row, model, "reported", with_fee(&row, told));
        }
        match (row.payer, priced(&world.catalog, &row)) {
            (Payer::Free, _) => expect(&world, &row, "hello", "free", json!(0)),
            (Payer::Plan, _) => expect(&world, &row, "hello", "plan", json!(0)),
            (Payer::Metered, Some(model)) => {
                let rates = rates(&world.catalog, &row, model).unwrap();
                let amount = with_fee(&row, pico(used(&row, rates), rates));
                expect(&world, &row, name(&row, model), "computed", amount);
                computed += 1;
            }
            (Payer::Metered, None) => expect(&world, &row, "hello", "unknown", Value::Null),
        }
        let unknown = row.payer == Payer::Metered && priced(&world.catalog, &row).is_none();
        if unknown && !reports {
            absent(
                &row.name,
                "cost",
                "no price of its models is known: recorded as unknown, never as 0",
            );
        } else {
            evidence(&row.name, "cost", Tag::Simulated);
        }
    }
    assert!(computed >= 12, "only {computed} rows have a price");
}
