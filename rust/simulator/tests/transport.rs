//! How the bytes are sent: connections, chunks, faults, and clients that
//! leave.

mod client;

use client::{Client, End, ask, request, simulator};
use llm_switch_simulator::{Outcome, words_text};
use serde_json::json;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    for model in ["hello", "words:3", "status:500", "hello", "nothing"] {
        assert_eq!(client.ask(model).await.end, End::Complete);
    }
    let log = simulator.received();
    assert_eq!((log.connections, log.requests.len()), (1, 5));
    assert!(log.requests.iter().all(|request| request.client_port == client.port()));
}

#[tokio::test]
async fn connection_close_closes() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    client.send("GET /health HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert_eq!(client.answer().await.status(), 200);
    assert_eq!(client.fill().await, Err(End::Closed));
}

#[tokio::test]
async fn a_body_is_asked_for_when_the_client_waits_for_that() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let request = request("hello", json!({}));
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    client.send(&format!("{head}\r\nExpect: 100-continue\r\n\r\n")).await;
    assert_eq!(client.head().await, "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(body).await;
    assert_eq!(client.answer().await.text(), "Hello from the simulator.");
}

#[tokio::test]
async fn every_byte_is_a_chunk() {
    let answer = ask("bytes:words:10").await;
    assert!(answer.chunks.len() > 1000);
    assert!(answer.chunks.iter().all(|chunk| chunk.len() == 1));
    assert_eq!(answer.text(), words_text(10));
    assert!(ask("bytes:status:500").await.chunks.iter().all(|chunk| chunk.len() == 1));
}

#[tokio::test]
async fn drips_and_pauses_change_no_byte() {
    let drip = ask("slow:10:drip:1:hello").await;
    assert_eq!(drip.text(), "Hello from the simulator.");
    assert!(drip.is_done());
    let bytes = ask("drip:1:bytes:status:500:text").await;
    assert!(bytes.chunks.iter().all(|chunk| chunk.len() == 1));
    assert_eq!(bytes.body(), ask("status:500:text").await.body());
}

#[tokio::test]
async fn lines_can_end_in_cr_lf() {
    let body = ask("crlf:words:10").await.body();
    assert_eq!(body.matches('\n').count(), body.matches("\r\n").count());
    assert!(body.ends_with("data: [DONE]\r\n\r\n"));
}

#[tokio::test]
async fn comments_stand_between_events() {
    let answer = ask("comments:words:10").await;
    assert!(answer.body().contains("\n\n\n: keep-alive\n\n: keep-alive\ndata: "));
    assert_eq!(answer.text(), words_text(10));
    let flood = ask("comments:flood:10").await.body();
    assert_eq!(flood.matches(": keep-alive\ndata: ").count(), flood.matches("data: ").count());
}

#[tokio::test]
async fn faults_end_the_body_each_in_its_way() {
    for (model, words, end) in [
        ("cut:5", 5, End::Complete),
        ("cut", 3, End::Complete),
        ("truncate:5", 5, End::Closed),
        ("reset:5", 5, End::Reset),
        ("reset:0", 0, End::Reset),
        ("bytes:cut:5", 5, End::Complete),
    ] {
        let answer = ask(model).await;
        assert_eq!((answer.text(), answer.end), (words_text(words), end), "{model}");
        assert_eq!((answer.is_done(), answer.finish_reason()), (false, None), "{model}");
    }
}

#[tokio::test]
async fn after_a_cut_the_connection_is_closed() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    client.ask("cut").await;
    assert_eq!(client.fill().await, Err(End::Closed));
}

#[tokio::test]
async fn a_client_that_leaves_is_noticed() {
    let simulator = simulator().await;
    for (model, read) in
        [("stall:2", true), ("slow:3600000:hello", false), ("flood:100000000", true)]
    {
        simulator.reset();
        let mut client = Client::connect(&simulator).await;
        client.send(&request(model, json!({}))).await;
        if read {
            client.fill().await.unwrap();
        }
        let log = simulator.received_when(|log| log.requests.len() == 1).await;
        assert_eq!(log.requests[0].outcome, Outcome::Answering, "{model}");
        drop(client);
        simulator.received_when(|log| log.requests[0].outcome == Outcome::ClientLeft).await;
    }
}

#[tokio::test]
async fn a_hundred_clients_are_served_at_once() {
    let simulator = simulator().await;
    let mut clients = JoinSet::new();
    for _ in 0..100 {
        let mut client = Client::connect(&simulator).await;
        client.send(&request("stall:1", json!({}))).await;
        clients.spawn(async move {
            client.fill().await.unwrap();
            client
        });
    }
    let waiting = clients.join_all().await;
    // All of them wait in the middle of an answer now, and others are served.
    let log = simulator.received();
    assert_eq!(log.requests.len(), 100);
    assert!(log.requests.iter().all(|request| request.outcome == Outcome::Answering));
    let mut one_more = Client::connect(&simulator).await;
    assert_eq!(one_more.ask("words:500").await.text(), words_text(500));
    drop(waiting);
    let left = |r: &llm_switch_simulator::Received| r.outcome == Outcome::ClientLeft;
    simulator.received_when(|log| log.requests.iter().filter(|r| left(r)).count() == 100).await;
}

#[tokio::test]
async fn what_was_received_is_told_over_http_and_forgotten_on_demand() {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    client.ask("hello").await;
    client.ask("reset").await;
    let mut client = Client::connect(&simulator).await;
    let requests = client.get("/simulator/requests").await.json()["requests"].clone();
    assert_eq!(requests[0]["model"], "hello");
    assert_eq!(requests[0]["outcome"], "answered");
    assert_eq!(requests[0]["messages"], 1);
    assert_eq!(requests[0]["stream"], true);
    assert_eq!(requests[0]["target"], "/v1/chat/completions");
    assert_eq!(requests.as_array().unwrap().len(), 2);
    assert!(!requests.to_string().contains("sk-test"));
    client.send("POST /simulator/reset HTTP/1.1\r\nContent-Length: 0\r\n\r\n").await;
    client.answer().await;
    let log = client.get("/simulator/requests").await.json();
    assert_eq!(log, json!({"connections": 0, "requests": []}));
}

#[tokio::test]
async fn stopping_or_dropping_closes_every_connection() {
    for stops in [true, false] {
        let simulator = simulator().await;
        let address = simulator.address();
        let mut client = Client::connect(&simulator).await;
        client.send(&request("stall:0", json!({}))).await;
        client.fill().await.unwrap();
        if stops {
            simulator.stop().await
        } else {
            drop(simulator)
        }
        while client.fill().await.is_ok() {}
        assert!(tokio::net::TcpStream::connect(address).await.is_err());
    }
}
