//! What may be used at all.

use crate::{DataPolicy, Locality, Origin, Payer, Practice};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What may be used at all, and what happens when nothing of it can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mode {
    /// Its name: `[a-z0-9-]+`.
    pub name: String,
    /// How far away a provider may be; never empty.
    pub allow: Vec<Locality>,
    /// Who may pay; never empty.
    pub payers: Vec<Payer>,
    /// What a service may do with what it is sent.
    pub data: DataRule,
    /// Whether an answer of another model than the one that was asked is
    /// refused.
    pub strict: bool,
    /// The route for who names no model.
    pub route: Option<String>,
    /// What happens when nothing that it allows can answer.
    pub when_none: WhenNone,
    /// Whether the file says something of it, or it is as it was built in.
    pub origin: Origin,
}

/// What a service in the cloud may do with what it is sent. What is unknown
/// counts as done, and so does what it does unless the user objects, for
/// nobody can see whether the user did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataRule {
    /// Anything.
    #[default]
    Any,
    /// Keep it, but train no model on it.
    NoTraining,
    /// Neither keep it nor train on it.
    NoKeeping,
}

/// What happens when nothing that a mode allows can answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum WhenNone {
    /// The user is asked, so that free never turns into paid in silence.
    #[default]
    Ask,
    /// The request fails.
    Fail,
    /// The mode of this name is tried.
    Mode(String),
}

impl Mode {
    /// The modes that there are without configuration. Each user table of one
    /// of these names changes it.
    pub fn built_in() -> Vec<Mode> {
        use Locality::{Cloud, Lan, Local, Proxy};
        let all = [Local, Lan, Proxy, Cloud];
        let paid = [Payer::Free, Payer::Metered, Payer::Plan];
        vec![
            Mode::of("local", &[Local], &paid),
            Mode::of("proxy", &[Proxy], &paid),
            Mode::of("cloud", &[Cloud], &paid),
            Mode::of("free", &all, &[Payer::Free]),
            Mode::of("auto", &all, &paid),
        ]
    }

    fn of(name: &str, allow: &[Locality], payers: &[Payer]) -> Mode {
        Mode {
            name: name.to_owned(),
            allow: allow.to_vec(),
            payers: payers.to_vec(),
            data: DataRule::default(),
            strict: false,
            route: None,
            when_none: WhenNone::default(),
            origin: Origin::Default,
        }
    }
}

impl DataRule {
    /// Whether a service in the cloud with POLICY keeps the rule.
    pub fn admits(self, policy: &DataPolicy) -> bool {
        let never = |practice| practice == Practice::No;
        match self {
            Self::Any => true,
            Self::NoTraining => never(policy.trains),
            Self::NoKeeping => never(policy.trains) && never(policy.keeps),
        }
    }
}

/// As the configuration writes it: `ask`, `fail`, `mode:NAME`.
impl fmt::Display for WhenNone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ask => f.write_str("ask"),
            Self::Fail => f.write_str("fail"),
            Self::Mode(name) => write!(f, "mode:{name}"),
        }
    }
}

impl FromStr for WhenNone {
    type Err = String;

    fn from_str(text: &str) -> Result<WhenNone, String> {
        match text.split_once(':') {
            None if text == "ask" => Ok(Self::Ask),
            None if text == "fail" => Ok(Self::Fail),
            Some(("mode", name)) if !name.is_empty() => Ok(Self::Mode(name.to_owned())),
            _ => Err(format!("{text:?} is no answer: write \"ask\", \"fail\" or \"mode:NAME\"")),
        }
    }
}

impl TryFrom<String> for WhenNone {
    type Error = String;

    fn try_from(text: String) -> Result<WhenNone, String> {
        text.parse()
    }
}

impl From<WhenNone> for String {
    fn from(answer: WhenNone) -> String {
        answer.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_configuration_there_are_five_modes_and_each_asks() {
        let modes = Mode::built_in();
        let names: Vec<_> = modes.iter().map(|mode| mode.name.as_str()).collect();
        assert_eq!(names, ["local", "proxy", "cloud", "free", "auto"]);
        assert!(modes.iter().all(|mode| mode.when_none == WhenNone::Ask));
        assert_eq!(modes[0].allow, [Locality::Local]);
        assert_eq!(modes[3].payers, [Payer::Free]);
    }

    #[test]
    fn a_cautious_mode_takes_what_is_unknown_or_can_be_objected_to_for_done() {
        let policy = |keeps, trains| DataPolicy { keeps, trains };
        let clean = policy(Practice::No, Practice::No);
        let keeps = policy(Practice::Yes, Practice::No);
        for (rule, of_keeping) in [(DataRule::NoTraining, true), (DataRule::NoKeeping, false)] {
            assert!(rule.admits(&clean));
            assert_eq!(rule.admits(&keeps), of_keeping);
            for trains in [Practice::Unknown, Practice::OptOut, Practice::Yes] {
                assert!(!rule.admits(&policy(Practice::No, trains)));
            }
        }
        assert!(DataRule::Any.admits(&DataPolicy::default()));
    }

    #[test]
    fn an_answer_is_written_as_it_is_read() {
        for text in ["ask", "fail", "mode:free"] {
            assert_eq!(text.parse::<WhenNone>().unwrap().to_string(), text);
        }
        for text in ["", "mode:", "pay", "route:x"] {
            assert!(text.parse::<WhenNone>().is_err(), "{text}");
        }
    }
}
