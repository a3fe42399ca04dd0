//! What `spend.*` tells of a ledger, through the whole engine.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod filled;

use filled::{Bench, DAY, ms};
use llm_switch_ledger::{AttemptEnd, Ledger, NewAttempt, NewRequest, Outcome};
use llm_switch_types::{Basis, Cost, Money, Payer, Purpose, Usage};
use serde_json::{Value, json};

const CENT: i64 = 10_000_000_000;

/// Friday, 20 November 2026, half past eight in UTC.
const NOW: &str = "2026-11-20T08:30:00Z";

fn now() -> i64 {
    ms(NOW)
}

fn bench(fill: impl FnOnce(&Ledger)) -> Bench {
    configured("", fill)
}

fn configured(config: &str, fill: impl FnOnce(&Ledger)) -> Bench {
    Bench::new(NOW, config, fill)
}

/// One request DAYS ago at MODEL over ROUTE that costs PICO.
fn spend(ledger: &Ledger, days: i64, route: &str, model: &str, pico: Option<i64>) {
    let started_ms = now() - days * DAY;
    let request = ledger.begin_request(NewRequest {
        started_ms,
        purpose: Purpose::Chat,
        client: "emacs".into(),
        project: None,
        route: Some(route.into()),
        requested: route.into(),
    });
    let new = NewAttempt {
        provider: "anthropic".into(),
        account: "anthropic".into(),
        sent_model: model.into(),
        payer: Payer::Metered,
        started_ms,
        sent_bytes: 1_600,
    };
    let attempt = ledger.begin_attempt(request, new);
    let basis = if pico.is_some() { Basis::Computed } else { Basis::Unknown };
    let end = AttemptEnd {
        ended_ms: started_ms + 1_000,
        first_token_ms: Some(200),
        served_model: Some(if days == 3 { "claude-tiny" } else { model }.into()),
        http_status: Some(200),
        outcome: Outcome::Done,
        usage: Usage { input: 100, cache_read: 300, output: 50, ..Usage::default() },
        cost: Cost { amount: pico.map(Money::from_pico), basis, price: None },
        computed: None,
    };
    ledger.end_attempt(attempt, end);
    ledger.end_request(request, started_ms + 1_000 + days, Outcome::Done);
}

/// A cent a day for thirty days on one route, and oddities on another.
fn usual(ledger: &Ledger) {
    for days in 0..30 {
        spend(ledger, days, "daily", "claude-sonnet-5", Some(CENT));
    }
    spend(ledger, 2, "odd", "nobody-knows", None);
    spend(ledger, 4, "odd", "claude-opus-5", Some(50 * CENT));
}

#[test]
fn the_overview_tells_today_week_month_and_what_the_month_will_come_to() {
    let bench = bench(usual);
    let told = bench.try_call("spend.overview", json!({})).unwrap();
    assert_eq!(told["today"]["cost"], CENT);
    assert_eq!(told["week"]["cost"], 5 * CENT + 50 * CENT, "since Monday");
    assert_eq!(told["month"]["cost"], 20 * CENT + 50 * CENT);
    assert_eq!(told["total"], told["month"]);
    let forecast = &told["forecast"];
    let [low, expected, high] =
        ["low", "expected", "high"].map(|name| forecast[name].as_i64().unwrap());
    assert!(80 * CENT <= low && low <= expected && expected <= high, "{forecast}");
    assert_eq!(forecast["until"], ms("2026-12-01T00:00:00Z"));
    assert_eq!(told["budgets"], json!([]));
    assert_eq!(told["trouble"], json!([]));
}

#[test]
fn the_overview_has_rows_with_sparklines_and_a_chart_that_add_up() {
    let bench = bench(usual);
    let told = bench.try_call("spend.overview", json!({"by": "route", "spark": 7})).unwrap();
    let rows = told["rows"].as_array().unwrap();
    let row =
        |at: usize| (rows[at]["names"][0].as_str().unwrap(), rows[at]["cost"].as_i64().unwrap());
    assert_eq!([row(0), row(1)], [("odd", 50 * CENT), ("daily", 20 * CENT)]);
    assert_eq!(rows[0]["spark"], json!([0, 0, 50 * CENT, 0, 0, 0, 0]));
    assert_eq!(rows[1]["spark"], json!(vec![CENT; 7]));
    assert_eq!(told["chart"]["unit"], "day");
    let steps = told["chart"]["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 20, "up to today");
    let sum: i64 = steps.iter().map(|step| step["cost"].as_i64().unwrap()).sum();
    assert_eq!(sum, told["total"]["cost"].as_i64().unwrap());
}

#[test]
fn the_overview_points_at_what_stands_out() {
    let bench = bench(usual);
    let told = bench.try_call("spend.overview", json!({})).unwrap();
    assert_eq!(told["dearest"]["model"], "claude-opus-5");
    assert_eq!(told["slowest"]["total-ms"], 1_019, "the longest of this month");
    assert_eq!(
        told["unpriced"],
        json!([{"provider": "anthropic", "model": "nobody-knows", "attempts": 1}])
    );
    assert_eq!(
        told["substituted"],
        json!([{"sent": "claude-sonnet-5", "served": "claude-tiny", "attempts": 1}])
    );
    assert_eq!(told["caching"]["read"], 300 * 22);
    assert_eq!(told["caching"]["input"], 400 * 22);
    assert!(told["caching"]["saved"].as_i64().unwrap() > 0);
    let bases = told["bases"].as_array().unwrap();
    assert_eq!(
        (bases[0]["basis"].as_str(), bases[0]["attempts"].as_i64()),
        (Some("computed"), Some(21))
    );
}

#[test]
fn a_filter_holds_for_everything_in_the_overview() {
    let bench = bench(usual);
    let told = bench.try_call("spend.overview", json!({"filter": {"route": "daily"}})).unwrap();
    assert_eq!(told["month"]["cost"], 20 * CENT);
    assert_eq!(told["rows"].as_array().unwrap().len(), 1);
    assert_eq!(told["dearest"]["cost"]["amount"], CENT);
    // Every day is like the other, so the future is certain but for the rest of today.
    assert_eq!(told["forecast"]["low"], told["forecast"]["high"]);
    let chart: i64 = told["chart"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["cost"].as_i64().unwrap())
        .sum();
    assert_eq!(chart, 20 * CENT);
}

#[test]
fn budgets_stand_beside_the_sums() {
    let config = "[[budget]]
        on = 'global'
        window = 'total'
        limit = '100'
        [[budget]]
        on = { provider = 'anthropic' }
        window = 'month'
        limit = '1000'";
    let bench = configured(config, usual);
    let told = bench.try_call("spend.overview", json!({})).unwrap();
    let budgets = told["budgets"].as_array().unwrap();
    let names: Vec<_> = budgets.iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["all, total", "anthropic, month"]);
    assert_eq!(budgets[0]["spent"], 80 * CENT);
    assert_eq!(budgets[1]["passes"], Value::Null, "it is nowhere near");
}

#[test]
fn the_time_zone_is_the_configurations_unless_another_is_asked_for() {
    let bench = configured("time-zone = 'Asia/Kathmandu'", usual);
    let first = |zone: Value| {
        let told =
            bench.try_call("spend.report", json!({"by": "model", "span": "day", "zone": zone}));
        told.unwrap()["from"].as_i64().unwrap()
    };
    let quarter_past = 18 * 3_600_000 + 900_000; // Their midnight in UTC.
    assert_eq!(first(Value::Bool(false)) % DAY, quarter_past);
    assert_eq!(first(json!("Europe/Berlin")) % DAY, 23 * 3_600_000);
}

#[test]
fn a_wrong_configuration_is_told_and_the_sums_are_too() {
    let bench = configured("[nonsense]", usual);
    let told = bench.try_call("spend.overview", json!({})).unwrap();
    assert_eq!(told["today"]["cost"], CENT);
    assert!(told["trouble"][0].as_str().unwrap().contains("nonsense"), "{}", told["trouble"]);
}

#[test]
fn an_empty_ledger_is_told_without_a_forecast() {
    let bench = bench(|_| {});
    for span in ["day", "month", "all"] {
        for by in ["model", "hour"] {
            let told = bench.try_call("spend.overview", json!({"span": span, "by": by})).unwrap();
            assert_eq!((&told["forecast"], &told["rows"]), (&Value::Null, &json!([])), "{span}");
            assert_eq!(told["dearest"], Value::Null);
        }
    }
}

#[test]
fn reports_are_by_columns_or_by_time_and_sorted_as_wished() {
    let bench = bench(usual);
    let rows = |params: Value| {
        bench.try_call("spend.report", params).unwrap()["rows"].as_array().unwrap().clone()
    };
    let by_two = rows(json!({"by": ["route", "model"], "span": "year", "sort": "name"}));
    assert_eq!(by_two[0]["names"], json!(["daily", "claude-sonnet-5"]));
    assert_eq!(by_two.len(), 3);
    let days = rows(json!({"by": "day", "span": "month"}));
    assert_eq!(days.len(), 20);
    assert!(days.is_sorted_by_key(|day| day["from"].as_i64()));
    let dearest = rows(json!({"by": "day", "span": "month", "sort": "cost", "limit": 1}));
    assert_eq!((dearest.len(), dearest[0]["cost"].as_i64()), (1, Some(51 * CENT)));
    let hours = rows(json!({"by": "hour", "span": "all"}));
    assert_eq!(hours.len(), 30, "only those with something in them");
    let cheap = rows(json!({"by": "model", "span": "all", "ascending": true}));
    assert_eq!(cheap[0]["names"], json!(["nobody-knows"]));
}

#[test]
fn a_series_has_every_day_of_the_span() {
    let bench = bench(usual);
    let days =
        bench.try_call("spend.series", json!({"from": "2026-11-09", "to": "2026-11-20"})).unwrap();
    let days = days.as_array().unwrap();
    assert_eq!(days.len(), 12);
    assert_eq!(days[11]["cost"], CENT);
    let edges = [0, now(), now() + 1];
    let told = bench.try_call("spend.series", json!({"edges": edges})).unwrap();
    assert_eq!((&told[0]["requests"], &told[1]["requests"]), (&json!(31), &json!(1)));
}

#[test]
fn requests_come_in_pages_and_tell_what_was_odd() {
    let bench = bench(usual);
    let page = |offset: u64| {
        let params = json!({"span": "all", "sort": "cost", "offset": offset, "limit": 20});
        bench.try_call("spend.requests", params).unwrap()
    };
    assert_eq!((page(0)["rows"].as_array().unwrap().len(), &page(0)["more"]), (20, &json!(true)));
    assert_eq!(
        (page(20)["rows"].as_array().unwrap().len(), &page(20)["more"]),
        (12, &json!(false))
    );
    assert_eq!(
        page(0)["rows"][0]["cost"],
        json!({"amount": 50 * CENT, "basis": "computed", "unknown": 0})
    );
    let last = &page(20)["rows"][11];
    assert_eq!(last["cost"], json!({"amount": null, "basis": "unknown", "unknown": 1}));
    let others = bench.try_call("spend.requests", json!({"substituted": true})).unwrap();
    assert_eq!(others["rows"].as_array().unwrap().len(), 1);
    assert_eq!(others["rows"][0]["served"], "claude-tiny");
}

#[test]
fn an_export_has_every_attempt_and_its_sum_is_the_reports() {
    let bench = bench(usual);
    let total = bench.try_call("spend.report", json!({"by": "model", "span": "all"})).unwrap();
    for format in ["csv", "json", "org"] {
        let file = bench.folder.path().join(format!("out.{format}"));
        let params = json!({"span": "all", "format": format, "file": file});
        let told = bench.try_call("spend.export", params).unwrap();
        assert_eq!((&told["rows"], &told["cost"]), (&json!(32), &total["total"]["cost"]));
        let text = std::fs::read_to_string(&file).unwrap();
        let rows = text.lines().filter(|line| line.contains("claude") || line.contains("nobody"));
        assert_eq!(rows.count(), 32, "{format}");
    }
    let left: Vec<_> = std::fs::read_dir(bench.folder.path()).unwrap().collect();
    assert!(left.iter().all(|it| !format!("{it:?}").contains(".new")), "{left:?}");
}

#[test]
fn an_export_that_cannot_be_written_says_where_and_leaves_what_was_there() {
    let bench = bench(usual);
    let file = bench.folder.path().join("nowhere/out.csv");
    let error = bench.try_call("spend.export", json!({"format": "csv", "file": file})).unwrap_err();
    assert_eq!(error["kind"], "store");
    assert!(error["message"].as_str().unwrap().contains("nowhere/out.csv"), "{error}");
}

#[test]
fn what_cannot_be_asked_is_told() {
    let bench = bench(|_| {});
    for (params, word) in [
        (json!({"by": "colour"}), "`by` is a column"),
        (json!({"by": "model", "from": "yesterday"}), "such as 2026-11-20"),
        (json!({"by": "model", "zone": "Mars/Olympus"}), "Mars/Olympus"),
        (json!({"by": "hour", "from": 0, "to": i64::MAX, "span": "all"}), ""),
    ] {
        match bench.try_call("spend.report", params) {
            Err(error) => assert!(error["message"].as_str().unwrap().contains(word), "{error}"),
            Ok(told) => assert_eq!(told["rows"], json!([])),
        }
    }
}
