//! What is tried instead of what was done.

use super::caching::Caching;
use super::offer::{Offer, Unfit};
use super::subscription::Subscription;
use crate::methods::plans::circumstances;
use crate::setup::Setup;
use llm_switch_catalog::Circumstances;
use llm_switch_ledger::Used;
use llm_switch_types::{Money, Payer, Usage};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;

/// Something that could have been done, and what it would have come to.
pub(super) struct Candidate<'a> {
    pub(super) name: String,
    way: Way<'a>,
    cost: Money,
    /// What was paid for what is left where it was.
    stays: Money,
    taken: u64,
    too_large: u64,
    unpriced: u64,
    beyond: u64,
}

/// How it would have been done.
pub(super) enum Way<'a> {
    /// All of it at one deployment.
    Deployment(Offer<'a>, Caching),
    /// At those where it was, with other caches.
    Same(&'a Setup, Caching, Offers<'a>),
    /// Under a plan that is paid for so many months.
    Plan(Subscription<'a>, u64),
}

/// The offers behind providers, accounts and models.
type Offers<'a> = HashMap<(Arc<str>, Arc<str>), Option<Offer<'a>>>;

impl<'a> Candidate<'a> {
    pub(super) fn new(name: impl Into<String>, way: Way<'a>) -> Self {
        let cost = match &way {
            Way::Plan(plan, months) => plan.monthly.times(*months),
            _ => Money::ZERO,
        };
        let [taken, too_large, unpriced, beyond] = [0; 4];
        let stays = Money::ZERO;
        Candidate { name: name.into(), way, cost, stays, taken, too_large, unpriced, beyond }
    }

    /// Try USED in this way too. What does not fit stays where it was.
    pub(super) fn add(&mut self, used: &Used) {
        let paid = used.cost.unwrap_or(Money::ZERO);
        if used.usage.total() == 0 {
            self.stays = self.stays.saturating_add(paid);
            return;
        }
        match self.try_one(used) {
            Ok(cost) => {
                self.taken += 1;
                self.cost = self.cost.saturating_add(cost);
            }
            Err(unfit) => {
                self.stays = self.stays.saturating_add(paid);
                match unfit {
                    Some(Unfit::TooLarge) => self.too_large += 1,
                    Some(Unfit::Unpriced) => self.unpriced += 1,
                    None => self.beyond += 1,
                }
            }
        }
    }

    /// What USED costs in this way; why it does not fit, `None` being that a
    /// plan is used up.
    fn try_one(&mut self, used: &Used) -> Result<Money, Option<Unfit>> {
        match &mut self.way {
            Way::Deployment(offer, caching) => {
                offer.cost(&used.usage, *caching, &circumstances(used)).map_err(Some)
            }
            Way::Same(setup, caching, offers) => same(setup, *caching, offers, used).map_err(Some),
            Way::Plan(plan, _) => {
                let taken = plan.take(used.started_ms, used.usage.total());
                if taken { Ok(Money::ZERO) } else { Err(None) }
            }
        }
    }

    /// What one more request with USAGE costs; `None` where it does not fit.
    pub(super) fn price_of(&self, usage: &Usage, circumstances: &Circumstances) -> Option<Money> {
        match &self.way {
            Way::Deployment(offer, caching) => offer.cost(usage, *caching, circumstances).ok(),
            Way::Plan(..) => Some(Money::ZERO),
            Way::Same(..) => None,
        }
    }

    /// What it would have come to, what stays where it was among it.
    pub(super) fn total(&self) -> Money {
        self.cost.saturating_add(self.stays)
    }

    pub(super) fn way(&self) -> &Way<'a> {
        &self.way
    }

    /// How many attempts stay where they were for want of room.
    pub(super) const fn too_large(&self) -> u64 {
        self.too_large
    }

    /// It as a row, compared with what was PAID.
    pub(super) fn told(&self, paid: Money) -> Value {
        let mut row = json!({
            "candidate": self.name,
            "title": self.name,
            "kind": "same",
            "total": self.total(),
            "difference": self.total().saturating_sub(paid),
            "cost": self.cost,
            "taken": self.taken,
            "too-large": self.too_large,
            "unpriced": self.unpriced,
            "beyond": self.beyond,
        });
        match &self.way {
            Way::Deployment(offer, _) => {
                row["kind"] = json!("deployment");
                row["account"] = json!(offer.has_account);
            }
            Way::Plan(plan, months) => {
                row["kind"] = json!("plan");
                row["title"] = json!(plan.title);
                row["months"] = json!(months);
                row["own"] = json!(plan.plan.is_some());
                row["limited"] = json!(plan.is_limited());
            }
            Way::Same(..) => {}
        }
        row
    }
}

/// What USED costs where it was, with caches as CACHING says. What was not
/// metered is not changed by them.
fn same<'a>(
    setup: &'a Setup,
    caching: Caching,
    offers: &mut Offers<'a>,
    used: &Used,
) -> Result<Money, Unfit> {
    if used.payer != Payer::Metered {
        return Ok(used.cost.unwrap_or(Money::ZERO));
    }
    let key = (Arc::clone(&used.account), Arc::clone(&used.model));
    let offer = offers.entry(key).or_insert_with(|| {
        let fee = setup.accounts.get(&*used.account).map(|it| it.fee).unwrap_or_default();
        Offer::at(setup, &used.provider, &used.model, Payer::Metered, fee, true)
    });
    let offer = offer.as_ref().ok_or(Unfit::Unpriced)?;
    offer.cost(&used.usage, caching, &circumstances(used))
}
