//! A share of an amount.

use crate::{InvalidMoney, Money};
use serde::Deserialize;
use std::{fmt, str::FromStr};

/// A percentage between 0 and 100, exact to a millionth of a percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Percent(u32);

const WHOLE: i128 = 100_000_000;
const PICO_PER_STEP: i64 = 1_000_000;

impl Percent {
    /// HUNDREDTHS of a percent, of which the whole has ten thousand.
    pub fn from_hundredths(hundredths: u32) -> Percent {
        Percent(hundredths.min(10_000) * 10_000)
    }

    /// AMOUNT and this share of it on top, rounded half up.
    pub fn on_top_of(self, amount: Money) -> Money {
        Money::ratio(i128::from(amount.pico()) * (WHOLE + i128::from(self.0)), WHOLE)
    }

    /// AMOUNT, which has this share on top, without it; rounded half up.
    pub fn taken_off(self, amount: Money) -> Money {
        Money::ratio(i128::from(amount.pico()) * WHOLE, WHOLE + i128::from(self.0))
    }
}

/// `5.5`.
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Money::from_pico(i64::from(self.0) * PICO_PER_STEP).fmt(f)
    }
}

/// `"5.5"`.
impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Percent, String> {
        let wrong = || format!("{text:?} is not a percentage between 0 and 100 such as \"5.5\"");
        let number: Money = text.parse().map_err(|_: InvalidMoney| wrong())?;
        let steps = number.pico() / PICO_PER_STEP;
        let fits = number.pico() % PICO_PER_STEP == 0 && (0..=WHOLE).contains(&steps.into());
        fits.then_some(Percent(steps as u32)).ok_or_else(wrong)
    }
}

impl TryFrom<String> for Percent {
    type Error = String;

    fn try_from(text: String) -> Result<Percent, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_added_exactly_and_rounds_half_up() {
        let fee: Percent = "5.5".parse().unwrap();
        assert_eq!(fee.on_top_of("2".parse().unwrap()).to_string(), "2.11");
        assert_eq!(fee.on_top_of(Money::from_pico(100)).pico(), 106, "105.5");
        assert_eq!(Percent::default().on_top_of(Money::from_pico(7)).pico(), 7);
    }

    #[test]
    fn what_was_added_can_be_taken_off_again() {
        let fee: Percent = "5.5".parse().unwrap();
        for pico in [0, 1, 100, 123_456_789_012] {
            let amount = Money::from_pico(pico);
            assert_eq!(fee.taken_off(fee.on_top_of(amount)), amount);
        }
    }

    #[test]
    fn it_is_written_as_it_is_read() {
        for text in ["0", "5.5", "100", "0.000001"] {
            assert_eq!(text.parse::<Percent>().unwrap().to_string(), text);
        }
        assert_eq!(Percent::from_hundredths(550), "5.5".parse().unwrap());
        assert_eq!(Percent::from_hundredths(u32::MAX), "100".parse().unwrap());
    }

    #[test]
    fn refuses_what_is_no_percentage() {
        for text in ["", "-1", "100.1", "5,5", "5.5%", "0.0000001"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }
}
