//! How large a window models run with, where the list does not tell.
//!
//! A server of the user's own runs a model with what memory allows, which can
//! be far less than the model was trained for. What cannot be found out is
//! left open: the list is worth having without it.

use super::{FoundModel, Server};
use futures_util::future::join_all;
use llm_switch_types::Dialect;
use serde_json::{Value, json};

/// More models than anybody keeps; each is asked about apart.
const MOST_ASKED: usize = 64;

/// Complete FOUND, which SERVER listed in LIST.
pub(super) async fn complete(server: &Server<'_>, list: &Value, found: &mut [FoundModel]) {
    if server.provider.dialect == Dialect::Ollama {
        let open = found.iter_mut().filter(|model| model.context.is_none()).take(MOST_ASKED);
        join_all(open.map(|model| show(server, model))).await;
    } else if let [model] = found
        && is_silent_llama_server(list)
    {
        props(server, model).await;
    }
}

/// Ollama: what the model was trained for, or what its file sets.
async fn show(server: &Server<'_>, model: &mut FoundModel) {
    let url = format!("{}/api/show", server.provider.base_url);
    let question = json!({"model": model.name}).to_string();
    if let Ok(json) = server.ask(&url, Some(question.as_bytes())).await {
        model.context = shown(&json);
    }
}

/// The window in what Ollama shows of a model: `num_ctx` among its parameters
/// goes before the architecture's.
fn shown(json: &Value) -> Option<u64> {
    let lines = json["parameters"].as_str().unwrap_or_default().lines();
    let set = lines.filter_map(|line| line.trim().strip_prefix("num_ctx")).next_back();
    let trained = || {
        let architecture = json["model_info"]["general.architecture"].as_str()?;
        json["model_info"][format!("{architecture}.context_length")].as_u64()
    };
    set.and_then(|number| number.trim().parse().ok()).or_else(trained)
}

/// llama-server, which has one model and tells of itself at the root.
async fn props(server: &Server<'_>, model: &mut FoundModel) {
    let base = &server.provider.base_url;
    let url = format!("{}/props", base.strip_suffix("/v1").unwrap_or(base));
    if let Ok(json) = server.ask(&url, None).await {
        let window = json.pointer("/default_generation_settings/n_ctx").and_then(Value::as_u64);
        model.context = window.or(model.context);
    }
}

/// Whether LIST is that of a llama-server which does not tell there what it
/// runs with: older ones tell what the model was trained for.
fn is_silent_llama_server(list: &Value) -> bool {
    let is_llama_server = list.pointer("/data/0/owned_by").is_some_and(|it| it == "llamacpp");
    is_llama_server && list.pointer("/data/0/meta/n_ctx").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_file_of_a_model_sets_goes_before_what_it_was_trained_for() {
        let info = json!({"general.architecture": "qwen3", "qwen3.context_length": 40960});
        assert_eq!(shown(&json!({"model_info": info})), Some(40960));
        let parameters = "stop    \"<|im_end|>\"\nnum_ctx                        8192";
        assert_eq!(shown(&json!({"model_info": info, "parameters": parameters})), Some(8192));
        assert_eq!(shown(&json!({"model_info": {"x.context_length": 1}})), None);
    }

    #[test]
    fn a_llama_server_is_asked_only_for_what_it_did_not_list() {
        let list = |meta: Value| json!({"data": [{"owned_by": "llamacpp", "meta": meta}]});
        assert!(is_silent_llama_server(&list(json!({"n_ctx_train": 4096}))));
        assert!(!is_silent_llama_server(&list(json!({"n_ctx": 4096}))));
        assert!(!is_silent_llama_server(&json!({"data": [{"owned_by": "vllm"}]})));
    }
}
