//! What a user writes about budgets, and what it means.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use jiff::civil::time;
use llm_switch_config::{Config, Known};
use llm_switch_types::{AtLimit, Budget, Limit, Money, Origin, Payer, Period, Scope};

fn budgets(text: &str) -> Vec<Budget> {
    Config::parse(text).unwrap().budgets
}

fn known<'a>(account: &'a str, provider: &'a str, payer: Payer) -> Known<'a> {
    Known { account, provider, payer, named: true }
}

/// The names of the budgets in force for two accounts at openai.
fn in_force(text: &str) -> Vec<String> {
    let accounts = [
        known("work", "openai", Payer::Metered),
        known("home", "openai", Payer::Metered),
        known("max", "anthropic", Payer::Plan),
        known("ollama", "ollama", Payer::Free),
        Known { named: false, ..known("found", "vllm", Payer::Metered) },
    ];
    let budgets = Config::parse(text).unwrap().budgets_for(&accounts);
    budgets.into_iter().map(|budget| budget.name).collect()
}

fn on(on: &str) -> String {
    format!("[[budget]]\non = {on}\nwindow = 'month'\nlimit = '9'\n")
}

#[test]
fn a_budget_says_on_what_for_how_long_how_much_and_what_then() {
    let all = budgets(
        "[[budget]]\non = { provider = 'openai' }\nwindow = 'day'\nstarts = '04:00'\n\
         limit = '3.00'\nwarn = [0.8, 0.5, 0.8]\nat-limit = 'ask'\n",
    );
    let [budget] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(budget.name, "openai, day");
    assert_eq!(budget.on, Scope::Provider("openai".into()));
    assert_eq!(budget.window, Period::Day { at: time(4, 0, 0, 0) });
    assert_eq!(budget.limit, Limit::Dollars(Money::from_pico(3_000_000_000_000)));
    let warn: Vec<_> = budget.warn.iter().map(ToString::to_string).collect();
    assert_eq!(warn, ["50 %", "80 %"]);
    assert_eq!((&budget.at_limit, budget.origin), (&AtLimit::Ask, Origin::File));
}

#[test]
fn a_budget_that_says_no_more_warns_at_80_percent_and_blocks() {
    let all = budgets("[[budget]]\non = 'global'\nwindow = 'month'\nrequests = 200\n");
    assert_eq!(all[0].name, "all, month, requests");
    assert_eq!(all[0].limit, Limit::Requests(200));
    assert_eq!((all[0].warn.len(), all[0].warn[0].of_count(200)), (1, 160));
    assert_eq!(all[0].at_limit, AtLimit::Block);
    let silent = budgets("[[budget]]\non = 'global'\nwindow = 'hour'\ntokens = 9\nwarn = []\n");
    assert!(silent[0].warn.is_empty());
}

#[test]
fn money_and_tokens_of_the_same_are_two_budgets() {
    let text = "[[budget]]\non = 'global'\nwindow = 'day'\nlimit = '3'\n\
                [[budget]]\non = 'global'\nwindow = 'day'\ntokens = 2000000\n";
    let names: Vec<_> = budgets(text).into_iter().map(|budget| budget.name).collect();
    assert_eq!(names, ["all, day", "all, day, tokens"]);
}

#[test]
fn every_kind_of_scope_can_be_written() {
    let kinds = ["provider", "account", "model", "client"];
    let text: String = kinds.iter().map(|kind| on(&format!("{{ {kind} = 'x' }}"))).collect();
    let names: Vec<_> = budgets(&text).into_iter().map(|budget| budget.name).collect();
    assert_eq!(names, ["x, month", "account x, month", "model x, month", "client x, month"]);
}

#[test]
fn a_project_is_its_folder_as_requests_name_it() {
    let home = std::env::home_dir().unwrap();
    let app = home.join("src/app").display().to_string();
    for (written, folder) in [("/srv/app/", "/srv/app"), ("~/src/app", &app), ("/", "/")] {
        let all = budgets(&on(&format!("{{ project = '{written}' }}")));
        assert_eq!(all[0].on, Scope::Project(folder.into()), "{written}");
    }
}

#[test]
fn at_its_limit_a_budget_can_take_a_route_of_the_file() {
    let text =
        format!("{}at-limit = 'route:cheap'\n[route.cheap]\nuse = ['ollama/x']\n", on("'global'"));
    assert_eq!(budgets(&text)[0].at_limit, AtLimit::Route("cheap".into()));
}

#[test]
fn largest_and_smallest_limits_are_exact() {
    for limit in ["1000000", "0.000000000001"] {
        let text = format!("[[budget]]\non = 'global'\nwindow = 'total'\nlimit = '{limit}'\n");
        assert_eq!(budgets(&text)[0].limit.dollars().unwrap().to_string(), limit);
    }
}

#[test]
fn a_metered_account_without_budget_gets_five_dollars_a_day() {
    assert_eq!(in_force(""), ["work, day, default", "home, day, default"]);
    let accounts = [known("work", "openai", Payer::Metered)];
    let budgets = Config::default().budgets_for(&accounts);
    assert!(budgets[0].is_default());
    assert_eq!(budgets[0].on, Scope::Account("work".into()));
    assert_eq!(budgets[0].limit.dollars().unwrap().to_string(), "5");
    assert_eq!(budgets[0].at_limit, AtLimit::Block);
}

#[test]
fn a_budget_in_dollars_that_covers_an_account_takes_the_default_away() {
    assert_eq!(in_force(&on("'global'")), ["all, month"]);
    assert_eq!(in_force(&on("{ provider = 'openai' }")), ["openai, month"]);
    assert_eq!(
        in_force(&on("{ account = 'work' }")),
        ["account work, month", "home, day, default"]
    );
}

#[test]
fn a_budget_that_does_not_cover_all_of_an_account_leaves_the_default() {
    for part in ["{ model = 'gpt-5' }", "{ client = 'emacs' }", "{ project = '/x' }"] {
        assert_eq!(in_force(&on(part)).len(), 3, "{part}");
    }
    let requests = "[[budget]]\non = 'global'\nwindow = 'day'\nrequests = 9\n";
    assert_eq!(in_force(requests).len(), 3);
}

#[test]
fn the_default_can_be_changed_and_taken_away() {
    assert!(in_force("default-cap = 'none'").is_empty());
    let config = Config::parse("default-cap = '0.50'").unwrap();
    let budgets = config.budgets_for(&[known("work", "openai", Payer::Metered)]);
    assert_eq!(budgets[0].limit.dollars().unwrap().to_string(), "0.5");
}

#[test]
fn the_most_that_a_request_may_cost_stands_at_the_top_or_in_a_route() {
    let text = "max-cost = '0.50'\n[route.best]\nuse = ['work/gpt-5']\nmax-cost = '2'\n";
    let config = Config::parse(text).unwrap();
    assert_eq!(config.max_cost.unwrap().to_string(), "0.5");
    assert_eq!(config.routes["best"].max_cost.unwrap().to_string(), "2");
}

#[test]
fn the_time_zone_is_the_systems_unless_it_is_said() {
    assert_eq!(Config::parse("").unwrap().time_zone, None);
    let config = Config::parse("time-zone = 'Europe/Berlin'").unwrap();
    assert_eq!(config.time_zone.unwrap().iana_name(), Some("Europe/Berlin"));
}

#[test]
fn the_same_on_other_lines_is_the_same_configuration() {
    let text = on("'global'");
    let moved = Config::parse(&format!("# a comment\n\n{text}")).unwrap();
    let config = Config::parse(&text).unwrap();
    assert_eq!(config, moved);
    let lines = [config.lines.line("budget[0].limit"), moved.lines.line("budget[0].limit")];
    assert_eq!(lines, [Some(4), Some(6)]);
}
