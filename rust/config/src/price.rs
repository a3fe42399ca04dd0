//! A price that the user sets.

use llm_switch_types::{Money, OwnPrice, Rate, Rates};
use serde::Deserialize;

/// `[price."provider/model"]`, in one of three forms: what a service charges,
/// what a machine of the user's own costs by the million tokens, or what it
/// draws and what the electricity costs.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    input: Option<Rate>,
    output: Option<Rate>,
    cache_read: Option<Rate>,
    #[serde(rename = "cache-write-5m")]
    cache_write_5m: Option<Rate>,
    #[serde(rename = "cache-write-1h")]
    cache_write_1h: Option<Rate>,
    reasoning: Option<Rate>,
    per_request: Option<Dollars>,
    per_million: Option<Rate>,
    watts: Option<u32>,
    per_kwh: Option<Dollars>,
}

/// An amount in dollars, as text: `"0.32"`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Dollars(Money);

impl TryFrom<String> for Dollars {
    type Error = String;

    fn try_from(text: String) -> Result<Dollars, String> {
        let amount: Money =
            text.parse().map_err(|error: llm_switch_types::InvalidMoney| error.to_string())?;
        (amount >= Money::ZERO).then_some(Dollars(amount)).ok_or("a price is not below 0".into())
    }
}

impl Table {
    /// The price that it sets.
    pub(crate) fn into_price(self) -> Result<OwnPrice, String> {
        let charged = self.charges();
        match (self.input, self.output, self.per_million, self.watts, self.per_kwh) {
            (Some(input), Some(output), None, None, None) => Ok(self.charged(input, output)),
            (None, None, Some(rate), None, None) if !charged => Ok(OwnPrice::PerMillion(rate)),
            (None, None, None, Some(watts), Some(Dollars(per_kwh))) if !charged => {
                Ok(OwnPrice::Electricity { watts, per_kwh })
            }
            _ => Err("a price is input and output, or per-million, or watts and per-kwh".into()),
        }
    }

    /// Whether it has a key that only the price of a service has.
    fn charges(&self) -> bool {
        let others = [self.cache_read, self.cache_write_5m, self.cache_write_1h, self.reasoning];
        others.iter().any(Option::is_some) || self.per_request.is_some()
    }

    /// Cached input costs as much as fresh input unless it is said otherwise:
    /// who sets a price in one line must not get an unknown cost for it, and
    /// the figure errs on the side that does not surprise.
    fn charged(self, input: Rate, output: Rate) -> OwnPrice {
        let rates = Rates {
            input: Some(input),
            output: Some(output),
            cache_read: self.cache_read.or(Some(input)),
            cache_write_5m: self.cache_write_5m.or(Some(input)),
            cache_write_1h: self.cache_write_1h.or(Some(input)),
            reasoning: self.reasoning,
            ..Rates::default()
        };
        let per_request = self.per_request.map_or(Money::ZERO, |Dollars(fee)| fee);
        OwnPrice::Charged { rates, per_request }
    }
}

/// Whether NAME can name what is priced: `provider/model` or `provider/*`.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let parsed = name.parse::<llm_switch_types::Deployment>();
    parsed.map(drop).map_err(|_| {
        format!(
            "{name:?} names no model: write [price.\"provider/model\"] or [price.\"provider/*\"]"
        )
    })
}
