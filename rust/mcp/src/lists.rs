//! What a server offers beside calls.

use crate::{
    Completion, Contents, Filled, Prompt, Resource, Server, Subject, Template, Tool, failure,
};
use llm_switch_types::Result;
use rmcp::model::{CompletionContext, GetPromptRequestParams, ReadResourceRequestParams};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Every method here fails with [`llm_switch_types::ErrorKind::Mcp`] when the
/// server cannot be used, refuses, ends meanwhile or takes too long. What a
/// server does not offer at all is an empty list.
impl Server {
    /// Its tools, all pages of them.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn tools(&self) -> Result<Vec<Tool>> {
        let connection = self.inner.usable().await?;
        if !connection.info.offers.tools {
            return Ok(Vec::new());
        }
        let work = connection.run.list_all_tools();
        let tools = self.ask("listing its tools", &connection, work).await?;
        Ok(tools.into_iter().map(Tool::from).collect())
    }

    /// Its resources, all pages of them.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn resources(&self) -> Result<Vec<Resource>> {
        let connection = self.inner.usable().await?;
        if !connection.info.offers.resources {
            return Ok(Vec::new());
        }
        let work = connection.run.list_all_resources();
        let resources = self.ask("listing its resources", &connection, work).await?;
        Ok(resources.into_iter().map(Resource::from).collect())
    }

    /// Its resource templates, all pages of them.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn templates(&self) -> Result<Vec<Template>> {
        let connection = self.inner.usable().await?;
        if !connection.info.offers.resources {
            return Ok(Vec::new());
        }
        let work = connection.run.list_all_resource_templates();
        let templates = self.ask("listing its resource templates", &connection, work).await?;
        Ok(templates.into_iter().map(Template::from).collect())
    }

    /// What the resource at URI holds: often one thing, but a directory may
    /// hold several.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn read(&self, uri: &str) -> Result<Vec<Contents>> {
        let connection = self.inner.usable().await?;
        let work = connection.run.read_resource(ReadResourceRequestParams::new(uri));
        let read = self.ask(&format!("reading {uri}"), &connection, work).await?;
        let known =
            read.contents.into_iter().map(Contents::read).collect::<std::result::Result<_, _>>();
        known.map_err(|_| {
            let what = format!("reading {uri}: it holds something that this version does not know");
            self.inner.place(failure::mcp(what).advise("Look at its protocol log"))
        })
    }

    /// Its prompts, all pages of them.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn prompts(&self) -> Result<Vec<Prompt>> {
        let connection = self.inner.usable().await?;
        if !connection.info.offers.prompts {
            return Ok(Vec::new());
        }
        let work = connection.run.list_all_prompts();
        let prompts = self.ask("listing its prompts", &connection, work).await?;
        Ok(prompts.into_iter().map(Prompt::from).collect())
    }

    /// The prompt NAME, with ARGUMENTS filled in.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn prompt(&self, name: &str, arguments: BTreeMap<String, String>) -> Result<Filled> {
        let connection = self.inner.usable().await?;
        let arguments: Map<_, _> =
            arguments.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        let params = GetPromptRequestParams::new(name).with_arguments(arguments);
        let work = connection.run.get_prompt(params);
        self.ask(&format!("filling in {name}"), &connection, work).await.map(Filled::from)
    }

    /// What the ARGUMENT of SUBJECT that begins with VALUE may become, when
    /// the arguments in KNOWN have their values already.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn complete(
        &self,
        subject: &Subject,
        argument: &str,
        value: &str,
        known: BTreeMap<String, String>,
    ) -> Result<Completion> {
        let connection = self.inner.usable().await?;
        if !connection.info.offers.completions {
            return Ok(Completion { values: Vec::new(), more: false });
        }
        let known = known.into_iter().collect::<std::collections::HashMap<_, _>>();
        let context = (!known.is_empty()).then(|| CompletionContext::with_arguments(known));
        let doing = format!("completing {argument}");
        let peer = connection.run.peer();
        let completed = match subject {
            Subject::Prompt(name) => {
                let work = peer.complete_prompt_argument(name, argument, value, context);
                self.ask(&doing, &connection, work).await
            }
            Subject::Template(uri) => {
                let work = peer.complete_resource_argument(uri, argument, value, context);
                self.ask(&doing, &connection, work).await
            }
        };
        completed.map(Completion::from)
    }
}
