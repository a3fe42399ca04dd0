//! A budget, as it is written.

use crate::amount::{Count, Dollars};
use crate::lines::{Fault, Lines};
use crate::many::{Many, Repeated};
use crate::scope::On;
use crate::suggestion::instead;
use llm_switch_types::{AtLimit, Budget, Fraction, Limit, Origin, Period};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `[[budget]]`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    name: Option<String>,
    on: Option<On>,
    window: Option<Window>,
    starts: Option<String>,
    limit: Option<Dollars>,
    tokens: Option<Count>,
    requests: Option<Count>,
    warn: Option<Vec<Fraction>>,
    #[serde(default)]
    at_limit: End,
}

/// Where a budget warns that does not say where.
pub(crate) const USUAL_WARNING: f64 = 0.8;

/// The end of the name of a budget that nobody wrote.
pub(crate) const DEFAULT_MARK: &str = ", default";

const ONE_LIMIT: &str = "a budget has one of limit, tokens and requests: write a budget for each";

const LONGEST_NAME: usize = 60;

/// The window of a budget or a plan: `"day"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Window(Period);

impl TryFrom<String> for Window {
    type Error = String;

    fn try_from(text: String) -> Result<Window, String> {
        text.parse().map(Window).map_err(|why: String| {
            let known = ["hour", "day", "week", "month", "total"];
            match instead(&text, known, "") {
                meant if meant.is_empty() => why,
                meant => format!("{text:?} is no window: {meant}"),
            }
        })
    }
}

impl Window {
    /// The period that begins when STARTS says.
    pub(crate) fn starting(self, starts: Option<&str>) -> Result<Period, Fault> {
        let Window(period) = self;
        let started = starts.map(|starts| period.starting(starts));
        started.unwrap_or(Ok(period)).map_err(|why| Fault::new("starts", why))
    }
}

#[derive(Default, Deserialize)]
#[serde(try_from = "String")]
struct End(AtLimit);

impl TryFrom<String> for End {
    type Error = String;

    fn try_from(text: String) -> Result<End, String> {
        text.parse().map(End).map_err(|why: String| match instead(&text, ["block", "ask"], "") {
            meant if meant.is_empty() => why,
            meant => format!("{text:?} is no end: {meant}"),
        })
    }
}

impl Repeated for Table {
    const WORDS: (&'static str, &'static str) = ("budgets", "[[budget]]");
}

impl Many<Table> {
    /// The budgets that they tell, each with a name of its own.
    pub(crate) fn into_budgets(self, lines: &Lines) -> Result<Vec<Budget>, Fault> {
        let mut budgets = Vec::new();
        let mut paths: BTreeMap<String, String> = BTreeMap::new();
        for (index, table) in self.0.into_iter().enumerate() {
            let path = format!("budget[{index}]");
            let budget = table.into_budget().map_err(|fault| fault.under(&path))?;
            if let Some(other) = paths.insert(budget.name.clone(), path.clone()) {
                return Err(same_name(&budget.name, lines.line(&other), &path));
            }
            budgets.push(budget);
        }
        Ok(budgets)
    }
}

fn same_name(name: &str, other: Option<usize>, path: &str) -> Fault {
    let other = other.unwrap_or_default();
    let what = format!("the budget on line {other} is called {name:?} too");
    Fault::new(path, format!("{what}: give one of them another name"))
}

impl Table {
    fn into_budget(self) -> Result<Budget, Fault> {
        let limit = self.limit()?;
        let window = self.window.ok_or_else(|| {
            Fault::new("window", "a budget needs a window: write window = \"day\"")
        })?;
        let window = window.starting(self.starts.as_deref())?;
        let On(on) = self.on.ok_or_else(|| {
            Fault::new("on", "a budget needs to say on what: write on = \"global\"")
        })?;
        let name = match self.name {
            Some(name) => check_name(name)?,
            None => Budget::usual_name(&on, window, limit),
        };
        let warn = warnings(self.warn)?;
        let End(at_limit) = self.at_limit;
        Ok(Budget { name, on, window, limit, warn, at_limit, origin: Origin::File })
    }

    fn limit(&self) -> Result<Limit, Fault> {
        match (self.limit, self.tokens, self.requests) {
            (Some(Dollars(amount)), None, None) => Ok(Limit::Dollars(amount)),
            (None, Some(Count(tokens)), None) => Ok(Limit::Tokens(tokens)),
            (None, None, Some(Count(requests))) => Ok(Limit::Requests(requests)),
            (None, None, None) => Err(Fault::new(
                "limit",
                "a budget needs a limit: write limit = \"3.00\", tokens = 2000000 or requests = 200",
            )),
            (Some(_), ..) => Err(Fault::new("limit", ONE_LIMIT)),
            _ => Err(Fault::new("tokens", ONE_LIMIT)),
        }
    }
}

fn check_name(name: String) -> Result<String, Fault> {
    let plain = !name.trim().is_empty() && !name.chars().any(char::is_control);
    if !plain || name.chars().count() > LONGEST_NAME {
        let what = format!("a name is one line of at most {LONGEST_NAME} characters");
        return Err(Fault::new("name", what));
    }
    if name.ends_with(DEFAULT_MARK) {
        let what = format!("{name:?} ends like the name of a default budget: leave out the end");
        return Err(Fault::new("name", what));
    }
    Ok(name)
}

fn warnings(written: Option<Vec<Fraction>>) -> Result<Vec<Fraction>, Fault> {
    let usual = || Fraction::try_from(USUAL_WARNING).map(|part| vec![part]);
    let mut warn = written.map_or_else(usual, Ok).map_err(|why| Fault::new("warn", why))?;
    warn.sort_unstable();
    warn.dedup();
    Ok(warn)
}
