//! A price by hand.

use super::bench::Bench;
use super::server::Server;
use super::{billed, change, list};
use llm_switch_simulator::Simulator;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

#[test]
fn a_price_by_hand_is_written_billed_and_stays_above_any_list() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let plays = "usage:1000000,0,0,0";
    let simulator = runtime.block_on(Simulator::builder().plays("gpt-x", plays).start()).unwrap();
    let server = Server::giving(&list(1.5).replace("gpt-new", "gpt-x"));
    let before = format!("# mine\n{}# the end\n", billed(&server.url, &simulator.base_url()));
    let mut bench = Bench::new(&before);
    assert_eq!(bench.cost("openai/gpt-x"), Value::Null, "unknown, not free");
    let price = json!({"deployment": "openai/gpt-x", "input": "3", "output": "10"});
    assert_eq!(bench.call("config.set_price", price)["model"], "openai/gpt-x");
    let lines = "\n[price.\"openai/gpt-x\"]\ninput = \"3\"\noutput = \"10\"\n";
    assert_eq!(bench.config(), format!("{before}{lines}"));
    assert_eq!(bench.cost("openai/gpt-x"), "3");
    let offer = bench.fetch();
    assert_eq!(change(&offer, "openai/gpt-x")["own"], true);
    bench.call("prices.accept", json!({"offer": offer["offer"]}));
    assert_eq!(bench.cost("openai/gpt-x"), "3");
}

#[test]
fn a_price_by_hand_that_is_wrong_changes_nothing() {
    let before = "[account.work]\nprovider = 'openai'\n[account.ollama]\n";
    let mut bench = Bench::new(before);
    let wrong = [
        ("work/m", "1,25", "10", "is no price for input"),
        ("work/m", "1", "-10", "is no price for output"),
        ("opnai/m", "1", "10", "unknown provider"),
        ("gpt-5", "1", "10", "gpt-5"),
        ("ollama/m", "1", "10", "nothing that ollama answers is charged"),
    ];
    for (deployment, input, output, why) in wrong {
        let price = json!({"deployment": deployment, "input": input, "output": output});
        let error = bench.try_call("config.set_price", price).unwrap_err();
        assert!(error["message"].as_str().unwrap().contains(why), "{why}: {error}");
        assert_eq!(bench.config(), before);
    }
    std::fs::write(bench.file("config.toml"), "[account.work\n").unwrap();
    let price = json!({"deployment": "work/m", "input": "1", "output": "10"});
    let error = bench.try_call("config.set_price", price).unwrap_err();
    assert!(error["message"].as_str().unwrap().contains("line 1"), "{error}");
    assert_eq!(bench.config(), "[account.work\n");
}

#[test]
fn two_prices_that_are_set_at_once_are_both_there() {
    let bench = Bench::new("[account.openai]\n");
    let set = |number: usize| {
        let price =
            json!({"v": 1, "deployment": format!("openai/m{number}"), "input": "1", "output": "2"});
        bench.engine.call("config.set_price".into(), price.to_string())
    };
    let mut open: BTreeSet<i64> = (0..8).map(set).collect();
    while !open.is_empty() {
        bench.rings.recv_timeout(Duration::from_secs(30)).unwrap();
        for event in bench.engine.drain() {
            open.remove(&event.id);
        }
    }
    assert_eq!(bench.config().matches("[price.").count(), 8);
}

#[test]
fn the_price_of_an_accounts_model_stands_under_its_provider() {
    let mut bench = Bench::new("[account.work]\nprovider = 'openai'\n");
    let price =
        json!({"deployment": "work/gpt-5", "input": "1", "output": "2", "cache-read": "0.5"});
    assert_eq!(bench.call("config.set_price", price)["model"], "openai/gpt-5");
    assert!(bench.config().contains("[price.\"openai/gpt-5\"]"));
    let again = json!({"deployment": "work/gpt-5", "input": "3", "output": "4"});
    let told = bench.call("config.set_price", again);
    assert_eq!(told["old"], json!({"input": "1", "output": "2"}));
    assert!(bench.config().contains("cache-read = \"0.5\""), "it stays");
    assert_eq!(bench.input("work/gpt-5"), "3");
}
