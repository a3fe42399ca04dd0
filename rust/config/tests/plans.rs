//! What a user writes about money that is paid beforehand.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use jiff::civil::date;
use llm_switch_config::Config;
use llm_switch_types::{Limit, Plan, PlanSpan, Renewal};

fn plan(rest: &str) -> Plan {
    let text = format!("[plan.max]\nprice = '100.00'\ncovers = ['anthropic']\n{rest}");
    Config::parse(&text).unwrap().plans.remove("max").unwrap()
}

#[test]
fn a_plan_names_its_price_its_renewal_and_whom_it_covers() {
    let plan = plan("title = 'Claude Max'\nrenews = 15\napi = true\n");
    assert_eq!((plan.name.as_str(), plan.title()), ("max", "Claude Max"));
    assert_eq!(plan.price.to_string(), "100");
    assert_eq!(plan.renews, Renewal::Monthly(15));
    assert_eq!((plan.covers.as_slice(), plan.api), (["anthropic".to_owned()].as_slice(), true));
}

#[test]
fn a_plan_that_says_no_more_renews_on_the_first_and_pays_no_api() {
    let plan = plan("");
    assert_eq!((plan.renews, plan.api, plan.title()), (Renewal::Monthly(1), false, "max"));
    assert!(plan.windows.is_empty());
}

#[test]
fn a_yearly_plan_renews_on_a_date_with_or_without_quotes() {
    for renews in ["2026-11-01", "'2026-11-01'"] {
        let plan = plan(&format!("per = 'year'\nrenews = {renews}\n"));
        assert_eq!(plan.renews, Renewal::Yearly(date(2026, 11, 1)));
        assert_eq!(plan.monthly().to_string(), "8.333333333333");
    }
}

#[test]
fn a_window_is_hours_or_a_period_and_its_limit_may_be_unknown() {
    let plan = plan(
        "windows = [\n{ hours = 5, requests = 45 },\n\
         { name = 'all models', window = 'week', starts = 'monday 09:00', tokens = 9 },\n\
         { window = 'rolling:7d', dollars = '0.5' },\n{ hours = 24 },\n]\n",
    );
    let shown: Vec<_> = plan.windows.iter().map(|it| (it.name.as_str(), it.limit)).collect();
    let half = "0.5".parse().unwrap();
    assert_eq!(
        shown,
        [
            ("5 h", Some(Limit::Requests(45))),
            ("all models", Some(Limit::Tokens(9))),
            ("rolling:7d", Some(Limit::Dollars(half))),
            ("24 h", None),
        ]
    );
    assert_eq!(plan.windows[0].span, PlanSpan::Hours(5));
    let PlanSpan::Period(week) = plan.windows[1].span else { panic!("{plan:?}") };
    assert_eq!(week.starts().as_deref(), Some("monday 09:00"));
}

#[test]
fn a_plan_may_cost_nothing() {
    let text = "[plan.free]\nprice = '0'\ncovers = ['x']\n";
    assert_eq!(Config::parse(text).unwrap().plans["free"].price.pico(), 0);
}

#[test]
fn a_credit_is_what_was_bought_when_for_which_account() {
    let text = "[credit.november]\naccount = 'deepseek'\nbought = '25.00'\non = 2026-11-01\n\
                expires = '2027-11-01'\n";
    let config = Config::parse(text).unwrap();
    let credit = &config.credits["november"];
    assert_eq!((credit.name.as_str(), credit.account.as_str()), ("november", "deepseek"));
    assert_eq!((credit.bought.to_string(), credit.on), ("25".into(), date(2026, 11, 1)));
    assert_eq!(credit.expires, Some(date(2027, 11, 1)));
}
