//! Calls of MCP tools are counted, and nothing that was said in them is kept.

#![allow(clippy::unwrap_used)] // A test may fail.

mod common;

use common::*;
use llm_switch_ledger::{RanTool, ToolFilter, ToolOutcome, ToolUse};

fn ran(server: &str, tool: &str, started_ms: i64, outcome: ToolOutcome) -> RanTool {
    RanTool {
        started_ms,
        request: None,
        server: server.into(),
        tool: tool.into(),
        project: Some("/home/ada/engine".into()),
        mode: Some("local".into()),
        ms: 30,
        argument_bytes: 10,
        result_bytes: 200,
        outcome,
    }
}

fn used(server: &str, tool: &str, calls: u64) -> ToolUse {
    ToolUse {
        server: server.into(),
        tool: tool.into(),
        calls,
        errors: 0,
        denied: 0,
        cancelled: 0,
        total_ms: 30 * calls,
        average_ms: Some(30),
        argument_bytes: 10 * calls,
        result_bytes: 200 * calls,
    }
}

#[test]
fn every_outcome_is_counted_for_what_it_is() {
    let (_folder, path) = place();
    let ledger = open(&path);
    for (at, outcome) in ToolOutcome::ALL.into_iter().enumerate() {
        let ms = if outcome == ToolOutcome::Denied { 60_000 } else { 10 * at as u64 };
        ledger.record_tool_call(RanTool { ms, ..ran("git", "log", 5, outcome) });
    }
    ledger.flush().unwrap();
    let expected = ToolUse {
        errors: 3,
        denied: 1,
        cancelled: 1,
        // 0, 10, 20, 40 and 50: how long somebody thought about one is no time of it.
        total_ms: 120,
        average_ms: Some(24),
        ..used("git", "log", 6)
    };
    assert_eq!(ledger.tool_report(&ToolFilter::default()).unwrap(), [expected]);
    let words = "SELECT count(DISTINCT outcome) FROM tool_call
                  WHERE outcome IN ('ok','tool-error','failed','denied','cancelled','timed-out')";
    assert_eq!(number(&path, words), 6);
}

#[test]
fn what_was_never_allowed_has_no_average() {
    let (_folder, path) = place();
    let ledger = open(&path);
    ledger.record_tool_call(ran("git", "push", 5, ToolOutcome::Denied));
    ledger.flush().unwrap();
    let expected = ToolUse { denied: 1, total_ms: 0, average_ms: None, ..used("git", "push", 1) };
    assert_eq!(ledger.tool_report(&ToolFilter::default()).unwrap(), [expected]);
}

#[test]
fn a_report_is_by_server_and_tool_and_of_what_is_asked_for() {
    let (_folder, path) = place();
    let [one, other] = [open(&path), open(&path)];
    let elsewhere = RanTool { project: None, mode: None, ..ran("web", "get", 9, ToolOutcome::Ok) };
    one.record_tool_call(ran("git", "log", 10, ToolOutcome::Ok));
    one.record_tool_call(ran("git", "get", 20, ToolOutcome::Ok));
    one.record_tool_call(elsewhere);
    one.flush().unwrap();
    other.record_tool_call(ran("web", "get", 30, ToolOutcome::Ok));
    other.flush().unwrap();
    let told = |filter: ToolFilter| one.tool_report(&filter).unwrap();
    let all = [used("git", "get", 1), used("git", "log", 1), used("web", "get", 2)];
    assert_eq!(told(ToolFilter::default()), all);
    let server = |name: &str| ToolFilter { server: Some(name.into()), ..ToolFilter::default() };
    assert_eq!(told(server("git")), all[..2]);
    assert_eq!(told(server("mail")), []);
    let project = Some("/home/ada/engine".to_owned());
    let here = ToolFilter { project, ..server("web") };
    assert_eq!(told(here), [used("web", "get", 1)]);
    let late = ToolFilter { since_ms: Some(20), ..ToolFilter::default() };
    assert_eq!(told(late), [used("git", "get", 1), used("web", "get", 1)]);
}

#[test]
fn a_call_stands_beside_the_request_that_called_it_even_if_that_is_gone() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let here = record(&ledger, 1_000, computed(3));
    let gone = serde_json::from_value(77.into()).unwrap();
    for request in [Some(here), Some(gone), None] {
        ledger.record_tool_call(RanTool { request, ..ran("git", "log", 5, ToolOutcome::Ok) });
    }
    ledger.flush().unwrap();
    assert_eq!(number(&path, "SELECT count(*) FROM tool_call"), 3);
    let joined = "SELECT count(*) FROM tool_call c JOIN request r ON r.id = c.request";
    assert_eq!(number(&path, joined), 1);
}

#[test]
fn nonsense_of_a_server_breaks_no_sum() {
    let (_folder, path) = place();
    let ledger = open(&path);
    let long = "x".repeat(10_000);
    for _ in 0..3 {
        let most = RanTool {
            ms: u64::MAX,
            argument_bytes: u64::MAX,
            result_bytes: u64::MAX,
            ..ran(&long, &long, i64::MAX, ToolOutcome::Ok)
        };
        ledger.record_tool_call(most);
    }
    ledger.flush().unwrap();
    let told = ledger.tool_report(&ToolFilter { server: Some(long), ..ToolFilter::default() });
    let told = told.unwrap();
    assert_eq!((told[0].calls, told[0].tool.len()), (3, 200));
}
