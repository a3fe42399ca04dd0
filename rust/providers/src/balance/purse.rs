//! Amounts, where the row of the provider says that they stand.

use llm_switch_types::{Amount, BalanceSource, Money, Purse};
use serde_json::Value;

/// The purses that JSON tells of where SOURCE says.
pub(super) fn read(source: &BalanceSource, json: &Value) -> Vec<Purse> {
    let entries = match &source.each {
        None => std::slice::from_ref(json),
        Some(path) => json.pointer(path).and_then(Value::as_array).map_or(&[][..], Vec::as_slice),
    };
    entries.iter().filter_map(|entry| purse(source, entry)).collect()
}

/// The purse of ENTRY; `None` when it has no figure or no unit, since an
/// amount of nobody knows what is none.
fn purse(source: &BalanceSource, entry: &Value) -> Option<Purse> {
    let at = |path: &Option<String>| entry.pointer(path.as_deref()?);
    let unit = at(&source.unit_at).and_then(Value::as_str).or(source.unit.as_deref())?;
    let figure = |path| Amount::told(&decimal(at(path)?)?, unit);
    let (spent, limit) = (figure(&source.spent), figure(&source.limit));
    let owed = || negative(&figure(&source.owed)?);
    let left = || difference(limit.as_ref()?, spent.as_ref()?);
    let remaining = figure(&source.remaining).or_else(owed).or_else(left);
    let told = [&remaining, &spent, &limit].iter().any(|figure| figure.is_some());
    told.then_some(Purse { remaining, spent, limit })
}

/// VALUE as a decimal: a text as it is, or a number to twelve decimals, since
/// a float that was added up has more than anybody wrote.
fn decimal(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => {
            let digits = format!("{:.12}", number.as_f64()?);
            Some(digits.trim_end_matches('0').trim_end_matches('.').to_owned())
        }
        _ => None,
    }
}

/// Of dollars only, as what is no money of ours is not reckoned with.
fn difference(limit: &Amount, spent: &Amount) -> Option<Amount> {
    Some(Amount::Dollars(limit.dollars()?.saturating_sub(spent.dollars()?)))
}

fn negative(owed: &Amount) -> Option<Amount> {
    difference(&Amount::Dollars(Money::ZERO), owed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn source(toml: &[(&str, &str)]) -> BalanceSource {
        let object: Value = toml.iter().map(|(key, value)| (*key, *value)).collect();
        serde_json::from_value(object).unwrap()
    }

    fn remaining(source: &BalanceSource, json: &Value) -> Vec<Amount> {
        read(source, json).into_iter().filter_map(|purse| purse.remaining).collect()
    }

    #[test]
    fn what_is_left_is_told_or_owed_or_the_difference() {
        let unit = ("unit", "USD");
        let table = [
            (source(&[unit, ("remaining", "/a")]), json!({"a": "12.50"})),
            (source(&[unit, ("owed", "/a")]), json!({"a": -12.5})),
            (source(&[unit, ("limit", "/a"), ("spent", "/b")]), json!({"a": 20, "b": 7.5})),
        ];
        for (source, json) in table {
            assert_eq!(remaining(&source, &json), [Amount::told("12.5", "USD").unwrap()]);
        }
    }

    #[test]
    fn without_a_limit_there_is_no_difference() {
        let source = source(&[("unit", "USD"), ("limit", "/a"), ("spent", "/b")]);
        let purse = read(&source, &json!({"a": null, "b": 1})).remove(0);
        assert_eq!((purse.remaining, purse.limit), (None, None));
        assert_eq!(purse.spent, Amount::told("1", "USD"));
    }

    #[test]
    fn each_currency_is_a_purse_and_one_without_name_is_none() {
        let source = source(&[("each", "/list"), ("remaining", "/left"), ("unit-at", "/currency")]);
        let json = json!({"list": [{"currency": "CNY", "left": "90.10"},
                                   {"currency": "USD", "left": "1"}, {"left": "5"}]});
        let expected = [("90.10", "CNY"), ("1", "USD")]
            .map(|(number, unit)| Amount::told(number, unit).unwrap());
        assert_eq!(remaining(&source, &json), expected);
    }

    #[test]
    fn a_float_is_the_number_that_was_meant() {
        let source = source(&[("unit", "USD"), ("spent", "/a")]);
        for (float, number) in [(0.1 + 0.2, "0.3"), (100.0, "100"), (5.6e-5, "0.000056")] {
            let spent = read(&source, &json!({"a": float})).remove(0).spent;
            assert_eq!(spent, Amount::told(number, "USD"), "{float}");
        }
    }

    #[test]
    fn another_currency_is_not_reckoned_with() {
        let source = source(&[("unit", "CNY"), ("limit", "/a"), ("spent", "/b"), ("owed", "/b")]);
        assert_eq!(read(&source, &json!({"a": 2, "b": 1})).remove(0).remaining, None);
    }
}
