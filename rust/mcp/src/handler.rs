//! Answers what a server asks.

use crate::question::with_defaults;
use crate::{Answer, Asked, Era, Host, Question, calls::Calls};
use rmcp::model::{
    ClientConfig, CreateMessageRequestParams, CreateMessageResult, ElicitRequestParams,
    ElicitResult, ElicitationAction, ErrorCode, ErrorData, Implementation, ListRootsResult,
    ProtocolVersion,
};
use rmcp::service::RequestContext;
use rmcp::{ClientHandler, RoleClient};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// What the protocol has servers told when the user says no to sampling.
const REJECTED: ErrorCode = ErrorCode(-1);

/// Puts a server's questions on the channel and waits for the answers.
pub(crate) struct Handler {
    pub(crate) server: String,
    pub(crate) host: Host,
    pub(crate) calls: Arc<Calls>,
    /// How long an answer may take.
    pub(crate) patience: Duration,
    pub(crate) era: Era,
}

impl Handler {
    /// The answer to ASKED. Nobody there, no time left or a server that does
    /// not want to know any more are a cancel, never a yes.
    async fn ask(&self, asked: Asked, context: &RequestContext<RoleClient>) -> Answer {
        let _asking = self.calls.ask();
        let (reply, answer) = oneshot::channel();
        let (server, tools) = (self.server.clone(), self.calls.tools());
        let question = Question { server, tools, asked, reply };
        let answer = async {
            self.host.questions.send(question).await.ok()?;
            answer.await.ok()
        };
        tokio::select! {
            () = context.ct.cancelled() => Answer::Cancel,
            answer = tokio::time::timeout(self.patience, answer) => {
                answer.ok().flatten().unwrap_or(Answer::Cancel)
            }
        }
    }
}

impl ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        let name = Implementation::new("llm-switch", env!("CARGO_PKG_VERSION"));
        let config = ClientConfig::new(self.host.offers.capabilities(), name);
        match self.era {
            // rmcp would say the newest even where it must be agreed upon.
            Era::Initialize => {
                config.with_protocol_version(ProtocolVersion::LATEST_WITH_INITIALIZE)
            }
            Era::Discover => config,
        }
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        offered(self.host.offers.elicitation)?;
        let (asked, schema) = match request {
            ElicitRequestParams::FormElicitationParams { message, requested_schema, .. } => {
                let schema = serde_json::to_value(requested_schema).unwrap_or_default();
                (Asked::Form { message, schema: schema.clone() }, Some(schema))
            }
            ElicitRequestParams::UrlElicitationParams { message, url, elicitation_id, .. } => {
                (Asked::Url { message, url, id: elicitation_id }, None)
            }
            _ => return Ok(ElicitResult::new(ElicitationAction::Decline)),
        };
        Ok(match (self.ask(asked, &context).await, schema) {
            (Answer::Accept(value), Some(schema)) => ElicitResult::new(ElicitationAction::Accept)
                .with_content(with_defaults(value, &schema)),
            (Answer::Accept(_), None) => ElicitResult::new(ElicitationAction::Accept),
            (Answer::Decline, _) => ElicitResult::new(ElicitationAction::Decline),
            (Answer::Cancel, _) => ElicitResult::new(ElicitationAction::Cancel),
        })
    }

    async fn create_message(
        &self,
        params: CreateMessageRequestParams,
        context: RequestContext<RoleClient>,
    ) -> Result<CreateMessageResult, ErrorData> {
        offered(self.host.offers.sampling)?;
        let params = serde_json::to_value(params).unwrap_or_default();
        match self.ask(Asked::Sampling { params }, &context).await {
            Answer::Accept(value) => read(value),
            _ => Err(ErrorData::new(REJECTED, "User rejected sampling request", None)),
        }
    }

    async fn list_roots(
        &self,
        context: RequestContext<RoleClient>,
    ) -> Result<ListRootsResult, ErrorData> {
        offered(self.host.offers.roots)?;
        match self.ask(Asked::Roots, &context).await {
            Answer::Accept(roots) => read(roots).map(ListRootsResult::new),
            _ => Ok(ListRootsResult::default()),
        }
    }
}

/// Some servers ask for what they were not offered.
fn offered(is_offered: bool) -> Result<(), ErrorData> {
    match is_offered {
        true => Ok(()),
        false => Err(ErrorData::new(ErrorCode::METHOD_NOT_FOUND, "not offered", None)),
    }
}

/// VALUE, which came as an answer, in the shape that the protocol wants.
fn read<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value)
        .map_err(|e| ErrorData::internal_error(format!("the client answered wrongly: {e}"), None))
}
