//! What the server knows, and how it answers.

use crate::{answers, asking, faults, held, tools};
use parking_lot::Mutex;
use rmcp::model::*;
use rmcp::service::{RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use std::borrow::Cow;
use std::sync::Arc;
use tokio::sync::watch;

type Answer<T> = Result<T, ErrorData>;

/// The server. All of its sessions share what it knows.
#[derive(Clone)]
pub struct Handler {
    old: bool,
    /// The tools that it has beside the usual ones.
    more: Arc<[Tool]>,
    /// The calls that were cancelled, by their tool.
    pub cancelled: Arc<Mutex<Vec<String>>>,
    /// How many tools were added.
    pub added: Arc<watch::Sender<usize>>,
}

impl Handler {
    /// OLD ones know only the protocol that begins with `initialize`. It has
    /// MORE tools than usual.
    pub fn new(old: bool, more: Vec<Tool>) -> Handler {
        let added = Arc::new(watch::Sender::new(0));
        Handler { old, more: more.into(), cancelled: Arc::default(), added }
    }
}

/// The page of ALL that REQUEST asks for, five things, and where the next is.
fn page<T>(all: Vec<T>, request: Option<PaginatedRequestParams>) -> (Vec<T>, Option<String>) {
    let cursor = request.and_then(|it| it.cursor);
    let start: usize = cursor.and_then(|it| it.parse().ok()).unwrap_or(0);
    let next = (start + 5 < all.len()).then(|| (start + 5).to_string());
    (all.into_iter().skip(start).take(5).collect(), next)
}

impl ServerHandler for Handler {
    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        match self.old {
            true => Cow::Borrowed(&[ProtocolVersion::V_2025_11_25]),
            false => Cow::Borrowed(ProtocolVersion::KNOWN_VERSIONS),
        }
    }

    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_resources()
            .enable_prompts()
            .enable_completions()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("test-server", "1.2.3"))
            .with_instructions("Call echo first.")
    }

    fn accepted_subscription_filter(
        &self,
        asked: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        Some(asked.supported_by(&self.get_info().capabilities))
    }

    async fn listen(&self, context: SubscriptionContext) -> Answer<()> {
        let mut added = self.added.subscribe();
        loop {
            tokio::select! {
                () = context.cancelled() => return Ok(()),
                Ok(()) = added.changed() => {
                    let _ = context.sink().notify_tool_list_changed().await;
                }
            }
        }
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Answer<ListToolsResult> {
        let mut all = tools::all(*self.added.borrow());
        all.extend(self.more.iter().cloned());
        let (tools, next) = page(all, request);
        let mut list = ListToolsResult::with_all_items(tools);
        list.next_cursor = next;
        Ok(list)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Answer<CallToolResponse> {
        if !self.more.is_empty()
            && let Some(answer) = faults::call(&request, &context).await
        {
            return Ok(answer.into());
        }
        match request.name.as_ref() {
            "ask" => asking::ask(request, context).await,
            _ => answers::call(self, request, context).await.map(Into::into),
        }
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Answer<ListResourcesResult> {
        let (notes, next) = page(held::resources(), request);
        let mut list = ListResourcesResult::with_all_items(notes);
        list.next_cursor = next;
        Ok(list)
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Answer<ListResourceTemplatesResult> {
        let notes = ResourceTemplate::new("note://{number}", "note").with_mime_type("text/plain");
        Ok(ListResourceTemplatesResult::with_all_items(vec![notes]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Answer<ReadResourceResponse> {
        held::read(&request.uri).map(|held| ReadResourceResult::new(held).into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Answer<ListPromptsResult> {
        Ok(ListPromptsResult::with_all_items(held::prompts()))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Answer<GetPromptResponse> {
        Ok(GetPromptResult::new(held::fill(request)).into())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Answer<CompleteResult> {
        let all = ["rust", "ruby", "lisp"].map(str::to_owned);
        let fits = all.into_iter().filter(|it| it.starts_with(&request.argument.value));
        let info = CompletionInfo::new(fits.collect());
        info.map(CompleteResult::new).map_err(|e| ErrorData::internal_error(e, None))
    }
}
