//! Ollama's `/api/ps`: which models are in memory. It tells no load.

use super::Load;
use crate::models::{FoundModel, Server};
use llm_switch_types::Result;
use serde_json::Value;

pub(super) async fn load(server: &Server<'_>) -> Result<Load> {
    let url = format!("{}/api/ps", server.provider.base_url);
    Ok(read(&server.ask(&url, None).await?))
}

fn read(json: &Value) -> Load {
    let models = json["models"].as_array().map(Vec::as_slice).unwrap_or_default();
    let loaded = models.iter().filter_map(|row| {
        let name = row["name"].as_str()?.to_owned();
        Some(FoundModel { name, context: row["context_length"].as_u64() })
    });
    Load { loaded: Some(loaded.collect()), ..Load::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_in_memory_runs_with_its_own_context() {
        let ps = json!({"models": [{"name": "qwen3:8b", "size_vram": 1, "context_length": 4096}]});
        let loaded = read(&ps).loaded.unwrap();
        assert_eq!(loaded, [FoundModel { name: "qwen3:8b".into(), context: Some(4096) }]);
        assert_eq!(read(&json!({"models": []})).loaded, Some(Vec::new()));
    }
}
