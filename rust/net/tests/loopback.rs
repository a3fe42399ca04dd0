//! A client for this machine cannot be talked into leaving it.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_net::{Call, Client, Reach, Timeouts};
use llm_switch_types::{ErrorKind, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A server that answers every request with REPLY, and its base URL.
async fn server(reply: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut served = tokio::task::JoinSet::new();
    served.spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.read(&mut [0; 4096]).await;
            let _ = socket.write_all(reply.as_bytes()).await;
        }
    });
    served.detach_all();
    format!("http://{address}")
}

async fn get(reach: Reach, url: &str) -> Result<u16> {
    let call = Call { url, key: None, headers: &[], json: None, accept: "*/*" };
    Client::new(reach, Timeouts::default()).send(call).await.map(|reply| reply.status())
}

#[tokio::test]
async fn reaches_this_machine_by_address_and_by_name() {
    let url = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(get(Reach::Loopback, &url).await, Ok(204));
    assert_eq!(get(Reach::Loopback, &url.replace("127.0.0.1", "localhost")).await, Ok(204));
}

#[tokio::test]
async fn refuses_a_foreign_address_and_name_before_sending() {
    for url in ["http://192.0.2.1/", "http://example.invalid/", "https://[2001:db8::1]/"] {
        assert_eq!(get(Reach::Loopback, url).await.unwrap_err().kind, ErrorKind::Refused, "{url}");
    }
}

#[tokio::test]
async fn refuses_to_be_redirected_away() {
    let url =
        server("HTTP/1.1 302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n")
            .await;
    assert_eq!(get(Reach::Loopback, &url).await.unwrap_err().kind, ErrorKind::Refused);
}

#[tokio::test]
async fn does_not_follow_to_another_origin_even_where_it_may_reach_it() {
    let url = server("HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.2:9/\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(get(Reach::Anywhere, &url).await, Ok(307));
}

#[tokio::test]
async fn a_port_where_nothing_listens_is_told_as_such() {
    let url = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let error = get(Reach::Loopback, &url).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Network);
    assert_eq!(error.what, "nothing answers at this address");
}

#[tokio::test]
async fn a_kept_connection_that_the_server_closed_is_replaced() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let mut served = tokio::task::JoinSet::new();
    served.spawn(async move {
        // The first connection answers once and then breaks at the next
        // question; the second one answers.
        let (mut first, _) = listener.accept().await.unwrap();
        let _ = first.read(&mut [0; 4096]).await;
        let _ = first.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
        let _ = first.read(&mut [0; 4096]).await;
        drop(first);
        let (mut second, _) = listener.accept().await.unwrap();
        let _ = second.read(&mut [0; 4096]).await;
        let _ = second.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    });
    let client = Client::new(Reach::Loopback, Timeouts::default());
    for status in [204, 200] {
        let call = Call { url: &url, key: None, headers: &[], json: Some(b"{}"), accept: "*/*" };
        assert_eq!(client.send(call).await.map(|reply| reply.status()), Ok(status));
    }
}

#[tokio::test]
async fn a_client_for_strangers_addresses_does_not_knock_at_home() {
    let url = server("HTTP/1.1 204 No Content\r\n\r\n").await;
    let client = Client::new(Reach::Anywhere, Timeouts::default()).outward();
    for url in [url.clone(), url.replace("127.0.0.1", "localhost"), "http://10.0.0.1/".into()] {
        let request = http::Request::get(&url).body(Vec::new()).unwrap();
        let error = client.exchange(request).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Refused, "{url}");
    }
}

#[tokio::test]
async fn an_answer_is_whole_and_nobody_is_followed() {
    let body = "HTTP/1.1 404 Not Found\r\nx-a: b\r\ncontent-length: 2\r\n\r\n{}";
    let client = Client::new(Reach::Loopback, Timeouts::default()).without_redirects();
    let get = |url: String| http::Request::get(url).body(Vec::new()).unwrap();
    let answer = client.exchange(get(server(body).await)).await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.body().as_slice()), (404, b"{}".as_slice()));
    assert_eq!(answer.headers()["x-a"], "b");
    let away = "HTTP/1.1 302 Found\r\nlocation: /again\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(client.exchange(get(server(away).await)).await.unwrap().status(), 302);
}

#[tokio::test]
async fn a_connection_is_kept_or_not() {
    for (keeps, connections) in [(true, 1), (false, 2)] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let client = Client::new(Reach::Loopback, Timeouts::default());
        let client = if keeps { client } else { client.without_keeping() };
        let seen = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = std::sync::Arc::clone(&seen);
        let mut served = tokio::task::JoinSet::new();
        served.spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            while let Ok((mut socket, _)) = listener.accept().await {
                counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                open.spawn(async move {
                    while socket.read(&mut [0; 4096]).await.is_ok_and(|count| count > 0) {
                        let _ = socket.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
                    }
                });
            }
        });
        for _ in 0..2 {
            let request = http::Request::get(&url).body(Vec::new()).unwrap();
            client.exchange(request).await.unwrap();
        }
        assert_eq!(seen.load(std::sync::atomic::Ordering::Relaxed), connections, "{keeps}");
    }
}
