//! How long a call may take and how long its result may be.

mod common;

use common::*;
use llm_switch_mcp::*;
use serde_json::json;
use std::time::{Duration, Instant};

fn limited(definition: Definition, idle: u64, total: u64) -> Definition {
    let timeouts = Timeouts {
        idle: Duration::from_millis(idle),
        total: Duration::from_millis(total),
        ..definition.timeouts
    };
    Definition { timeouts, ..definition }
}

#[tokio::test]
async fn a_call_that_is_silent_for_too_long_is_cancelled_and_told_to_the_server() {
    let server = Server::start(limited(server(&[]), 300, 10_000), Owner::new().host);
    let arguments = object(json!({"steps": 2, "delay": 3000}));
    let error = server.call("slow", arguments, |_| {}).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "MCP server test: calling slow: nothing was heard for 0.3 s; it was cancelled. \
         Allow it a longer silence, or ask for less at once"
    );
    assert!(error.timed_out);
    // The cancel went out before this call, and it is served in its order.
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(text(&server, "cancelled", json!({})).await, "slow");
}

#[tokio::test]
async fn progress_is_a_sign_of_life() {
    let server = Server::start(limited(server(&[]), 1500, 20_000), Owner::new().host);
    let arguments = object(json!({"steps": 8, "delay": 300}));
    assert_eq!(said(server.call("slow", arguments, |_| {}).await.unwrap()), "done");
}

#[tokio::test]
async fn no_progress_outlives_the_cap() {
    let server = Server::start(limited(server(&[]), 20_000, 700), Owner::new().host);
    server.ready().await.unwrap();
    let begin = Instant::now();
    let arguments = object(json!({"steps": 1000, "delay": 50}));
    let error = server.call("slow", arguments, |_| {}).await.unwrap_err();
    assert!(error.what.contains("it took more than 0.7 s") && error.timed_out, "{error}");
    assert!(begin.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn the_clock_stands_while_the_user_is_asked() {
    for args in [&["--old"][..], &[]] {
        let mut owner = Owner::new();
        let server = Server::start(limited(server(args), 1000, 20_000), owner.host.clone());
        let (outcome, ()) = tokio::join!(server.call("ask", object(json!({})), |_| {}), async {
            let question = owner.questions.recv().await.unwrap();
            tokio::time::sleep(Duration::from_millis(2500)).await;
            question.reply.send(Answer::Decline).unwrap();
        });
        assert!(said(outcome.unwrap()).contains("decline"));
    }
}

#[tokio::test]
async fn twenty_megabytes_arrive() {
    let running = HttpServer::start(0, &[]).await;
    for definition in [server(&["--old"]), server(&[]), at(&running.url())] {
        let server = Server::start(definition, Owner::new().host);
        assert_eq!(text(&server, "big", json!({"megabytes": 20})).await.len(), 20 << 20);
    }
}

#[tokio::test]
async fn what_is_longer_than_the_line_cap_ends_in_an_error_and_the_server_can_still_be_used() {
    let definition = Definition { line_cap: 1 << 20, ..limited(server(&[]), 1000, 5000) };
    let server = Server::start(definition, Owner::new().host);
    let error = server.call("big", object(json!({"megabytes": 2})), |_| {}).await.unwrap_err();
    assert!(error.what.contains("nothing was heard"), "{error}");
    assert_eq!(text(&server, "echo", json!({"text": "there"})).await, "there");
}

#[tokio::test]
async fn calls_run_side_by_side_and_each_hears_its_own_progress() {
    let server = Server::start(server(&[]), Owner::new().host);
    let call = async |steps: u32| {
        let mut notes = Vec::new();
        let arguments = object(json!({"steps": steps, "delay": 20}));
        server.call("slow", arguments, |note| notes.push(note.total)).await.unwrap();
        assert_eq!(notes, vec![Some(f64::from(steps)); steps as usize]);
    };
    tokio::join!(call(3), call(7), call(5));
}
