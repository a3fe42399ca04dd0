//! What a deployment was found not to take.
//!
//! Which parameters a model refuses changes from month to month, so nobody's
//! table of them is right. A refusal that names a parameter of ours is a
//! lesson: leave it out, for this deployment, from now on.

use llm_switch_types::{Error, ErrorKind};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// Something that a deployment was found not to take.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lesson {
    /// A parameter that is refused.
    Omit(String),
    /// A parameter that goes by another name.
    Rename {
        /// What we call it.
        from: String,
        /// What this deployment calls it.
        to: String,
    },
}

/// All that was learnt about a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Lessons(BTreeSet<Lesson>);

/// Without these a request is another request, or none: their refusal is the
/// user's to hear. A `type` says what the group that it stands in is, so it
/// goes with the group or not at all.
const ESSENTIAL: &[&str] = &[
    "model",
    "messages",
    "input",
    "contents",
    "system",
    "instructions",
    "systemInstruction",
    "tools",
    "stream",
    "type",
];

/// Output limits hold a budget, so they are never left out, but renamed.
const LIMITS: &[&str] = &["max_tokens", "max_completion_tokens", "max_output_tokens"];

impl Lessons {
    /// Change BODY as was learnt.
    pub fn apply(&self, body: &mut Value) {
        for lesson in &self.0 {
            lesson.apply(body);
        }
    }

    /// Learn from ERROR, which answered BODY; `None` when it teaches nothing
    /// new, so that a service which insists is not asked for ever.
    pub fn learn(&mut self, error: &Error, body: &Value) -> Option<Lesson> {
        if error.kind != ErrorKind::BadRequest {
            return None;
        }
        // Not every message names what the code beside it does.
        let said = error.said.as_ref();
        let said = said.map_or(error.what.clone(), |it| format!("{} {}", it.parameter, it.message));
        let lesson = named(&said, body)?;
        self.0.insert(lesson.clone()).then_some(lesson)
    }
}

impl Lesson {
    /// Change the parameters of BODY and those of the objects in it, such as
    /// Gemini's `generationConfig`. A group that has nothing left goes too.
    fn apply(&self, body: &mut Value) {
        let Value::Object(top) = body else { return };
        self.change(top);
        top.retain(|_, value| match value {
            Value::Object(group) if !group.is_empty() => {
                self.change(group);
                !group.is_empty()
            }
            _ => true,
        });
    }

    fn change(&self, parameters: &mut Map<String, Value>) {
        match self {
            Lesson::Omit(name) => drop(parameters.remove(name)),
            Lesson::Rename { from, to } => {
                if let Some(value) = parameters.remove(from) {
                    parameters.insert(to.clone(), value);
                }
            }
        }
    }
}

impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Lesson::Omit(name) => write!(f, "does not take {name}, which is left out from now on"),
            Lesson::Rename { from, to } => write!(f, "calls {from} {to}, as we do from now on"),
        }
    }
}

/// The parameter of BODY that SAID names, and what to do about it.
fn named(said: &str, body: &Value) -> Option<Lesson> {
    let Value::Object(top) = body else { return None };
    let groups = top.values().filter_map(Value::as_object);
    let nested = groups.flat_map(|group| group.keys());
    // A group is named along with what is wrong in it, so it comes last.
    let (groups, single): (Vec<_>, Vec<_>) = top.iter().partition(|(_, value)| value.is_object());
    let single = single.into_iter().map(|(name, _)| name);
    let all = nested.chain(single).chain(groups.into_iter().map(|(name, _)| name));
    let known = all.filter(|name| !ESSENTIAL.contains(&name.as_str()));
    let name = known.into_iter().find(|name| mentions(said, name))?;
    match LIMITS.contains(&name.as_str()) {
        false => Some(Lesson::Omit(name.clone())),
        true => {
            let other = LIMITS.iter().find(|other| *other != name && mentions(said, other))?;
            Some(Lesson::Rename { from: name.clone(), to: (*other).to_owned() })
        }
    }
}

/// Whether SAID has NAME as a word of its own.
fn mentions(said: &str, name: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    said.split(|c| !part(c)).any(|word| word == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Refusal, classify};
    use llm_switch_net::Headers;
    use llm_switch_types::Provider;
    use llm_switch_types::Said;
    use serde_json::json;

    fn learnt(said: &str, body: &Value) -> Option<Lesson> {
        Lessons::default().learn(&Error::new(ErrorKind::BadRequest, said), body)
    }

    #[test]
    fn a_refusal_that_names_a_parameter_is_a_lesson() {
        let body =
            json!({"model": "m", "temperature": 1, "top_p": 1, "generationConfig": {"seed": 1}});
        let omit = |name: &str| Some(Lesson::Omit(name.into()));
        let table = [
            ("Unsupported value: 'temperature' does not support 0.5", omit("temperature")),
            ("`top_p` is deprecated for this model.", omit("top_p")),
            ("Unknown name \"seed\" at 'generation_config'", omit("seed")),
            ("no parameter of ours: temperature_x", None),
            ("The model m does not exist", None),
        ];
        for (said, lesson) in table {
            assert_eq!(learnt(said, &body), lesson, "{said}");
        }
    }

    #[test]
    fn a_parameter_that_is_named_beside_the_message_is_a_lesson_too() {
        let refusal =
            br#"{"error": {"message": "Encrypted content is not supported with this model.",
            "type": "invalid_request_error", "param": "include", "code": null}}"#;
        let provider = Provider::unknown("x", "http://127.0.0.1:1/v1");
        let headers = Headers::default();
        let error =
            classify(&provider, Refusal { status: 400, headers: &headers, body: refusal, now: 0 });
        let body = json!({"model": "m", "input": [], "include": ["reasoning.encrypted_content"]});
        let lesson = Lessons::default().learn(&error, &body);
        assert_eq!(lesson, Some(Lesson::Omit("include".into())));
    }

    #[test]
    fn a_type_goes_with_its_group_and_a_group_with_its_last_parameter() {
        let body = json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "high"},
                          "tool_choice": {"type": "auto"}});
        let mut lessons = Lessons::default();
        for said in ["thinking.type: Input should be 'enabled'", "effort is not supported"] {
            lessons.learn(&Error::new(ErrorKind::BadRequest, said), &body).unwrap();
        }
        let mut changed = body.clone();
        lessons.apply(&mut changed);
        assert_eq!(changed, json!({"tool_choice": {"type": "auto"}}));
    }

    #[test]
    fn an_output_limit_is_renamed_and_never_left_out() {
        let body = json!({"max_tokens": 5});
        let said =
            "'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
        let mut lessons = Lessons::default();
        let lesson = lessons.learn(&Error::new(ErrorKind::BadRequest, said), &body).unwrap();
        let mut changed = body.clone();
        lessons.apply(&mut changed);
        assert_eq!(changed, json!({"max_completion_tokens": 5}));
        assert_eq!(
            lesson.to_string(),
            "calls max_tokens max_completion_tokens, as we do from now on"
        );
        assert_eq!(learnt("max_tokens is too large", &body), None);
    }

    #[test]
    fn the_same_lesson_is_taught_once() {
        let body = json!({"temperature": 1});
        let error = Error::new(ErrorKind::BadRequest, "temperature is refused");
        let mut lessons = Lessons::default();
        assert!(lessons.learn(&error, &body).is_some());
        assert_eq!(lessons.learn(&error, &body), None);
    }

    #[test]
    fn what_was_learnt_changes_nested_parameters_too() {
        let lessons = Lessons(BTreeSet::from([Lesson::Omit("topP".into())]));
        let mut body = json!({"contents": [], "generationConfig": {"topP": 1, "topK": 2}});
        lessons.apply(&mut body);
        assert_eq!(body, json!({"contents": [], "generationConfig": {"topK": 2}}));
    }

    #[test]
    fn the_services_words_teach_and_ours_do_not() {
        let said = |message: &str| Error {
            said: Some(Box::new(Said { message: message.into(), ..Said::default() })),
            ..Error::new(ErrorKind::BadRequest, "the service does not accept the request: seed")
        };
        let body = json!({"temperature": 1, "seed": 1});
        let lesson = Lessons::default().learn(&said("temperature is refused"), &body);
        assert_eq!(lesson, Some(Lesson::Omit("temperature".into())));
        assert_eq!(Lessons::default().learn(&said("no"), &body), None);
    }

    #[test]
    fn only_a_refused_request_teaches() {
        let error = Error::new(ErrorKind::RateLimited, "temperature");
        assert_eq!(Lessons::default().learn(&error, &json!({"temperature": 1})), None);
    }
}
