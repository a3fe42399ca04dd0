//! Money that was paid to a service beforehand.

use crate::Money;
use jiff::civil::Date;

/// Money that was paid to a service beforehand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Its name in the configuration: `[a-z0-9-]+`.
    pub name: String,
    /// The account that draws on it.
    pub account: String,
    /// How much there was, without the service's fee.
    pub bought: Money,
    /// On which day; what was spent before does not count.
    pub on: Date,
    /// The first day on which what is left of it is gone.
    pub expires: Option<Date>,
}
