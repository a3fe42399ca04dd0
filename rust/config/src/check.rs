//! What the file says of accounts and providers, which only the engine knows
//! all of.

use crate::lines::Fault;
use crate::{Config, suggestion::instead};
use llm_switch_types::{Limit, Payer, Result, Scope};
use std::result;

/// An account that can be called, as far as the file can be wrong about it.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its name.
    pub account: &'a str,
    /// Its provider's name.
    pub provider: &'a str,
    /// Who pays.
    pub payer: Payer,
    /// The user named it, as opposed to the usual port of a local server.
    pub named: bool,
}

impl Config {
    /// Whether each provider and account that the file names is among
    /// PROVIDERS and ACCOUNTS.
    ///
    /// # Errors
    /// [`Config`](llm_switch_types::ErrorKind::Config) with the line, and what
    /// was meant.
    pub fn check(&self, providers: &[&str], accounts: &[Known<'_>]) -> Result<()> {
        let accounts: Vec<&str> = accounts.iter().map(|known| known.account).collect();
        let checked = self
            .check_scopes(providers, &accounts)
            .and_then(|()| self.check_routes(&accounts))
            .and_then(|()| self.check_paid(&accounts));
        checked.map_err(|fault| self.lines.error(fault))
    }

    fn check_scopes(&self, providers: &[&str], accounts: &[&str]) -> result::Result<(), Fault> {
        let budgets = self.budgets.iter().map(|budget| &budget.on).enumerate();
        let access = self.mcp_access.iter().map(|access| &access.on).enumerate();
        let tables = budgets.map(|(index, on)| (format!("budget[{index}].on"), on));
        for (path, on) in
            tables.chain(access.map(|(index, on)| (format!("mcp-access[{index}].on"), on)))
        {
            let path = format!("{path}.{}", on.kind());
            match on {
                Scope::Provider(name) => is_known(path, "provider", name, providers)?,
                Scope::Account(name) => is_known(path, "account", name, accounts)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn check_routes(&self, accounts: &[&str]) -> result::Result<(), Fault> {
        for (name, route) in &self.routes {
            for (index, deployment) in route.deployments.iter().enumerate() {
                let path = format!("route.{name}.use[{index}]");
                is_known(path, "account", &deployment.account, accounts)?;
            }
        }
        Ok(())
    }

    fn check_paid(&self, accounts: &[&str]) -> result::Result<(), Fault> {
        for (name, plan) in &self.plans {
            for (index, account) in plan.covers.iter().enumerate() {
                is_known(format!("plan.{name}.covers[{index}]"), "account", account, accounts)?;
            }
        }
        self.credits.iter().try_for_each(|(name, credit)| {
            is_known(format!("credit.{name}.account"), "account", &credit.account, accounts)
        })
    }

    /// Whether each budget that counts a model's dollars can: `PRICED` tells
    /// whether a model at a provider has a price. Models that none of
    /// ACCOUNTS pays for by the token need none.
    ///
    /// # Errors
    /// [`Config`](llm_switch_types::ErrorKind::Config) with the line, and what
    /// to write instead.
    pub fn check_prices(
        &self,
        accounts: &[Known<'_>],
        priced: impl Fn(&str, &str) -> bool,
    ) -> Result<()> {
        let metered = accounts.iter().filter(|known| known.payer == Payer::Metered);
        let providers: Vec<&str> = metered.map(|known| known.provider).collect();
        for (index, budget) in self.budgets.iter().enumerate() {
            let (Scope::Model(model), Limit::Dollars(_)) = (&budget.on, budget.limit) else {
                continue;
            };
            let Some(first) = providers.first() else { continue };
            if !providers.iter().any(|provider| priced(provider, model)) {
                let what = format!(
                    "this budget counts dollars, and no price of {model:?} is known: write \
                     [price.\"{first}/{model}\"], or limit tokens or requests"
                );
                return Err(self
                    .lines
                    .error(Fault::new(format!("budget[{index}].on.model"), what)));
            }
        }
        Ok(())
    }
}

fn is_known(path: String, kind: &str, name: &str, known: &[&str]) -> result::Result<(), Fault> {
    if known.contains(&name) {
        return Ok(());
    }
    let otherwise = format!("write [{kind}.{name}]");
    let what = instead(name, known.iter().copied(), &otherwise);
    Err(Fault::new(path, format!("there is no {kind} {name:?}: {what}")))
}
