//! What a service says when it refuses: its own words and its codes.

use llm_switch_types::Said;
use serde_json::Value;

/// What a service says: its words and codes, wherever it puts them.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// For a person, and to be kept.
    pub(super) said: Said,
    /// All of it in lower case, for rules.
    pub(super) text: String,
    /// The error as it came, for what only some services tell.
    pub(super) json: Value,
}

/// Where codes stand, below the error: every dialect, OpenRouter, Anthropic,
/// Gemini, and MiniMax, which says it in an envelope of its own.
const CODES: &[&str] = &[
    "/code",
    "/type",
    "/status",
    "/error_code",
    "/details/error_code",
    "/metadata/error_type",
    "/innererror/code",
    "/status_code",
];

/// Where the words stand.
const MESSAGES: &[&str] =
    &["", "/message", "/msg", "/status_msg", "/detail", "/detail/0/msg", "/error_description"];

impl Told {
    pub(super) fn from_body(body: &[u8]) -> Told {
        let body = String::from_utf8_lossy(body);
        match serde_json::from_str::<Value>(&body) {
            Ok(json) => Told::from_json(&json),
            Err(_) => Told::from_text(body.trim()),
        }
    }

    /// Services wrap their error in `error`, Cloudflare in the list `errors`,
    /// and Gemini's compatible endpoint wraps the whole once more in a list.
    pub(super) fn from_json(json: &Value) -> Told {
        let json = json.get(0).unwrap_or(json);
        let wraps = ["/error", "/errors/0", "/base_resp", "/response/error"];
        let wrapped = wraps.iter().find_map(|path| json.pointer(path).filter(|it| !it.is_null()));
        let error = wrapped.unwrap_or(json);
        let message = first(error, MESSAGES).or_else(|| first(json, MESSAGES)).unwrap_or_default();
        let upstream = error.pointer("/metadata/raw").map(word).unwrap_or_default();
        let codes: Vec<_> = CODES.iter().filter_map(|path| error.pointer(path)).map(word).collect();
        let codes = [codes, details(error)].concat().join(" ");
        Told {
            text: format!("{codes} {message} {upstream}").to_lowercase(),
            said: Said {
                codes: one_line(&codes),
                parameter: one_line(error["param"].as_str().unwrap_or_default()),
                message: one_line(&message),
                ..Said::default()
            },
            json: error.clone(),
        }
    }

    fn from_text(body: &str) -> Told {
        let message = if body.starts_with('<') { title(body) } else { one_line(body) };
        let said = Said { message, ..Said::default() };
        Told { said, text: body.to_lowercase(), json: Value::Null }
    }

    /// The HTTP status that an error in the middle of a stream would have had.
    pub(super) fn status(&self) -> Option<u16> {
        let codes = self.said.codes.split(' ').filter_map(|code| code.parse().ok());
        codes.into_iter().find(|code| (400..600).contains(code))
    }
}

impl From<Said> for Told {
    fn from(said: Said) -> Told {
        let text = format!("{} {}", said.codes, said.message).to_lowercase();
        Told { said, text, json: Value::Null }
    }
}

fn first(json: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().filter_map(|path| json.pointer(path)).map(word).find(|word| !word.is_empty())
}

fn word(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// Google's reasons, and the names of the quotas that were hit.
fn details(error: &Value) -> Vec<String> {
    let details = error["details"].as_array().into_iter().flatten();
    let quotas = |detail: &Value| {
        let violations = detail["violations"].as_array().into_iter().flatten();
        violations.map(|violation| word(&violation["quotaId"])).collect::<Vec<_>>()
    };
    details.flat_map(|detail| [vec![word(&detail["reason"])], quotas(detail)].concat()).collect()
}

/// TEXT on one line, short enough for the echo area.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").chars().take(300).collect()
}

/// The title of an HTML page, which is all that a person wants of it.
fn title(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let title = lower.find("<title>").zip(lower.find("</title>"));
    let title = title.and_then(|(start, end)| html.get(start + 7..end)).map(one_line);
    title
        .filter(|it| !it.is_empty())
        .map_or("a web page".to_owned(), |it| format!("a web page, \"{it}\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_words_are_found_wherever_services_put_them() {
        let table = [
            (r#"{"error":{"message":"m","type":"t","code":"c"}}"#, "c t", "m"),
            (r#"{"error":"m"}"#, "", "m"),
            (
                r#"[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED"}}]"#,
                "429 RESOURCE_EXHAUSTED",
                "m",
            ),
            (r#"{"success":false,"errors":[{"code":3036,"message":"m"}]}"#, "3036", "m"),
            (r#"{"base_resp":{"status_code":1004,"status_msg":"m"}}"#, "1004", "m"),
            (
                r#"{"type":"error","error":{"type":"t","message":"m","details":{"error_code":"d"}}}"#,
                "t d",
                "m",
            ),
            (r#"{"error":{"code":402,"message":"m","metadata":{"error_type":"e"}}}"#, "402 e", "m"),
            (r#"{"object":"error","message":"m","type":"t","code":400}"#, "400 t", "m"),
            (
                r#"{"error":{"message":"m","details":[{"reason":"R"},{"violations":[{"quotaId":"PerDay"}]}]}}"#,
                "R PerDay",
                "m",
            ),
            (r#"{"detail":[{"msg":"m"}]}"#, "", "m"),
        ];
        for (body, codes, message) in table {
            let Said { codes: got, message: words, .. } = Told::from_body(body.as_bytes()).said;
            assert_eq!((got.as_str(), words.as_str()), (codes, message), "{body}");
        }
    }

    #[test]
    fn what_a_router_passes_on_as_text_is_read_too() {
        let body =
            r#"{"error":{"message":"Provider returned error","metadata":{"raw":"Too LONG"}}}"#;
        let told = Told::from_body(body.as_bytes());
        assert!(told.text.contains("too long"));
        assert_eq!(told.said.message, "Provider returned error");
    }
}
