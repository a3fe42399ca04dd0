//! An attempt at the simulator: what arrives, and what each fault is called.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_net::{Client, Reach, Timeouts};
use llm_switch_providers::{Answered, Attempt, Lessons, attempt, models};
use llm_switch_simulator::{Simulator, test_key, words_text};
use llm_switch_types::{
    Auth, Dialect, Error, ErrorKind, ErrorRule, Event, Message, Provider, Refused, RefusedKey,
    Request, Reset, Result, Role, StopReason, Tool,
};
use serde_json::json;

fn provider(simulator: &Simulator) -> Provider {
    Provider::unknown("sim", &simulator.base_url())
}

fn question(stream: bool) -> Request {
    Request { messages: vec![Message::text(Role::User, "Hi")], stream, ..Request::default() }
}

/// The events of REQUEST to MODEL, and how it ended.
async fn ask(model: &str, request: &Request) -> (Vec<Event>, Result<Answered>) {
    let simulator = Simulator::builder().start().await.unwrap();
    let provider = provider(&simulator);
    let client = Client::new(Reach::Loopback, Timeouts::default());
    let lessons = Lessons::default();
    let call =
        Attempt { provider: &provider, model, key: None, request, lessons: &lessons, seed: "7" };
    let mut events = Vec::new();
    let end = attempt(&client, call, |event| events.push(event)).await;
    (events, end)
}

fn text(events: &[Event]) -> String {
    let texts = events.iter().filter_map(|event| match event {
        Event::Text(text) => Some(text.as_str()),
        _ => None,
    });
    texts.collect()
}

#[tokio::test]
async fn every_way_of_delivery_gives_the_same_text() {
    for wrap in ["", "bytes:", "crlf:", "comments:", "bytes:crlf:comments:"] {
        let (events, end) = ask(&format!("{wrap}words:60"), &question(true)).await;
        assert_eq!(end.map(|it| it.status), Ok(200), "{wrap}");
        assert_eq!(text(&events), words_text(60), "{wrap}");
        assert_eq!(events.last(), Some(&Event::Stop(StopReason::End)), "{wrap}");
    }
}

#[tokio::test]
async fn a_whole_answer_means_what_the_streamed_one_does() {
    for model in
        ["hello", "usage:1000,800,50,30", "length", "filter", "reasoning:reasoning_content"]
    {
        let [streamed, whole] =
            [ask(model, &question(true)).await, ask(model, &question(false)).await];
        let last = |(events, _): &(Vec<Event>, _)| events.last().cloned();
        assert_eq!(text(&streamed.0), text(&whole.0), "{model}");
        assert_eq!(last(&streamed), last(&whole), "{model}");
    }
}

#[tokio::test]
async fn tool_calls_come_whole_whatever_the_server_leaves_out() {
    let parameters = json!({"type": "object", "properties": {"thing": {"enum": ["moon"]}}});
    let tool = Tool { name: "look".into(), description: "Look".into(), parameters };
    for model in ["tools:2", "tools-whole:2", "tools-noindex:2", "tools-noid:2"] {
        let request = Request { tools: vec![tool.clone()], ..question(true) };
        let (events, _) = ask(model, &request).await;
        let calls: Vec<_> = events
            .iter()
            .filter_map(|event| match event {
                Event::ToolCall(call) => Some(call),
                _ => None,
            })
            .collect();
        assert_eq!(calls.len(), 2, "{model}");
        assert_ne!(calls[0].id, calls[1].id, "{model}");
        for call in calls {
            assert!(call.id.starts_with("call_"), "{model}: {}", call.id);
            assert_eq!(call.arguments.replace(' ', ""), r#"{"thing":"moon"}"#, "{model}");
        }
        assert_eq!(events.last(), Some(&Event::Stop(StopReason::ToolCalls)), "{model}");
    }
}

#[tokio::test]
async fn each_fault_has_its_class() {
    let table = [
        ("cut:3", ErrorKind::Network),
        ("truncate:3", ErrorKind::Network),
        ("reset:3", ErrorKind::Network),
        ("midstream:openai", ErrorKind::Server),
        ("midstream:vllm", ErrorKind::Server),
        ("midstream:openrouter", ErrorKind::Server),
        ("midstream:ollama", ErrorKind::Server),
        ("notjson", ErrorKind::Protocol),
        ("html200", ErrorKind::Protocol),
        ("status:401", ErrorKind::Auth),
        ("status:404", ErrorKind::ModelNotFound),
        ("status:429", ErrorKind::RateLimited),
        ("status:500", ErrorKind::Server),
        ("status:503", ErrorKind::Overloaded),
        ("status:529", ErrorKind::Overloaded),
        ("error:quota", ErrorKind::NoFunds),
        ("error:context", ErrorKind::ContextLength),
        ("error:filter", ErrorKind::ContentFilter),
        ("redirect:http://192.0.2.1/", ErrorKind::Refused),
        ("no-such-script", ErrorKind::ModelNotFound),
    ];
    for (model, kind) in table {
        let (_, end) = ask(model, &question(true)).await;
        assert_eq!(end.map_err(|error| error.kind), Err(kind), "{model}");
    }
}

#[tokio::test]
async fn the_invitation_to_come_back_is_read_in_both_forms() {
    for (model, seconds) in [("status:429", 7), ("status:429:ms", 1)] {
        let (_, end) = ask(model, &question(true)).await;
        assert_eq!(end.unwrap_err().retry_after, Some(seconds), "{model}");
    }
}

#[tokio::test]
async fn text_that_came_before_a_fault_is_handed_out() {
    for model in ["cut:3", "reset:3", "midstream:openai"] {
        let (events, end) = ask(model, &question(true)).await;
        assert!(end.is_err() && text(&events).starts_with("w1 w2"), "{model}: {events:?}");
    }
}

#[tokio::test]
async fn halves_of_surrogates_and_nulls_do_not_end_a_stream() {
    for model in ["surrogate", "surrogate:lone", "nulls"] {
        let (events, end) = ask(model, &question(true)).await;
        assert_eq!(end.map(|it| it.status), Ok(200), "{model}");
        assert!(!text(&events).is_empty(), "{model}");
    }
}

#[tokio::test]
async fn a_server_lists_its_models() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::new(Reach::Loopback, Timeouts::default());
    let found = models(&client, &provider(&simulator), None).await.unwrap();
    assert!(found.iter().any(|model| model.name == "hello"));
}

#[tokio::test]
async fn ollama_is_asked_how_large_a_window_each_model_has() {
    let simulator = Simulator::builder().start().await.unwrap();
    let client = Client::new(Reach::Loopback, Timeouts::default());
    let base_url = simulator.base_url_of(Dialect::Ollama);
    let ollama = Provider { dialect: Dialect::Ollama, ..Provider::unknown("ollama", &base_url) };
    let found = models(&client, &ollama, None).await.unwrap();
    assert!(found.len() > 10 && found.iter().all(|model| model.context == Some(8192)), "{found:?}");
}

/// How a question to MODEL ends where CODE, with this STATUS, means a quota.
async fn ask_where(status: u16, code: &str, model: &str) -> Error {
    let simulator = Simulator::builder().start().await.unwrap();
    let rule = ErrorRule {
        status: Some(status),
        code: Some(code.into()),
        text: None,
        kind: ErrorKind::Quota,
        resets: Some(Reset::UtcMidnight),
        wait: None,
        advice: None,
    };
    let provider = Provider { errors: vec![rule], ..provider(&simulator) };
    let client = Client::new(Reach::Loopback, Timeouts::default());
    let request = question(true);
    let call = Attempt {
        provider: &provider,
        model,
        key: None,
        request: &request,
        lessons: &Lessons::default(),
        seed: "7",
    };
    attempt(&client, call, |_| ()).await.unwrap_err()
}

#[tokio::test]
async fn the_row_of_the_provider_says_what_its_refusals_mean() {
    let error = ask_where(429, "rate_limit_exceeded", "status:429").await;
    assert_eq!((error.kind, error.retry_after), (ErrorKind::Quota, Some(7)));
    assert!(error.resets_at.is_some());
}

#[tokio::test]
async fn the_row_of_the_provider_says_what_its_errors_in_the_stream_mean() {
    let error = ask_where(502, "provider_unavailable", "midstream:openrouter").await;
    assert_eq!(error.kind, ErrorKind::Quota);
    assert!(error.resets_at.is_some());
}

#[tokio::test]
async fn a_key_that_must_not_be_used_never_leaves_the_machine() {
    let simulator = Simulator::builder().start().await.unwrap();
    let refused =
        Refused { reason: "belongs to a subscription".into(), instead: "Make another".into() };
    let refused_keys = vec![RefusedKey { prefix: "sk-ant-oat".into(), refused }];
    let provider = Provider { refused_keys, ..provider(&simulator) };
    let client = Client::new(Reach::Loopback, Timeouts::default());
    let (key, request) = (test_key("sk-ant-oat01").into(), question(true));
    let call = Attempt {
        provider: &provider,
        model: "hello",
        key: Some(&key),
        request: &request,
        lessons: &Lessons::default(),
        seed: "7",
    };
    let error = attempt(&client, call, |_| ()).await.unwrap_err();
    assert_eq!((error.kind, error.advice.as_deref()), (ErrorKind::Auth, Some("Make another")));
    assert!(!error.to_string().contains("oat01"));
    assert!(simulator.received().requests.is_empty());
}

#[tokio::test]
async fn a_missing_key_is_told_with_where_people_keep_it() {
    let simulator = Simulator::builder().start().await.unwrap();
    let key_variables = vec!["X_API_KEY".to_owned()];
    let provider = Provider { auth: Auth::Bearer, key_variables, ..provider(&simulator) };
    let client = Client::new(Reach::Loopback, Timeouts::default());
    let error = models(&client, &provider, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth);
    assert!(error.advice.unwrap().contains("env:X_API_KEY"));
}

#[tokio::test]
async fn what_the_account_has_left_comes_with_the_answer() {
    let (_, end) = ask("limits:hello", &question(true)).await;
    let windows = end.unwrap().limits.windows;
    let requests = windows.iter().find(|window| window.name == "requests").unwrap();
    assert!(requests.remaining < requests.limit && requests.resets_at.is_some(), "{requests:?}");
}
