//! A subscription, as it is written.

use crate::amount::{Count, Dollars, Price};
use crate::budget::Window;
use crate::day::Renews;
use crate::lines::Fault;
use llm_switch_types::{Limit, Plan, PlanSpan, PlanWindow, Renewal};
use serde::Deserialize;
use std::collections::BTreeSet;

/// `[plan.NAME]`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    title: Option<String>,
    price: Option<Price>,
    #[serde(default)]
    per: Per,
    renews: Option<Renews>,
    #[serde(default)]
    covers: Vec<String>,
    #[serde(default)]
    api: bool,
    #[serde(default)]
    windows: Vec<WindowTable>,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Per {
    #[default]
    Month,
    Year,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct WindowTable {
    name: Option<String>,
    hours: Option<Count>,
    window: Option<Window>,
    starts: Option<String>,
    requests: Option<Count>,
    tokens: Option<Count>,
    dollars: Option<Dollars>,
}

/// The hours of a leap year.
const MOST_HOURS: u16 = 8_784;

impl Table {
    /// The plan called NAME.
    pub(crate) fn into_plan(self, name: &str) -> Result<Plan, Fault> {
        let Price(price) = self.price.ok_or_else(|| {
            Fault::new("price", "a plan needs its price: write price = \"20.00\"")
        })?;
        let renews = renewal(self.per, self.renews)?;
        if self.covers.is_empty() {
            let what = "a plan covers accounts: write covers = [\"ACCOUNT\"]";
            return Err(Fault::new("covers", what));
        }
        let title = self.title.filter(|title| !title.trim().is_empty());
        let windows = windows(self.windows)?;
        let (covers, api) = (self.covers, self.api);
        Ok(Plan { name: name.to_owned(), title, price, renews, covers, api, windows })
    }
}

fn renewal(per: Per, renews: Option<Renews>) -> Result<Renewal, Fault> {
    match (per, renews) {
        (Per::Month, None) => Ok(Renewal::Monthly(1)),
        (Per::Month, Some(Renews::Monthly(day))) => Ok(Renewal::Monthly(day)),
        (Per::Year, Some(Renews::Date(date))) => Ok(Renewal::Yearly(date)),
        (Per::Month, Some(Renews::Date(date))) => {
            let what = format!("a monthly plan renews on a day of the month: write {}", date.day());
            Err(Fault::new("renews", format!("{what}, or per = \"year\"")))
        }
        (Per::Year, _) => Err(Fault::new(
            "renews",
            "a yearly plan renews on a date: write the first, such as renews = 2026-11-01",
        )),
    }
}

fn windows(tables: Vec<WindowTable>) -> Result<Vec<PlanWindow>, Fault> {
    let mut names = BTreeSet::new();
    let mut windows = Vec::new();
    for (index, table) in tables.into_iter().enumerate() {
        let path = format!("windows[{index}]");
        let window = table.into_window().map_err(|fault| fault.under(&path))?;
        if !names.insert(window.name.clone()) {
            let what = format!("two windows are called {:?}: give one another name", window.name);
            return Err(Fault::new(path, what));
        }
        windows.push(window);
    }
    Ok(windows)
}

impl WindowTable {
    fn into_window(self) -> Result<PlanWindow, Fault> {
        let span = self.span()?;
        let limit = self.limit()?;
        let usual = match span {
            PlanSpan::Hours(hours) => format!("{hours} h"),
            PlanSpan::Period(period) => period.to_string(),
        };
        Ok(PlanWindow { name: self.name.unwrap_or(usual), span, limit })
    }

    fn span(&self) -> Result<PlanSpan, Fault> {
        match (self.hours, self.window) {
            (Some(Count(hours)), None) if self.starts.is_none() => {
                let fits = u16::try_from(hours).ok().filter(|hours| *hours <= MOST_HOURS);
                fits.map(PlanSpan::Hours).ok_or_else(|| {
                    Fault::new("hours", format!("{hours} hours are more than a year: write fewer"))
                })
            }
            (None, Some(window)) => window.starting(self.starts.as_deref()).map(PlanSpan::Period),
            (Some(_), None) => Err(Fault::new(
                "starts",
                "a window of hours starts with its first request: leave out starts",
            )),
            _ => Err(Fault::new(
                "hours",
                "a plan's window has either hours = 5 or window = \"week\"",
            )),
        }
    }

    fn limit(&self) -> Result<Option<Limit>, Fault> {
        match (self.dollars, self.tokens, self.requests) {
            (None, None, None) => Ok(None),
            (Some(Dollars(amount)), None, None) => Ok(Some(Limit::Dollars(amount))),
            (None, Some(Count(tokens)), None) => Ok(Some(Limit::Tokens(tokens))),
            (None, None, Some(Count(requests))) => Ok(Some(Limit::Requests(requests))),
            _ => Err(Fault::new(
                "requests",
                "a plan's window has one of dollars, tokens and requests: write a window for each",
            )),
        }
    }
}
