//! An MCP server of the older era that lets in only who has a token.

use super::oauth::{Books, Rules, json, nothing};
use super::plain_http::{Answered, Asked};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What the server at HERE answers to ASKED.
pub fn mcp(asked: &Asked, rules: &Rules, books: &Books, here: &str) -> Answered {
    let token = asked.headers.get("authorization").and_then(|it| it.strip_prefix("Bearer "));
    let challenge = |status, more: &str| {
        let header = format!(
            "Bearer {more}resource_metadata=\"{here}/.well-known/oauth-protected-resource/mcp\""
        );
        Answered(status, vec![("www-authenticate", header)], String::new())
    };
    let Some(scopes) = token.and_then(|token| books.tokens.get(token)) else {
        return challenge(401, "");
    };
    if asked.method != "POST" {
        return nothing(405);
    }
    let message: Value = serde_json::from_str(&asked.body).unwrap();
    if message["id"].is_null() {
        return nothing(202);
    }
    let scopes: BTreeSet<_> = scopes.split(' ').collect();
    if let Some(needed) = rules.admin.filter(|_| message["params"]["name"] == "admin")
        && (rules.never_enough || !needed.split(' ').all(|it| scopes.contains(it)))
    {
        return challenge(403, &format!("error=\"insufficient_scope\", scope=\"{needed}\", "));
    }
    json(said(&message))
}

/// What an MCP server of the older era answers to MESSAGE.
fn said(message: &Value) -> Value {
    let result = match message["method"].as_str().unwrap() {
        "initialize" => json!({"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                               "serverInfo": {"name": "guarded", "version": "1"}}),
        "tools/list" => json!({"tools": [{"name": "echo", "inputSchema": {"type": "object"}},
                                         {"name": "admin", "inputSchema": {"type": "object"}}]}),
        "tools/call" => json!({"content": [{"type": "text", "text": "done"}]}),
        "ping" => json!({}),
        _ => {
            let error = json!({"code": -32601, "message": "not known"});
            return json!({"jsonrpc": "2.0", "id": message["id"], "error": error});
        }
    };
    json!({"jsonrpc": "2.0", "id": message["id"], "result": result})
}
