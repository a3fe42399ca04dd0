//! What a server asks, in both eras.

mod common;

use common::*;
use llm_switch_mcp::*;
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Let the server ask for WHAT and answer with ANSWER. What was asked, and
/// what the server was told.
#[allow(clippy::unwrap_used, reason = "a helper fails as its test would")]
async fn asked(args: &[&str], what: &str, answer: Answer) -> (Asked, Value) {
    let mut owner = Owner::new();
    let server = Server::start(server(args), owner.host.clone());
    let call = server.call("ask", object(json!({"what": what})), |_| {});
    let (outcome, asked) = tokio::join!(call, async {
        let question = owner.questions.recv().await.unwrap();
        assert_eq!(
            (question.server.as_str(), &question.tools[..]),
            ("test", &["ask".to_owned()][..])
        );
        question.reply.send(answer).unwrap();
        question.asked
    });
    (asked, serde_json::from_str(&said(outcome.unwrap())).unwrap())
}

const ERAS: [&[&str]; 2] = [&["--old"], &[]];

#[tokio::test]
async fn a_form_is_filled_in_and_gets_its_defaults() {
    for args in ERAS {
        let answer = Answer::Accept(json!({"name": "Ada"}));
        let (asked, told) = asked(args, "form", answer).await;
        let Asked::Form { message, schema } = asked else { panic!("{asked:?}") };
        assert_eq!(message, "Who are you?");
        assert_eq!(schema["properties"]["count"]["default"], 3);
        assert_eq!(told, json!({"action": "accept", "content": {"name": "Ada", "count": 3}}));
    }
}

#[tokio::test]
async fn no_is_told_as_no_and_nothing_as_nothing() {
    for args in ERAS {
        assert_eq!(asked(args, "form", Answer::Decline).await.1, json!({"action": "decline"}));
        assert_eq!(asked(args, "form", Answer::Cancel).await.1, json!({"action": "cancel"}));
    }
}

#[tokio::test]
async fn a_page_is_shown_and_what_was_typed_there_is_not_ours() {
    for args in ERAS {
        let (asked, told) = asked(args, "url", Answer::Accept(json!({"a": 1}))).await;
        let (message, id) = ("Log in there".into(), "login-1".into());
        assert_eq!(asked, Asked::Url { message, url: "https://example.org/login".into(), id });
        assert_eq!(told, json!({"action": "accept"}));
    }
}

#[tokio::test]
async fn a_model_is_asked() {
    for args in ERAS {
        let said = json!({"role": "assistant", "model": "tiny",
                          "content": {"type": "text", "text": "Because"}});
        let (asked, told) = asked(args, "sampling", Answer::Accept(said)).await;
        let Asked::Sampling { params } = asked else { panic!("{asked:?}") };
        assert_eq!(params["maxTokens"], 100);
        assert_eq!((&told["model"], &told["content"]["text"]), (&json!("tiny"), &json!("Because")));
    }
}

#[tokio::test]
async fn the_directories_are_named() {
    for args in ERAS {
        let roots = json!([{"uri": "file:///work", "name": "work"}]);
        let (asked, told) = asked(args, "roots", Answer::Accept(roots.clone())).await;
        assert_eq!(asked, Asked::Roots);
        assert_eq!(told, json!({"roots": roots}));
    }
}

#[tokio::test]
async fn a_question_that_nobody_takes_or_answers_is_cancelled() {
    for args in ERAS {
        let mut owner = Owner::new();
        owner.host.questions = mpsc::channel(1).0;
        let server = Server::start(server(args), owner.host.clone());
        assert_eq!(text(&server, "ask", json!({})).await, r#"{"action":"cancel"}"#);

        let mut owner = Owner::new();
        let server = Server::start(self::server(args), owner.host.clone());
        let (told, ()) = tokio::join!(text(&server, "ask", json!({})), async {
            drop(owner.questions.recv().await.unwrap());
        });
        assert_eq!(told, r#"{"action":"cancel"}"#);
    }
}

#[tokio::test]
async fn sampling_that_is_refused_ends_the_call() {
    for args in ERAS {
        let mut owner = Owner::new();
        let server = Server::start(server(args), owner.host.clone());
        let call = server.call("ask", object(json!({"what": "sampling"})), |_| {});
        let (outcome, ()) = tokio::join!(call, async {
            let question = owner.questions.recv().await.unwrap();
            question.reply.send(Answer::Decline).unwrap();
        });
        let error = outcome.unwrap_err().to_string();
        assert!(error.contains("User rejected sampling request"), "{error}");
    }
}

#[tokio::test]
async fn a_server_is_told_what_cannot_be_asked() {
    let mut owner = Owner::new();
    owner.host.offers = Offers::default();
    let server = Server::start(server(&["--old"]), owner.host.clone());
    server.ready().await.unwrap();
    let first = &server.protocol()[0];
    assert!(!first.text.contains("elicitation") && !first.text.contains("sampling"), "{first:?}");
    for what in ["form", "sampling", "roots"] {
        let asking = server.call("ask", object(json!({"what": what})), |_| {});
        assert!(asking.await.is_err(), "{what}");
    }
}

#[tokio::test]
async fn a_question_whose_call_was_cancelled_is_closed() {
    for args in ERAS {
        let mut owner = Owner::new();
        let server = Server::start(server(args), owner.host.clone());
        let call = server.call("ask", object(json!({})), |_| {});
        let mut question = tokio::select! {
            question = owner.questions.recv() => question.unwrap(),
            outcome = call => panic!("{outcome:?}"),
        };
        if args.is_empty() {
            // In the newer era the call itself holds the question.
            question.reply.closed().await;
        }
    }
}
