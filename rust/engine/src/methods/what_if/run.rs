//! `what_if.run`.

use super::caching::{Hits, Wish};
use super::candidate::Candidate;
use super::subscription::months;
use super::{assumptions, choice};
use crate::methods::Job;
use crate::methods::spend::{Ask, fields};
use crate::setup::Setup;
use jiff::Timestamp;
use jiff::civil::Date;
use llm_switch_ledger::{Column, Filter, Group, Ledger, Sums, Used};
use llm_switch_types::{Money, Payer, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[derive(Deserialize, Default)]
#[serde(default)]
struct Written {
    candidates: Option<Vec<String>>,
    also: Vec<String>,
    cache: Wish,
    all: bool,
}

/// When and `filter` as of `spend.*`, and `{candidates?, also?, cache?, all?}`
/// -> `{from, to, paid, attempts, unknown, all, cache, hits, rows,
/// assumptions}`: what each candidate would have cost, the cheapest first.
///
/// A candidate is `account/model`, `provider/model`, the name of a plan, or
/// dollars a month such as "$200"; those in `also` are added to the usual
/// ones. `cache` is "as-it-was", "off" or "on": on is with `hits`, `{route,
/// read, input}`, the share of its input that the dearest route had from a
/// cache. Metered use is looked at; with `all`, or where nothing was metered,
/// or where `filter` has a payer, what was free or under a plan is too.
///
/// A row: `{candidate, title, kind, total, difference, cost, taken, too-large,
/// unpriced, beyond}`; `kind` is "deployment", "plan" or "same", what was
/// asked with other caches. Each attempt is priced by its own tokens and time.
/// What is too large for the model, has no price there or is beyond the limits
/// of the plan stays where it was: `cost` is what the others come to, `total`
/// has what was paid for these in it. A deployment has `account`, whether the
/// user has one there; a plan has `months`, `own` and `limited`, whether its
/// limits were looked at.
///
/// # Errors
/// For a candidate that is not known; those of the configuration and the
/// ledger.
pub(in crate::methods) async fn run(job: Job) -> Result<Value> {
    let ask = Ask::of(&job).await?;
    let written: Written = fields(&job.params)?;
    let setup = job.core.setup().await?;
    let ledger = job.core.ledger.get().await?;
    let told = job.core.tasks.blocking(move || {
        ledger.flush()?;
        View::read(setup, ledger, ask, written)?.tell()
    });
    told.await?
}

struct View {
    setup: Arc<Setup>,
    ledger: Ledger,
    ask: Ask,
    written: Written,
    filter: Filter,
    /// What is not metered is looked at too.
    all: bool,
    /// Of what is looked at, by account, model and route.
    groups: Vec<Group>,
}

/// What was really done.
#[derive(Default)]
pub(super) struct Done {
    pub(super) paid: Money,
    pub(super) attempts: u64,
    /// How many of them cost an amount that is not known.
    pub(super) unknown: u64,
}

impl View {
    fn read(setup: Arc<Setup>, ledger: Ledger, ask: Ask, written: Written) -> Result<View> {
        let columns = [Column::Account, Column::Model, Column::Route];
        let metered = ask.filter.clone().with(Column::Payer, Some(Payer::Metered.name()));
        let chosen = written.all || ask.filter.0.contains_key(&Column::Payer);
        let groups = ledger.groups(ask.span.clone(), &columns, &metered)?;
        let all = chosen || groups.is_empty();
        let filter = if all { ask.filter.clone() } else { metered };
        let groups = if all { ledger.groups(ask.span.clone(), &columns, &filter)? } else { groups };
        Ok(View { setup, ledger, ask, written, filter, all, groups })
    }

    fn tell(&self) -> Result<Value> {
        let hits = self.hits();
        let mut candidates = self.candidates(hits.as_ref().map(|(_, hits)| *hits))?;
        let done = self.try_all(&mut candidates)?;
        candidates.sort_by(|a, b| (a.total(), &a.name).cmp(&(b.total(), &b.name)));
        let hits = hits
            .map(|(route, hits)| json!({"route": route, "read": hits.read, "input": hits.input}));
        Ok(json!({
            "from": self.ask.span.start,
            "to": self.ask.span.end,
            "paid": done.paid,
            "attempts": done.attempts,
            "unknown": done.unknown,
            "all": self.all,
            "cache": self.written.cache.name(),
            "hits": hits,
            "rows": candidates.iter().map(|it| it.told(done.paid)).collect::<Vec<_>>(),
            "assumptions": assumptions::of_run(&candidates, &done, self.all, hits.as_ref()),
        }))
    }

    /// One pass over the ledger, whatever the number of CANDIDATES.
    fn try_all(&self, candidates: &mut [Candidate]) -> Result<Done> {
        let mut done = Done::default();
        self.ledger.uses(self.ask.span.clone(), &self.filter, |used: &Used| {
            done.attempts += u64::from(used.usage.total() > 0);
            done.unknown += u64::from(used.cost.is_none());
            done.paid = done.paid.saturating_add(used.cost.unwrap_or(Money::ZERO));
            candidates.iter_mut().for_each(|candidate| candidate.add(used));
            true
        })?;
        Ok(done)
    }

    fn candidates(&self, hits: Option<Hits>) -> Result<Vec<Candidate<'_>>> {
        let wish = self.written.cache;
        let (caching, months) = (wish.with(hits), self.months()?);
        let names = match &self.written.candidates {
            Some(names) => names.clone(),
            None => choice::usual(&self.setup, &self.used(), self.today()),
        };
        let mut seen = BTreeSet::new();
        let names = names.iter().chain(&self.written.also).filter(|name| seen.insert(*name));
        let named: Result<Vec<_>> =
            names.map(|name| choice::named(&self.setup, name, caching, months)).collect();
        let mut candidates = named?;
        if self.written.candidates.is_none() {
            candidates.extend(choice::same(&self.setup, hits));
        }
        Ok(candidates)
    }

    /// The dearest route and what of its input came from a cache.
    fn hits(&self) -> Option<(Option<String>, Hits)> {
        let mut routes = BTreeMap::<_, Sums>::new();
        for group in &self.groups {
            let sums = routes.entry(group.names[2].clone()).or_default();
            *sums = sums.plus(group.sums);
        }
        let (route, sums) = routes.into_iter().max_by_key(|(_, sums)| sums.cost)?;
        let hits = Hits { read: sums.cache_read, input: sums.usage().total_input() };
        (hits.read > 0).then_some((route, hits))
    }

    /// The deployments that were asked.
    fn used(&self) -> BTreeSet<String> {
        let name = |group: &Group| {
            Some(format!("{}/{}", group.names[0].as_ref()?, group.names[1].as_ref()?))
        };
        self.groups.iter().filter_map(name).collect()
    }

    fn today(&self) -> Date {
        let now = Timestamp::from_millisecond(self.ask.now).unwrap_or_default();
        self.setup.time_zone.to_datetime(now).date()
    }

    /// How many months of a plan the span needs, as far as anything was asked.
    fn months(&self) -> Result<u64> {
        let first = self.ledger.first_ms()?.unwrap_or(self.ask.now);
        let end = self.ask.span.end.min(self.ask.now);
        Ok(months(end - self.ask.span.start.max(first)))
    }
}
