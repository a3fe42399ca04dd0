//! Which models a server offers.

mod windows;

use crate::attempt::{refusal, usable_key};
use crate::dialect::headers;
use llm_switch_net::{Call, Client};
use llm_switch_types::{Error, ErrorKind, Provider, Result};
use secrecy::SecretString;
use serde_json::Value;

/// More than any server lists.
const MAX_LIST: usize = 8 << 20;

/// A model that a server lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundModel {
    /// Its name.
    pub name: String,
    /// Its context window in tokens, where the server tells it.
    pub context: Option<u64>,
}

/// Ask PROVIDER which models it offers, and a server of the user's own with
/// how large a window each runs.
///
/// # Errors
/// Those of the network, and [`ErrorKind::Protocol`] when something answers
/// that is no LLM server.
pub async fn models(
    client: &Client,
    provider: &Provider,
    key: Option<&SecretString>,
) -> Result<Vec<FoundModel>> {
    let server = Server { client, provider, key };
    let list = server.ask(&provider.models_url(), None).await?;
    let mut found = listed(&list)?;
    windows::complete(&server, &list, &mut found).await;
    Ok(found)
}

/// Whom to ask, and how.
pub(crate) struct Server<'a> {
    pub(crate) client: &'a Client,
    pub(crate) provider: &'a Provider,
    pub(crate) key: Option<&'a SecretString>,
}

impl Server<'_> {
    /// The JSON that stands at URL, or that answers JSON there; null for what
    /// is none.
    pub(crate) async fn ask(&self, url: &str, json: Option<&[u8]>) -> Result<Value> {
        Ok(serde_json::from_slice(&self.read(url, json).await?).unwrap_or_default())
    }

    /// What stands at URL, or is answered to JSON there.
    pub(crate) async fn read(&self, url: &str, json: Option<&[u8]>) -> Result<Vec<u8>> {
        let key = usable_key(self.provider, self.key)?;
        let headers = headers(self.provider.dialect);
        let call = Call { url, key, headers, json, accept: "application/json" };
        let mut reply = self.client.send(call).await?;
        match reply.status() {
            200 => reply.body(MAX_LIST).await,
            _ => Err(refusal(&mut reply, self.provider).await),
        }
    }
}

fn listed(json: &Value) -> Result<Vec<FoundModel>> {
    let lists = [&json["data"], &json["models"], json];
    let list = lists.into_iter().find_map(Value::as_array).ok_or_else(|| {
        Error::new(ErrorKind::Protocol, "something answers there, but it lists no models")
            .advise("Correct the base-url: most end with /v1")
    })?;
    Ok(list.iter().filter_map(found).collect())
}

/// The window has a different name on each server: llama.cpp tells what the
/// server runs with and what the model was trained for, vLLM its limit. So has
/// the model: `id`, at Ollama and Gemini `name`, which Gemini prefixes.
fn found(row: &Value) -> Option<FoundModel> {
    let windows = [
        "/meta/n_ctx",
        "/max_model_len",
        "/context_length",
        "/max_context_length",
        "/max_input_tokens",
        "/inputTokenLimit",
        "/meta/n_ctx_train",
    ];
    Some(FoundModel {
        name: name(row)?,
        context: windows.iter().find_map(|path| row.pointer(path)?.as_u64()),
    })
}

/// Gemini puts a folder before each name, Ollama's field is another.
fn name(row: &Value) -> Option<String> {
    let name = row["id"].as_str().or(row["name"].as_str())?;
    let name = name.strip_prefix("models/").unwrap_or(name);
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &[u8]) -> Result<Vec<FoundModel>> {
        listed(&serde_json::from_slice(body).unwrap_or_default())
    }

    #[test]
    fn reads_the_lists_of_the_other_dialects() {
        let gemini = br#"{"models":[{"name":"models/gemini-3-flash","inputTokenLimit":1048576}]}"#;
        let ollama = br#"{"models":[{"name":"qwen3:8b","model":"qwen3:8b","size":1}]}"#;
        let anthropic = br#"{"data":[{"type":"model","id":"claude-sonnet-5"}],"has_more":false}"#;
        let names =
            [&gemini[..], ollama, anthropic].map(|list| parse(list).unwrap()[0].name.clone());
        assert_eq!(names, ["gemini-3-flash", "qwen3:8b", "claude-sonnet-5"]);
    }

    #[test]
    fn reads_the_lists_of_the_servers_seen() {
        let list = br#"{"object":"list","data":[{"id":"a","meta":{"n_ctx_train":4096}},
            {"id":"b","max_model_len":8192},{"id":""},{"x":1},{"id":"c","meta":null}]}"#;
        let found = parse(list).unwrap();
        let seen: Vec<_> = found.iter().map(|it| (it.name.as_str(), it.context)).collect();
        assert_eq!(seen, [("a", Some(4096)), ("b", Some(8192)), ("c", None)]);
    }

    #[test]
    fn ollama_and_gemini_name_their_models_otherwise() {
        let name = |list: &[u8]| parse(list).unwrap().remove(0).name;
        assert_eq!(name(br#"{"models":[{"name":"qwen3:8b","model":"qwen3:8b"}]}"#), "qwen3:8b");
        assert_eq!(name(br#"{"models":[{"name":"models/gemini-4-argon"}]}"#), "gemini-4-argon");
    }

    #[test]
    fn what_is_no_list_is_no_server_of_ours() {
        for body in ["", "<html>", "{}", "{\"data\":1}"] {
            assert_eq!(parse(body.as_bytes()).unwrap_err().kind, ErrorKind::Protocol);
        }
    }
}
