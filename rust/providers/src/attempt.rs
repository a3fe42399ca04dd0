//! One upstream call.

use crate::classify::{self, Refusal};
use crate::dialect::{Encoded, headers};
use crate::{Lesson, Lessons, decoder, encode, head, limits};
use jiff::Timestamp;
use llm_switch_net::{Call, Client, KeyHeader, Reply};
use llm_switch_types::{Auth, Dialect, Error, ErrorKind, Event, Limits, Provider, Request, Result};
use secrecy::{ExposeSecret, SecretString};

/// What a person might read of a refusal.
const MAX_REFUSAL: usize = 64 << 10;

/// One upstream call: what to ask, whom, and with which key.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// Whom.
    pub provider: &'a Provider,
    /// The model, as the service knows it.
    pub model: &'a str,
    /// The key, where the provider takes one.
    pub key: Option<&'a SecretString>,
    /// What to ask.
    pub request: &'a Request,
    /// What was learnt about this deployment.
    pub lessons: &'a Lessons,
    /// Makes the names of tool calls that the service leaves without one.
    pub seed: &'a str,
}

/// That the service answered, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// What the account has left, as far as the service told it.
    pub limits: Limits,
}

impl Attempt<'_> {
    fn encoded(&self) -> Encoded {
        let mut encoded = encode(self.provider, self.model, self.request);
        self.lessons.apply(&mut encoded.body);
        encoded
    }

    /// What ERROR, with which this attempt was refused, teaches; LESSONS
    /// keeps it.
    pub fn learn(&self, error: &Error, lessons: &mut Lessons) -> Option<Lesson> {
        lessons.learn(error, &self.encoded().body)
    }
}

/// Make the call through CLIENT and hand each event to SINK as it arrives.
///
/// # Errors
/// Any but those of the user interface. Events that were handed out before
/// an error stand: the caller decides what becomes of them.
pub async fn attempt(
    client: &Client,
    attempt: Attempt<'_>,
    mut sink: impl FnMut(Event),
) -> Result<Answered> {
    let Attempt { provider, request, .. } = attempt;
    let key = usable_key(provider, attempt.key)?;
    let encoded = attempt.encoded();
    let url = format!("{}{}", provider.base_url, encoded.path);
    let json = encoded.body.to_string();
    let accept = if request.stream {
        "text/event-stream, application/x-ndjson, application/json"
    } else {
        "application/json"
    };
    let call = Call {
        url: &url,
        key,
        headers: headers(provider.dialect),
        json: Some(json.as_bytes()),
        accept,
    };
    let mut reply = client.send(call).await?;
    let status = reply.status();
    if status != 200 {
        return Err(refusal(&mut reply, provider).await);
    }
    let limits = limits::read(&reply.headers(), now());
    let end = read(&mut reply, attempt, &mut sink).await;
    end.map_err(|error| classify::as_meant(provider, error, now()))?;
    head::told(&reply, attempt.model).into_iter().for_each(sink);
    Ok(Answered { status, limits })
}

/// The header that PROVIDER wants KEY in.
///
/// # Errors
/// [`ErrorKind::Auth`] when it wants a key and there is none, or one whose
/// use by other programs its terms forbid.
pub(crate) fn usable_key<'a>(
    provider: &'a Provider,
    key: Option<&'a SecretString>,
) -> Result<Option<(KeyHeader<'a>, &'a SecretString)>> {
    let header = match &provider.auth {
        Auth::None => return Ok(None),
        Auth::OptionalBearer if key.is_none() => return Ok(None),
        Auth::Bearer | Auth::OptionalBearer => KeyHeader::Bearer,
        Auth::Header(name) => KeyHeader::Named(name),
    };
    let key = key.ok_or_else(|| no_key(provider))?;
    let begins = |prefix: &str| key.expose_secret().starts_with(prefix);
    match provider.refused_keys.iter().find(|refused| begins(&refused.prefix)) {
        Some(it) => {
            let what = format!("a key that begins with {} {}", it.prefix, it.refused.reason);
            Err(Error::new(ErrorKind::Auth, what).advise(&it.refused.instead))
        }
        None => Ok(Some((header, key))),
    }
}

fn no_key(provider: &Provider) -> Error {
    let example = match provider.key_variables.first() {
        Some(name) => format!(", such as key = \"env:{name}\""),
        None => String::new(),
    };
    Error::new(ErrorKind::Auth, "there is no key for this account")
        .advise(format!("Name where it is kept with `key = …` in the configuration{example}"))
}

/// What REPLY, which is no answer, means when PROVIDER sends it.
pub(crate) async fn refusal(reply: &mut Reply, provider: &Provider) -> Error {
    let (status, headers) = (reply.status(), reply.headers());
    let body = reply.body(MAX_REFUSAL).await.unwrap_or_default();
    classify::classify(provider, Refusal { status, headers: &headers, body: &body, now: now() })
}

/// Now, in Unix milliseconds.
pub(crate) fn now() -> i64 {
    Timestamp::now().as_millisecond()
}

/// Read the body. What it is decides how, not what was asked for: some
/// proxies answer a streamed request with one body and the other way round.
async fn read(reply: &mut Reply, attempt: Attempt<'_>, sink: &mut impl FnMut(Event)) -> Result<()> {
    let streams = match attempt.provider.dialect {
        Dialect::Ollama => reply.is("application/x-ndjson"),
        _ => reply.is("text/event-stream"),
    };
    if !streams && !reply.is("application/json") && reply.is("text/html") {
        return Err(Error::new(ErrorKind::Protocol, "a web page came instead of an answer")
            .advise("Correct the base-url: most end with /v1"));
    }
    let mut decoder = decoder(attempt.provider.dialect, streams, attempt.seed);
    let mut events = Vec::new();
    while let Some(bytes) = reply.chunk().await? {
        let result = decoder.push(&bytes, &mut events);
        events.drain(..).for_each(&mut *sink);
        result?;
    }
    let result = decoder.finish(&mut events);
    events.drain(..).for_each(&mut *sink);
    result
}
