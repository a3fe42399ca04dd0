//! A price that the user sets.

use crate::{Money, Rate, Rates};
use std::time::Duration;

/// What the user says a model costs; it wins over the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnPrice {
    /// What a service charges.
    Charged {
        /// Per token.
        rates: Rates,
        /// For each request, whatever its size.
        per_request: Money,
    },
    /// What a machine of the user's own costs, by the tokens it handles.
    PerMillion(Rate),
    /// What a machine of the user's own costs, by the time it works.
    Electricity {
        /// What it draws while it works.
        watts: u32,
        /// The price of a kilowatt-hour.
        per_kwh: Money,
    },
}

const WATT_MILLISECONDS_PER_KWH: i128 = 3_600_000_000;

impl OwnPrice {
    /// What a machine that draws WATTS costs in a TIME, at PER_KWH.
    pub fn electricity(watts: u32, per_kwh: Money, time: Duration) -> Money {
        let work =
            i128::from(watts).saturating_mul(time.as_millis().try_into().unwrap_or(i128::MAX));
        let pico = work.saturating_mul(i128::from(per_kwh.pico()));
        Money::ratio(pico, WATT_MILLISECONDS_PER_KWH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_at_a_kilowatt_is_a_kilowatt_hour() {
        let price: Money = "0.32".parse().unwrap();
        let hour = Duration::from_secs(3_600);
        assert_eq!(OwnPrice::electricity(1_000, price, hour), price);
        let short = OwnPrice::electricity(120, price, Duration::from_millis(4_500));
        assert_eq!(short.to_string(), "0.000048");
        let forever = OwnPrice::electricity(u32::MAX, price, Duration::MAX);
        assert_eq!(forever, Money::from_pico(i64::MAX));
    }
}
