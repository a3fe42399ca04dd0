//! Servers over HTTP: what breaks, and who may not enter.

mod common;

use common::*;
use llm_switch_mcp::*;
use llm_switch_net::Reach;
use llm_switch_types::ErrorKind;
use parking_lot::Mutex;
use serde_json::json;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_restart_in_the_middle_of_a_call_fails_the_call_and_not_the_server() {
    let running = HttpServer::start(0, &[]).await;
    let owner = Owner::new();
    let server = Server::start(at(&running.url()), owner.host.clone());
    server.ready().await.unwrap();
    let arguments = object(json!({"steps": 900, "delay": 100}));
    let begin = Instant::now();
    let (outcome, running) = tokio::join!(server.call("slow", arguments, |_| {}), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        HttpServer::start(running.end().await, &[]).await
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Mcp);
    assert!(error.what.contains("calling slow: the connection broke"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(30), "it did not wait for the timeout");
    assert_eq!(text(&server, "echo", json!({"text": "again"})).await, "again");
    soon("the lists are asked for again", || owner.was_told(&Event::ToolsChanged)).await;
    assert_eq!(owner.states().last(), Some(&"ready"));
    drop(running);
}

#[tokio::test]
async fn a_restart_in_the_older_era_ends_a_call_soon_and_the_next_one_works() {
    let running = HttpServer::start(0, &["--old"]).await;
    let owner = Owner::new();
    let server = Server::start(at(&running.url()), owner.host.clone());
    server.ready().await.unwrap();
    let arguments = object(json!({"steps": 900, "delay": 100}));
    let begin = Instant::now();
    let (outcome, running) = tokio::join!(server.call("slow", arguments, |_| {}), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        HttpServer::start(running.end().await, &["--old"]).await
    });
    let error = outcome.unwrap_err();
    let told = "calling slow: the connection broke, and whether it was done is not known";
    assert_eq!(error.what, told);
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
    assert_eq!(text(&server, "echo", json!({"text": "again"})).await, "again");
    soon("the lists are asked for again", || owner.was_told(&Event::ToolsChanged)).await;
    drop(running);
}

#[tokio::test]
async fn an_older_server_that_stays_away_ends_a_call_soon() {
    let running = HttpServer::start(0, &["--old"]).await;
    let server = Server::start(at(&running.url()), Owner::new().host);
    server.ready().await.unwrap();
    let arguments = object(json!({"steps": 900, "delay": 100}));
    let begin = Instant::now();
    let (outcome, _) = tokio::join!(server.call("slow", arguments, |_| {}), async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        running.end().await
    });
    assert!(outcome.unwrap_err().what.contains("the connection broke"));
    assert!(begin.elapsed() < Duration::from_secs(30), "{:?}", begin.elapsed());
}

#[tokio::test]
async fn a_server_that_stays_away_has_failed_in_the_end() {
    let running = HttpServer::start(0, &[]).await;
    let owner = Owner::new();
    let server = Server::start(at(&running.url()), owner.host.clone());
    server.ready().await.unwrap();
    running.end().await;
    let begin = Instant::now();
    soon("it is tried again", || owner.states().last() == Some(&"starting")).await;
    let error = server.ready().await.unwrap_err();
    assert!(error.what.contains("cannot be reached"), "{error}");
    assert!(begin.elapsed() > Duration::from_secs(10), "after several tries");
    assert_eq!(owner.states().last(), Some(&"failed"));
}

#[tokio::test]
async fn nobody_at_the_address_is_told_at_once() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let owner = Owner::new();
    let server = Server::start(at(&format!("http://{free}/")), owner.host.clone());
    let error = server.ready().await.unwrap_err().to_string();
    let begin = "MCP server test: it cannot be reached: Connection refused (os error ";
    assert!(error.starts_with(begin), "{error}");
    assert!(error.ends_with("Look whether it runs and whether its url is right"), "{error}");
    assert_eq!(owner.states(), ["starting", "failed"]);
}

#[tokio::test]
async fn an_address_out_of_reach_is_refused_before_anything_is_sent() {
    for (url, kind) in
        [("http://10.255.255.1/mcp", ErrorKind::Refused), ("nonsense", ErrorKind::Config)]
    {
        let server = Server::start(at(url), Owner::new().host);
        assert_eq!(server.ready().await.unwrap_err().kind, kind);
    }
    assert!(Reach::Loopback.check(&"http://127.0.0.1/".parse().unwrap()).is_ok());
}

/// An address where each request is noted and answered with ANSWER.
#[allow(clippy::unwrap_used, reason = "a helper fails as its test would")]
async fn answering(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/mcp", listener.local_addr().unwrap());
    let (seen, mut tasks) = (Arc::<Mutex<Vec<String>>>::default(), JoinSet::new());
    let noted = Arc::clone(&seen);
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 64 << 10];
            let count = stream.read(&mut bytes).await.unwrap_or(0);
            noted.lock().push(String::from_utf8_lossy(&bytes[..count]).into_owned());
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (url, seen, tasks)
}

#[tokio::test]
async fn who_must_say_who_they_are_is_told_how() {
    let (url, seen, _tasks) = answering(
        "HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\
         WWW-Authenticate: Bearer resource_metadata=\"http://127.0.0.1/meta\"\r\n\r\n",
    )
    .await;
    let owner = Owner::new();
    let server = Server::start(at(&url), owner.host.clone());
    let error = server.ready().await.unwrap_err().to_string();
    assert_eq!(
        error,
        "MCP server test: the server wants to know who asks. Log in to it, then call again"
    );
    let header = "Bearer resource_metadata=\"http://127.0.0.1/meta\"".to_owned();
    let challenge = Challenge { header, insufficient_scope: false };
    assert_eq!(server.state(), State::NeedsAuth { challenge });
    assert_eq!(seen.lock().len(), 1, "the older way is not tried with the same result");
}

#[tokio::test]
async fn an_answer_that_is_none_is_told_by_its_status_and_not_quoted() {
    let answers = [
        ("HTTP/1.1 404 Not Found\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret", "404"),
        ("HTTP/1.1 500 No\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret", "500"),
        ("HTTP/1.1 401 No\r\ncontent-length: 6\r\nconnection: close\r\n\r\nsecret", "401"),
    ];
    for (answer, status) in answers {
        let (url, _seen, _tasks) = answering(answer).await;
        let server = Server::start(at(&format!("{url}?key=test_key")), Owner::new().host);
        let error = server.ready().await.unwrap_err().to_string();
        assert!(error.contains(&format!("it answered HTTP {status}")), "{error}");
        assert!(!error.contains("secret") && !error.contains("test_key"), "{error}");
    }
}

#[tokio::test]
async fn headers_are_sent_and_stand_in_no_log() {
    let (url, seen, _tasks) =
        answering("HTTP/1.1 500 No\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
    let headers = [("Authorization", "Bearer test_key_in_header"), ("X-Team", "notes")];
    let launch = Launch::Http { url, headers: headers.into_iter().collect() };
    let server = Server::start(Definition::new("test", launch), Owner::new().host);
    let error = server.ready().await.unwrap_err();
    let sent = seen.lock()[0].to_lowercase();
    assert!(sent.contains("authorization: bearer test_key_in_header\r\n"), "{sent}");
    assert!(sent.contains("x-team: notes\r\n"), "{sent}");
    let told = format!("{error} {:?} {:?}", server.protocol(), server.definition());
    assert!(!told.contains("test_key"), "{told}");
    assert!(server.protocol()[0].text.contains("server/discover"));
}
