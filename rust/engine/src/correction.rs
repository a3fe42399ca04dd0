//! A request that was refused, asked again in other words.

use llm_switch_providers::{Attempt, Lessons, without_refused_thoughts};
use llm_switch_types::{Deployment, Error, Request};
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
        // Its thoughts are gone after the first time, so this comes once.
        if let Some(request) = without_refused_thoughts(refused, &self.request) {
            self.request = Cow::Owned(request);
            let what = "does not take its earlier reasoning back, so it was asked without";
            return Some((Change::Thoughts, format!("{} {what}", self.deployment)));
        }
        if self.learnt == MOST_LESSONS {
            return None;
        }
        let lesson = call.learn(refused, &mut self.lessons)?;
        self.learnt += 1;
        Some((Change::Lesson, format!("{} {lesson}", self.deployment)))
    }
}
