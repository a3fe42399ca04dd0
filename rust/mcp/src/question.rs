//! What a server asks of the user.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::sync::oneshot;

/// A question of a server. Dropping it, or its `reply`, cancels.
#[derive(Debug)]
pub struct Question {
    /// The name of the server, which is the user's.
    pub server: String,
    /// The tools that run there now. The question is of one of them, but of
    /// which the protocol does not say.
    pub tools: Vec<String>,
    /// What is asked.
    pub asked: Asked,
    /// Where the answer goes. It is closed when nobody waits any more.
    pub reply: oneshot::Sender<Answer>,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Asked {
    /// To fill in a form. Accepted with an object; what is left out in it
    /// gets the default of the schema.
    Form {
        /// What it is about.
        message: String,
        /// A JSON schema of one flat object.
        schema: Value,
    },
    /// To look at a page, which the server may want for something that we
    /// must not see, as a password. Accepted with anything.
    Url {
        /// What it is about.
        message: String,
        /// The page.
        url: String,
        /// The server's name for this.
        id: String,
    },
    /// To ask a model. Accepted with the result, an object with `role`,
    /// `content` and `model`.
    Sampling {
        /// The parameters, as the protocol has them.
        params: Value,
    },
    /// To log in with a browser, after which the server can be used. Accepted
    /// with an object, in whose `url` the address may stand that the browser
    /// ended at; with none, the browser finds its way back by itself.
    Login {
        /// The page to log in at.
        url: String,
        /// Whose page that is.
        host: String,
        /// Where the browser comes back to, on this machine.
        callback: String,
    },
    /// Which directories this is about. Accepted with a list of objects with
    /// `uri` and perhaps `name`.
    Roots,
}

/// What the user says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "answer", content = "value")]
pub enum Answer {
    /// Yes, with what was asked for.
    Accept(Value),
    /// No.
    Decline,
    /// Nothing: the question was left.
    Cancel,
}

/// GIVEN, an object, with the defaults of SCHEMA for what it leaves out.
pub(crate) fn with_defaults(given: Value, schema: &Value) -> Value {
    let Value::Object(given) = given else { return given };
    let fields = schema["properties"].as_object().into_iter().flatten();
    let defaults =
        fields.filter_map(|(name, field)| Some((name.clone(), field.get("default")?.clone())));
    let mut whole: Map<String, Value> = defaults.collect();
    whole.extend(given);
    Value::Object(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_left_out_gets_its_default() {
        let schema = json!({"properties": {"a": {"default": 1}, "b": {"default": 2}, "c": {}}});
        assert_eq!(with_defaults(json!({"b": 3}), &schema), json!({"a": 1, "b": 3}));
        assert_eq!(with_defaults(json!({}), &json!({})), json!({}));
    }
}
