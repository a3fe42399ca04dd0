//! What prompt caches saved.

use super::table::Table;
use llm_switch_catalog::Catalog;
use llm_switch_ledger::{Column, Group};
use llm_switch_types::{Money, Payer};

/// What the caches saved the user in TABLE, which has the columns provider,
/// model and payer: what was read from them, at the difference to fresh input,
/// less what writing to them cost above it. `None` where no price tells.
///
/// The rates are those of a short prompt today; the ledger does not keep the
/// rates of each attempt, so this is an estimate.
pub(super) fn saved(catalog: &Catalog, table: &Table) -> Option<Money> {
    let metered = |group: &&Group| table.name(group, Column::Payer) == Some(Payer::Metered.name());
    let told = table.groups.iter().filter(metered).filter_map(|group| {
        let name = |column| table.name(group, column);
        of_group(catalog, group, name(Column::Provider)?, name(Column::Model)?)
    });
    told.reduce(Money::saturating_add)
}

fn of_group(catalog: &Catalog, group: &Group, provider: &str, model: &str) -> Option<Money> {
    let rates = catalog.usual_rates(provider, model)?;
    let input = rates.input?;
    let buckets = [
        (group.sums.cache_read, rates.cache_read),
        (group.sums.cache_write_5m, rates.cache_write_5m),
        (group.sums.cache_write_1h, rates.cache_write_1h),
    ];
    let used = buckets.into_iter().filter(|(tokens, _)| *tokens > 0);
    let saved = used.map(|(tokens, rate)| Some(input.of(tokens).pico() - rate?.of(tokens).pico()));
    saved.reduce(|sum, more| Some(sum?.saturating_add(more?))).flatten().map(Money::from_pico)
}

#[cfg(test)]
mod tests {
    use super::*;
    use llm_switch_ledger::Sums;

    fn table(provider: &str, model: &str, payer: &str, sums: Sums) -> Table {
        let names = [provider, model, payer].map(|name| Some(name.to_owned())).to_vec();
        Table {
            columns: vec![Column::Provider, Column::Model, Column::Payer],
            groups: vec![Group { names, sums }],
        }
    }

    #[test]
    fn reading_saves_and_writing_costs() {
        let catalog = Catalog::embedded().unwrap();
        let rates = catalog.usual_rates("anthropic", "claude-sonnet-5").unwrap();
        let price = |rate: Option<llm_switch_types::Rate>| rate.unwrap().of(1_000_000).pico();
        let (input, read) = (price(rates.input), price(rates.cache_read));
        let write = price(rates.cache_write_5m);
        let million = |cache_read, cache_write_5m| {
            let sums = Sums { cache_read, cache_write_5m, ..Sums::default() };
            saved(&catalog, &table("anthropic", "claude-sonnet-5", "metered", sums))
        };
        assert_eq!(million(1_000_000, 0), Some(Money::from_pico(input - read)));
        assert_eq!(million(0, 1_000_000), Some(Money::from_pico(input - write)));
        assert!(million(0, 1_000_000).unwrap() < Money::ZERO);
        assert_eq!(million(0, 0), None);
    }

    #[test]
    fn nothing_is_saved_where_nobody_pays_and_nothing_told_without_a_price() {
        let catalog = Catalog::embedded().unwrap();
        let sums = Sums { cache_read: 1_000_000, ..Sums::default() };
        assert_eq!(saved(&catalog, &table("anthropic", "claude-sonnet-5", "plan", sums)), None);
        assert_eq!(saved(&catalog, &table("nobody", "nothing", "metered", sums)), None);
    }
}
