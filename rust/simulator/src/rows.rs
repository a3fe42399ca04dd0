//! What providers say by their own rules: data/errors.toml.

use crate::response::Response;
use jiff::{SignedDuration, Timestamp, tz};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{collections::BTreeMap, sync::LazyLock};

/// Hours by which the services of China are ahead of UTC.
const CHINA: i8 = 8;

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    // A mistake in the file is found by the test below; without a table no row
    // can be found, which a client is told.
    toml::from_str(include_str!("../data/errors.toml")).unwrap_or_default()
});

#[derive(Default, Deserialize)]
struct Table {
    /// JSON with `"$name"` where a row's value belongs.
    envelopes: BTreeMap<String, String>,
    /// The envelope of each provider.
    providers: BTreeMap<String, String>,
    /// Providers that say what another one says.
    like: BTreeMap<String, String>,
    rows: Vec<ErrorRow>,
}

/// An error of a provider: what the script `row:PROVIDER:RULE` answers.
#[derive(Deserialize)]
pub struct ErrorRow {
    /// The provider's name, or `*` where any of them may say so.
    pub provider: String,
    /// The rule's name: its code, else its text in lower case with hyphens,
    /// else its status.
    pub rule: String,
    /// HTTP status.
    #[serde(rename = "http")]
    pub status: u16,
    envelope: Option<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(flatten)]
    values: Map<String, Value>,
}

/// All errors that providers are known for.
pub fn error_rows() -> &'static [ErrorRow] {
    &TABLE.rows
}

/// The row of `provider`, or of the one whose words it uses, that is called `rule`.
pub(crate) fn find(provider: &str, rule: &str) -> Option<&'static ErrorRow> {
    let speaker = TABLE.like.get(provider).map_or(provider, String::as_str);
    error_rows().iter().find(|row| row.provider == speaker && row.rule == rule)
}

impl ErrorRow {
    /// The response that the provider would give at `now`.
    pub(crate) fn response(&'static self, now: Timestamp) -> Response {
        let body = self.body(now).map_or_else(String::new, |body| body.to_string());
        let response = Response::json(self.status, body);
        self.headers
            .iter()
            .fold(response, |response, (name, value)| response.header(name, timed(value, now)))
    }

    /// The body; `None` from a provider that sends none.
    fn body(&self, now: Timestamp) -> Option<Value> {
        let usual = || TABLE.providers.get(&self.provider);
        let envelope = TABLE.envelopes.get(self.envelope.as_ref().or_else(usual)?)?;
        self.filled(serde_json::from_str(envelope).ok()?, now)
    }

    /// `value` with the row's own values in their places; `None` where the row
    /// has none for it.
    fn filled(&self, value: Value, now: Timestamp) -> Option<Value> {
        Some(match value {
            Value::String(text) => match text.strip_prefix('$') {
                None => value_at(&text, now),
                Some("http") => Value::from(self.status),
                Some(name) => self.filled(self.values.get(name)?.clone(), now)?,
            },
            Value::Array(items) => {
                items.into_iter().filter_map(|item| self.filled(item, now)).collect()
            }
            Value::Object(members) => {
                let filled = members
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, self.filled(value, now)?)));
                Value::Object(filled.collect())
            }
            other => other,
        })
    }
}

/// A text with its times in place; a number where it is nothing but a time.
fn value_at(text: &str, now: Timestamp) -> Value {
    let timed = timed(text, now);
    match timed.parse::<i64>() {
        Ok(number) if text.starts_with('{') => Value::from(number),
        _ => Value::from(timed),
    }
}

/// `text` with each `{NAME+SECONDS}` replaced by that time.
fn timed(text: &str, now: Timestamp) -> String {
    let Some((before, rest)) = text.split_once('{') else { return text.to_owned() };
    let known = rest.split_once('}').and_then(|(time, after)| Some((moment(time, now)?, after)));
    match known {
        Some((time, after)) => format!("{before}{time}{}", timed(after, now)),
        None => format!("{before}{{{}", timed(rest, now)),
    }
}

fn moment(text: &str, now: Timestamp) -> Option<String> {
    let (name, seconds) = text.split_once('+')?;
    let at = now.checked_add(SignedDuration::from_secs(seconds.parse().ok()?)).ok()?;
    Some(match name {
        "epoch" => at.as_second().to_string(),
        "epoch-ms" => at.as_millisecond().to_string(),
        "rfc3339" => at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "china" => {
            let there = at.to_zoned(tz::offset(CHINA).to_time_zone());
            there.strftime("%Y-%m-%d %H:%M:%S").to_string()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_readable_and_each_row_has_a_name_of_its_own() {
        let table: Table = toml::from_str(include_str!("../data/errors.toml")).unwrap();
        let names: std::collections::BTreeSet<_> =
            table.rows.iter().map(|row| (&row.provider, &row.rule)).collect();
        assert_eq!(names.len(), table.rows.len());
        assert!(!names.is_empty());
        for envelope in table.envelopes.values().filter(|text| !text.is_empty()) {
            assert!(serde_json::from_str::<Value>(envelope).is_ok(), "{envelope}");
        }
    }

    #[test]
    fn every_value_of_a_row_has_its_place_in_the_body() {
        for row in error_rows() {
            let usual = || &TABLE.providers[&row.provider];
            let envelope = &TABLE.envelopes[row.envelope.as_ref().unwrap_or_else(usual)];
            for name in row.values.keys() {
                assert!(envelope.contains(&format!("\"${name}\"")), "{}: {name}", row.rule);
            }
        }
    }

    #[test]
    fn times_are_counted_from_now() {
        let now: Timestamp = "2026-11-20T23:00:00Z".parse().unwrap();
        assert_eq!(value_at("{epoch+1}", now), Value::from(now.as_second() + 1));
        assert_eq!(timed("at {china+3600}.", now), "at 2026-11-21 08:00:00.");
        assert_eq!(timed("{rfc3339+60}", now), "2026-11-20T23:01:00Z");
        let set = "fields: {'minItems', 'items'} + {";
        assert_eq!(timed(set, now), set);
    }
}
