//! What a result says to a model, which reads text.

use super::contents::{Contents, Kept, decode};
use llm_switch_mcp::{Contents as Resource, Part};
use llm_switch_types::Result;
use serde_json::{Value, json};

/// A result as text, and what in it is none.
#[derive(Default)]
pub(crate) struct Told {
    /// The text, with a line for each content that is none.
    pub(crate) text: String,
    /// Those contents: `{handle, kind, mime, bytes, path}`.
    pub(crate) handles: Vec<Value>,
}

/// What PARTS say, with the rest kept among CONTENTS.
///
/// # Errors
/// Those of keeping it.
pub(crate) fn tell(parts: &[Part], contents: &Contents) -> Result<Told> {
    let mut told = Told::default();
    for part in parts {
        told.add(part, contents)?;
    }
    Ok(told)
}

/// The same, but one text alone as it is, also that of a resource.
///
/// # Errors
/// Those of keeping it.
pub(crate) fn tell_plainly(parts: &[Part], contents: &Contents) -> Result<Told> {
    match parts {
        [Part::Resource(Resource { text: Some(text), .. })] => {
            Ok(Told { text: text.clone(), handles: Vec::new() })
        }
        parts => tell(parts, contents),
    }
}

impl Told {
    fn add(&mut self, part: &Part, contents: &Contents) -> Result<()> {
        match part {
            Part::Text { text } => self.say(text),
            Part::Image { mime, data } => {
                self.keep("image", mime, data, contents)?;
            }
            Part::Audio { mime, data } => {
                self.keep("audio", mime, data, contents)?;
            }
            Part::Resource(resource) => self.add_resource(resource, contents)?,
            Part::Link(link) => {
                let mime = link.mime.as_deref().map(|it| format!(", {it}")).unwrap_or_default();
                let title = link.title.as_ref().unwrap_or(&link.name);
                self.say(&format!("[resource {title:?}{mime}: {}]", link.uri));
            }
            Part::Unknown { json } => self.say(&json.to_string()),
        }
        Ok(())
    }

    /// RESOURCE stands in the text if it is one; its address says what it is.
    fn add_resource(&mut self, resource: &Resource, contents: &Contents) -> Result<()> {
        let mime = resource.mime.as_deref().unwrap_or("application/octet-stream");
        match (&resource.text, &resource.data) {
            (Some(text), _) => self.say(&format!("[resource {}]\n{text}", resource.uri)),
            (None, Some(data)) => {
                let kind = if mime.starts_with("image/") { "image" } else { "resource" };
                self.say(&format!("[resource {}]", resource.uri));
                self.keep(kind, mime, data, contents)?;
            }
            (None, None) => self.say(&format!("[resource {}, empty]", resource.uri)),
        }
        Ok(())
    }

    fn say(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    /// What stands in base64 in DATA, of the media type MIME. Where that is
    /// none the rest is worth having without it.
    fn keep(&mut self, kind: &str, mime: &str, data: &str, contents: &Contents) -> Result<()> {
        let Some(bytes) = decode(data) else {
            self.say(&format!("[{mime} that cannot be read: the server gave no base64]"));
            return Ok(());
        };
        let Kept { handle, file, bytes } = contents.keep(mime, &bytes)?;
        self.say(&format!("[{mime}, {bytes} bytes: {handle}]"));
        self.handles.push(json!({
            "handle": handle, "kind": kind, "mime": mime, "bytes": bytes, "path": file,
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(parts: &[Part]) -> Told {
        let folder = tempfile::tempdir().unwrap();
        tell(parts, &Contents::new(folder.path().to_owned())).unwrap()
    }

    fn resource(text: Option<&str>, data: Option<&str>) -> Part {
        let owned = |it: &str| it.to_owned();
        Part::Resource(Resource {
            uri: "note://1".into(),
            mime: None,
            text: text.map(owned),
            data: data.map(owned),
        })
    }

    #[test]
    fn texts_stand_below_each_other_and_pictures_have_a_line() {
        let text = |text: &str| Part::Text { text: text.into() };
        let image = Part::Image { mime: "image/png".into(), data: "iVBORw==".into() };
        let told = of(&[text("seen:"), image, text("done")]);
        let lines: Vec<_> = told.text.lines().collect();
        assert_eq!((lines[0], lines[2]), ("seen:", "done"));
        assert!(lines[1].starts_with("[image/png, 4 bytes: mcp-content:"), "{}", lines[1]);
        assert_eq!(told.handles[0]["kind"], "image");
    }

    #[test]
    fn a_resource_is_named_and_its_text_is_said() {
        assert_eq!(of(&[resource(Some("hi"), None)]).text, "[resource note://1]\nhi");
        assert_eq!(of(&[resource(None, None)]).text, "[resource note://1, empty]");
        let told = of(&[resource(None, Some("AAAA"))]);
        assert_eq!((told.handles.len(), told.text.lines().count()), (1, 2));
    }
}
