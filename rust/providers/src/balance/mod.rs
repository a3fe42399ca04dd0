//! What is left on an account, asked of its service.
//!
//! Most services tell it in a few fields, whose paths stand in their row.
//! Those that tell the windows of a plan have a reader each. None of it is
//! documented well, and most of it not at all: what is not understood is left
//! out, and only when nothing is understood is that an error.

mod plan;
mod purse;

use crate::attempt::{now, refusal, usable_key};
use crate::classify::{self, Refusal};
use crate::dialect::headers;
use llm_switch_net::{Call, Client};
use llm_switch_types::{
    Balance, BalanceSource, Error, ErrorKind, Limits, PlanForm, Provider, Result,
};
use secrecy::SecretString;
use serde_json::Value;

/// More than any service tells of one account.
const MAX_BALANCE: usize = 1 << 20;

/// Ask PROVIDER what is left on the account of KEY.
///
/// # Errors
/// Those of the network and of a refusal; [`ErrorKind::Config`] when the
/// service has no place where it tells that, and [`ErrorKind::Protocol`] when
/// it tells it in a way that is not understood.
pub async fn balance(
    client: &Client,
    provider: &Provider,
    key: Option<&SecretString>,
) -> Result<Balance> {
    let (source, url) =
        provider.balance.as_ref().zip(provider.balance_url()).ok_or_else(unasked)?;
    let call = Call {
        url: &url,
        key: usable_key(provider, key)?,
        headers: headers(provider.dialect),
        json: None,
        accept: "application/json",
    };
    let mut reply = client.send(call).await?;
    if reply.status() != 200 {
        return Err(refusal(&mut reply, provider).await);
    }
    let body = reply.body(MAX_BALANCE).await?;
    let json = serde_json::from_slice(&body).unwrap_or_default();
    if let Some(status) = refused(&json) {
        let refusal = Refusal { status, headers: &reply.headers(), body: &body, now: now() };
        return Err(classify::classify(provider, refusal));
    }
    read(source, &json, now()).ok_or_else(not_understood)
}

fn unasked() -> Error {
    Error::new(ErrorKind::Config, "this service does not tell what is left on an account")
        .advise("Look at the service's own page")
}

fn not_understood() -> Error {
    let what = "the service tells what is left in a way that is not known here";
    Error::new(ErrorKind::Protocol, what).advise("Look at the service's own page")
}

/// The status that JSON, which came as 200, means if it is a refusal: Z.AI
/// says `success: false` beside a code, MiniMax a code of its own.
fn refused(json: &Value) -> Option<u16> {
    let minimax = json.pointer("/base_resp/status_code").and_then(Value::as_i64);
    if json["success"] == false || minimax.is_some_and(|code| code != 0) {
        let code = json["code"].as_u64().and_then(|code| u16::try_from(code).ok());
        return Some(code.filter(|code| (400..600).contains(code)).unwrap_or(400));
    }
    None
}

/// What JSON tells at NOW, in Unix milliseconds, where SOURCE says; `None`
/// when that is nothing.
fn read(source: &BalanceSource, json: &Value, now: i64) -> Option<Balance> {
    let windows = match source.plan {
        None => Vec::new(),
        Some(PlanForm::Kimi) => plan::kimi(json, now),
        Some(PlanForm::Zai) => plan::zai(json, now),
        Some(PlanForm::Minimax) => plan::minimax(json, now),
        Some(PlanForm::Chutes) => plan::chutes(json, now),
    };
    let balance = Balance { purses: purse::read(source, json), limits: Limits { windows } };
    let told = !balance.purses.is_empty() || !balance.limits.windows.is_empty();
    told.then_some(balance)
}

/// VALUE as a number, which some services write as text.
fn number(value: &Value) -> Option<f64> {
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_error_in_the_clothes_of_an_answer_is_known() {
        let table = [
            (json!({"code": 401, "msg": "token expired", "success": false}), Some(401)),
            (json!({"success": false}), Some(400)),
            (json!({"base_resp": {"status_code": 1004}}), Some(400)),
            (json!({"base_resp": {"status_code": 0}}), None),
            (json!({"code": 200, "success": true}), None),
            (json!([1]), None),
        ];
        for (json, status) in table {
            assert_eq!(refused(&json), status, "{json}");
        }
    }

    #[test]
    fn what_tells_nothing_is_no_balance() {
        let forms = [PlanForm::Kimi, PlanForm::Zai, PlanForm::Minimax, PlanForm::Chutes];
        for plan in forms {
            let source = BalanceSource { plan: Some(plan), ..BalanceSource::default() };
            for json in [json!(null), json!([]), json!({"data": 1, "limits": "x", "usage": []})] {
                assert_eq!(read(&source, &json, 0), None, "{plan:?} {json}");
            }
        }
    }
}
