//! Logging in to servers over HTTP.

mod common;

use common::*;
use llm_switch_mcp::*;
use llm_switch_types::ErrorKind;
use serde_json::json;

#[tokio::test]
async fn a_login_lets_us_in_and_nothing_of_it_is_shown() {
    let guarded = Guarded::start().await;
    let (mut owner, memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    let page = log_in(&server, &mut owner).await;
    assert!(page.contains("go back to Emacs"), "{page}");
    assert_eq!(echo(&server).await, "done");
    assert_eq!(owner.states(), ["starting", "needs-auth", "starting", "ready"]);

    let registered = guarded.asked("/register")[0].body.clone();
    assert!(registered.contains(r#""redirect_uris":["http://127.0.0.1:"#), "{registered}");
    let grant = &guarded.grants()[0];
    assert_eq!(
        (&grant["resource"], grant["grant_type"].as_str()),
        (&guarded.url(), "authorization_code")
    );
    assert_eq!(guarded.asked("/authorize")[0].fields()["scope"], "basic");

    assert!(
        kept(&memory).contains("test_key_access") && kept(&memory).contains("test_key_of_client")
    );
    let shown = format!(
        "{:?} {:?} {:?} {:?}",
        server.protocol(),
        server.definition(),
        server.state(),
        owner.host.login
    );
    assert!(!shown.contains("test_key"), "{shown}");
}

#[tokio::test]
async fn the_address_may_be_pasted_and_strangers_at_the_callback_are_sent_away() {
    let guarded = Guarded::start().await;
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    let (done, ()) = tokio::join!(server.login(), async {
        let question = owner.questions.recv().await.unwrap();
        let Asked::Login { callback, .. } = &question.asked else { panic!() };
        for stray in ["?code=c&state=wrong", "?error=access_denied", "/x", ""] {
            assert_eq!(get(&format!("{callback}{stray}")).await.0, 404, "{stray}");
        }
        let pasted = format!(" {}\n", back(&question).await);
        question.reply.send(Answer::Accept(json!({"url": pasted}))).unwrap();
    });
    done.unwrap();
    assert_eq!(echo(&server).await, "done");
}

#[tokio::test]
async fn who_only_says_that_they_will_go_there_comes_back_by_the_browser() {
    let guarded = Guarded::start().await;
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    let (done, ()) = tokio::join!(server.login(), async {
        let question = owner.questions.recv().await.unwrap();
        let back = back(&question).await;
        question.reply.send(Answer::Accept(json!(true))).unwrap();
        get(&back).await;
    });
    done.unwrap();
}

#[tokio::test]
async fn a_login_that_is_left_or_leads_elsewhere_changes_nothing() {
    let guarded = Guarded::start().await;
    let (mut owner, memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    let foreign = json!({"url": "http://127.0.0.1:1/callback?code=c&state=s"});
    for (answer, kind, what) in [
        (Answer::Decline, ErrorKind::Cancelled, "it was left"),
        (Answer::Accept(foreign), ErrorKind::Mcp, "not the one that this login leads to"),
        (Answer::Accept(json!({"url": "hello"})), ErrorKind::Mcp, "is no address"),
    ] {
        let (done, ()) = tokio::join!(server.login(), async {
            owner.questions.recv().await.unwrap().reply.send(answer).unwrap();
        });
        let error = done.unwrap_err();
        assert_eq!(error.kind, kind);
        assert!(error.what.contains(what), "{error}");
    }
    assert!(matches!(server.state(), State::NeedsAuth { .. }));
    // It may have been left because the page did not know us any more.
    assert_eq!(guarded.asked("/register").len(), 3);
    assert!(guarded.grants().is_empty() && !kept(&memory).contains("access_token"));
    server.stop().await;
    assert_eq!(owner.states().last(), Some(&"stopped"));
}

#[tokio::test]
async fn a_no_of_the_authorization_server_is_told_by_its_code_only() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().refusal =
        Some(r#"{"error": "invalid_grant", "error_description": "test_key_code_1 is bad"}"#);
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    let (done, _page) =
        tokio::join!(server.login(), async { visit(&owner.questions.recv().await.unwrap()).await });
    let error = done.unwrap_err().to_string();
    let told =
        "MCP server test: logging in: its authorization server gave no token (invalid_grant)";
    assert!(error.starts_with(told) && !error.contains("test_key"), "{error}");
}

#[tokio::test]
async fn an_answer_of_another_authorization_server_is_worth_nothing() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().issuer = Some("https://evil.example");
    let (mut owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    let (done, _page) =
        tokio::join!(server.login(), async { visit(&owner.questions.recv().await.unwrap()).await });
    assert!(done.unwrap_err().what.contains("another authorization server"));
    assert!(guarded.grants().is_empty(), "the code is shown to nobody");
}

#[tokio::test]
async fn a_login_does_not_lead_out_of_reach() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().elsewhere = Some("https://login.example");
    let (owner, _memory) = owner();
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    let error = server.login().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused);
    assert!(error.what.contains("login.example is not on this machine"), "{error}");
}

#[tokio::test]
async fn on_our_own_behalf_nobody_is_asked_neither_at_first_nor_later() {
    let guarded = Guarded::start().await;
    let (mut owner, memory) = owner();
    let identity =
        Identity { id: Some("us".into()), secret: Some("test_key_of_us".to_owned().into()) };
    let login = Login { identity, grant: Grant::Client, ..Login::new(memory.clone()) };
    owner.host.login = Some(login);
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    assert_eq!(echo(&server).await, "done");
    guarded.revoke();
    assert_eq!(echo(&server).await, "done");
    let grants = guarded.grants();
    assert!(grants.iter().all(|it| it["grant_type"] == "client_credentials"), "{grants:?}");
    assert_eq!(grants[0]["client_secret"], "test_key_of_us");
    assert_eq!(owner.states(), ["starting", "ready"]);
    assert!(!format!("{:?}", owner.host.login).contains("test_key"));
}

#[tokio::test]
async fn who_is_known_beforehand_does_not_register_and_comes_back_where_agreed() {
    let guarded = Guarded::start().await;
    guarded.rules.lock().registers = false;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (mut owner, memory) = owner();
    let identity = Identity { id: Some("known".into()), secret: None };
    let scopes = vec!["own".to_owned()];
    let login = Login::new(memory.clone());
    owner.host.login = Some(Login { identity, scopes, callback_port: Some(port), ..login });
    let server = Server::start(at(&guarded.url()), owner.host.clone());
    stranger(&server).await;
    log_in(&server, &mut owner).await;
    let asked = guarded.asked("/authorize")[0].fields();
    assert_eq!((asked["client_id"].as_str(), asked["scope"].as_str()), ("known", "own"));
    assert_eq!(asked["redirect_uri"], format!("http://127.0.0.1:{port}/callback"));
    assert!(guarded.asked("/register").is_empty());
}

#[tokio::test]
async fn a_header_of_the_users_own_stands_for_itself() {
    let guarded = Guarded::start().await;
    let (owner, _memory) = owner();
    let headers = [("authorization", "Bearer test_key_own")].into_iter().collect();
    let launch = Launch::Http { url: guarded.url(), headers };
    let server = Server::start(Definition::new("test", launch), owner.host.clone());
    stranger(&server).await;
    assert_eq!(server.login().await.unwrap_err().kind, ErrorKind::Config);
    assert!(guarded.asked("/.well-known/oauth-authorization-server").is_empty());
}
