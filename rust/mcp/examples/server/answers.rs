//! What the tools do.

use crate::{handler::Handler, held::PICTURE};
use rmcp::model::*;
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer};
use serde_json::{Value, json};
use std::io::{self, Write};
use std::time::Duration;

/// Write LINE to standard error, whoever reads it.
pub fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

fn text(text: impl Into<String>) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

/// The answer to REQUEST.
pub async fn call(
    handler: &Handler,
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Result<CallToolResult, ErrorData> {
    let arguments = Value::from(request.arguments.unwrap_or_default());
    let number = |name: &str| arguments[name].as_u64().unwrap_or(0);
    Ok(match request.name.as_ref() {
        "echo" => text(arguments["text"].as_str().unwrap_or_default()),
        "slow" => slow(handler, number("steps"), number("delay"), context).await,
        "cancelled" => text(handler.cancelled.lock().join(" ")),
        "media" => media(arguments["real"] == true),
        "error" => CallToolResult::error(vec![ContentBlock::text("there is no such row")]),
        "refuse" => return Err(ErrorData::invalid_params("the text is missing", None)),
        "big" => text("x".repeat(megabytes(number("megabytes")))),
        "env" => text(
            std::env::vars().map(|(name, value)| format!("{name}={value}\n")).collect::<String>(),
        ),
        "weather" => text(format!("18 degrees, sunny in {}", arguments["city"])),
        "change" => change(handler, context).await,
        "crash" => crash(),
        "rubbish" => rubbish(),
        "flood" => flood(megabytes(number("megabytes"))),
        other => return Err(ErrorData::invalid_params(format!("no tool {other}"), None)),
    })
}

fn megabytes(count: u64) -> usize {
    usize::try_from(count).unwrap_or(0) << 20
}

async fn slow(
    handler: &Handler,
    steps: u64,
    delay: u64,
    context: RequestContext<RoleServer>,
) -> CallToolResult {
    let token = context.meta.get_progress_token();
    for step in 1..=steps {
        tokio::select! {
            () = context.ct.cancelled() => {
                handler.cancelled.lock().push("slow".into());
                return text("cancelled");
            }
            () = tokio::time::sleep(Duration::from_millis(delay)), if delay > 0 => {}
            () = std::future::ready(()), if delay == 0 => {}
        }
        if let Some(token) = token.clone() {
            let note = ProgressNotificationParam::new(token, step as f64)
                .with_total(steps as f64)
                .with_message(format!("step {step}"));
            let _ = context.peer.notify_progress(note).await;
        }
    }
    text("done")
}

/// One of each; the image can be looked at where it is REAL.
fn media(real: bool) -> CallToolResult {
    let image = if real { PICTURE } else { "aW1hZ2U=" };
    let link = Resource::new("note://1", "note 1").with_mime_type("text/plain").with_size(12);
    let mut result = CallToolResult::success(vec![
        ContentBlock::text("caption"),
        ContentBlock::image(image, "image/png"),
        ContentBlock::audio("c291bmQ=", "audio/wav"),
        ContentBlock::embedded_text("note://2", "held"),
        ContentBlock::resource_link(link),
    ]);
    result.structured_content = Some(json!({"rows": [1, 2]}));
    result
}

async fn change(handler: &Handler, context: RequestContext<RoleServer>) -> CallToolResult {
    handler.added.send_modify(|added| *added += 1);
    // In the newer era it is told to those who listen, and to nobody else.
    if context.protocol_version() < Some(ProtocolVersion::V_2026_07_28) {
        let _ = context.peer.notify_tool_list_changed().await;
    }
    text("changed")
}

#[allow(clippy::disallowed_methods, reason = "a process of its own")]
fn crash() -> ! {
    say("about to crash");
    std::process::exit(7)
}

fn rubbish() -> CallToolResult {
    let mut output = io::stdout().lock();
    let _ = output.write_all(b"Loading...\n\n{\"half\": \n[]\n\"text\"\n{\"jsonrpc\": \"2.0\"}\n");
    let _ = output.flush();
    text("done")
}

fn flood(bytes: usize) -> CallToolResult {
    let line = "e".repeat(1023) + "\n";
    let mut errors = io::stderr().lock();
    for _ in 0..bytes / line.len() {
        let _ = errors.write_all(line.as_bytes());
    }
    text("done")
}
