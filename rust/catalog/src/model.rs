//! A model at a provider.

use crate::Price;
use jiff::civil::Date;
use llm_switch_types::Money;
use serde::Deserialize;

/// What is known of a model at a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// `provider/model`.
    pub name: String,
    /// Context window, in tokens.
    pub context: u64,
    /// The price, where one is known.
    pub price: Option<Price>,
}

/// A model as it stands in `data/models.toml`; prices per million tokens.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Row {
    name: String,
    context: u64,
    input: Dollars,
    cache_read: Option<Dollars>,
    output: Dollars,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Dollars(Money);

impl TryFrom<String> for Dollars {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let price: Money =
            text.parse().map_err(|e: llm_switch_types::InvalidMoney| e.to_string())?;
        let per_token = price.per_million().ok_or(format!("{text} has more than six decimals"))?;
        Ok(Dollars(per_token))
    }
}

impl Row {
    pub(crate) fn into_model(self, as_of: Date) -> Model {
        let price = Price {
            id: format!("{}@{as_of}", self.name),
            input: self.input.0,
            cache_read: self.cache_read.map(|dollars| dollars.0),
            output: self.output.0,
        };
        Model { name: self.name, context: self.context, price: Some(price) }
    }
}
