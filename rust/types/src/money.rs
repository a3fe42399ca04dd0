//! Money as an integer, so that no cent is lost to a float.

use serde::{Deserialize, Serialize};
use std::{fmt, iter::Sum, str::FromStr};

/// An amount in pico-dollars (10⁻¹² US dollars).
///
/// A price of `$1.25` per million tokens is 1,250,000 pico-dollars per token,
/// so every price that any service publishes is a whole number, and an `i64`
/// holds nine million dollars. Formatting for people is the user interface's.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Money(i64);

/// A text that is not an amount in dollars with at most twelve decimals.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an amount in dollars such as \"3.00\"")]
pub struct InvalidMoney(pub String);

const DECIMALS: usize = 12;

impl Money {
    /// Nothing.
    pub const ZERO: Money = Money(0);

    /// The amount of `pico` pico-dollars.
    pub const fn from_pico(pico: i64) -> Self {
        Money(pico)
    }

    /// DOLLARS that a service reports as a float, to the nearest pico-dollar;
    /// `None` for what cannot be a bill.
    pub fn from_dollars(dollars: f64) -> Option<Self> {
        let bill = dollars.is_finite() && dollars >= 0.0;
        bill.then(|| format!("{dollars:.DECIMALS$}").parse().ok()).flatten()
    }

    /// This amount in pico-dollars.
    pub const fn pico(self) -> i64 {
        self.0
    }

    /// The sum, or the largest amount there is: a bill never wraps around.
    pub const fn saturating_add(self, other: Money) -> Money {
        Money(self.0.saturating_add(other.0))
    }

    /// The difference, never wrapping around.
    pub const fn saturating_sub(self, other: Money) -> Money {
        Money(self.0.saturating_sub(other.0))
    }

    /// This amount so many times, never wrapping around.
    pub fn times(self, count: u64) -> Money {
        Money(self.0.saturating_mul(i64::try_from(count).unwrap_or(i64::MAX)))
    }

    /// PICO pico-dollars divided by PARTS, which is positive, rounded half up
    /// and never wrapping around.
    pub(crate) fn ratio(pico: i128, parts: i128) -> Money {
        let rounded = pico.saturating_add(parts / 2).div_euclid(parts);
        Money(i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX }))
    }
}

impl Sum for Money {
    fn sum<I: Iterator<Item = Money>>(amounts: I) -> Money {
        amounts.fold(Money::ZERO, Money::saturating_add)
    }
}

/// Exact dollars, without a sign for the currency: `"0.0042"`, `"3"`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = format!("{:013}", self.0.unsigned_abs());
        let (whole, fraction) = digits.split_at(digits.len() - DECIMALS);
        let fraction = fraction.trim_end_matches('0');
        let sign = if self.0 < 0 { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{fraction}")
    }
}

impl FromStr for Money {
    type Err = InvalidMoney;

    fn from_str(text: &str) -> Result<Self, InvalidMoney> {
        let invalid = || InvalidMoney(text.to_owned());
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty()
            || !is_number(whole)
            || !is_number(fraction)
            || fraction.len() > DECIMALS
        {
            return Err(invalid());
        }
        let pico: i64 = format!("{whole}{fraction:0<DECIMALS$}").parse().map_err(|_| invalid())?;
        Ok(Money(sign * pico))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_dollars_exactly() {
        for text in ["0", "3", "0.0042", "-1.5", "0.000000000001", "9000000.25"] {
            assert_eq!(text.parse::<Money>().unwrap().to_string(), text);
        }
        assert_eq!("3.00".parse::<Money>().unwrap(), Money::from_pico(3_000_000_000_000));
    }

    #[test]
    fn refuses_what_is_not_dollars() {
        for text in ["", ".5", "1e3", "$3", "1,000", "0.0000000000001", "10000000000", "--1"] {
            assert_eq!(text.parse::<Money>(), Err(InvalidMoney(text.to_owned())));
        }
    }

    #[test]
    fn a_ratio_rounds_half_up() {
        let pico = |pico, parts| Money::ratio(pico, parts).pico();
        assert_eq!([pico(5, 10), pico(4, 10), pico(-5, 10), pico(15, 10)], [1, 0, 0, 2]);
    }

    #[test]
    fn a_reported_float_is_rounded_and_never_negative() {
        assert_eq!(Money::from_dollars(5.599_999_999_999_999e-5), Some(Money(56_000_000)));
        for dollars in [-0.01, f64::NAN, f64::INFINITY, 1e9] {
            assert_eq!(Money::from_dollars(dollars), None, "{dollars}");
        }
    }

    #[test]
    fn never_wraps_around() {
        assert_eq!(Money::from_pico(i64::MAX).times(2), Money::from_pico(i64::MAX));
        assert_eq!(Money::ratio(i128::MAX, 1), Money::from_pico(i64::MAX));
        assert_eq!(Money::ratio(i128::MIN, 1), Money::from_pico(i64::MIN));
        let all = [Money::from_pico(i64::MAX), Money::from_pico(1)];
        assert_eq!(all.into_iter().sum::<Money>(), Money::from_pico(i64::MAX));
    }
}
