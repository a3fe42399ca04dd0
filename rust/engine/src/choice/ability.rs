//! What a deployment can do, as far as anybody knows.

use super::candidate::Candidate;
use crate::setup::Setup;
use llm_switch_catalog::Capability;
use llm_switch_providers::FoundModel;
use llm_switch_types::{Deployment, Part, Request};
use parking_lot::Mutex;
use std::collections::HashMap;

/// How many tokens fit into a conversation, as servers have told. One of the
/// user's own is often started with less than its model could take.
#[derive(Default)]
pub(crate) struct Contexts(Mutex<HashMap<Deployment, u64>>);

impl Contexts {
    /// ACCOUNT has told what it has FOUND.
    pub(crate) fn told(&self, account: &str, found: &[FoundModel]) {
        let mut known = self.0.lock();
        for model in found {
            let deployment = Deployment { account: account.to_owned(), model: model.name.clone() };
            match model.context {
                Some(context) => known.insert(deployment, context),
                // It was started anew, perhaps otherwise.
                None => known.remove(&deployment),
            };
        }
    }

    fn of(&self, deployment: &Deployment) -> Option<u64> {
        self.0.lock().get(deployment).copied()
    }
}

/// What is known of what candidates can do.
#[derive(Clone, Copy)]
pub(crate) struct Abilities<'a> {
    pub(crate) setup: &'a Setup,
    pub(crate) contexts: &'a Contexts,
}

impl Abilities<'_> {
    /// How many tokens CANDIDATE takes, where that is known: as it has told
    /// itself, else as the catalogue says.
    pub(super) fn context(&self, candidate: &Candidate) -> Option<u64> {
        let listed = || {
            let provider = &candidate.account.provider.name;
            self.setup.catalog.model(provider, &candidate.model)?.context
        };
        self.contexts.of(&candidate.deployment()).or_else(listed)
    }

    /// Whether CANDIDATE sees images, where that is known.
    pub(crate) fn sees(&self, candidate: &Candidate) -> Option<bool> {
        let provider = &candidate.account.provider.name;
        let model = self.setup.catalog.model(provider, &candidate.model)?;
        (!model.capabilities.is_empty()).then(|| model.can(Capability::Vision))
    }

    /// What REQUEST needs and CANDIDATE cannot, in words, as far as is known.
    pub(crate) fn lacks(&self, candidate: &Candidate, request: &Request) -> Option<&'static str> {
        let provider = &candidate.account.provider.name;
        let model = self.setup.catalog.model(provider, &candidate.model)?;
        // Of a model of which nothing is listed nothing is known.
        let is_known = !model.capabilities.is_empty();
        let cannot = |what: Capability| is_known && !model.can(what);
        if cannot(Capability::Tools) && !request.tools.is_empty() {
            return Some("it cannot call tools");
        }
        let parts = request.messages.iter().flat_map(|it| &it.parts);
        let needed = parts.filter_map(medium).find(|(what, _)| cannot(*what));
        needed.map(|(_, words)| words)
    }
}

/// What is needed to take in PART, and how it is told when it is missing.
fn medium(part: &Part) -> Option<(Capability, &'static str)> {
    let Part::Media(url) = part else { return None };
    let is_a = |kind: &str| url.starts_with(&format!("data:{kind}"));
    Some(if is_a("application/pdf") {
        (Capability::Pdf, "it cannot read PDF files")
    } else if is_a("audio/") {
        (Capability::Audio, "it cannot hear")
    } else {
        (Capability::Vision, "it cannot see images")
    })
}

#[cfg(test)]
mod tests {
    use super::super::candidate::candidate;
    use super::*;
    use llm_switch_catalog::Catalog;
    use llm_switch_config::Config;
    use llm_switch_types::{Message, Role, Tool};
    use serde_json::json;

    fn setup() -> Setup {
        let config = "[provider.box]\nbase-url = 'http://127.0.0.1:1/v1'\n\
                      [account.openai]\nkey = 'env:X'\n[account.groq]\nkey = 'env:X'\n";
        Setup::new(Catalog::embedded().unwrap(), &Config::parse(config).unwrap()).unwrap()
    }

    #[test]
    fn what_a_server_has_told_wins_until_it_tells_otherwise() {
        let (setup, contexts) = (setup(), Contexts::default());
        let abilities = Abilities { setup: &setup, contexts: &contexts };
        let known = candidate(&setup, &"openai/gpt-5".parse().unwrap(), None).unwrap();
        let listed = abilities.context(&known);
        assert!(listed > Some(8_192));
        let found = |context| [FoundModel { name: "gpt-5".into(), context }];
        contexts.told("openai", &found(Some(8_192)));
        assert_eq!(abilities.context(&known), Some(8_192));
        contexts.told("openai", &found(None));
        assert_eq!(abilities.context(&known), listed);
    }

    #[test]
    fn only_what_is_listed_otherwise_is_known_to_be_missing() {
        let (setup, contexts) = (setup(), Contexts::default());
        let abilities = Abilities { setup: &setup, contexts: &contexts };
        let of = |name: &str| candidate(&setup, &name.parse().unwrap(), None).unwrap();
        let blind = of("groq/openai/gpt-oss-120b");
        for role in [Role::User, Role::Tool] {
            let image = Part::Media("data:image/png;base64,AA".into());
            let seen = Request {
                messages: vec![Message { parts: vec![image], ..Message::text(role, "") }],
                ..Request::default()
            };
            assert_eq!(abilities.lacks(&of("openai/gpt-5"), &seen), None);
            assert_eq!(abilities.lacks(&of("box/anything"), &seen), None);
            assert_eq!(abilities.lacks(&blind, &seen), Some("it cannot see images"));
        }
        let tool = Tool { name: "look".into(), description: "".into(), parameters: json!({}) };
        let handy = Request { tools: vec![tool], ..Request::default() };
        assert_eq!(abilities.lacks(&blind, &handy), None);
    }
}
