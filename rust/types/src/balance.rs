//! What is left on an account, and where its service tells that.

use crate::{Limits, Money};
use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

/// What is left on an account, as its service told it when it was asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// One for each currency or other unit; empty where only a plan is told.
    pub purses: Vec<Purse>,
    /// The windows of a plan.
    #[serde(flatten)]
    pub limits: Limits,
}

/// The figures in one unit. A service that tells one of them need not tell
/// the others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Purse {
    /// What can still be spent; below zero it is owed.
    pub remaining: Option<Amount>,
    /// What was spent; since when is the service's to say.
    pub spent: Option<Amount>,
    /// What may be spent in all.
    pub limit: Option<Amount>,
}

/// An amount in the unit that a service told it in. Only dollars are money
/// of ours: another currency is shown and never added up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount {
    /// US dollars.
    Dollars(Money),
    /// Anything else.
    Other {
        /// A decimal number, as it was told.
        number: String,
        /// `CNY`, `credits`, …
        unit: String,
    },
}

impl Amount {
    /// The unit of dollars.
    pub const DOLLARS: &'static str = "USD";

    /// The amount of NUMBER, a decimal, in UNIT. `None` for what is no number.
    pub fn told(number: &str, unit: &str) -> Option<Amount> {
        if unit == Self::DOLLARS {
            return number.parse().ok().map(Amount::Dollars);
        }
        let is_number = number.parse().is_ok_and(f64::is_finite);
        is_number.then(|| Amount::Other { number: number.to_owned(), unit: unit.to_owned() })
    }

    /// The unit: `USD`, `CNY`, …
    pub fn unit(&self) -> &str {
        match self {
            Amount::Dollars(_) => Self::DOLLARS,
            Amount::Other { unit, .. } => unit,
        }
    }

    /// The dollars, where it is dollars.
    pub const fn dollars(&self) -> Option<Money> {
        match self {
            Amount::Dollars(money) => Some(*money),
            Amount::Other { .. } => None,
        }
    }
}

/// `{number, unit, amount}`: a decimal as text, its unit, and, where that is
/// `USD`, the pico-dollars.
impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = match self {
            Amount::Dollars(money) => money.to_string(),
            Amount::Other { number, .. } => number.clone(),
        };
        let mut amount = serializer.serialize_struct("Amount", 3)?;
        amount.serialize_field("number", &number)?;
        amount.serialize_field("unit", self.unit())?;
        amount.serialize_field("amount", &self.dollars())?;
        amount.end()
    }
}

/// Where a service tells what is left, and where in its answer that stands.
/// The paths are JSON pointers, below `each` where there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case", deny_unknown_fields)]
pub struct BalanceSource {
    /// The URL. One that begins with a slash is on the host of the base URL,
    /// whatever address the user gives that: it belongs to the software.
    pub url: String,
    /// A list with an entry for each currency.
    pub each: Option<String>,
    /// What can still be spent.
    pub remaining: Option<String>,
    /// What is owed, which is below zero while there is credit.
    pub owed: Option<String>,
    /// What was spent.
    pub spent: Option<String>,
    /// What may be spent in all.
    pub limit: Option<String>,
    /// The unit of these: `USD`, `CNY`.
    pub unit: Option<String>,
    /// Where the unit stands, if the answer tells it.
    pub unit_at: Option<String>,
    /// The form in which it tells the windows of a plan.
    pub plan: Option<PlanForm>,
}

/// A form in which a service tells the windows of its plan. Each has a reader
/// of its own, since no path leads to what has to be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "each is the service that tells it so")]
pub enum PlanForm {
    Kimi,
    Zai,
    Minimax,
    Chutes,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dollars_are_money_and_another_currency_never_is() {
        let [dollars, yuan] = ["USD", "CNY"].map(|unit| Amount::told("-12.50", unit).unwrap());
        assert_eq!(dollars.dollars().map(Money::pico), Some(-12_500_000_000_000));
        assert_eq!((yuan.dollars(), yuan.unit()), (None, "CNY"));
    }

    #[test]
    fn what_is_no_number_is_no_amount() {
        for (number, unit) in [("", "USD"), ("many", "CNY"), ("NaN", "CNY"), ("1,5", "USD")] {
            assert_eq!(Amount::told(number, unit), None, "{number} {unit}");
        }
    }

    #[test]
    fn the_user_interface_gets_the_number_as_text_and_dollars_exactly() {
        let write = |unit| json!(Amount::told("7.10", unit));
        assert_eq!(
            write("USD"),
            json!({"number": "7.1", "unit": "USD", "amount": 7_100_000_000_000_i64})
        );
        assert_eq!(write("CNY"), json!({"number": "7.10", "unit": "CNY", "amount": null}));
    }
}
