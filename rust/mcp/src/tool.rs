//! The tools of a server.

use serde::Serialize;
use serde_json::{Map, Value};

/// A tool.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Tool {
    /// Its name, which only its server makes unique.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it does, for a model to read.
    pub description: Option<String>,
    /// The JSON schema of its arguments, as it came.
    pub input_schema: Map<String, Value>,
    /// The JSON schema of its structured result, as it came.
    pub output_schema: Option<Map<String, Value>>,
    /// What its server says of its effects.
    pub hints: Hints,
    /// What the server adds for whoever knows its words, such as
    /// `anthropic/maxResultSizeChars`.
    pub meta: Option<Map<String, Value>>,
}

/// What a server says of a tool's effects, with the protocol's defaults, which
/// assume the worst. A server can lie here as anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Hints {
    /// It changes nothing. By default it does.
    pub read_only: bool,
    /// It may destroy something. By default it may, unless it is read-only.
    pub destructive: bool,
    /// Calling it twice is as calling it once. By default it is not.
    pub idempotent: bool,
    /// It deals with a world outside of its own. By default it does.
    pub open_world: bool,
}

impl From<rmcp::model::Tool> for Tool {
    fn from(it: rmcp::model::Tool) -> Tool {
        let hints = it.annotations.unwrap_or_default();
        let read_only = hints.read_only_hint.unwrap_or(false);
        Tool {
            name: it.name.into_owned(),
            title: it.title.or(hints.title),
            description: it.description.map(|text| text.into_owned()),
            input_schema: (*it.input_schema).clone(),
            output_schema: it.output_schema.map(|schema| (*schema).clone()),
            hints: Hints {
                read_only,
                destructive: !read_only && hints.destructive_hint.unwrap_or(true),
                idempotent: read_only || hints.idempotent_hint.unwrap_or(false),
                open_world: hints.open_world_hint.unwrap_or(true),
            },
            meta: it.meta.map(|meta| meta.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn hints(annotations: Value) -> Hints {
        let tool = json!({"name": "t", "inputSchema": {}, "annotations": annotations});
        Tool::from(serde_json::from_value::<rmcp::model::Tool>(tool).unwrap()).hints
    }

    #[test]
    fn what_is_not_said_is_assumed_to_be_the_worst() {
        let worst =
            Hints { read_only: false, destructive: true, idempotent: false, open_world: true };
        assert_eq!(hints(Value::Null), worst);
        assert_eq!(hints(json!({})), worst);
        assert!(!hints(json!({"destructiveHint": false})).destructive);
        assert!(!hints(json!({"readOnlyHint": true})).destructive);
    }
}
