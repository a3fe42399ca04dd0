//! Both eras over both transports: what a well-behaved server offers.

mod common;

use common::*;
use llm_switch_mcp::*;
use serde_json::json;
use std::collections::BTreeMap;

/// How a server is spoken to.
#[derive(Clone, Copy)]
struct Way {
    era: Era,
    /// Whether the server knows what its client did before, and can speak
    /// unasked. In the older era it can over stdio or with sessions, in the
    /// newer one always.
    remembers: bool,
}

/// Run CHECK for a server of each era over each transport.
async fn each<F: Future<Output = ()>>(check: impl Fn(Server, Owner, Way) -> F) {
    for (args, era) in [(&["--old"][..], Era::Initialize), (&[][..], Era::Discover)] {
        let owner = Owner::new();
        let way = Way { era, remembers: true };
        check(Server::start(server(args), owner.host.clone()), owner, way).await;
        for kind in [&[][..], &["--json"][..], &["--json", "--stateless"][..]] {
            let running = HttpServer::start(0, &[args, kind].concat()).await;
            let owner = Owner::new();
            let remembers = era == Era::Discover || !kind.contains(&"--stateless");
            let way = Way { era, remembers };
            check(Server::start(at(&running.url()), owner.host.clone()), owner, way).await;
        }
    }
}

#[tokio::test]
async fn a_server_says_what_it_is() {
    each(async |server, owner, Way { era, .. }| {
        let info = server.ready().await.unwrap();
        let protocol = if era == Era::Discover { "2026-07-28" } else { "2025-11-25" };
        assert_eq!((info.era, info.protocol.as_str()), (era, protocol));
        assert_eq!(info.name.as_deref(), Some("test-server"));
        assert_eq!(info.version.as_deref(), Some("1.2.3"));
        assert_eq!(info.instructions.as_deref(), Some("Call echo first."));
        assert!(info.offers.tools && info.offers.tools_change && info.offers.completions);
        assert_eq!(owner.states(), ["starting", "ready"]);
        server.stop().await;
        assert_eq!(owner.states(), ["starting", "ready", "stopped"]);
    })
    .await;
}

#[tokio::test]
async fn all_pages_of_tools_are_listed_with_their_schemas_as_they_came() {
    each(async |server, _owner, _| {
        let tools = server.tools().await.unwrap();
        assert_eq!(tools.len(), 14, "three pages");
        let echo = &tools[0];
        let defined = &echo.input_schema["$defs"]["text"]["x-odd"];
        assert_eq!(defined, &json!({"b": 1, "a": 2}));
        assert_eq!(echo.output_schema.as_ref().unwrap()["x-kept"], json!([1, {"a": null}]));
        assert!(echo.hints.read_only && !echo.hints.destructive && !echo.hints.open_world);
        assert!(tools[1].hints.destructive && tools[1].hints.open_world, "the worst by default");
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_content_arrives() {
    each(async |server, _owner, _| {
        let outcome = server.call("media", object(json!({})), |_| {}).await.unwrap();
        let link = Part::Link(Resource {
            uri: "note://1".into(),
            name: "note 1".into(),
            title: None,
            description: None,
            mime: Some("text/plain".into()),
            size: Some(12),
        });
        let held = Part::Resource(Contents {
            uri: "note://2".into(),
            mime: Some("text/plain".into()),
            text: Some("held".into()),
            data: None,
        });
        let image = Part::Image { mime: "image/png".into(), data: "aW1hZ2U=".into() };
        let audio = Part::Audio { mime: "audio/wav".into(), data: "c291bmQ=".into() };
        let caption = Part::Text { text: "caption".into() };
        assert_eq!(outcome.content, [caption, image, audio, held, link]);
        assert_eq!(outcome.structured, Some(json!({"rows": [1, 2]})));
        assert!(!outcome.is_error);
    })
    .await;
}

#[tokio::test]
async fn a_tool_that_fails_and_one_that_is_refused_are_told_apart() {
    each(async |server, _owner, _| {
        let outcome = server.call("error", object(json!({})), |_| {}).await.unwrap();
        assert!(outcome.is_error);
        assert_eq!(said(outcome), "there is no such row");
        let error = server.call("refuse", object(json!({})), |_| {}).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "MCP server test: calling refuse: it refused, saying: the text is missing"
        );
    })
    .await;
}

#[tokio::test]
async fn a_change_of_the_tools_is_told_and_the_next_list_has_it() {
    each(async |server, owner, way| {
        assert_eq!(server.tools().await.unwrap().len(), 14);
        assert_eq!(text(&server, "change", json!({})).await, "changed");
        if way.remembers {
            soon("the change is told", || owner.was_told(&Event::ToolsChanged)).await;
        }
        let tools = server.tools().await.unwrap();
        assert_eq!(tools.last().unwrap().name, "added-1");
    })
    .await;
}

#[tokio::test]
async fn resources_and_templates_are_listed_and_read() {
    each(async |server, _owner, _| {
        let resources = server.resources().await.unwrap();
        assert_eq!(resources.len(), 7, "two pages");
        assert_eq!((resources[6].uri.as_str(), resources[6].name.as_str()), ("note://7", "note 7"));
        let templates = server.templates().await.unwrap();
        assert_eq!(templates[0].uri, "note://{number}");
        let held = server.read("note://3").await.unwrap();
        assert_eq!(held[0].text.as_deref(), Some("This is note://3"));
        assert_eq!(held[1].data.as_deref(), Some("AAEC"));
        assert_eq!(held[1].mime.as_deref(), Some("image/png"));
    })
    .await;
}

#[tokio::test]
async fn prompts_are_listed_completed_and_filled_in() {
    each(async |server, _owner, _| {
        let prompts = server.prompts().await.unwrap();
        assert_eq!(prompts[0].name, "review");
        assert!(prompts[0].arguments[0].required);
        let subject = Subject::Prompt("review".into());
        let completion = server.complete(&subject, "topic", "ru", BTreeMap::new()).await.unwrap();
        assert_eq!(completion.values, ["rust", "ruby"]);
        let arguments = [("topic".to_owned(), "rust".to_owned())].into();
        let filled = server.prompt("review", arguments).await.unwrap();
        assert_eq!(filled.messages, [("user".into(), Part::Text { text: "Review rust".into() })]);
    })
    .await;
}

// On several threads, as in Emacs: on one alone nothing can overtake.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_notes_of_progress_arrive_in_order_and_before_the_result() {
    each(async |server, _owner, _| {
        let mut notes = Vec::new();
        let arguments = object(json!({"steps": 1000, "delay": 0}));
        let outcome = server.call("slow", arguments, |note| notes.push(note)).await.unwrap();
        assert_eq!(said(outcome), "done");
        let done: Vec<_> = notes.iter().map(|note| note.done as u32).collect();
        assert_eq!(done, (1..=1000).collect::<Vec<_>>());
        assert_eq!(notes[2].total, Some(1000.0));
        assert_eq!(notes[2].message.as_deref(), Some("step 3"));
    })
    .await;
}

#[tokio::test]
async fn a_call_that_is_dropped_is_cancelled_at_the_server() {
    each(async |server, _owner, way| {
        let arguments = object(json!({"steps": 100, "delay": 100}));
        let call = server.call("slow", arguments, |_| {});
        let _ = tokio::time::timeout(std::time::Duration::from_millis(400), call).await;
        // Who does not remember cannot know which call is meant.
        if !way.remembers {
            return;
        }
        for _ in 0..100 {
            if text(&server, "cancelled", json!({})).await == "slow" {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the server was not told");
    })
    .await;
}
