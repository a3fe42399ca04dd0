//! The configuration file: what the user names, checked before it is used.
//!
//! No file is fine: everything has a default that spends nothing. What is
//! wrong is told with its line, and a secret in the file is refused without
//! being repeated.

mod account;
mod amount;
mod budget;
mod cap;
mod check;
mod credit;
mod day;
mod document;
mod edit;
mod extra;
mod key;
mod lines;
mod links;
mod many;
pub mod mcp;
mod mode;
mod plan;
mod price;
mod price_list;
mod provider;
mod route;
mod scope;
mod suggestion;
mod zone;

pub use account::Account;
pub use check::Known;
pub use edit::NewPrice;
pub use key::KeySource;
pub use lines::Lines;
pub use price_list::PriceSource;
pub use provider::ProviderEntry;

use crate::mcp::{McpAccess, McpRules, McpServer};
use jiff::tz::TimeZone;
use llm_switch_types::{
    Budget, Credit, Error, ErrorKind, Mode, Money, OwnPrice, Plan, Result, Route,
};
use std::{collections::BTreeMap, path::Path};

/// What the user configured. Without a file it holds the built-in modes, the
/// default cap, and nothing else.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Servers that the catalogue does not know, and changes to those it does.
    pub providers: BTreeMap<String, ProviderEntry>,
    /// Accounts by name.
    pub accounts: BTreeMap<String, Account>,
    /// Prices that win over the catalogue's, by `provider/model`; the model
    /// `*` stands for all of the provider.
    pub prices: BTreeMap<String, OwnPrice>,
    /// Where newer prices are fetched from, where it is said.
    pub price_source: Option<PriceSource>,
    /// Budgets in the order of the file; [`Config::budgets_for`] has those
    /// that are in force.
    pub budgets: Vec<Budget>,
    /// Subscriptions by name.
    pub plans: BTreeMap<String, Plan>,
    /// Money paid beforehand, by name.
    pub credits: BTreeMap<String, Credit>,
    /// Routes by name.
    pub routes: BTreeMap<String, Route>,
    /// Modes by name, those that are built in among them.
    pub modes: BTreeMap<String, Mode>,
    /// The mode of who names none, where it is said.
    pub default_mode: Option<String>,
    /// The zone of all windows; that of the system where it is not said.
    pub time_zone: Option<TimeZone>,
    /// What a metered account may cost in a day for which no budget was
    /// written; `None` if the user wants no such thing.
    pub default_cap: Option<Money>,
    /// The most that one request may cost, where its route does not say.
    pub max_cost: Option<Money>,
    /// Servers of tools, by name.
    pub mcp: BTreeMap<String, McpServer>,
    /// Which of their tools may be called.
    pub mcp_rules: McpRules,
    /// Which requests may use only some of their tools, in the order of the
    /// file.
    pub mcp_access: Vec<McpAccess>,
    /// Where each setting stands.
    pub lines: Lines,
}

impl Default for Config {
    fn default() -> Config {
        let modes = Mode::built_in().into_iter().map(|mode| (mode.name.clone(), mode));
        Config {
            providers: BTreeMap::new(),
            accounts: BTreeMap::new(),
            prices: BTreeMap::new(),
            price_source: None,
            budgets: Vec::new(),
            plans: BTreeMap::new(),
            credits: BTreeMap::new(),
            routes: BTreeMap::new(),
            modes: modes.collect(),
            default_mode: None,
            time_zone: None,
            default_cap: Some(cap::USUAL),
            max_cost: None,
            mcp: BTreeMap::new(),
            mcp_rules: McpRules::default(),
            mcp_access: Vec::new(),
            lines: Lines::default(),
        }
    }
}

impl Config {
    /// Read the file at PATH; no file gives the empty configuration.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] with file and line.
    pub fn load(path: &Path) -> Result<Config> {
        match std::fs::read_to_string(path) {
            Ok(text) => match Config::parse(&text) {
                Ok(mut config) => {
                    mcp::place(&mut config.mcp, path);
                    Ok(config)
                }
                Err(error) => Err(error.at(path.display())),
            },
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Config::default()),
            Err(error) => Err(Error::new(ErrorKind::Config, format!("cannot be read: {error}"))
                .at(path.display())
                .advise("Make the file readable, or set llm-switch-config-file")),
        }
    }

    /// Parse the TEXT of a configuration file.
    ///
    /// # Errors
    /// [`ErrorKind::Config`] whose text begins with the line.
    pub fn parse(text: &str) -> Result<Config> {
        document::parse(text)
    }
}
