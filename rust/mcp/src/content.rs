//! What a tool, a resource or a prompt holds.

use crate::Resource;
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a call of a tool led to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Outcome {
    /// What it says, in its order.
    pub content: Vec<Part>,
    /// The same as data, where the tool gives it; any JSON.
    pub structured: Option<Value>,
    /// Whether the tool failed at what it was asked to do. Then `content`
    /// says why, for the model to read.
    pub is_error: bool,
    /// What the server adds for whoever knows its words.
    pub meta: Option<Map<String, Value>>,
}

/// A piece of content.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "type")]
pub enum Part {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// A picture.
    Image {
        /// Its media type.
        mime: String,
        /// Its bytes in base64.
        data: String,
    },
    /// Sound.
    Audio {
        /// Its media type.
        mime: String,
        /// Its bytes in base64.
        data: String,
    },
    /// A resource, whole.
    Resource(Contents),
    /// The address of a resource.
    Link(Resource),
    /// Something that this version does not know.
    Unknown {
        /// What came.
        json: Value,
    },
}

/// What a resource holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Contents {
    /// Its address.
    pub uri: String,
    /// Its media type.
    pub mime: Option<String>,
    /// Its text, where it is text.
    pub text: Option<String>,
    /// Its bytes in base64, where it is not.
    pub data: Option<String>,
}

impl From<CallToolResult> for Outcome {
    fn from(result: CallToolResult) -> Outcome {
        Outcome {
            content: result.content.into_iter().map(Part::from).collect(),
            structured: result.structured_content,
            is_error: result.is_error == Some(true),
            meta: result.meta.map(|meta| meta.0),
        }
    }
}

impl From<ContentBlock> for Part {
    fn from(block: ContentBlock) -> Part {
        match block {
            ContentBlock::Text(it) => Part::Text { text: it.text },
            ContentBlock::Image(it) => Part::Image { mime: it.mime_type, data: it.data },
            ContentBlock::Audio(it) => Part::Audio { mime: it.mime_type, data: it.data },
            ContentBlock::Resource(it) => Contents::read(it.resource)
                .map_or_else(|json| Part::Unknown { json }, Part::Resource),
            ContentBlock::ResourceLink(it) => Part::Link(it.into()),
            other => Part::Unknown { json: serde_json::to_value(other).unwrap_or_default() },
        }
    }
}

impl Contents {
    /// CONTENTS in our words; as they came where there are none for them.
    pub(crate) fn read(contents: ResourceContents) -> Result<Contents, Value> {
        Ok(match contents {
            ResourceContents::TextResourceContents { uri, mime_type, text, .. } => {
                Contents { uri, mime: mime_type, text: Some(text), data: None }
            }
            ResourceContents::BlobResourceContents { uri, mime_type, blob, .. } => {
                Contents { uri, mime: mime_type, text: None, data: Some(blob) }
            }
            other => return Err(serde_json::to_value(other).unwrap_or_default()),
        })
    }
}
