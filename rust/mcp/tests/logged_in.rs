//! What becomes of a login while it is used.

mod common;

use common::*;
use llm_switch_mcp::*;
use serde_json::json;

#[tokio::test]
async fn a_login_that_was_kept_is_taken_up_without_asking() {
    let guarded = Guarded::start().await;
    let (mut owner, _memory) = owner();
    let first = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&first).await;
    log_in(&first, &mut owner).await;
    first.stop().await;
    owner.events.lock().clear();
    let second = Server::start(at(&guarded.url()), owner.host.clone());
    assert_eq!(echo(&second).await, "done");
    assert_eq!(owner.states(), ["starting", "ready"]);
    // And it can be refreshed, as who we are there.
    guarded.revoke();
    assert_eq!(echo(&second).await, "done");
    let (grants, refresh) = (guarded.grants(), guarded.asked("/token").pop().unwrap());
    assert_eq!(grants[1]["grant_type"], "refresh_token");
    assert_eq!(grants[1]["resource"], guarded.url());
    assert!(refresh.headers["authorization"].starts_with("Basic "), "{refresh:?}");
    assert_eq!(guarded.asked("/register").len(), 1);
}

#[tokio::test]
async fn a_token_that_expires_is_refreshed_before_it_is_used() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().expires_in = 10;
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    log_in(&server, &mut owner).await;
    guarded.rules.lock().expires_in = 3600;
    assert_eq!(echo(&server).await, "done");
    let last = guarded.grants().pop().unwrap();
    assert_eq!(last["grant_type"], "refresh_token");
    assert_eq!(owner.states(), ["starting", "needs-auth", "starting", "ready"]);
}

#[tokio::test]
async fn a_login_that_is_revoked_in_use_is_asked_for_and_then_all_goes_on() {
    let guarded = Guarded::start().await;
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    log_in(&server, &mut owner).await;
    server.ready().await.unwrap();
    guarded.revoke_all();
    let error = server.call("echo", object(json!({})), |_| {}).await.unwrap_err().to_string();
    assert!(error.ends_with("calling echo: it wants to know who asks. Log in to it"), "{error}");
    assert!(matches!(server.state(), State::NeedsAuth { .. }), "{:?}", server.state());
    log_in(&server, &mut owner).await;
    assert_eq!(echo(&server).await, "done");
    assert_eq!(guarded.asked("/register").len(), 1, "we are known there already");
}

#[tokio::test]
async fn a_call_that_needs_more_asks_for_it_beside_what_was_granted() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().admin = Some("write delete");
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    log_in(&server, &mut owner).await;
    let (told, question) = tokio::join!(text(&server, "admin", json!({})), async {
        let question = owner.questions.recv().await.unwrap();
        visit(&question).await;
        question
    });
    assert_eq!(told, "done");
    assert!(question.tools.is_empty(), "no call runs while the user is asked");
    assert_eq!(guarded.asked("/authorize")[1].fields()["scope"], "basic write delete");
    assert_eq!(owner.states(), ["starting", "needs-auth", "starting", "ready"]);
}

#[tokio::test]
async fn a_server_that_never_has_enough_is_asked_for_three_times_at_most() {
    let guarded = Guarded::start().await;
    (guarded.rules.lock().admin, guarded.rules.lock().never_enough) = (Some("write"), true);
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    log_in(&server, &mut owner).await;
    let call = server.call("admin", object(json!({})), |_| {});
    let user = async {
        let mut asked = Vec::new();
        while let Some(question) = owner.questions.recv().await {
            visit(&question).await;
            asked.push(question);
        }
    };
    let outcome = tokio::select! { outcome = call => outcome, () = user => panic!() };
    assert!(outcome.unwrap_err().what.contains("the login does not cover this"));
    assert_eq!(guarded.asked("/authorize").len(), 3);
    assert_eq!(echo(&server).await, "done", "what is covered goes on");
}

#[tokio::test]
async fn after_a_logout_nothing_is_kept_and_a_login_is_wanted() {
    let guarded = Guarded::start().await;
    let (mut owner, memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    log_in(&server, &mut owner).await;
    server.ready().await.unwrap();
    server.logout().await.unwrap();
    assert_eq!(kept(&memory), "");
    stranger(&server).await;
    let error = server.tools().await.unwrap_err().to_string();
    assert!(error.contains("wants to know who asks"), "{error}");
    log_in(&server, &mut owner).await;
    assert_eq!(echo(&server).await, "done");
}

#[tokio::test]
async fn a_good_token_is_used_while_its_authorization_server_is_away() {
    let guarded = Guarded::start().await;
    let (mut owner, _memory) = owner();
    let first = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&first).await;
    log_in(&first, &mut owner).await;
    guarded.rules.lock().elsewhere = Some("https://login.example");
    let second = Server::start(at(&guarded.url()), owner.host.clone());
    assert_eq!(echo(&second).await, "done");
}

#[tokio::test]
async fn a_refresh_that_fails_is_told_without_the_words_of_the_server() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().expires_in = 10;
    let (mut owner, _memory) = owner();
    let first = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&first).await;
    log_in(&first, &mut owner).await;
    first.stop().await;
    guarded.rules.lock().refusal =
        Some(r#"{"error": "invalid_request", "error_description": "test_key_refresh_2"}"#);
    let second = Server::start(at(&guarded.url()), owner.host.clone());
    let error = second.ready().await.unwrap_err().to_string();
    assert!(error.contains("did not renew the token (invalid_request)"), "{error}");
    assert!(!error.contains("test_key"), "{error}");
}

#[tokio::test]
async fn calls_that_need_more_at_once_are_one_question() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().admin = Some("write");
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    log_in(&server, &mut owner).await;
    let call = || text(&server, "admin", json!({}));
    let (one, two, _question) = tokio::join!(call(), call(), async {
        let question = owner.questions.recv().await.unwrap();
        soon("both wait", || {
            guarded.asked("/mcp").iter().filter(|it| it.body.contains("admin")).count() == 2
        })
        .await;
        visit(&question).await;
        question
    });
    assert_eq!((one.as_str(), two.as_str()), ("done", "done"));
    assert_eq!(guarded.asked("/authorize").len(), 2);
}

#[tokio::test]
async fn who_does_not_say_what_is_missing_is_not_asked_for_it() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().admin = Some("");
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    log_in(&server, &mut owner).await;
    let error = tokio::select! {
        outcome = server.call("admin", object(json!({})), |_| {}) => outcome.unwrap_err(),
        question = owner.questions.recv() => panic!("{question:?}"),
    };
    assert!(error.what.contains("the login does not cover this"), "{error}");
}
