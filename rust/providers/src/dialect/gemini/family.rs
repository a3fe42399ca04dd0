//! What differs between the families of models that speak this dialect.

/// Whether MODEL counts its thoughts in tokens. Gemini 3 and later ones are
/// told a level, which the families before them refuse.
pub(super) fn counts_thoughts(model: &str) -> bool {
    model.contains("gemini-2")
}

/// Whether MODEL refuses a tool call that nobody signed. What is no Gemini
/// (Gemma is served here too) knows no signatures.
pub(super) fn wants_signatures(model: &str) -> bool {
    is_third_or_later(model)
}

/// Whether MODEL takes media inside of what a tool returned. Gemini 3 and
/// later ones want them there, and the families before refuse that.
pub(super) fn takes_media_in_results(model: &str) -> bool {
    is_third_or_later(model)
}

fn is_third_or_later(model: &str) -> bool {
    model.contains("gemini-") && !model.contains("gemini-1") && !counts_thoughts(model)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_is_told_by_its_name() {
        let table = [
            ("gemini-1.5-pro", false, false),
            ("gemini-2.5-flash-lite", true, false),
            ("models/gemini-2.5-pro", true, false),
            ("gemini-3.1-pro-preview", false, true),
            ("gemini-4-argon", false, true),
            ("gemini-flash-latest", false, true),
            ("gemma-4-31b-it", false, false),
        ];
        let asked = table.map(|(name, ..)| (name, counts_thoughts(name), wants_signatures(name)));
        assert_eq!(asked, table);
    }
}
