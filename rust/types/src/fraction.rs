//! A part of a limit.

use crate::Money;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A part of a limit, above 0 and up to the whole, exact to a millionth.
///
/// The configuration writes it as a number: `0.8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Fraction(u32);

const WHOLE: u32 = 1_000_000;

impl Fraction {
    /// This part of AMOUNT, rounded half up.
    pub fn of(self, amount: Money) -> Money {
        Money::ratio(i128::from(amount.pico()) * i128::from(self.0), WHOLE.into())
    }

    /// This part of COUNT, rounded up: nothing is reached before it is.
    pub fn of_count(self, count: u64) -> u64 {
        let part = u128::from(count) * u128::from(self.0);
        u64::try_from(part.div_ceil(WHOLE.into())).unwrap_or(count)
    }
}

impl TryFrom<f64> for Fraction {
    type Error = String;

    /// NUMBER to the nearest millionth.
    fn try_from(number: f64) -> Result<Fraction, String> {
        let parts = (number * f64::from(WHOLE)).round();
        let fits = (1.0..=f64::from(WHOLE)).contains(&parts);
        fits.then_some(Fraction(parts as u32)).ok_or_else(|| {
            format!("{number} is not a part of a limit: write 0.8 for 80 %, and at most 1")
        })
    }
}

impl From<Fraction> for f64 {
    fn from(fraction: Fraction) -> f64 {
        f64::from(fraction.0) / f64::from(WHOLE)
    }
}

/// In percent, exactly: `80 %`, `33.3333 %`.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", f64::from(self.0) / f64::from(WHOLE / 100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_an_amount_is_exact() {
        let part = Fraction::try_from(0.8).unwrap();
        assert_eq!(part.of("3.00".parse().unwrap()).to_string(), "2.4");
        assert_eq!(
            (part.of_count(200), part.of_count(1), part.to_string()),
            (160, 1, "80 %".into())
        );
        let whole = Fraction::try_from(1.0).unwrap();
        assert_eq!(whole.of(Money::from_pico(i64::MAX)).pico(), i64::MAX);
        assert_eq!(whole.of_count(u64::MAX), u64::MAX);
    }

    #[test]
    fn refuses_what_is_no_part() {
        for number in [0.0, -0.5, 1.1, 80.0, 1e-9, f64::NAN, f64::INFINITY] {
            assert!(Fraction::try_from(number).is_err(), "{number}");
        }
    }
}
