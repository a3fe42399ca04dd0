//! Asking the user, in either era.

use rmcp::model::*;
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};

type Answer<T> = Result<T, ErrorData>;

/// Ask for what REQUEST says and give the answer back as text.
pub async fn ask(
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Answer<CallToolResponse> {
    if let Some(answers) = &request.input_responses {
        return Ok(told(answers.get("it").cloned().unwrap_or_default()));
    }
    let arguments = Value::from(request.arguments.unwrap_or_default());
    let question = question(arguments["what"].as_str().unwrap_or("form"))?;
    if context.protocol_version() >= Some(ProtocolVersion::V_2026_07_28) {
        let questions = [("it".to_owned(), question)].into_iter().collect();
        return Ok(InputRequiredResult::new(Some(questions), Some("asked".into())).into());
    }
    let answer = match question {
        InputRequest::Elicitation(it) => context.peer.create_elicitation(it.params).await.map(json),
        InputRequest::CreateMessage(it) => context.peer.create_message(it.params).await.map(json),
        _ => context.peer.list_roots().await.map(json),
    };
    answer.map(told).map_err(|e| ErrorData::internal_error(e.to_string(), None))
}

fn told(answer: Value) -> CallToolResponse {
    CallToolResult::success(vec![ContentBlock::text(answer.to_string())]).into()
}

fn json(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

fn question(what: &str) -> Answer<InputRequest> {
    Ok(match what {
        "form" => InputRequest::Elicitation(ElicitRequest::new(form(who())?)),
        "survey" => InputRequest::Elicitation(ElicitRequest::new(form(survey())?)),
        "url" => InputRequest::Elicitation(ElicitRequest::new(url())),
        "sampling" => InputRequest::CreateMessage(CreateMessageRequest::new(
            CreateMessageRequestParams::new(vec![SamplingMessage::user_text("Why?")], 100),
        )),
        _ => InputRequest::ListRoots(ListRootsRequest::default()),
    })
}

fn form(schema: Value) -> Answer<ElicitRequestParams> {
    let requested_schema = serde_json::from_value(schema)
        .map_err(|e| ErrorData::internal_error(e.to_string(), None))?;
    let message = "Who are you?".into();
    Ok(ElicitRequestParams::FormElicitationParams { meta: None, message, requested_schema })
}

fn who() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": {"type": "string", "title": "Name"},
            "count": {"type": "integer", "default": 3},
        },
        "required": ["name"],
    })
}

/// One field of each kind.
fn survey() -> Value {
    json!({
        "type": "object",
        "properties": {
            "mail": {"type": "string", "title": "Address", "format": "email"},
            "age": {"type": "integer", "minimum": 18, "maximum": 120, "description": "In years"},
            "colour": {"type": "string", "oneOf": [
                {"const": "#f00", "title": "Red"}, {"const": "#0f0", "title": "Green"},
            ]},
            "news": {"type": "boolean", "default": false},
            "note": {"type": "string"},
        },
        "required": ["mail", "age", "colour"],
    })
}

fn url() -> ElicitRequestParams {
    ElicitRequestParams::UrlElicitationParams {
        meta: None,
        message: "Log in there".into(),
        url: "https://example.org/login".into(),
        elicitation_id: "login-1".into(),
    }
}
