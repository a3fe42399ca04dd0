//! A server, as the file of another program has it.

use super::value::{flag, list, map, part, text};
use super::{McpLaunch, McpOauth};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// A server, as the file of another program has it.
pub(super) struct Entry {
    pub(super) launch: McpLaunch,
    pub(super) oauth: McpOauth,
    /// What it asks for that is not done here.
    pub(super) notes: Vec<&'static str>,
}

const OLD: &str =
    "it speaks the older HTTP+SSE: use its streamable HTTP address, with type \"http\"";

impl Entry {
    /// What RAW says. A refusal repeats no value.
    pub(super) fn read(raw: &RawValue) -> Result<Entry, String> {
        let entry: Map<String, Value> =
            serde_json::from_str(raw.get()).map_err(|_| "it must be an object".to_owned())?;
        let launch = launch(&entry)?;
        launch.check().map_err(|(_, what)| what)?;
        Ok(Entry { launch, oauth: oauth(&entry)?, notes: notes(&entry) })
    }
}

fn launch(entry: &Map<String, Value>) -> Result<McpLaunch, String> {
    let (command, url) = (text(entry, "command")?, text(entry, "url")?);
    match (text(entry, "type")?.as_deref(), command, url) {
        (Some("sse"), ..) => Err(OLD.to_owned()),
        (_, Some(_), Some(_)) => Err("it has both command and url: leave out one".to_owned()),
        (None | Some("stdio"), Some(command), None) => stdio(entry, command),
        (None | Some("http" | "streamable-http" | "streamableHttp"), None, Some(url)) => {
            Ok(McpLaunch::Http { url, headers: map(entry, "headers")? })
        }
        (Some("stdio"), ..) => Err("it needs a command".to_owned()),
        (Some("http" | "streamable-http" | "streamableHttp"), ..) => {
            Err("it needs a url".to_owned())
        }
        (None, None, None) => Err("it needs a command or a url".to_owned()),
        (Some(_), ..) => Err("its type is not known: write \"stdio\" or \"http\"".to_owned()),
    }
}

fn stdio(entry: &Map<String, Value>, command: String) -> Result<McpLaunch, String> {
    Ok(McpLaunch::Stdio {
        command,
        args: list(entry, "args")?,
        env: map(entry, "env")?,
        env_file: text(entry, "envFile")?,
        cwd: text(entry, "cwd")?,
    })
}

/// Claude Code writes the scopes as one text, as OAuth does.
fn oauth(entry: &Map<String, Value>) -> Result<McpOauth, String> {
    let Some(oauth) = part(entry, "oauth")? else { return Ok(McpOauth::default()) };
    let scopes = match oauth.get("scopes") {
        Some(Value::String(scopes)) => scopes.split_whitespace().map(str::to_owned).collect(),
        _ => list(oauth, "scopes")?,
    };
    let port = oauth.get("callbackPort").filter(|port| !port.is_null()).map(|port| {
        let port = port.as_u64().and_then(|port| u16::try_from(port).ok());
        port.filter(|port| *port > 0).ok_or_else(|| "its callbackPort is no port".to_owned())
    });
    Ok(McpOauth {
        client_id: text(oauth, "clientId")?,
        client_secret: None,
        scopes,
        callback_port: port.transpose()?,
    })
}

fn notes(entry: &Map<String, Value>) -> Vec<&'static str> {
    let sandboxed = flag(entry, "sandboxEnabled").then_some("is not sandboxed here");
    let helped = entry.contains_key("headersHelper");
    let helper = "gets no headers from its headersHelper here: write them into headers";
    sandboxed.into_iter().chain(helped.then_some(helper)).collect()
}
