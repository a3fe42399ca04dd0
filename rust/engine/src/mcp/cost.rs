//! What it costs that models are told of tools.

use super::{Entry, Place};
use crate::core::Core;
use crate::money::schema_tokens;
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_catalog::Circumstances;
use llm_switch_types::{Deployment, Money, Result, Tool, Usage};
use serde_json::Value;
use std::time::Duration;

/// The tokens of ENTRY in each request that names it, roughly.
pub(crate) fn tokens(entry: &Entry) -> u64 {
    schema_tokens(&as_told(entry))
}

/// ENTRY as models are told of it: its schema as it came.
pub(crate) fn as_told(entry: &Entry) -> Tool {
    Tool {
        name: entry.name.clone(),
        description: description(entry),
        parameters: Value::Object(entry.tool.input_schema.clone()),
    }
}

/// Bytes of a description that a model is told. Some servers write manuals,
/// for which every request pays; Claude Code cuts at the same length.
const LONGEST: usize = 2_048;

fn description(entry: &Entry) -> String {
    let text = entry.tool.description.as_deref().or(entry.tool.title.as_deref());
    let text = text.unwrap_or_default();
    match text.len() > LONGEST {
        true => format!("{}…", &text[..text.floor_char_boundary(LONGEST)]),
        false => text.to_owned(),
    }
}

impl Core {
    /// The tokens of all tools that are on for PLACE, and what they cost in
    /// each request to DEPLOYMENT at its usual price, where that is known.
    ///
    /// # Errors
    /// Those of the configuration and of the files of decisions.
    pub(crate) async fn schema_cost(
        &self,
        place: &Place,
        server: Option<&str>,
        deployment: Option<&Deployment>,
    ) -> Result<(u64, Option<Money>)> {
        let (mut all, decided) = (0, self.mcp.choices.of(place.project())?);
        for entry in self.tools_for(place) {
            let is_meant = server.is_none_or(|it| entry.running.name() == it);
            if is_meant && decided.is_on(entry.subject(place)) {
                all += tokens(&entry);
            }
        }
        let setup = self.setup().await?;
        Ok((all, deployment.and_then(|it| price(&setup, it, all))))
    }
}

/// What INPUT tokens cost at DEPLOYMENT, where its price is known.
fn price(setup: &Setup, deployment: &Deployment, input: u64) -> Option<Money> {
    let account = setup.account(deployment).ok()?;
    let usage = Usage { input, ..Usage::default() };
    let circumstances =
        Circumstances { at: Timestamp::now(), service_tier: None, duration: Duration::ZERO };
    let provider = &account.provider.name;
    setup.catalog.price(provider, &deployment.model, account.payer, &usage, &circumstances).amount
}
