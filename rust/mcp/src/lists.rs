//! What a server offers beside calls.

use crate::{
    Completion, Contents, Filled, Prompt, Resource, Server, Subject, Template, Tool,
    connection::Connection, failure,
};
use llm_switch_types::Result;
use rmcp::model::{CompletionContext, GetPromptRequestParams, ReadResourceRequestParams};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::Arc};

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
        let tools = self
            .ask("listing its tools", |it| async move { it.run.list_all_tools().await })
            .await?;
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
        let resources = self
            .ask("listing its resources", |it| async move { it.run.list_all_resources().await })
            .await?;
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
        let templates = self
            .ask("listing its resource templates", |it| async move {
                it.run.list_all_resource_templates().await
            })
            .await?;
        Ok(templates.into_iter().map(Template::from).collect())
    }

    /// What the resource at URI holds: often one thing, but a directory may
    /// hold several.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn read(&self, uri: &str) -> Result<Vec<Contents>> {
        let params = ReadResourceRequestParams::new(uri);
        let work = |it: Arc<Connection>| {
            let params = params.clone();
            async move { it.run.read_resource(params).await }
        };
        let read = self.ask(&format!("reading {uri}"), work).await?;
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
        let prompts = self
            .ask("listing its prompts", |it| async move { it.run.list_all_prompts().await })
            .await?;
        Ok(prompts.into_iter().map(Prompt::from).collect())
    }

    /// The prompt NAME, with ARGUMENTS filled in.
    ///
    /// # Errors
    /// As all methods here.
    pub async fn prompt(&self, name: &str, arguments: BTreeMap<String, String>) -> Result<Filled> {
        let arguments: Map<_, _> =
            arguments.into_iter().map(|(name, value)| (name, Value::from(value))).collect();
        let params = GetPromptRequestParams::new(name).with_arguments(arguments);
        let work = |it: Arc<Connection>| {
            let params = params.clone();
            async move { it.run.get_prompt(params).await }
        };
        self.ask(&format!("filling in {name}"), work).await.map(Filled::from)
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
        let work = |it: Arc<Connection>| {
            let context = context.clone();
            async move {
                let peer = it.run.peer();
                match subject {
                    Subject::Prompt(name) => {
                        peer.complete_prompt_argument(name, argument, value, context).await
                    }
                    Subject::Template(uri) => {
                        peer.complete_resource_argument(uri, argument, value, context).await
                    }
                }
            }
        };
        let completed = self.ask(&format!("completing {argument}"), work).await;
        completed.map(Completion::from)
    }
}
