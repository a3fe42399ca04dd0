//! What an attempt cost, and how we know.

use crate::{Money, Percent};
use serde::{Deserialize, Serialize};

/// Where the figure of a [`Cost`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The service's own figure.
    Reported,
    /// Reported usage times a catalogue price.
    Computed,
    /// A cancelled or cut answer: usage was not reported.
    Estimated,
    /// Covered by a subscription.
    Plan,
    /// Runs on the user's own machine, or a free tier.
    Free,
    /// No price is known. Never shown or summed as zero.
    Unknown,
}

impl Basis {
    /// All of them, in the order of the declaration.
    pub const ALL: [Basis; 6] =
        [Self::Reported, Self::Computed, Self::Estimated, Self::Plan, Self::Free, Self::Unknown];

    /// The word for it, in the ledger and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Computed => "computed",
            Self::Estimated => "estimated",
            Self::Plan => "plan",
            Self::Free => "free",
            Self::Unknown => "unknown",
        }
    }
}

/// An amount with its basis. `amount` is `None` exactly when it is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Cost {
    /// Pico-dollars, or `None` when the price is unknown.
    pub amount: Option<Money>,
    /// How the amount is known.
    pub basis: Basis,
    /// The catalogue price that was used, such as `openai/gpt-5@2025-08-07`.
    pub price: Option<String>,
}

impl Cost {
    /// What the user's own machine charges.
    pub const FREE: Cost = Cost { amount: Some(Money::ZERO), basis: Basis::Free, price: None };

    /// Covered by a subscription that is paid anyway.
    pub const PLAN: Cost = Cost { amount: Some(Money::ZERO), basis: Basis::Plan, price: None };

    /// A price that nobody told us.
    pub const UNKNOWN: Cost = Cost { amount: None, basis: Basis::Unknown, price: None };

    /// The same figure for an answer whose usage was not reported. What is
    /// free stays free and what is unknown stays unknown.
    pub fn estimated(self) -> Cost {
        match self.basis {
            Basis::Free | Basis::Unknown | Basis::Plan => self,
            _ => Cost { basis: Basis::Estimated, ..self },
        }
    }

    /// With the FEE that the service takes when credit is bought, so that the
    /// figure is what left the user's pocket.
    pub fn with_fee(self, fee: Percent) -> Cost {
        Cost { amount: self.amount.map(|amount| fee.on_top_of(amount)), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_enters_what_is_known_and_nothing_else() {
        let fee: Percent = "5.5".parse().unwrap();
        let cost = Cost { amount: "0.2".parse().ok(), basis: Basis::Reported, price: None };
        assert_eq!(cost.with_fee(fee).amount.unwrap().to_string(), "0.211");
        assert_eq!(Cost::FREE.with_fee(fee), Cost::FREE);
        assert_eq!(Cost::UNKNOWN.with_fee(fee), Cost::UNKNOWN);
    }
}
