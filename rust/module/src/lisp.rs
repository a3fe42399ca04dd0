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
        Json::String(text) => string(env, text),
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

/// Bytes from which on it pays to look whether a text is ASCII.
const LONG: usize = 4_096;

/// TEXT as a string. A long one that is ASCII is made of its bytes: to Lisp it
/// is the same, and megabytes need not be decoded on the main thread.
fn string<'e>(env: &'e Env, text: &str) -> Result<Value<'e>> {
    match text.len() >= LONG && text.is_ascii() {
        true => text.as_bytes().into_lisp(env),
        false => text.into_lisp(env),
    }
}

/// A list of ITEMS.
pub(crate) fn list<'e>(
    env: &'e Env,
    items: impl DoubleEndedIterator<Item = Result<Value<'e>>>,
) -> Result<Value<'e>> {
    items.rev().try_fold(nil.bind(env), |rest, item| env.cons(item?, rest))
}
