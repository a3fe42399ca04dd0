//! VS Code's file of a project: servers, and values that it asks for.

use super::section::Section;
use super::source::{Object, Source};
use super::value::{flag, text};
use super::{McpFiles, McpInput, McpOriginKind};
use llm_switch_types::Result;
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

/// Add the servers of FILE to FOUND.
pub(super) fn read(found: &mut McpFiles, file: PathBuf) {
    let read = Source::read(file).and_then(|source| match source {
        Some(source) => read_source(found, &source),
        None => Ok(()),
    });
    found.problems.extend(read.err());
}

fn read_source(found: &mut McpFiles, source: &Source) -> Result<()> {
    let top = source.top()?;
    let inputs = Arc::new(inputs(found, source, &top));
    let section = Section { source, kind: McpOriginKind::VsCode, inputs };
    section.read_under(found, &top, ["servers", "mcpServers"]);
    Ok(())
}

/// The values that TOP asks for, by their id.
fn inputs(found: &mut McpFiles, source: &Source, top: &Object<'_>) -> BTreeMap<String, McpInput> {
    let mut inputs = BTreeMap::new();
    let Some(raw) = top.get("inputs") else { return inputs };
    let Ok(entries) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else {
        let what = "\"inputs\" must be a list";
        found.problems.push(source.problem(source.line(raw), what));
        return inputs;
    };
    for raw in entries {
        match input(raw) {
            Ok((id, input)) => drop(inputs.insert(id, input)),
            Err(why) => {
                let what = format!("an input is not used: {why}");
                found.problems.push(source.problem(source.line(raw), what));
            }
        }
    }
    inputs
}

/// What RAW asks for. One whose value a command of VS Code would give is
/// asked like any other.
fn input(raw: &RawValue) -> std::result::Result<(String, McpInput), String> {
    let entry: Map<String, Value> =
        serde_json::from_str(raw.get()).map_err(|_| "it must be an object".to_owned())?;
    let id = text(&entry, "id")?.ok_or_else(|| "it needs an id".to_owned())?;
    let input = McpInput {
        description: text(&entry, "description")?,
        password: flag(&entry, "password"),
        options: options(&entry)?,
        default: text(&entry, "default")?,
    };
    Ok((id, input))
}

/// What there is to choose from, each as text or as a value with a label.
fn options(entry: &Map<String, Value>) -> std::result::Result<Vec<String>, String> {
    let wrong = || "its options must be a list of texts".to_owned();
    let options = match entry.get("options") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(options)) => options,
        Some(_) => return Err(wrong()),
    };
    let texts = options.iter().map(|option| option.get("value").unwrap_or(option).as_str());
    texts.map(|text| text.map(str::to_owned)).collect::<Option<_>>().ok_or_else(wrong)
}
