//! A request that was refused, asked again in other words.

use llm_switch_providers::{Attempt, Lessons, without_refused_thoughts};
use llm_switch_types::{Deployment, Error, ErrorKind, Part, Request, Role};
use std::borrow::Cow;

/// How much a refused request may teach. Two, because models that take
/// neither an effort nor thinking of the new kind say so one after the other.
/// A service that refuses more than that means something else.
const MOST_LESSONS: u32 = 2;

/// What is asked of a deployment, as far as it was found to take it.
pub(crate) struct Correction<'a> {
    pub(crate) deployment: &'a Deployment,
    pub(crate) request: Cow<'a, Request>,
    pub(crate) lessons: Lessons,
    /// How many of the lessons are of this request.
    learnt: u32,
}

/// What was changed after a refusal.
pub(crate) enum Change {
    /// Something that holds for the deployment from now on.
    Lesson,
    /// Something of this request.
    Thoughts,
    /// What tools have shown, which this deployment may not be able to see.
    Media,
}

impl<'a> Correction<'a> {
    /// REQUEST to DEPLOYMENT, of which LESSONS are known.
    pub(crate) fn new(deployment: &'a Deployment, request: &'a Request, lessons: Lessons) -> Self {
        Correction { deployment, request: Cow::Borrowed(request), lessons, learnt: 0 }
    }

    /// Change what is asked so that it is not REFUSED again in the same way,
    /// as CALL was. What was changed, and the remark about it; `None` when
    /// there is nothing to change, or enough was.
    pub(crate) fn after(&mut self, refused: &Error, call: Attempt<'_>) -> Option<(Change, String)> {
        // Before the lessons: such a refusal names what would be taken for a
        // parameter. It changes nothing a second time, so this comes once.
        if let Some(request) = without_refused_thoughts(refused, &self.request) {
            self.request = Cow::Owned(request);
            let what = "could not go on from its earlier reasoning, which was left out";
            return Some((Change::Thoughts, format!("{} {what}", self.deployment)));
        }
        if let Some(request) = without_shown(refused, &self.request) {
            self.request = Cow::Owned(request);
            let what = "did not take what tools have shown, which was left out";
            return Some((Change::Media, format!("{} {what}", self.deployment)));
        }
        if self.learnt == MOST_LESSONS {
            return None;
        }
        let lesson = call.learn(refused, &mut self.lessons)?;
        self.learnt += 1;
        Some((Change::Lesson, format!("{} {lesson}", self.deployment)))
    }
}

/// REQUEST without what tools have shown in it, if there is any and it may be
/// what was REFUSED: servers say so in many words, and some fail over it.
fn without_shown(refused: &Error, request: &Request) -> Option<Request> {
    let shown = |part: &Part| matches!(part, Part::Media(_));
    let shows =
        request.messages.iter().any(|it| it.role == Role::Tool && it.parts.iter().any(shown));
    if !shows || !matches!(refused.kind, ErrorKind::BadRequest | ErrorKind::Server) {
        return None;
    }
    let mut request = request.clone();
    for message in request.messages.iter_mut().filter(|it| it.role == Role::Tool) {
        message.parts.retain(|part| !shown(part));
    }
    Some(request)
}
