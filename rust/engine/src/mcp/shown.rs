//! A definition as it is shown to people.

use super::definition::Reading;
use llm_switch_config::mcp::{McpLaunch, McpServer};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What is shown of WRITTEN, which is READING, before it is trusted: `launch`
/// in one line, `env-names`, `values` (each `{name, value}`), `cwd`,
/// `env-file`, `variables`, `inputs` and `hash`. It is all as it is written:
/// what the variables in it stand for may be secret.
pub(crate) fn shown(written: &McpServer, reading: &Reading) -> Map<String, Value> {
    let (cwd, env_file) = match &written.launch {
        McpLaunch::Stdio { cwd, env_file, .. } => (cwd.as_ref(), env_file.as_ref()),
        McpLaunch::Http { .. } => (None, None),
    };
    let given = given(&written.launch);
    let of_file = reading.env_file.iter().flatten().flatten();
    let mut values: BTreeMap<&String, &String> = of_file.collect();
    values.extend(given);
    let values = values.iter().map(|(name, it)| json!({"name": name, "value": value(name, it)}));
    let told = json!({
        "launch": launch(&written.launch),
        "env-names": given.keys().collect::<Vec<_>>(),
        "values": values.collect::<Vec<_>>(),
        "cwd": cwd,
        "env-file": env_file,
        "variables": written.variables(),
        "inputs": written.input_ids(),
        "hash": reading.identity.hash,
    });
    match told {
        Value::Object(told) => told,
        _ => Map::new(),
    }
}

/// LAUNCH in one line; what is handed to it in its environment or its headers
/// may be secret, and is not in it.
fn launch(launch: &McpLaunch) -> String {
    match launch {
        McpLaunch::Stdio { command, args, .. } => {
            let words = std::iter::once(command).chain(args);
            words.map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
        }
        McpLaunch::Http { url, .. } => url.clone(),
    }
}

fn quoted(word: &str) -> String {
    match word.is_empty() || word.contains(char::is_whitespace) {
        true => format!("{word:?}"),
        false => word.to_owned(),
    }
}

/// What LAUNCH hands to the server.
fn given(launch: &McpLaunch) -> &BTreeMap<String, String> {
    match launch {
        McpLaunch::Stdio { env, .. } => env,
        McpLaunch::Http { headers, .. } => headers,
    }
}

/// TEXT as it is shown where NAME is given it: whole where it says what runs,
/// or only which variable it is. Anything else may be secret.
fn value(name: &str, text: &str) -> String {
    match decides_what_runs(name) || is_variable(text) {
        true => text.to_owned(),
        false => format!("… (length {})", text.chars().count()),
    }
}

/// Whether the variable NAME makes a program load or run something else.
fn decides_what_runs(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let begins = ["LD_", "DYLD_", "PYTHON"].iter().any(|it| name.starts_with(it));
    begins || name == "PATH" || name.ends_with("_OPTIONS")
}

/// Whether TEXT is one variable and nothing else, not even what to take
/// without it.
fn is_variable(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|it| !it.contains(['$', '{', '}']) && !it.contains(":-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_what_runs_is_shown_and_what_may_be_secret_is_not() {
        for name in ["PATH", "NODE_OPTIONS", "LD_PRELOAD", "PYTHONPATH", "DYLD_INSERT_LIBRARIES"] {
            assert_eq!(value(name, "./evil"), "./evil", "{name}");
        }
        assert_eq!(value("TOKEN", "${TOKEN}"), "${TOKEN}");
        for hidden in ["test_key_x", "${TOKEN:-test_key_x}", "${A}test_key_x", "${A}x${B}"] {
            assert_eq!(value("TOKEN", hidden), format!("… (length {})", hidden.len()));
        }
    }
}
