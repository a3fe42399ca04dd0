//! `plans.set_balance`: what is left according to its owner.

use crate::ledger::now_ms;
use crate::methods::Job;
use crate::methods::spend::{fields, wrong};
use llm_switch_ledger::Seen;
use llm_switch_types::{Money, Payer, Result};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Written {
    account: String,
    amount: String,
    now: Option<i64>,
}

/// `{account, amount, now?}` -> `{account, remaining, at}`: notes that AMOUNT,
/// dollars as text such as "12.50", is left on an account now. From then on
/// it is counted down by what the ledger says was spent there.
///
/// # Errors
/// For an account that is not there or that pays nothing by the token, and for
/// what is no amount; those of the ledger.
pub(in crate::methods) async fn set_balance(job: Job) -> Result<Value> {
    let written: Written = fields(&job.params)?;
    let setup = job.core.setup().await?;
    let account = setup.account_named(&written.account)?;
    if account.payer != Payer::Metered {
        let what = format!("account {:?} does not draw on credit", account.name);
        return Err(wrong(what).advise("Only metered accounts do: see payer in the configuration"));
    }
    let remaining = amount(&written.amount)?;
    let at = written.now.unwrap_or_else(now_ms);
    let ledger = job.core.ledger.get().await?;
    let seen = Seen { account: account.name.clone(), model: None, at_ms: at };
    job.core
        .tasks
        .blocking(move || {
            ledger.enter_balance(seen, remaining);
            ledger.flush()
        })
        .await??;
    Ok(json!({"account": account.name, "remaining": remaining, "at": at}))
}

fn amount(text: &str) -> Result<Money> {
    let digits = text.trim().trim_start_matches('$').replace(',', "");
    digits.parse().map_err(|_| {
        wrong(format!("{text:?} is no amount of dollars")).advise("Write one such as 12.50")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_are_read_as_people_write_them() {
        for (text, read) in [("12.50", "12.5"), (" $1,250 ", "1250"), ("0", "0"), ("-3", "-3")] {
            assert_eq!(amount(text).unwrap().to_string(), read);
        }
        let error = amount("twelve").unwrap_err();
        assert!(error.to_string().contains("twelve"), "{error}");
    }
}
