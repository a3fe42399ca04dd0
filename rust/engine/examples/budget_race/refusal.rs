//! What the refused were told.

use crate::job::End;
use llm_switch_types::Money;

/// The numbers in a refusal, in pico-dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub left: i64,
    pub limit: i64,
    pub spent: i64,
    pub held: i64,
    pub asked: i64,
}

/// How long a request waits for open holds before it is refused, as the manual
/// says.
const WAIT_MS: u64 = 5_000;

impl Refusal {
    /// What END says, if it is the refusal of a budget: `budget NAME has LEFT
    /// left of LIMIT (SPENT spent, HELD held by open requests), and this may
    /// take ASKED`.
    pub fn read(end: &End) -> Option<Refusal> {
        let is_refusal = end.kind == "refused" && end.what.contains("held by open requests");
        let amounts = end.what.split('$').skip(1).map(amount);
        match amounts.collect::<Option<Vec<i64>>>()?[..] {
            [left, limit, spent, held, asked] if is_refusal => {
                Some(Refusal { left, limit, spent, held, asked })
            }
            _ => None,
        }
    }

    /// What is wrong with it, if END was refused although there was money:
    /// LEAST is the smallest hold that makes sense.
    pub fn fault(&self, end: &End, least: i64) -> Option<&'static str> {
        let Refusal { left, limit, spent, held, asked } = *self;
        if left != (limit - spent - held).max(0) || asked <= left {
            return Some("its numbers do not add up");
        }
        if end.resets_at.is_none() {
            return Some("it does not tell when the budget is full again");
        }
        if held == 0 && spent + least <= limit {
            return Some("there was money, and nobody held it");
        }
        if spent + asked.min(least) <= limit && end.waited < WAIT_MS {
            return Some("it did not wait for what others held");
        }
        None
    }
}

/// The amount that TEXT begins with.
fn amount(text: &str) -> Option<i64> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let money: Money = text[..end].trim_end_matches('.').parse().ok()?;
    Some(money.pico())
}
