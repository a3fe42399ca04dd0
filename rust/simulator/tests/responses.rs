//! The bytes of `openai-responses`, and what it refuses.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

mod client;

use client::{Answer, Client, ask_in, simulator};
use llm_switch_types::Dialect::OpenaiResponses;
use serde_json::{Value, json};

async fn ask(model: &str) -> Answer {
    ask_in(OpenaiResponses, model).await
}

async fn post(model: &str, more: Value) -> Answer {
    let simulator = simulator().await;
    Client::connect(&simulator).await.ask_in(OpenaiResponses, model, &more).await
}

async fn refused(more: Value) -> Value {
    let answer = post("hello", more).await;
    assert_eq!(answer.status(), 400, "{}", answer.body());
    answer.json()["error"].clone()
}

/// The complete items of a stream.
fn items(answer: &Answer) -> Vec<Value> {
    let events = answer.events().into_iter();
    let done = events.filter(|e| e["type"] == "response.output_item.done");
    done.map(|e| e["item"].clone()).collect()
}

#[tokio::test]
async fn hello_goes_through_the_events_of_a_message() {
    let answer = ask("hello").await;
    let expected = [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
        "response.output_text.delta",
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ];
    assert_eq!(answer.types(), expected);
    for (i, (event, chunk)) in answer.events().iter().zip(&answer.chunks).enumerate() {
        assert_eq!(event["sequence_number"], i);
        let name = format!("event: {}\ndata: {{", event["type"].as_str().unwrap());
        assert!(String::from_utf8_lossy(chunk).starts_with(&name));
    }
    assert!(!answer.body().contains("[DONE]"));
}

#[tokio::test]
async fn the_last_event_holds_the_whole_response() {
    let events = ask("usage:1000,800,50,30,100,0").await.events();
    let response = &events.last().unwrap()["response"];
    let text = json!({"type": "output_text", "text": "Hello from the simulator.",
                      "annotations": [], "logprobs": []});
    assert_eq!(
        response["output"],
        json!([{"id": "msg_1_0", "type": "message",
        "status": "completed", "role": "assistant", "content": [text]}])
    );
    assert_eq!(
        response["usage"],
        json!({"input_tokens": 1000, "output_tokens": 50,
        "total_tokens": 1050, "input_tokens_details": {"cached_tokens": 800,
        "cache_write_tokens": 100}, "output_tokens_details": {"reasoning_tokens": 30}})
    );
    assert_eq!(events[0]["response"]["usage"], Value::Null);
}

#[tokio::test]
async fn an_answer_cut_short_is_incomplete_for_a_reason() {
    for (model, reason) in [("length", "max_output_tokens"), ("filter", "content_filter")] {
        let last = ask(model).await.events().pop().unwrap();
        assert_eq!(last["type"], "response.incomplete");
        assert_eq!(last["response"]["status"], "incomplete");
        assert_eq!(last["response"]["incomplete_details"]["reason"], reason);
    }
}

#[tokio::test]
async fn a_response_fails_or_an_error_comes_by_itself() {
    let failed = ask("midstream").await.events().pop().unwrap();
    assert_eq!(failed["type"], "response.failed");
    assert_eq!(failed["response"]["error"]["code"], "server_error");
    let error = ask("midstream:overloaded").await.events().pop().unwrap();
    assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!("server_is_overloaded")));
}

#[tokio::test]
async fn thoughts_are_an_item_that_is_encrypted_on_demand() {
    let include = json!({"include": ["reasoning.encrypted_content"]});
    let answer = post("reasoning", include.clone()).await;
    let told: String = answer
        .events()
        .iter()
        .filter(|e| e["type"] == "response.reasoning_summary_text.delta")
        .filter_map(|e| e["delta"].as_str())
        .collect();
    assert_eq!(told, "The user said something. I shall answer it.");
    let item = &items(&answer)[0];
    assert_eq!(item["summary"], json!([{"type": "summary_text", "text": told}]));
    assert!(item["encrypted_content"].is_string());
    assert_eq!(items(&ask("reasoning").await)[0].get("encrypted_content"), None);
    let hidden = &items(&post("reasoning:hidden", include).await)[0];
    assert_eq!(hidden["summary"], json!([]));
    assert!(hidden["encrypted_content"].is_string());
}

#[tokio::test]
async fn a_flood_shares_one_sequence_number_and_the_next_is_right() {
    let events = ask("flood:100").await.events();
    let last = events.last().unwrap()["sequence_number"].as_u64().unwrap();
    assert_eq!(last + 1, events.len() as u64);
}

fn tools() -> Value {
    json!([{"type": "function", "name": "now", "parameters": {"type": "object"}}])
}

#[tokio::test]
async fn parallel_calls_are_items_of_their_own() {
    let schema = json!({"type": "object", "properties": {"city": {"const": "Zürich"}}});
    let tools = json!([{"type": "function", "name": "weather", "parameters": schema}]);
    let answer = post("tools:2", json!({"tools": tools})).await;
    let call = |index: usize| {
        json!({"id": format!("fc_1_{index}"), "type": "function_call", "status": "completed",
               "call_id": format!("call_1_{index}"), "name": "weather",
               "arguments": r#"{"city":"Zürich"}"#})
    };
    assert_eq!(items(&answer), [call(0), call(1)]);
    let kind = "response.function_call_arguments.delta";
    let pieces: Vec<Value> = answer.events().into_iter().filter(|e| e["type"] == kind).collect();
    let second = pieces.iter().filter(|e| e["output_index"] == 1);
    let joined: String = second.filter_map(|e| e["delta"].as_str()).collect();
    assert_eq!(joined, r#"{"city":"Zürich"}"#);
    assert!(pieces.len() > 6);
}

#[tokio::test]
async fn refuses_parameters_by_code_and_name() {
    let nested = json!([{"type": "function", "name": "f", "function": {}}]);
    let unnamed = json!([{"type": "function", "function": {"name": "f"}}]);
    for (more, code, param) in [
        (json!({"max_tokens": 5}), "unknown_parameter", "max_tokens"),
        (json!({"max_output_tokens": 5}), "integer_below_min_value", "max_output_tokens"),
        (json!({"tools": unnamed}), "missing_required_parameter", "tools[0].name"),
        (json!({"tools": nested}), "unknown_parameter", "tools[0].function"),
        (
            json!({"previous_response_id": "resp_0"}),
            "previous_response_not_found",
            "previous_response_id",
        ),
    ] {
        let error = refused(more).await;
        assert_eq!((&error["code"], &error["param"]), (&json!(code), &json!(param)));
    }
}

#[tokio::test]
async fn refuses_items_that_are_none_of_its_own() {
    let content =
        |role: &str, kind: &str| json!([{"role": role, "content": [{"type": kind, "text": "x"}]}]);
    let call = |id: &str, call_id: &str| {
        json!([{"type": "function_call", "id": id, "call_id": call_id, "name": "f",
                "arguments": "{}"}])
    };
    for (input, param) in [
        (content("user", "text"), "input[0].content[0].type"),
        (content("assistant", "input_text"), "input[0].content[0].type"),
        (content("tool", "input_text"), "input[0].role"),
        (json!([{"type": "tool_result"}]), "input[0].type"),
        (call("call_1", "a"), "input[0].id"),
        (call("fc_1", &"a".repeat(65)), "input[0].call_id"),
        (json!([{"type": "reasoning", "summary": []}]), "input[0].id"),
        (json!([{"type": "function_call_output", "call_id": "a"}]), "input[0].output"),
    ] {
        assert_eq!(refused(json!({"input": input})).await["param"], param);
    }
}

#[tokio::test]
async fn refuses_calls_and_results_that_do_not_pair() {
    let call = json!({"type": "function_call", "call_id": "a", "name": "f", "arguments": "{}"});
    let result = json!({"type": "function_call_output", "call_id": "a", "output": "1"});
    let message =
        async |input: Value| refused(json!({"input": input})).await["message"].to_string();
    assert!(message(json!([call])).await.contains("No tool output found"));
    assert!(message(json!([result, call])).await.contains("No tool call found"));
    let paired = post("hello", json!({"input": [call, result]})).await;
    assert_eq!(paired.status(), 200);
}

/// The second request of a tool loop, its items changed by `change`.
async fn loops(model: &str, stores: bool, change: impl Fn(&mut Vec<Value>)) -> Answer {
    let simulator = simulator().await;
    let mut client = Client::connect(&simulator).await;
    let include = if stores { json!([]) } else { json!(["reasoning.encrypted_content"]) };
    let mut more = json!({"tools": tools(), "store": stores, "include": include});
    let first = client.ask_whole(OpenaiResponses, model, &more).await.json();
    let mut input = vec![json!({"role": "user", "content": "When?"})];
    input.extend(first["output"].as_array().unwrap().iter().cloned());
    let id = &input.last().unwrap()["call_id"];
    let result = json!({"type": "function_call_output", "call_id": id, "output": "6"});
    input.push(result);
    change(&mut input);
    more["input"] = json!(input);
    client.ask_in(OpenaiResponses, model, &more).await
}

#[tokio::test]
async fn thoughts_that_come_back_as_they_went_are_taken() {
    for (model, stores) in
        [("tools-reasoning", false), ("tools-reasoning", true), ("tools-reasoning:hidden", false)]
    {
        let answer = loops(model, stores, |_| {}).await;
        assert_eq!(answer.text_in(OpenaiResponses), "The tools said: \"6\".", "{model}");
    }
}

#[tokio::test]
async fn thoughts_that_are_lost_or_changed_are_refused() {
    let remove = |input: &mut Vec<Value>| drop(input.remove(1));
    let open = |input: &mut Vec<Value>| {
        drop(input[1].as_object_mut().unwrap().remove("encrypted_content"))
    };
    let alter = |input: &mut Vec<Value>| input[1]["encrypted_content"] = json!("gAAAAB");
    let rename = |input: &mut Vec<Value>| input[1]["id"] = json!("rs_other");
    let misplace = |input: &mut Vec<Value>| input.swap(1, 2);
    for (answer, status, why) in [
        (loops("tools-reasoning", false, remove).await, 400, "without its required 'reasoning'"),
        (loops("tools-reasoning", false, open).await, 404, "Items are not persisted"),
        (loops("tools-reasoning", false, alter).await, 400, "invalid_encrypted_content"),
        (loops("tools-reasoning", false, rename).await, 400, "invalid_encrypted_content"),
        (loops("tools-reasoning", false, misplace).await, 400, "required following item"),
    ] {
        assert_eq!(answer.status(), status);
        assert!(answer.body().contains(why), "{why}: {}", answer.body());
    }
}
