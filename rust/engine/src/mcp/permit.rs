//! Whether a call may be made.

use super::table::Entry;
use super::{Decision, Lasting, Place, offer, start::may_run};
use crate::core::Core;
use llm_switch_types::{Error, ErrorKind, Result, tool_rule::Rule};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long the user may think about a call. The model waits.
const PATIENCE: Duration = Duration::from_secs(600);

/// A call that a model wants to be made.
pub(crate) struct Wanted<'a> {
    pub(crate) core: &'a Core,
    pub(crate) id: i64,
    pub(crate) place: &'a Place,
    pub(crate) entry: &'a Entry,
    pub(crate) arguments: &'a Map<String, Value>,
    /// The user has seen the call and agreed to it.
    pub(crate) granted: bool,
    /// The request that led to it was not told of the tool.
    pub(crate) withheld: bool,
    /// It is known which request led to it, and so which model.
    pub(crate) is_known: bool,
}

/// What the user says to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Said {
    allowed: bool,
    /// For how long, where it is not for this once.
    lasting: Option<Lasting>,
    /// For all tools of the server.
    of_server: bool,
    /// Why not, for the model to read.
    reason: String,
}

impl Wanted<'_> {
    /// Return when it may be made.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the configuration, a decision of the
    /// user's, the mode or the user's answer is against it. The text is for
    /// the model too.
    pub(crate) async fn permit(&self) -> Result<()> {
        let Wanted { core, place, entry, .. } = self;
        let setup = core.setup().await?;
        may_run(core, place, &entry.running.written).await?;
        if !core.mcp.choices.is_on(entry.subject(place))? {
            return Err(self.refused("it is switched off", ""));
        }
        if self.withheld || !offer::may_use_from(&setup, place, entry) {
            return Err(self.refused("the configuration does not let it be used here", ""));
        }
        if !self.is_known && !offer::may_be_used_by_any(&setup, entry) {
            let why = "[[mcp-access]] keeps it from some models, and nobody says which one calls: \
                       only requests that go through llm-switch say that";
            return Err(self.refused(why, ""));
        }
        if let Some(trouble) = core.mcp.choices.trouble()? {
            core.notice("mcp", &trouble);
        }
        match core.permission_of(&setup, place, entry)? {
            Decision::Deny => Err(self.refused("the user does not allow it", "")),
            Decision::Allow => Ok(()),
            _ if self.granted => Ok(()),
            _ => self.ask().await,
        }
    }

    async fn ask(&self) -> Result<()> {
        let Wanted { core, id, place, entry, arguments, .. } = self;
        let hints = entry.tool.hints;
        let question = json!({
            "server": entry.running.name(),
            "tool": entry.tool.name,
            "name": entry.name,
            "title": entry.tool.title,
            "description": entry.tool.description,
            "arguments": serde_json::to_string_pretty(arguments).unwrap_or_default(),
            "destructive": hints.destructive,
            "read-only": hints.read_only,
            "open-world": hints.open_world,
            "project": place.project(),
        });
        let answer = core.ask(*id, "mcp-permission", question, PATIENCE).await;
        let said = said(answer.as_ref()).ok_or_else(|| self.refused("nobody answered", ""))?;
        self.remember(&said).await?;
        match said.allowed {
            true => Ok(()),
            false => Err(self.refused("the user does not allow it", &said.reason)),
        }
    }

    /// Keep what was SAID for longer than this once.
    async fn remember(&self, said: &Said) -> Result<()> {
        let Some(lasting) = said.lasting else { return Ok(()) };
        let about = match said.of_server {
            true => (&Rule::of_server(self.entry.running.name()), None),
            false => (&self.entry.rule(), Some(&*self.entry.tool.name)),
        };
        let decision = if said.allowed { Decision::Allow } else { Decision::Deny };
        self.core.decide(self.place, about, Some(decision), lasting).await
    }

    fn refused(&self, why: &str, reason: &str) -> Error {
        let what = format!("{} was not called: {why}", self.entry.name);
        let error = Error::new(ErrorKind::Refused, what);
        match reason.trim() {
            "" => error,
            reason => error.advise(format!("They say: {reason}")),
        }
    }
}

/// What ANSWER says: `{decision, of, reason}`; nothing where there is none.
fn said(answer: Option<&Value>) -> Option<Said> {
    let answer = answer?;
    let (allowed, lasting) = match answer["decision"].as_str()? {
        "once" => (true, None),
        "session" => (true, Some(Lasting::Session)),
        "project" => (true, Some(Lasting::Project)),
        "always" => (true, Some(Lasting::Always)),
        "deny" => (false, None),
        "never" => (false, Some(Lasting::Always)),
        _ => return None,
    };
    Some(Said {
        allowed,
        lasting,
        of_server: answer["of"] == "server",
        reason: answer["reason"].as_str().unwrap_or_default().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_says_yes_is_a_yes() {
        let of = |answer: Value| said(Some(&answer)).map(|it| (it.allowed, it.lasting));
        assert_eq!(of(json!({"decision": "once"})), Some((true, None)));
        assert_eq!(of(json!({"decision": "always"})), Some((true, Some(Lasting::Always))));
        assert_eq!(of(json!({"decision": "deny", "reason": "no"})), Some((false, None)));
        assert_eq!(of(json!({"decision": "never"})), Some((false, Some(Lasting::Always))));
        for nothing in [json!(true), json!({"decision": "yes"}), json!("once"), Value::Null] {
            assert_eq!(of(nothing.clone()), None, "{nothing}");
        }
    }
}
