//! The file as a whole: parsing, and telling where it is wrong.

use crate::lines::{Fault, Lines, line, wrong};
use crate::many::Many;
use crate::suggestion::with_suggestion;
use crate::{Config, account, amount, budget, credit, links, mcp, mode, plan};
use crate::{price, price_list, provider, route, zone};
use llm_switch_types::{Deployment, Result};
use serde::Deserialize;
use std::{collections::BTreeMap, result};

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
struct File {
    default_mode: Option<String>,
    time_zone: Option<zone::Zone>,
    default_cap: Option<amount::Cap>,
    max_cost: Option<amount::Dollars>,
    provider: BTreeMap<String, provider::Table>,
    account: BTreeMap<String, account::Table>,
    price: BTreeMap<String, price::Table>,
    prices: price_list::Table,
    budget: Many<budget::Table>,
    plan: BTreeMap<String, plan::Table>,
    credit: BTreeMap<String, credit::Table>,
    route: BTreeMap<String, route::Table>,
    mode: BTreeMap<String, mode::Table>,
    mcp: BTreeMap<String, mcp::Table>,
    mcp_rules: mcp::McpRules,
    mcp_access: Many<mcp::AccessTable>,
}

pub(crate) fn parse(text: &str) -> Result<Config> {
    let file: File = toml::from_str(text).map_err(|error| {
        let start = error.span().unwrap_or_default().start;
        wrong(line(text, start), &with_suggestion(error.message()))
    })?;
    let mut config = Config { lines: Lines::of(text), ..Config::default() };
    let filled = fill(&mut config, file).and_then(|()| links::check(&config));
    filled.map_err(|fault| config.lines.error(fault))?;
    Ok(config)
}

/// Fill CONFIG with what FILE says.
fn fill(config: &mut Config, file: File) -> result::Result<(), Fault> {
    config.default_mode = file.default_mode;
    config.time_zone = file.time_zone.map(|zone::Zone(zone)| zone);
    config.price_source = file.prices.address;
    config.max_cost = file.max_cost.map(|amount::Dollars(amount)| amount);
    if let Some(amount::Cap(cap)) = file.default_cap {
        config.default_cap = cap;
    }
    config.providers = tables("provider", check_name, file.provider, |table, _| {
        table.try_into().map_err(Fault::of_table)
    })?;
    config.accounts = tables("account", check_name, file.account, |table, name| {
        table.into_account(name).map_err(Fault::of_table)
    })?;
    config.prices = tables("price", price::check_name, file.price, |table, _| {
        table.into_price().map_err(Fault::of_table)
    })?;
    config.budgets = file.budget.into_budgets(&config.lines)?;
    config.plans = tables("plan", check_name, file.plan, plan::Table::into_plan)?;
    config.credits = tables("credit", check_name, file.credit, credit::Table::into_credit)?;
    config.routes = tables("route", check_name, file.route, route::Table::into_route)?;
    let modes = tables("mode", check_name, file.mode, |table, name| {
        table.into_mode(name, config.modes.get(name))
    })?;
    config.modes.extend(modes);
    config.mcp = tables("mcp", mcp::check_name, file.mcp, |table, name| {
        table.into_server(name, config.lines.line(&format!("mcp.{name}")))
    })?;
    mcp::kept_apart(&config.mcp)?;
    config.mcp_rules = file.mcp_rules;
    config.mcp_access = file.mcp_access.into_access()?;
    Ok(())
}

/// What each table of KIND says, by its name.
fn tables<Table, Entry>(
    kind: &str,
    check_name: fn(&str) -> result::Result<(), String>,
    tables: BTreeMap<String, Table>,
    read: impl Fn(Table, &str) -> result::Result<Entry, Fault>,
) -> result::Result<BTreeMap<String, Entry>, Fault> {
    let entry = |(name, table): (String, Table)| {
        let path = format!("{kind}.{name}");
        check_name(&name).map_err(|what| Fault::new(&path, what))?;
        let entry = read(table, &name).map_err(|fault| fault.under(&path))?;
        Ok((name, entry))
    };
    tables.into_iter().map(entry).collect()
}

fn check_name(name: &str) -> result::Result<(), String> {
    Deployment::is_account_name(name)
        .then_some(())
        .ok_or_else(|| format!("the name {name:?} may hold only a-z, 0-9 and -"))
}
