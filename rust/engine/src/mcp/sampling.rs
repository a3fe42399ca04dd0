//! A server asks a model, if the user lets it.

use super::{Place, Running};
use crate::answer::{ask, preview};
use crate::core::Core;
use crate::intake::{Ask, Asked};
use llm_switch_mcp::Answer;
use llm_switch_types::{Message, Part, Purpose, Request, Role, Sampling};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// How long the user may think about it.
const PATIENCE: Duration = Duration::from_secs(600);

/// Let RUNNING, where TOOLS run, ask a model what PARAMS say, if the user
/// agrees: within the mode, the pins and the budgets of who waits for it, as
/// every request.
pub(crate) async fn sample(
    core: &Arc<Core>,
    running: &Running,
    tools: &[String],
    params: &Value,
) -> Answer {
    let (id, place) = running.asker();
    let asking = asking(running, place, request(params));
    let question = json!({
        "server": running.name(), "tools": tools, "text": shown(&asking.request),
        "most": asking.request.max_output_tokens, "mode": asking.mode,
        // Why it is not known is told when it is asked.
        "preview": preview(core, id, &asking).await.unwrap_or_default(),
    });
    match core.ask(id, "mcp-sampling", question, PATIENCE).await {
        Some(Value::Bool(true)) => {}
        Some(_) => return Answer::Decline,
        None => return Answer::Cancel,
    }
    // Boxed, for an answer may call a tool, whose server asks this.
    match Box::pin(ask(core, id, asking)).await {
        Ok(known) => Answer::Accept(json!({
            "role": "assistant",
            "content": {"type": "text", "text": known["text"]},
            "model": known["served"].as_str().or(known["sent"].as_str()).unwrap_or("unknown"),
            "stopReason": stop_reason(&known),
        })),
        Err((error, _)) => {
            core.notice("mcp-sampling", &error.at(format!("MCP server {}", running.name())));
            Answer::Cancel
        }
    }
}

fn asking(running: &Running, place: Place, request: Request) -> Ask {
    let (mode, pins, project) = place.into_parts();
    Ask {
        mode,
        pins,
        client: format!("mcp:{}", running.name()),
        project,
        quiet: true,
        ..Ask::of_ours(Asked::Mode, Purpose::Sampling, request)
    }
}

/// The request that PARAMS describe, in the protocol's words.
fn request(params: &Value) -> Request {
    let system = params["systemPrompt"].as_str().map(|text| Message::text(Role::System, text));
    let messages = params["messages"].as_array().into_iter().flatten().map(message);
    let stop = params["stopSequences"].as_array().into_iter().flatten();
    Request {
        messages: system.into_iter().chain(messages).collect(),
        max_output_tokens: params["maxTokens"].as_u64(),
        sampling: Sampling {
            temperature: params["temperature"].as_f64(),
            stop: stop.filter_map(|it| it.as_str().map(str::to_owned)).collect(),
            ..Sampling::default()
        },
        stream: true,
        ..Request::default()
    }
}

fn message(message: &Value) -> Message {
    let role = match message["role"].as_str() {
        Some("assistant") => Role::Assistant,
        _ => Role::User,
    };
    // One piece, or since 2025-11-25 a list of them.
    let pieces = match &message["content"] {
        Value::Array(pieces) => pieces.as_slice(),
        piece => std::slice::from_ref(piece),
    };
    Message { parts: pieces.iter().filter_map(part).collect(), ..Message::text(role, "") }
}

fn part(piece: &Value) -> Option<Part> {
    let text = piece["text"].as_str().map(|text| Part::Text(text.to_owned()));
    text.or_else(|| {
        let (mime, data) = (piece["mimeType"].as_str()?, piece["data"].as_str()?);
        Some(Part::Media(format!("data:{mime};base64,{data}")))
    })
}

/// What REQUEST says, for people: all of it, for they consent to that.
fn shown(request: &Request) -> String {
    let said = |message: &Message| {
        let texts = message.parts.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Media(_) => "[media]",
        });
        texts.collect::<Vec<_>>().join("\n")
    };
    request.messages.iter().map(said).collect::<Vec<_>>().join("\n\n")
}

fn stop_reason(known: &Value) -> &'static str {
    match known["stop-reason"].as_str() {
        Some("length") => "maxTokens",
        _ => "endTurn",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_wants_to_ask_is_a_request_as_any() {
        let request = request(&json!({
            "systemPrompt": "Be brief.", "maxTokens": 50, "temperature": 0.5, "stopSequences": ["END"],
            "messages": [
                {"role": "user", "content": {"type": "text", "text": "Why?"}},
                {"role": "assistant", "content": [{"type": "text", "text": "Because"},
                    {"type": "image", "mimeType": "image/png", "data": "AA=="}]},
            ],
        }));
        let roles: Vec<_> = request.messages.iter().map(|it| it.role).collect();
        assert_eq!(roles, [Role::System, Role::User, Role::Assistant]);
        assert_eq!(request.messages[2].parts[1], Part::Media("data:image/png;base64,AA==".into()));
        assert_eq!(
            (request.max_output_tokens, &*request.sampling.stop),
            (Some(50), &["END".to_owned()][..])
        );
        assert_eq!(shown(&request), "Be brief.\n\nWhy?\n\nBecause\n[media]");
    }
}
