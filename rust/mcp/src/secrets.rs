//! Values that nobody is shown.

use crate::Values;
use std::borrow::Cow;

/// Shorter values are no secrets ("1", "true"), and hiding them would make
/// everything around them unreadable.
const SHORTEST: usize = 6;

/// The values of a server's environment and headers, to be hidden wherever
/// the server or a library repeats them.
pub(crate) struct Secrets(Vec<String>);

impl Secrets {
    pub(crate) fn new(values: &Values) -> Secrets {
        let mut secrets: Vec<String> = values.0.values().flat_map(|value| forms(value)).collect();
        // Longest first: one may be the beginning of another.
        secrets.sort_by_key(|it| std::cmp::Reverse(it.len()));
        secrets.dedup();
        Secrets(secrets)
    }

    /// TEXT without them.
    pub(crate) fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in &self.0 {
            if text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), "[hidden]").into();
            }
        }
        text
    }

    /// The length in bytes of the longest.
    pub(crate) fn longest(&self) -> usize {
        self.0.first().map_or(0, String::len)
    }
}

/// VALUE as it may be repeated: whole, what follows a scheme such as
/// `Bearer`, and each of these as it stands in JSON.
fn forms(value: &str) -> Vec<String> {
    let bare = value.split_once(' ').map_or("", |(_, rest)| rest);
    let plain = [value, bare].into_iter().filter(|it| it.len() >= SHORTEST);
    plain
        .flat_map(|it| {
            let quoted = serde_json::Value::from(it).to_string();
            [it.to_owned(), quoted[1..quoted.len() - 1].to_owned()]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_hidden_in_each_of_its_forms() {
        let values = [("Authorization", "Bearer test_key_a\"b"), ("DEBUG", "true")];
        let secrets = Secrets::new(&values.into_iter().collect());
        for told in ["x Bearer test_key_a\"b y", "x test_key_a\"b y", r#"x test_key_a\"b y"#] {
            assert_eq!(secrets.hide(told), "x [hidden] y");
        }
        assert_eq!(secrets.hide("it is true"), "it is true");
    }
}
