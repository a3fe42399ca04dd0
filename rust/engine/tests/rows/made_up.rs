//! A provider that nobody has heard of needs no code.

use crate::world::engine;
use llm_switch_engine::Body;
use llm_switch_net::{Client, Reach, Timeouts};
use llm_switch_providers::{Attempt, Lessons, attempt};
use llm_switch_simulator::{Simulator, test_key};
use llm_switch_types::{Event, Message, Provider, Request, Role};
use serde_json::json;
use std::time::Duration;

/// A service of the OpenAI family at a path of its own, which wants a key.
fn service() -> Provider {
    Provider::unknown("made-up", "https://llm.made-up.example/serving/openai/v7")
}

fn started(runtime: &tokio::runtime::Runtime) -> Simulator {
    let builder = Simulator::builder().host(&service()).key(test_key("made-up"));
    runtime.block_on(builder.start()).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap()
}

#[test]
fn adding_a_made_up_provider_takes_three_lines_of_configuration_and_no_code() {
    let runtime = runtime();
    let simulator = started(&runtime);
    let base_url = simulator.base_url();
    let config = format!(
        "account.made-up.key = 'env:MADE_UP'\n[provider.made-up]\nbase-url = '{base_url}'\n"
    );
    assert_eq!(config.lines().count(), 3);
    let (engine, rings, _folder) = engine(&config);
    let request = json!({"model": "sw/made-up/hello", "stream": true,
        "messages": [{"role": "user", "content": "Hi"}], "llm_switch": {"v": 1, "purpose": "chat"}});
    let id = engine.submit(request.to_string());
    let (mut text, mut end) = (String::new(), None);
    while end.is_none() {
        rings.recv_timeout(Duration::from_secs(30)).unwrap();
        for envelope in engine.drain() {
            match envelope.body {
                Body::Question(it) => {
                    let key = test_key("made-up");
                    let answer = json!({"v": 1, "question": it["question"], "answer": key});
                    engine.call("question.answer".into(), answer.to_string());
                }
                Body::Text(more) => text.push_str(&more),
                body if envelope.id == id && body.is_terminal() => end = Some(body),
                _ => {}
            }
        }
    }
    assert!(matches!(end, Some(Body::Done(_))), "{end:?}");
    assert_eq!(text, "Hello from the simulator.");
}

/// The members that no row may leave out: what a catalogue row is.
#[test]
fn adding_a_made_up_provider_takes_one_catalogue_row_and_no_code() {
    let runtime = runtime();
    let simulator = started(&runtime);
    let row = json!({"name": "made-up", "title": "Made up", "base-url": simulator.base_url(),
        "dialect": "openai-chat", "locality": "cloud", "payer": "metered", "auth": "bearer",
        "source": "nobody"});
    let provider: Provider = serde_json::from_value(row).unwrap();
    let request = Request {
        messages: vec![Message::text(Role::User, "Hi")],
        stream: true,
        ..Request::default()
    };
    let (client, key) =
        (Client::new(Reach::Loopback, Timeouts::default()), test_key("made-up").into());
    let call = Attempt {
        provider: &provider,
        model: "hello",
        key: Some(&key),
        request: &request,
        lessons: &Lessons::default(),
        seed: "7",
    };
    let mut text = String::new();
    let hear = |event| {
        if let Event::Text(more) = event {
            text.push_str(&more);
        }
    };
    runtime.block_on(attempt(&client, call, hear)).unwrap();
    assert_eq!(text, "Hello from the simulator.");
}
