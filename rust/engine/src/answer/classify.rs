//! A small model is asked what kind of request another one is.

use super::ask;
use crate::choice::{Classifier, classifier};
use crate::core::Core;
use crate::intake::{Ask, Asked, Classified};
use crate::setup::Setup;
use llm_switch_types::{Deployment, Locality, Message, Part, Purpose, Request, Role, Sampling};
use std::sync::Arc;
use std::time::Duration;

/// Letters of a request that are shown to the classifier: it has a fraction of
/// a second.
const SHOWN: usize = 2_000;
const MAX_OUTPUT: u64 = 8;

/// What tier QUESTION, the job of ID, is of, where no rule knows it, the user has named a
/// classifier, and that answers in time. Else the rules alone decide.
pub(super) async fn classified(
    core: &Arc<Core>,
    id: i64,
    setup: &Setup,
    question: &Ask,
) -> Option<Classified> {
    // Wrong rules are told where the request itself is led by them.
    let (who, tiers) = classifier(core, setup, question).ok()??;
    let text = shown(&question.request);
    if let Some(said) = core.auto.said_of(&text) {
        return Some(said);
    }
    let Classifier { deployment: by, within_ms, network } = who;
    let account = setup.account(&by).ok()?;
    if account.provider.locality != Locality::Local && !network {
        return None;
    }
    // Boxed: it is an answer within an answer.
    let answer = Box::pin(ask(core, id, asking(question, &text, &by, &tiers)));
    let known = tokio::time::timeout(Duration::from_millis(within_ms), answer).await.ok()?.ok()?;
    let said = known["text"].as_str()?.to_lowercase();
    // A small model says more than it is asked to: the first word that is a tier.
    let mut words = said.split(|it: char| !it.is_alphanumeric());
    let tier = words.find_map(|word| tiers.iter().find(|it| *it == word))?.clone();
    let said = Classified { tier, by };
    core.auto.note(text, said.clone());
    Some(said)
}

/// What BY is asked about QUESTION, of which it is shown TEXT, within the same
/// mode and pins.
fn asking(question: &Ask, text: &str, by: &Deployment, tiers: &[String]) -> Ask {
    let wanted = format!(
        "How much thought does this request to a programming assistant need? \
         Answer with one word: {}.",
        tiers.join(", ")
    );
    let request = Request {
        messages: vec![Message::text(Role::System, wanted), Message::text(Role::User, text)],
        max_output_tokens: Some(MAX_OUTPUT),
        sampling: Sampling { temperature: Some(0.0), ..Sampling::default() },
        stream: true,
        ..Request::default()
    };
    Ask {
        mode: question.mode.clone(),
        pins: question.pins.clone(),
        client: question.client.clone(),
        project: question.project.clone(),
        quiet: true,
        ..Ask::of_ours(Asked::Deployment(by.clone()), Purpose::Classify, request)
    }
}

/// The beginning of what the user said last in REQUEST.
fn shown(request: &Request) -> String {
    let last = request.messages.iter().rfind(|it| it.role == Role::User);
    let texts = last.into_iter().flat_map(|it| &it.parts).filter_map(|part| match part {
        Part::Text(text) => Some(text.as_str()),
        Part::Media(_) => None,
    });
    let text = texts.collect::<Vec<_>>().join("\n");
    text[..text.floor_char_boundary(SHOWN.min(text.len()))].to_owned()
}
