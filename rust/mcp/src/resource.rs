//! The resources of a server.

use serde::Serialize;

/// A resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Resource {
    /// Its address.
    pub uri: String,
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub title: Option<String>,
    /// What it is.
    pub description: Option<String>,
    /// Its media type.
    pub mime: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
}

/// Resources of which the address has gaps to fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Template {
    /// The address, with `{gaps}` as RFC 6570 has them.
    pub uri: String,
    /// The name.
    pub name: String,
    /// The name for people.
    pub title: Option<String>,
    /// What they are.
    pub description: Option<String>,
    /// Their media type.
    pub mime: Option<String>,
}

impl From<rmcp::model::Resource> for Resource {
    fn from(it: rmcp::model::Resource) -> Resource {
        Resource {
            uri: it.uri,
            name: it.name,
            title: it.title,
            description: it.description,
            mime: it.mime_type,
            size: it.size,
        }
    }
}

impl From<rmcp::model::ResourceTemplate> for Template {
    fn from(it: rmcp::model::ResourceTemplate) -> Template {
        Template {
            uri: it.uri_template,
            name: it.name,
            title: it.title,
            description: it.description,
            mime: it.mime_type,
        }
    }
}
