//! The same conversation in all five dialects, against the simulator.
//!
//! The simulator was written from the wire facts by other hands than the
//! dialects, and refuses what the services refuse. That is still our reading
//! of those facts on both sides, and no proof of what a service does.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_net::{Client, Reach, Timeouts};
use llm_switch_providers::{Attempt, Lesson, Lessons, attempt, models};
use llm_switch_simulator::{Simulator, words_text};
use llm_switch_types::{
    Dialect, ErrorKind, Event, Format, Message, Part, Provider, Request, Result, Role, StopReason,
    Tool, ToolCall, ToolChoice, Usage,
};
use serde_json::{Value, json};

/// A conversation partner in one dialect.
struct Partner {
    dialect: Dialect,
    provider: Provider,
    lessons: Lessons,
    simulator: Simulator,
}

impl Partner {
    async fn in_each_dialect() -> Vec<Partner> {
        let mut partners = Vec::new();
        for dialect in Dialect::ALL {
            let simulator = Simulator::builder().start().await.unwrap();
            let row = json!({"name": "sim", "title": "Simulator", "dialect": dialect,
                "base-url": simulator.base_url_of(dialect), "locality": "local", "payer": "free",
                "auth": "none", "source": "test"});
            let provider = serde_json::from_value(row).unwrap();
            let lessons = Lessons::default();
            partners.push(Partner { dialect, provider, lessons, simulator });
        }
        partners
    }

    async fn ask(&self, model: &str, request: &Request) -> (Vec<Event>, Result<()>) {
        let client = Client::new(Reach::Loopback, Timeouts::default());
        let mut events = Vec::new();
        let call = self.call(model, request);
        let end = attempt(&client, call, |event| events.push(event)).await;
        (events, end.map(drop))
    }

    fn call<'a>(&'a self, model: &'a str, request: &'a Request) -> Attempt<'a> {
        let Partner { provider, lessons, .. } = self;
        Attempt { provider, model, key: None, request, lessons, seed: "7" }
    }

    fn name(&self) -> &'static str {
        self.dialect.name()
    }
}

fn question(text: &str, stream: bool) -> Request {
    Request { messages: vec![Message::text(Role::User, text)], stream, ..Request::default() }
}

fn text(events: &[Event]) -> String {
    let text = |event: &Event| match event {
        Event::Text(text) => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

fn usage(events: &[Event]) -> Usage {
    let usage = |event: &Event| match event {
        Event::Usage(usage) => Some(*usage),
        _ => None,
    };
    events.iter().rev().find_map(usage).unwrap_or_default()
}

fn calls(events: &[Event]) -> Vec<ToolCall> {
    let call = |event: &Event| match event {
        Event::ToolCall(call) => Some(call.clone()),
        _ => None,
    };
    events.iter().filter_map(call).collect()
}

fn opaque(events: &[Event]) -> Option<Value> {
    events.iter().find_map(|event| match event {
        Event::Opaque(opaque) => Some(opaque.clone()),
        _ => None,
    })
}

fn look() -> Tool {
    let parameters = json!({"type": "object", "required": ["thing"],
        "properties": {"thing": {"type": "string", "enum": ["moon"]}}});
    Tool { name: "look".into(), description: "Look at a thing".into(), parameters }
}

#[tokio::test]
async fn text_comes_streamed_and_whole() {
    for partner in Partner::in_each_dialect().await {
        for stream in [true, false] {
            let (events, end) = partner.ask("words:40", &question("Count", stream)).await;
            assert_eq!((end, text(&events)), (Ok(()), words_text(40)), "{}", partner.name());
            assert_eq!(events.last(), Some(&Event::Stop(StopReason::End)), "{}", partner.name());
        }
    }
}

#[tokio::test]
async fn any_delivery_gives_the_same_text() {
    for partner in Partner::in_each_dialect().await {
        for wrap in ["bytes:", "crlf:", "bytes:crlf:comments:"] {
            let (events, end) =
                partner.ask(&format!("{wrap}words:20"), &question("Count", true)).await;
            assert_eq!((end, text(&events)), (Ok(()), words_text(20)), "{}", partner.name());
        }
    }
}

#[tokio::test]
async fn usage_means_the_same_however_it_is_counted() {
    for partner in Partner::in_each_dialect().await {
        let (events, _) = partner.ask("usage:1000,800,50,30", &question("Hi", true)).await;
        let usage = usage(&events);
        // Ollama counts what it had to read, and not what its cache held.
        let cached = if partner.dialect == Dialect::Ollama { 0 } else { 800 };
        let seen = (usage.input, usage.cache_read, usage.output);
        assert_eq!(seen, (200, cached, 50), "{}", partner.name());
    }
}

#[tokio::test]
async fn parallel_tools_are_called_and_their_results_used() {
    for partner in Partner::in_each_dialect().await {
        for stream in [true, false] {
            let first = Request {
                tools: vec![look()],
                tool_choice: Some(ToolChoice::Required),
                ..question("Look!", stream)
            };
            // Refuses results that come without the reasoning they belong to.
            let (events, end) = partner.ask("tools-reasoning:2", &first).await;
            let calls = calls(&events);
            let name = partner.name();
            assert_eq!((end, calls.len()), (Ok(()), 2), "{name}");
            assert_eq!(events.last(), Some(&Event::Stop(StopReason::ToolCalls)), "{name}");
            assert!(calls.iter().all(|it| it.id.starts_with("call_")), "{name}: {calls:?}");
            let (events, end) =
                partner.ask("tools-reasoning:2", &with_results(first, &events, calls)).await;
            assert_eq!(end, Ok(()), "{name}");
            assert!(text(&events).contains("I see the moon"), "{name}: {}", text(&events));
        }
    }
}

/// FIRST, the assistant's turn of EVENTS with CALLS, and a result for each.
fn with_results(first: Request, events: &[Event], calls: Vec<ToolCall>) -> Request {
    let mut messages = first.messages.clone();
    let said = text(events);
    messages.push(Message {
        parts: if said.is_empty() { Vec::new() } else { vec![Part::Text(said)] },
        tool_calls: calls.clone(),
        opaque: opaque(events),
        ..Message::text(Role::Assistant, "")
    });
    messages.extend(calls.into_iter().map(|call| Message {
        tool_call_id: Some(call.id),
        ..Message::text(Role::Tool, "I see the moon")
    }));
    Request { messages, tool_choice: None, ..first }
}

#[tokio::test]
async fn what_parallel_tools_show_arrives_whether_they_failed_or_not() {
    for partner in Partner::in_each_dialect().await {
        let first = Request { tools: vec![look()], ..question("Look!", true) };
        let (events, _) = partner.ask("tools-reasoning:2", &first).await;
        let mut request = with_results(first, &events, calls(&events));
        let results = request.messages.iter_mut().filter(|it| it.role == Role::Tool);
        for (result, is_error) in results.zip([false, true]) {
            let urls = ["data:image/png;base64,iVBORw0KGgo=", "data:audio/wav;base64,UklGRg=="];
            result.parts.extend(urls.map(|url| Part::Media(url.into())));
            result.is_error = is_error;
        }
        let (events, end) = partner.ask("tools-reasoning:2", &request).await;
        let name = partner.name();
        assert_eq!(end, Ok(()), "{name}");
        let said = text(&events);
        assert_eq!(said.matches("I see the moon").count(), 2, "{name}: {said}");
        // One service takes sounds; the others are told that there was one.
        let heard = partner.dialect == Dialect::Gemini;
        assert_eq!(said.contains("audio/wav was left out"), !heard, "{name}: {said}");
        let media = partner.simulator.received().requests.pop().unwrap().media;
        let images = media.iter().filter(|it| it.of_tool && it.bytes == 8).count();
        assert_eq!((images, media.len()), (2, if heard { 4 } else { 2 }), "{name}: {media:?}");
    }
}

#[tokio::test]
async fn images_and_schemas_and_system_prompts_are_taken() {
    let image = "data:image/png;base64,iVBORw0KGgo=";
    for partner in Partner::in_each_dialect().await {
        let user = Message {
            parts: vec![Part::Text("What is this?".into()), Part::Media(image.into())],
            ..Message::text(Role::User, "")
        };
        let request = Request {
            messages: vec![Message::text(Role::System, "Be brief."), user],
            format: Some(Format::Schema {
                name: "answer".into(),
                schema: json!({"type": "object", "properties": {"a": {"type": "string"}},
                    "required": ["a"], "additionalProperties": false}),
                strict: true,
            }),
            max_output_tokens: Some(100),
            stream: true,
            ..Request::default()
        };
        let (events, end) = partner.ask("hello", &request).await;
        assert_eq!((end, text(&events).is_empty()), (Ok(()), false), "{}", partner.name());
    }
}

#[tokio::test]
async fn stops_and_substitutions_are_told() {
    for partner in Partner::in_each_dialect().await {
        let stop = |events: Vec<Event>| events.last().cloned();
        let (events, _) = partner.ask("length", &question("Hi", true)).await;
        assert_eq!(stop(events), Some(Event::Stop(StopReason::Length)), "{}", partner.name());
        let (events, _) = partner.ask("served:another", &question("Hi", true)).await;
        assert!(events.contains(&Event::Served("another".into())), "{}", partner.name());
    }
}

#[tokio::test]
async fn a_broken_answer_is_an_error_and_what_came_is_kept() {
    for partner in Partner::in_each_dialect().await {
        for (model, kind) in [
            ("cut:3", ErrorKind::Network),
            ("reset:3", ErrorKind::Network),
            ("truncate:3", ErrorKind::Network),
            ("midstream", ErrorKind::Server),
            ("notjson", ErrorKind::Protocol),
        ] {
            let (events, end) = partner.ask(model, &question("Hi", true)).await;
            let name = partner.name();
            assert_eq!(end.map_err(|it| it.kind), Err(kind), "{name} {model}");
            let kept = model == "notjson" || text(&events).starts_with("w1 ");
            assert!(kept, "{name} {model}: {events:?}");
        }
    }
}

#[tokio::test]
async fn a_refused_parameter_is_learnt_and_left_out() {
    for mut partner in Partner::in_each_dialect().await {
        let mut request = question("Hi", true);
        request.sampling.temperature = Some(0.5);
        let model = match partner.dialect {
            Dialect::Gemini => "refuses:generationConfig.temperature",
            Dialect::Ollama => "refuses:options.temperature",
            _ => "refuses:temperature",
        };
        let name = partner.name();
        let (_, end) = partner.ask(model, &request).await;
        let refusal = end.unwrap_err();
        let mut lessons = Lessons::default();
        let lesson = partner.call(model, &request).learn(&refusal, &mut lessons);
        assert_eq!(lesson, Some(Lesson::Omit("temperature".into())), "{name}: {refusal}");
        partner.lessons = lessons;
        let (events, end) = partner.ask(model, &request).await;
        assert_eq!((end, text(&events).is_empty()), (Ok(()), false), "{name}");
    }
}

#[tokio::test]
async fn every_server_lists_its_models() {
    for partner in Partner::in_each_dialect().await {
        let client = Client::new(Reach::Loopback, Timeouts::default());
        let found = models(&client, &partner.provider, None).await.unwrap();
        assert!(found.iter().any(|model| model.name == "hello"), "{}", partner.name());
    }
}
