//! `plans.list`.

use super::credits::{Books, date_of};
use super::tally::{Tally, valued};
use super::told;
use super::windows::Counter;
use super::worth::Prices;
use crate::ledger::now_ms;
use crate::methods::Job;
use crate::methods::spend::{fields, wrong};
use crate::setup::Setup;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use llm_switch_ledger::{AccountState, Column, Filter, Ledger, SeenWindow, Sums, Used};
use llm_switch_types::{Money, Payer, Plan, PlanWindow, Renewal, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

const DAY: i64 = 86_400_000;

/// How many days "lately" has.
const LATELY: i64 = 30;

#[derive(Deserialize)]
struct Written {
    now: Option<i64>,
}

/// `{now?}` -> `{now, total, plans, credits, hardly-used}`.
///
/// `total`: `{monthly, plans, metered, unknown, from}`, pico-dollars: what all
/// plans come to for a month, what was metered in the last 30 days, both
/// together, and how many attempts in these cost an amount that is not known.
///
/// A plan: `{plan, title, price, per, monthly, from, until, renews, covers,
/// api, seen, used, lately, hardly-used, windows}`. `from` and `until` are the
/// edges of its term in Unix milliseconds, `renews` the date of the latter on
/// the user's clock. `used` is of the term, `lately` of the last 30 days:
/// `{requests, input, output, value, unpriced, days}`, `value` being what the
/// same tokens would have cost at metered list prices, `unpriced` how many of
/// the requests are not in it, `days` on how many days it was used. `seen` is
/// false of a plan whose use goes past us, so that nothing can be said of it.
///
/// A window: `{window, account, unit, used, limit, remaining, resets-at,
/// source, seen-at}`; `source` is "told" by the service at `seen-at`, or
/// "counted" from the ledger; `unit` is "requests", "tokens", "dollars",
/// "percent" or "units", which is what the service counts.
///
/// A credit: `{credit, account, bought, on, expires, spent, remaining, told,
/// entered, left, source, pace, empty, unpriced}`, and more of these as Unix
/// milliseconds. `remaining` is of this credit, counted from the ledger;
/// `left` is of its whole account by the newest of what was told, entered and
/// counted, as `source` says, less what was spent since; `pace` is a day's
/// spending of the last 14, `empty` the date to which `left` lasts at that.
/// Without `credit` it is an account of which no credit is written down.
///
/// # Errors
/// Those of the configuration and of the ledger.
pub(in crate::methods) async fn list(job: Job) -> Result<Value> {
    let written: Written = fields(&job.params)?;
    let setup = job.core.setup().await?;
    let ledger = job.core.ledger.get().await?;
    let now = written.now.unwrap_or_else(now_ms);
    let at = Timestamp::from_millisecond(now).map_err(|_| wrong("this is no time"))?;
    let told = job.core.tasks.blocking(move || {
        ledger.flush()?;
        let seen = ledger.accounts()?;
        let first = ledger.first_ms()?.unwrap_or(now);
        View { setup, ledger, seen, now, at, first }.tell()
    });
    told.await?
}

struct View {
    setup: Arc<Setup>,
    ledger: Ledger,
    seen: BTreeMap<String, AccountState>,
    now: i64,
    at: Timestamp,
    first: i64,
}

/// What of a plan was used, and how its windows stand.
struct Use {
    term: Tally,
    lately: Tally,
    counters: Vec<Counter>,
}

impl View {
    fn tell(&self) -> Result<Value> {
        let mut prices = Prices::new(&self.setup.catalog);
        let plans = self.setup.plans.values();
        let plans: Result<Vec<_>> = plans.map(|plan| self.plan(plan, &mut prices)).collect();
        let plans = plans?;
        let books = Books {
            setup: &self.setup,
            ledger: &self.ledger,
            seen: &self.seen,
            now: self.now,
            first: self.first,
        };
        let hardly = plans.iter().filter(|plan| plan["hardly-used"] == true);
        Ok(json!({
            "now": self.now,
            "total": self.total()?,
            "hardly-used": hardly.map(|plan| plan["title"].clone()).collect::<Vec<_>>(),
            "plans": plans,
            "credits": books.rows()?,
        }))
    }

    fn total(&self) -> Result<Value> {
        let plans: Money = self.setup.plans.values().map(Plan::monthly).sum();
        let from = self.now - LATELY * DAY;
        let filter = Filter::default().with(Column::Payer, Some(Payer::Metered.name()));
        let groups = self.ledger.groups(from..self.now + 1, &[], &filter)?;
        let metered: Sums = groups.into_iter().map(|group| group.sums).sum();
        Ok(json!({
            "monthly": plans.saturating_add(metered.cost),
            "plans": plans,
            "metered": metered.cost,
            "unknown": metered.unknown,
            "from": from,
        }))
    }

    fn plan(&self, plan: &Plan, prices: &mut Prices) -> Result<Value> {
        let term = plan.term(self.at, &self.setup.time_zone);
        let [from, until] = [term.start, term.end].map(Timestamp::as_millisecond);
        let used = self.used(plan, from, prices)?;
        let told = self.told(plan);
        let seen = plan.api || used.lately.requests + used.term.requests > 0 || !told.is_empty();
        Ok(json!({
            "plan": plan.name,
            "title": plan.title(),
            "price": plan.price,
            "per": match plan.renews { Renewal::Monthly(_) => "month", Renewal::Yearly(_) => "year" },
            "monthly": plan.monthly(),
            "from": from,
            "until": until,
            "renews": date_of(until, &self.setup.time_zone),
            "covers": plan.covers,
            "api": plan.api,
            "seen": seen,
            "used": used.term.told(),
            "lately": used.lately.told(),
            "hardly-used": seen && self.is_hardly_used(plan, &used.lately, &told),
            "windows": self.windows(plan, &used.counters, &told),
        }))
    }

    fn used(&self, plan: &Plan, from: i64, prices: &mut Prices) -> Result<Use> {
        let zone = &self.setup.time_zone;
        let counter = |it: &PlanWindow| Counter::new(it.span, self.at, zone);
        let counters: Vec<_> = plan.windows.iter().map(counter).collect();
        let mut used = Use { term: Tally::default(), lately: Tally::default(), counters };
        let lately = self.now - LATELY * DAY;
        let begins = used.counters.iter().map(|it| it.begins(self.now));
        let begins = begins.fold(from.min(lately), i64::min);
        self.ledger.uses(begins..self.now + 1, &covered(plan), |attempt| {
            if let Some(worth) = valued(prices, attempt) {
                used.add(attempt, worth, [from, lately], zone);
            }
            true
        })?;
        Ok(used)
    }

    /// What the services of PLAN tell of its windows, with the account.
    fn told<'a>(&'a self, plan: &'a Plan) -> Vec<(&'a str, &'a SeenWindow)> {
        let states = plan.covers.iter().filter_map(|it| Some((it.as_str(), self.seen.get(it)?)));
        let windows =
            states.flat_map(|(name, state)| state.windows.iter().map(move |it| (name, it)));
        windows.filter(|(_, it)| it.window.is_of_account()).collect()
    }

    /// The windows that the user wrote down as far as no service tells of
    /// them, and those that one tells.
    fn windows(&self, plan: &Plan, counters: &[Counter], told: &[(&str, &SeenWindow)]) -> Value {
        let known = |window| told.iter().any(|(_, seen)| told::tells(seen, window, self.now));
        let own = plan.windows.iter().zip(counters).filter(|(window, _)| !known(window));
        let counted = own.map(|(window, counter)| counter.clone().told(window, self.now));
        let is_news = |seen: &SeenWindow| {
            let fresh = |window| told::tells(seen, window, self.now);
            plan.windows.iter().any(fresh) || !told::is_written(seen, &plan.windows)
        };
        let told = told.iter().filter(|(_, seen)| is_news(seen));
        let told = told.map(|(account, seen)| told::told(seen, account, &plan.windows, self.now));
        told.chain(counted).collect()
    }

    /// Whether less than a quarter of what PLAN costs was used LATELY, by what
    /// that is worth. In the first week nobody can tell; and where the service
    /// has TOLD of more, other programs use it, past us.
    fn is_hardly_used(&self, plan: &Plan, lately: &Tally, told: &[(&str, &SeenWindow)]) -> bool {
        let days = ((self.now - self.first) / DAY).min(LATELY);
        let unseen = lately.requests == 0 && told.iter().any(|(_, it)| told::is_used(it));
        let elsewhere = unseen || told.iter().any(|(_, it)| told::is_well_used(it));
        if days < 7 || elsewhere || plan.price == Money::ZERO {
            return false;
        }
        let paid = i128::from(plan.monthly().pico()) * i128::from(days) / i128::from(LATELY);
        let little = i128::from(lately.value.pico()) * 4 < paid;
        lately.requests == 0 || (little && lately.unpriced == 0)
    }
}

impl Use {
    /// Add ATTEMPT, WORTH so much, to the term and to the last days if it is
    /// in these, which BEGIN so.
    fn add(
        &mut self,
        attempt: &Used,
        worth: Option<Money>,
        [term, lately]: [i64; 2],
        zone: &TimeZone,
    ) {
        for (tally, begin) in [(&mut self.term, term), (&mut self.lately, lately)] {
            if attempt.started_ms >= begin {
                tally.add(attempt, worth, zone);
            }
        }
        let (tokens, value) = (attempt.usage.total(), worth.unwrap_or(Money::ZERO));
        self.counters.iter_mut().for_each(|it| it.count(attempt.started_ms, tokens, value));
    }
}

/// What PLAN pays of what its accounts use. An account that it covers may be
/// metered all the same: then it pays for other programs only.
fn covered(plan: &Plan) -> Filter {
    let mut filter = Filter::default().with(Column::Payer, Some(Payer::Plan.name()));
    filter.0.insert(Column::Account, plan.covers.iter().cloned().map(Some).collect());
    filter
}
