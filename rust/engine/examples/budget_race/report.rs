//! The table.

use crate::cases::Case;
use crate::race::Outcome;
use llm_switch_types::Money;

/// The line above the cases.
pub const HEAD: &str = "case                         asked admitted refused      spent        cap       \
                        peak  overshoot samples";

/// The line of CASE, which came to OUTCOME.
pub fn line(case: &Case, outcome: &Outcome) -> String {
    let Outcome { seen, refusals, faults, .. } = outcome;
    format!(
        "{} {:<26} {:>5} {:>8} {:>7} {:>10} {:>10} {:>10} {:>10} {:>7}  {}",
        case.number,
        case.name,
        case.asked(),
        seen.rows.attempts,
        refusals.len(),
        dollars(seen.rows.spent),
        dollars(case.cap),
        dollars(seen.most),
        dollars(seen.rows.overshoot),
        seen.samples,
        if faults.is_empty() { "holds" } else { "DOES NOT HOLD" }
    )
}

/// PICO pico-dollars, for a person.
pub fn dollars(pico: i64) -> String {
    format!("${}", Money::from_pico(pico))
}
