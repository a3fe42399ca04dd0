//! A list of prices, from its fetching to its bills.

use super::bench::Bench;
use super::server::Server;
use super::{billed, change, config, list};
use llm_switch_engine::Body;
use llm_switch_simulator::Simulator;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

#[test]
fn a_list_changes_nothing_until_it_is_accepted_and_then_at_once_and_for_good() {
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&config(&server.url));
    let offer = bench.fetch();
    let rates = &change(&offer, "openai/gpt-5")["rates"];
    assert_eq!(rates[0], json!({"rate": "input", "old": "1.25", "new": "1.5"}));
    assert_eq!(change(&offer, "openai/gpt-new")["kind"], "added");
    assert_eq!(bench.input("openai/gpt-5"), "1.25");
    assert_eq!(bench.kept(), ["price-addresses.json"]);

    let status = bench.call("prices.accept", json!({"offer": offer["offer"]}));
    assert_eq!((&status["address"], &status["days"]), (&json!(server.url), &json!(0)));
    assert_eq!(bench.input("openai/gpt-5"), "1.5");
    assert_eq!(bench.kept(), ["price-addresses.json", "prices.json.gz"]);

    let mut bench = bench.again();
    assert_eq!(bench.input("openai/gpt-5"), "1.5", "and in the next session");
    assert_eq!(bench.call("prices.forget", json!({}))["address"], Value::Null);
    assert_eq!((bench.input("openai/gpt-5"), bench.kept().len()), (json!("1.25"), 1));
}

#[test]
fn a_declined_list_cannot_be_accepted_any_more() {
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&config(&server.url));
    let offer = bench.fetch();
    bench.call("prices.decline", json!({"offer": offer["offer"]}));
    let error = bench.try_call("prices.accept", json!({"offer": offer["offer"]})).unwrap_err();
    assert_eq!(error["kind"], "refused");
    assert_eq!((bench.input("openai/gpt-5"), bench.kept().len()), (json!("1.25"), 1));
}

#[cfg(unix)]
#[test]
fn an_accepted_list_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&config(&server.url));
    let offer = bench.fetch();
    bench.call("prices.accept", json!({"offer": offer["offer"]}));
    let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(bench.file("state/prices.json.gz")), 0o600);
    assert_eq!(mode(bench.file("state")), 0o700);
}

#[test]
fn the_user_is_asked_once_for_each_address_and_before_anything_is_sent() {
    let (server, other) = (Server::giving(&list(1.5)), Server::giving(&list(1.5)));
    let mut bench = Bench::new(&config(&server.url));
    bench.answer = Value::Null;
    assert_eq!(bench.refusal()["kind"], "cancelled");
    assert_eq!((server.asked(), bench.kept().len()), (0, 0));
    bench.answer = true.into();
    bench.fetch();
    bench.fetch();
    let mut bench = bench.again();
    bench.fetch();
    assert_eq!((server.asked(), bench.questions.len()), (3, 2));
    assert!(bench.questions[1].starts_with("Fetch prices from 127.0.0.1:"));
    std::fs::write(bench.file("config.toml"), config(&other.url)).unwrap();
    bench.call("config.reload", json!({}));
    bench.fetch();
    assert_eq!((other.asked(), bench.questions.len()), (1, 3));
}

#[test]
fn nothing_leaves_a_machine_that_calls_nobody_else() {
    let mut bench = Bench::new("");
    let error = bench.refusal();
    assert_eq!(error["kind"], "refused");
    assert!(error["message"].as_str().unwrap().contains("raw.githubusercontent.com"), "{error}");
    assert!(bench.questions.is_empty());
    let lan = "[provider.box]\nbase-url = 'http://10.0.0.7/v1'\nlocality = 'lan'\n";
    std::fs::write(bench.file("config.toml"), lan).unwrap();
    bench.call("config.reload", json!({}));
    assert_eq!(bench.refusal()["kind"], "refused");
    assert!(bench.questions.is_empty());
    let server = Server::giving(&list(1.5));
    std::fs::write(bench.file("config.toml"), format!("[prices]\naddress = '{}'\n", server.url))
        .unwrap();
    bench.call("config.reload", json!({}));
    bench.fetch();
}

#[test]
fn a_redirect_to_another_host_is_not_followed() {
    let foreign = Server::giving(&list(1.5));
    let elsewhere = foreign.url.replace("127.0.0.1", "127.0.0.2");
    let reply = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
    let server = Server::replying(reply.into_bytes());
    let mut bench = Bench::new(&config(&server.url));
    assert!(bench.refusal()["what"].as_str().unwrap().contains("not followed"));
    assert_eq!((server.asked(), foreign.asked()), (1, 0));
}

#[test]
fn what_is_no_list_changes_nothing_and_says_why() {
    let whole = list(1.5);
    let cut = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{whole}", whole.len() + 9);
    let cases = [
        (Server::giving("<!DOCTYPE html><html></html>"), "web page"),
        (Server::giving(&whole[..whole.len() - 5]), "ends in the middle"),
        (Server::giving("{}"), "no model in it has a price"),
        (Server::giving(&list(-1.0)), "below zero"),
        (Server::giving(&list(1250.0)), "would cost $1250 for input instead of $1.25"),
        (Server::giving(&list(1.25e6)), "nobody charges"),
        (Server::replying(cut.into_bytes()), "the connection broke"),
        (Server::replying(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".into()), "404"),
    ];
    for (server, why) in cases {
        let mut bench = Bench::new(&config(&server.url));
        let error = bench.refusal();
        assert!(error["message"].as_str().unwrap().contains(why), "{why}: {error}");
        assert!(error["message"].as_str().unwrap().contains(&server.url), "{error}");
        assert_eq!(bench.input("openai/gpt-5"), "1.25");
        assert_eq!(bench.kept(), ["price-addresses.json"]);
    }
}

#[test]
fn a_list_may_be_a_file_and_nobody_is_asked() {
    let mut bench = Bench::new("");
    let path = bench.file("list.json");
    std::fs::write(&path, list(1.5)).unwrap();
    for address in [path.display().to_string(), format!("file://{}", path.display())] {
        std::fs::write(bench.file("config.toml"), config(&address)).unwrap();
        bench.call("config.reload", json!({}));
        assert_eq!(bench.fetch()["address"], path.display().to_string());
    }
    assert!(bench.questions.is_empty());
    std::fs::File::open(&path).unwrap().set_modified(std::time::UNIX_EPOCH).unwrap();
    assert!(bench.refusal()["what"].as_str().unwrap().contains("of 1970-01-01"));
    std::fs::remove_file(&path).unwrap();
    assert!(bench.refusal()["message"].as_str().unwrap().contains("cannot be read"));
}

#[test]
fn a_damaged_kept_list_is_told_and_the_embedded_one_holds() {
    let mut bench = Bench::new("[account.openai]\n");
    bench.call("prices.status", json!({}));
    std::fs::create_dir_all(bench.file("state")).unwrap();
    std::fs::write(bench.file("state/prices.json.gz"), b"\x1f\x8bnonsense").unwrap();
    let bench = bench.again();
    bench.rings.recv_timeout(Duration::from_secs(30)).unwrap();
    let told = bench.engine.drain();
    let notice = told.iter().find_map(|it| match &it.body {
        Body::Notice(notice) if notice["kind"] == "prices" => notice["message"].as_str(),
        _ => None,
    });
    assert!(notice.unwrap().contains("prices.json.gz"), "{told:?}");
    let mut bench = bench;
    assert_eq!(bench.input("openai/gpt-5"), "1.25");
}

#[test]
fn what_was_billed_stays_and_what_comes_is_billed_anew() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let plays = "usage:1000000,0,0,0";
    let simulator = runtime.block_on(Simulator::builder().plays("gpt-5", plays).start()).unwrap();
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&billed(&server.url, &simulator.base_url()));
    assert_eq!(bench.cost("openai/gpt-5"), "1.25");
    let offer = bench.fetch();
    assert_eq!(offer["changes"][0]["model"], "openai/gpt-5", "the one that was called is first");
    assert_eq!(
        (&offer["changes"][0]["calls"], &offer["changes"][1]["calls"]),
        (&json!(1), &json!(0))
    );
    bench.call("prices.accept", json!({"offer": offer["offer"]}));
    assert_eq!(bench.cost("openai/gpt-5"), "1.5");
    let totals = bench.call("ledger.totals", json!({"from": 0, "to": i64::MAX}));
    assert_eq!(totals["cost"], 2_750_000_000_000_i64, "1.25 as it was, and 1.5");
}

#[test]
fn a_list_may_not_take_away_a_price_that_a_budget_counts_by() {
    let budget = "[[budget]]\non = { model = 'gpt-4' }\nwindow = 'day'\nlimit = '3'\n";
    let server = Server::giving(&list(1.5));
    let mut bench = Bench::new(&format!("{}{budget}", config(&server.url)));
    let error = bench.refusal();
    assert!(error["message"].as_str().unwrap().contains("dollars of gpt-4"), "{error}");
    let price = json!({"deployment": "openai/gpt-4", "input": "30", "output": "60"});
    bench.call("config.set_price", price);
    let offer = bench.fetch();
    bench.call("prices.accept", json!({"offer": offer["offer"]}));
    let accounts = bench.again().call("accounts.list", json!({}));
    assert!(accounts.to_string().contains("openai"), "the file is not wrong: {accounts}");
}
