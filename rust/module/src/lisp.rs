//! From events to Lisp values.

use emacs::{Env, IntoLisp, Result, Value};
use llm_switch_engine::{Body, Envelope};
use serde_json::Value as Json;

emacs::use_symbols! { nil t }

/// `(ID KIND . REST)`: REST is the text of a `text` or `reasoning` event, the
/// value of a `value` event, and else a plist.
pub(crate) fn event<'e>(env: &'e Env, event: &Envelope) -> Result<Value<'e>> {
    let rest = match &event.body {
        Body::Text(text) | Body::Reasoning(text) => text.into_lisp(env)?,
        Body::ToolCall(call) => env.list((
            env.intern(":id")?,
            &call.id,
            env.intern(":name")?,
            &call.name,
            env.intern(":arguments")?,
            &call.arguments,
        ))?,
        Body::Question(json)
        | Body::Withdrawn(json)
        | Body::Fallback(json)
        | Body::Progress(json)
        | Body::Notice(json)
        | Body::Done(json)
        | Body::Error(json)
        | Body::Value(json) => value(env, json)?,
    };
    env.cons(event.id, env.cons(env.intern(event.body.name())?, rest)?)
}

/// JSON as Lisp people write it: objects are plists, arrays lists, and both
/// null and false nil.
fn value<'e>(env: &'e Env, json: &Json) -> Result<Value<'e>> {
    match json {
        Json::Null | Json::Bool(false) => Ok(nil.bind(env)),
        Json::Bool(true) => Ok(t.bind(env)),
        Json::String(text) => text.into_lisp(env),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => integer.into_lisp(env),
            None => number.as_f64().into_lisp(env),
        },
        Json::Array(items) => list(env, items.iter().map(|item| value(env, item))),
        Json::Object(fields) => {
            let pairs = fields
                .iter()
                .flat_map(|(name, json)| [env.intern(&format!(":{name}")), value(env, json)]);
            list(env, pairs)
        }
    }
}

/// A list of ITEMS.
pub(crate) fn list<'e>(
    env: &'e Env,
    items: impl DoubleEndedIterator<Item = Result<Value<'e>>>,
) -> Result<Value<'e>> {
    items.rev().try_fold(nil.bind(env), |rest, item| env.cons(item?, rest))
}
