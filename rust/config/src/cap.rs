//! The budget of an account for which nobody wrote one.

use crate::{Config, Known, budget::DEFAULT_MARK};
use jiff::civil::Time;
use llm_switch_types::{AtLimit, Budget, Fraction, Limit, Money, Origin, Payer, Period, Scope};

/// Five dollars a day.
pub(crate) const USUAL: Money = Money::from_pico(5_000_000_000_000);

impl Config {
    /// The budgets that are in force for ACCOUNTS: those of the file, in its
    /// order, then one of `default-cap` a day for each metered account that
    /// the user named and that none of the file limits in dollars.
    pub fn budgets_for(&self, accounts: &[Known<'_>]) -> Vec<Budget> {
        let uncapped = accounts
            .iter()
            .filter(|known| known.named && known.payer == Payer::Metered && !self.caps(known));
        let defaults = self
            .default_cap
            .into_iter()
            .flat_map(|cap| uncapped.clone().map(move |known| default(known.account, cap)));
        self.budgets.iter().cloned().chain(defaults).collect()
    }

    /// Whether a budget of the file limits all that KNOWN may cost.
    fn caps(&self, known: &Known<'_>) -> bool {
        let in_dollars = self.budgets.iter().filter(|budget| budget.limit.dollars().is_some());
        in_dollars.map(|budget| &budget.on).any(|on| match on {
            Scope::Global => true,
            Scope::Provider(name) => name == known.provider,
            Scope::Account(name) => name == known.account,
            Scope::Model(_) | Scope::Route(_) | Scope::Project(_) | Scope::Client(_) => false,
        })
    }
}

fn default(account: &str, cap: Money) -> Budget {
    let (on, limit) = (Scope::Account(account.to_owned()), Limit::Dollars(cap));
    let window = Period::Day { at: Time::midnight() };
    Budget {
        name: format!("{account}, {window}{DEFAULT_MARK}"),
        on,
        window,
        limit,
        warn: Fraction::try_from(crate::budget::USUAL_WARNING).into_iter().collect(),
        at_limit: AtLimit::Block,
        origin: Origin::Default,
    }
}
