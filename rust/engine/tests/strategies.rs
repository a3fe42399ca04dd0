//! Who of a route is asked is the strategy's to say, within its limits.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod common;

use common::Bench;
use llm_switch_engine::Body;
use serde_json::{Value, json};

/// Routes as ROUTES at a dear account and a cheap one.
fn bench(routes: &str) -> Bench {
    Bench::keyless_with_url(|url| {
        let provider = |name: &str, price: &str| {
            format!(
                "[provider.{name}]\nbase-url = '{url}'\npayer = 'metered'\n\
                 [price.'{name}/*']\nper-million = '{price}'\n"
            )
        };
        [provider("dear", "9"), provider("cheap", "1"), routes.to_owned()].concat()
    })
}

fn known(bench: &mut Bench, route: &str) -> Value {
    let id = bench.submit_as(&format!("sw/{route}"), json!({}));
    match bench.end(id) {
        Body::Done(known) => known,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_cheapest_answers_wherever_it_stands() {
    let mut bench =
        bench("[route.r]\nuse = ['dear/hello', 'cheap/hello']\nstrategy = 'cheapest'\n");
    assert_eq!(known(&mut bench, "r")["account"], "cheap");
}

#[test]
fn the_fastest_is_the_one_that_was_found_to_be() {
    let uses = "use = ['dear/slow:200:hello', 'cheap/hello']";
    let mut bench = bench(&format!("[route.r]\n{uses}\nstrategy = 'fastest'\n"));
    let answered = |bench: &mut Bench| known(bench, "r")["account"].as_str().unwrap().to_owned();
    let found: Vec<_> = (0..4).map(|_| answered(&mut bench)).collect();
    assert_eq!(found, ["dear", "cheap", "cheap", "cheap"]);
    // What was found is known in the next session.
    bench.call("health.list", json!({"v": 1}));
    let first = bench.another_emacs();
    bench.call("health.list", json!({"v": 1}));
    assert_eq!(answered(&mut bench), "cheap");
    first.shutdown();
}

#[test]
fn who_has_least_to_do_answers() {
    let uses = "use = ['dear/hello', 'cheap/hello']";
    let mut bench = bench(&format!(
        "[route.r]\n{uses}\nstrategy = 'least-busy'\n[route.busy]\nuse = ['dear/hello']\n"
    ));
    assert_eq!(known(&mut bench, "r")["account"], "dear");
}

#[test]
fn a_route_that_is_full_leaves_it_to_the_one_it_falls_back_to() {
    let routes = "[route.r]\nuse = ['dear/hello']\nrpm = 2\nfallback = ['spare']\n\
                  [route.spare]\nuse = ['cheap/hello']\n";
    let mut bench = bench(routes);
    let found: Vec<_> = (0..3).map(|_| known(&mut bench, "r")["account"].clone()).collect();
    assert_eq!(found, ["dear", "dear", "cheap"]);
}

#[test]
fn a_full_route_without_another_says_which_limit_it_is() {
    let mut bench = bench("[route.r]\nuse = ['dear/hello']\nrpm = 1\n");
    known(&mut bench, "r");
    let id = bench.submit_as("sw/r", json!({}));
    let Body::Error(error) = bench.end(id) else { panic!() };
    assert_eq!(error["kind"], "rate-limited");
    assert!(error["message"].as_str().unwrap().contains("1 requests a minute"), "{error}");
}

#[test]
fn who_finds_no_place_waits_for_one() {
    let mut bench = bench("[route.r]\nuse = ['dear/slow:300:hello']\nparallel = 1\n");
    let ids = [0; 3].map(|_| bench.submit_as("sw/r", json!({})));
    for id in ids {
        assert!(matches!(bench.end(id), Body::Done(_)));
    }
}
