//! What becomes of calls, and what the ledger says of it.

use crate::world::{World, gone, section};
use llm_switch_engine::Body;
use serde_json::json;
use std::time::{Duration, Instant};

/// How many calls there were, and how many of them went which way.
fn counts(world: &mut World, tool: &str) -> [u64; 4] {
    let row = world.used(tool);
    ["calls", "errors", "denied", "cancelled"].map(|it| row[it].as_u64().unwrap())
}

#[test]
fn what_goes_well_what_fails_and_what_is_refused_are_told_apart() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    let echo = world.granted("mcp__s__echo", json!({"text": "hello"}));
    assert_eq!((&echo["text"], &echo["is-error"]), (&json!("hello"), &json!(false)));
    assert_eq!(world.granted("mcp__s__error", json!({}))["is-error"], true);
    let refuse = json!({"name": "mcp__s__refuse", "arguments": "{}", "granted": true});
    let refused = world.try_to("mcp.call", refuse).unwrap_err().to_string();
    assert!(refused.contains("the text is missing"), "{refused}");
    world.call("mcp__s__env", json!({})).unwrap_err();
    assert_eq!(counts(&mut world, "echo"), [1, 0, 0, 0]);
    assert_eq!(counts(&mut world, "error"), [1, 1, 0, 0]);
    assert_eq!(counts(&mut world, "refuse"), [1, 1, 0, 0]);
    assert_eq!(counts(&mut world, "env"), [1, 0, 1, 0]);
    let echo = world.used("echo");
    assert_eq!((&echo["result-bytes"], &echo["argument-bytes"]), (&json!(5), &json!(16)));
}

#[test]
fn arguments_that_are_none_are_an_error_and_nobody_is_asked() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    let call = |text: &str| json!({"name": "mcp__s__echo", "arguments": text});
    for text in ["[1]", "{", "\"x\"", "null"] {
        assert_eq!(world.try_to("mcp.call", call(text)).unwrap_err()["kind"], "bad-request");
    }
    assert!(world.asked("mcp-permission").is_empty());
    assert_eq!(counts(&mut world, "echo"), [4, 4, 0, 0], "nobody has cancelled them");
}

#[test]
fn the_time_that_the_user_thinks_is_not_the_tools() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    world.says("mcp-permission", |_| {
        std::thread::sleep(Duration::from_millis(600));
        json!({"decision": "once"})
    });
    world.call("mcp__s__echo", json!({"text": "x"})).unwrap();
    let ms = world.used("echo")["total-ms"].as_u64().unwrap();
    assert!(ms < 500, "{ms} ms");
}

#[test]
fn a_call_that_says_nothing_for_too_long_ends_and_its_server_is_told() {
    let mut world = World::new(&section("s", "idle-timeout = 1"));
    world.start("s");
    let since = Instant::now();
    let slow = json!({"name": "mcp__s__slow", "granted": true, "arguments": "{\"steps\":1,\"delay\":60000}"});
    let error = world.try_to("mcp.call", slow).unwrap_err().to_string();
    assert!(error.contains("nothing was heard for 1 s"), "{error}");
    assert!(since.elapsed() < Duration::from_secs(20));
    assert_eq!(counts(&mut world, "slow"), [1, 1, 0, 0]);
    assert_eq!(world.granted("mcp__s__cancelled", json!({}))["text"], "slow");
    assert_eq!(world.row("s")["state"], "ready");
}

#[test]
fn a_call_that_is_cancelled_is_over_at_once_and_its_server_stops() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    let slow = json!({"name": "mcp__s__slow", "granted": true, "arguments": "{\"steps\":50,\"delay\":200}"});
    let call = world.begin("mcp.call", slow);
    world.hear(call, |body| matches!(body, Body::Progress(_)));
    assert!(world.engine.cancel(call));
    assert_eq!(world.end(call).unwrap_err()["kind"], "cancelled");
    assert_eq!(counts(&mut world, "slow"), [1, 0, 0, 1]);
    let end = Instant::now() + Duration::from_secs(10);
    while world.granted("mcp__s__cancelled", json!({}))["text"] != "slow" {
        assert!(Instant::now() < end, "its server goes on");
    }
}

#[test]
fn a_server_that_dies_says_how_and_what_it_wrote_last() {
    let mut world = World::new(&section("s", ""));
    let pid = world.start("s")["pid"].clone();
    let crash = json!({"name": "mcp__s__crash", "granted": true, "arguments": "{}"});
    let error = world.try_to("mcp.call", crash).unwrap_err().to_string();
    assert!(error.contains("exit code 7, saying: about to crash"), "{error}");
    gone(&pid);
    let row = world.row("s");
    assert_eq!((&row["state"], &row["pid"]), (&json!("failed"), &json!(null)));
    let log = world.ask("mcp.log", json!({"server": "s", "kind": "stderr"}));
    assert_eq!(log["lines"], json!(["about to crash"]));
    assert_eq!(counts(&mut world, "crash"), [1, 1, 0, 0]);
    let call = json!({"name": "mcp__s__echo", "granted": true, "arguments": "{}"});
    let error = world.try_to("mcp.call", call).unwrap_err().to_string();
    assert!(error.contains("there is no tool mcp__s__echo now"), "{error}");
    assert_eq!(world.start("s")["state"], "ready");
}

#[test]
fn a_restart_ends_the_calls_under_way_and_the_next_ones_work() {
    let mut world = World::new(&section("s", ""));
    let first = world.start("s")["pid"].clone();
    let slow = json!({"name": "mcp__s__slow", "granted": true, "arguments": "{\"steps\":50,\"delay\":200}"});
    let calls = [0; 3].map(|_| world.begin("mcp.call", slow.clone()));
    for call in calls {
        world.hear(call, |body| matches!(body, Body::Progress(_)));
    }
    let restarts = [0; 2].map(|_| world.begin("mcp.restart", json!({"server": "s"})));
    for call in calls {
        let error = world.end(call).unwrap_err().to_string();
        assert!(error.contains("the server was stopped"), "{error}");
    }
    for restart in restarts {
        // The second may have stopped what the first has started.
        let _ = world.end(restart);
    }
    gone(&first);
    world.start("s");
    assert_eq!(world.granted("mcp__s__echo", json!({"text": "x"}))["text"], "x");
}

#[test]
fn progress_is_told_in_order_and_the_last_word_always() {
    let mut world = World::new(&section("s", ""));
    world.start("s");
    let many = json!({"name": "mcp__s__slow", "granted": true, "arguments": "{\"steps\":5000,\"delay\":0}"});
    let call = world.begin("mcp.call", many);
    world.end(call).unwrap();
    let done = world.heard.iter().filter_map(|(id, body)| match body {
        Body::Progress(it) if *id == call => it["done"].as_f64(),
        _ => None,
    });
    let done: Vec<f64> = done.collect();
    assert!(done.is_sorted() && done.len() < 500, "{done:?}");
    assert_eq!(done.last(), Some(&5000.0));
}
