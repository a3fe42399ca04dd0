//! A budget: so much within some time, and what happens then.

use crate::{Fraction, Money, Origin, Period, Scope};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// So much of something, for some requests, within some time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    /// What it is called on the screen; no two share a name.
    pub name: String,
    /// Which requests count.
    pub on: Scope,
    /// Within which time they count.
    pub window: Period,
    /// How much there is.
    pub limit: Limit,
    /// At which parts of the limit the user is warned, ascending.
    pub warn: Vec<Fraction>,
    /// What happens to a request for which too little is left.
    pub at_limit: AtLimit,
    /// Who set it.
    pub origin: Origin,
}

/// How much of something there is; never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Limit {
    /// Money.
    Dollars(Money),
    /// Tokens of every bucket, in and out.
    Tokens(u64),
    /// Requests, whatever number of attempts they take.
    Requests(u64),
}

/// What happens to a request for which too little is left.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AtLimit {
    /// It is refused.
    #[default]
    Block,
    /// It takes the route of this name, if that fits into every budget.
    Route(String),
    /// The user is asked.
    Ask,
}

impl Budget {
    /// A readable name for a budget that was given none: `openai, day`.
    /// Dollars are not named, for they are what one expects.
    pub fn usual_name(on: &Scope, window: Period, limit: Limit) -> String {
        match limit {
            Limit::Dollars(_) => format!("{on}, {window}"),
            _ => format!("{on}, {window}, {}", limit.unit()),
        }
    }

    /// Whether nobody wrote it, which a screen says.
    pub fn is_default(&self) -> bool {
        self.origin == Origin::Default
    }
}

impl Limit {
    /// What it counts: `dollars`, `tokens` or `requests`.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Dollars(_) => "dollars",
            Self::Tokens(_) => "tokens",
            Self::Requests(_) => "requests",
        }
    }

    /// It in money, where it counts money.
    pub const fn dollars(self) -> Option<Money> {
        match self {
            Self::Dollars(amount) => Some(amount),
            _ => None,
        }
    }
}

/// As the configuration writes it: `block`, `route:NAME`, `ask`.
impl fmt::Display for AtLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Block => f.write_str("block"),
            Self::Route(name) => write!(f, "route:{name}"),
            Self::Ask => f.write_str("ask"),
        }
    }
}

impl FromStr for AtLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<AtLimit, String> {
        match text.split_once(':') {
            None if text == "block" => Ok(Self::Block),
            None if text == "ask" => Ok(Self::Ask),
            Some(("route", name)) if !name.is_empty() => Ok(Self::Route(name.to_owned())),
            _ => Err(format!("{text:?} is no end: write \"block\", \"ask\" or \"route:NAME\"")),
        }
    }
}

impl TryFrom<String> for AtLimit {
    type Error = String;

    fn try_from(text: String) -> Result<AtLimit, String> {
        text.parse()
    }
}

impl From<AtLimit> for String {
    fn from(end: AtLimit) -> String {
        end.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_usual_name_says_whose_and_how_long_and_what_unless_money() {
        let name = |on: Scope, window: &str, limit| {
            Budget::usual_name(&on, window.parse().unwrap(), limit)
        };
        let money = Limit::Dollars(Money::from_pico(1));
        assert_eq!(name(Scope::Provider("openai".into()), "day", money), "openai, day");
        assert_eq!(name(Scope::Global, "month", money), "all, month");
        assert_eq!(
            name(Scope::Route("cheap".into()), "rolling:30d", Limit::Requests(9)),
            "route cheap, rolling:30d, requests"
        );
    }

    #[test]
    fn an_end_is_written_as_it_is_read() {
        for text in ["block", "ask", "route:coding-cheap"] {
            assert_eq!(text.parse::<AtLimit>().unwrap().to_string(), text);
        }
        for text in ["", "route:", "Block", "mode:free"] {
            assert!(text.parse::<AtLimit>().is_err(), "{text}");
        }
    }
}
