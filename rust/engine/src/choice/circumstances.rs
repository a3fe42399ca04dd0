//! What speaks for one tier or another beside the request itself.

use super::permission::Permission;
use super::rules::Rules;
use super::wanted::NEAR;
use crate::core::Core;
use crate::intake::Ask;
use crate::ledger::now_ms;
use crate::money::caps;
use crate::setup::Setup;
use jiff::Timestamp;
use llm_switch_ledger::{Cap, Standing};
use llm_switch_types::{Deployment, Payer, Subject};

/// What speaks for one tier or another beside the request itself.
#[derive(Debug, Default)]
pub(crate) struct Circumstances {
    /// The budget that is nearest to its limit, and how much of it is spent or
    /// held, in percent.
    budget: Option<(String, u32)>,
    /// Who costs nothing and has nothing to do.
    idle: Option<Deployment>,
}

impl Core {
    /// The circumstances of ASK, within PERMISSION.
    pub(crate) async fn circumstances(
        &self,
        setup: &Setup,
        ask: &Ask,
        permission: &Permission,
    ) -> Circumstances {
        let idle = self.idle(setup, permission);
        Circumstances { budget: self.nearest_limit(setup, ask).await, idle }
    }

    /// Of the budgets that count ASK whoever answers. Of one of an account it
    /// cannot be said yet.
    async fn nearest_limit(&self, setup: &Setup, ask: &Ask) -> Option<(String, u32)> {
        let subject = Subject {
            provider: "",
            account: "",
            model: "",
            route: None,
            project: ask.project.as_deref(),
            client: &ask.client,
        };
        let caps = caps(&setup.budgets, &subject, Timestamp::now(), &setup.time_zone);
        if caps.is_empty() {
            return None;
        }
        let (ledger, asked) = (self.ledger.get().await.ok()?, caps.clone());
        let read = self.tasks.blocking(move || ledger.standings(&asked, now_ms())).await;
        // What cannot be read here refuses where money is asked for.
        nearest(&caps, &read.ok()?.ok()?)
    }

    /// Who on this machine may be asked, costs nothing and has nothing to do
    /// for this Emacs, as far as that is known without asking.
    fn idle(&self, setup: &Setup, permission: &Permission) -> Option<Deployment> {
        let listed = setup.built_in_routes().get(NEAR).map(|it| it.deployments.clone());
        let all = listed.into_iter().flatten().chain(self.nearby.known());
        let is_free = |it: &Deployment| {
            setup.account(it).is_ok_and(|it| it.payer == Payer::Free && permission.admits(it))
        };
        let now = now_ms();
        let is_idle =
            |it: &Deployment| is_free(it) && self.loads.of(it) == 0 && !self.watch.is_out(it, now);
        all.into_iter().find(is_idle)
    }
}

fn nearest(caps: &[Cap], standings: &[Standing]) -> Option<(String, u32)> {
    let percent = |it: &Standing| {
        let used = i128::from(it.spent) + i128::from(it.held);
        u32::try_from(used * 100 / i128::from(it.limit.max(1))).unwrap_or(u32::MAX)
    };
    let parts = caps.iter().zip(standings).map(|(cap, it)| (cap.budget.clone(), percent(it)));
    parts.max_by_key(|(_, percent)| *percent)
}

impl Circumstances {
    /// Why one should go a step down, if one should.
    pub(super) fn near_limit(&self, rules: &Rules) -> Option<String> {
        let (budget, percent) = self.budget.as_ref()?;
        let is_near = rules.near_limit_percent.is_some_and(|it| *percent >= it);
        is_near.then(|| format!("{percent} % of budget {budget:?} is spent or held"))
    }

    /// The route for TIER where somebody who costs nothing has nothing to do;
    /// REASONS gets why.
    pub(super) fn idle<'r>(
        &self,
        rules: &'r Rules,
        tier: &str,
        reasons: &mut Vec<String>,
    ) -> Option<&'r str> {
        let deployment = self.idle.as_ref()?;
        let idle = rules.idle.as_ref().filter(|it| it.tiers.iter().any(|it| it == tier))?;
        reasons.push(format!("{deployment} is free and idle"));
        Some(&idle.route)
    }
}
