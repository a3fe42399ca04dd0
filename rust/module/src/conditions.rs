//! The Lisp conditions: one for each class of error, under one parent.

use emacs::Env;
use llm_switch_types::Error;

emacs::define_errors! {
    llm_switch_error "llm-switch" (error)
    llm_switch_config "llm-switch: configuration" (llm_switch_error)
    llm_switch_auth "llm-switch: key" (llm_switch_error)
    llm_switch_no_funds "llm-switch: no money left" (llm_switch_error)
    llm_switch_rate_limited "llm-switch: rate limit" (llm_switch_error)
    llm_switch_quota "llm-switch: quota" (llm_switch_error)
    llm_switch_overloaded "llm-switch: overloaded" (llm_switch_error)
    llm_switch_context_length "llm-switch: context length" (llm_switch_error)
    llm_switch_model_not_found "llm-switch: model not found" (llm_switch_error)
    llm_switch_content_filter "llm-switch: content filter" (llm_switch_error)
    llm_switch_bad_request "llm-switch: bad request" (llm_switch_error)
    llm_switch_server "llm-switch: server" (llm_switch_error)
    llm_switch_network "llm-switch: network" (llm_switch_error)
    llm_switch_protocol "llm-switch: protocol" (llm_switch_error)
    llm_switch_refused "llm-switch: refused" (llm_switch_error)
    llm_switch_cancelled "llm-switch: cancelled" (llm_switch_error)
    llm_switch_store "llm-switch: ledger" (llm_switch_error)
    llm_switch_mcp "llm-switch: MCP" (llm_switch_error)
    llm_switch_module "llm-switch: module" (llm_switch_error)
}

/// Signal ERROR as its condition, with its message as data.
pub(crate) fn signal<T>(env: &Env, error: &Error) -> emacs::Result<T> {
    env.signal(format!("llm-switch-{}", error.kind.name()), (error.to_string(),))
}
