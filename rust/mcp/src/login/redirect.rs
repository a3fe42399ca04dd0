//! What the user's browser brings back.

use crate::failure::mcp;
use llm_switch_types::{Error, Result};
use url::Url;

/// The path that the browser comes back to.
pub(crate) const PATH: &str = "/callback";

/// What the user's browser brings back.
pub(crate) struct Redirect {
    pub(crate) code: String,
    pub(crate) state: String,
    pub(crate) issuer: Option<String>,
}

/// The number that URL bears, by which the answer to a login is known.
pub(crate) fn state(url: &Url) -> Option<String> {
    query(url, "state")
}

impl Redirect {
    /// What URL brings to whom waits for STATE.
    ///
    /// # Errors
    /// When it answers another question, or says no.
    pub(crate) fn read(url: &Url, waits_for: &str) -> Result<Redirect> {
        let state = state(url).filter(|it| it == waits_for).ok_or_else(foreign)?;
        if let Some(error) = query(url, "error") {
            return Err(refused(&error));
        }
        let code = query(url, "code").ok_or_else(foreign)?;
        Ok(Redirect { code, state, issuer: query(url, "iss") })
    }
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(it, _)| it == name).map(|(_, value)| value.into_owned())
}

/// The page does not belong to this login.
fn foreign() -> Error {
    mcp("logging in: the address is not the one that this login leads to").advise(
        "Log in again, and paste the whole address of the last page, with its code and state",
    )
}

/// The authorization server said ERROR, of which its code is told: the rest
/// may be anybody's text.
fn refused(error: &str) -> Error {
    let code: String =
        error.chars().filter(|it| it.is_ascii_lowercase() || *it == '_').take(40).collect();
    mcp(format!("logging in: the authorization server said no ({code})"))
        .advise("Log in again and allow what it asks for, or look at your account there")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Redirect> {
        Redirect::read(&Url::parse(url).unwrap(), "s1")
    }

    #[test]
    fn an_answer_to_another_question_is_none() {
        for url in ["http://a/?code=c", "http://a/?code=c&state=s2", "http://a/?state=s1"] {
            assert!(read(url).err().unwrap().what.contains("not the one"), "{url}");
        }
        let it = read("http://a/?code=c&state=s1&iss=https%3A%2F%2Fb").unwrap();
        assert_eq!((it.code.as_str(), it.issuer.as_deref()), ("c", Some("https://b")));
    }

    #[test]
    fn a_no_is_told_by_its_code() {
        let error = read("http://a/?error=access_denied&state=s1").err().unwrap();
        assert!(error.what.ends_with("said no (access_denied)"), "{error}");
    }
}
