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
