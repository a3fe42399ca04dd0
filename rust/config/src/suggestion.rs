//! What somebody meant who wrote a word that is not known.

/// The one of the KNOWN words that is most like WORD, if it is like it at all.
fn likeliest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let likeness = |other: &str| strsim::normalized_damerau_levenshtein(word, other);
    let best = known.into_iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    best.filter(|other| likeness(other) > 0.6)
}

/// What to write instead of WORD: one of the KNOWN, else what OTHERWISE says.
pub(crate) fn instead<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str>,
    otherwise: &str,
) -> String {
    match likeliest(word, known) {
        Some(meant) => format!("did you mean {meant:?}?"),
        None => otherwise.to_owned(),
    }
}

/// serde's words for what it expected, and those of people who write TOML.
const PLAIN: [(&str, &str); 6] = [
    ("expected a sequence", "expected a list, such as [1, 2]"),
    ("expected a map", "expected a table, such as { key = 1 }"),
    ("expected a boolean", "expected true or false"),
    ("expected f64", "expected a number"),
    ("expected u32", "expected a whole number"),
    ("expected a string", "expected text, between quotes"),
];

/// MESSAGE of serde for people, with "did you mean" when it tells of an
/// unknown key or value.
///
/// serde names the unknown word first and then those that it expected, each
/// between backquotes.
pub(crate) fn with_suggestion(message: &str) -> String {
    let message = plain(unquoted(&message.replace('\n', " ")));
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let told = words.split_first().filter(|_| message.starts_with("unknown"));
    let Some((unknown, expected)) = told else { return message };
    match likeliest(unknown, expected.iter().copied()) {
        Some(word) => format!("unknown word `{unknown}`: did you mean `{word}`?"),
        None => {
            format!("unknown word{}", after_kind(&message).replacen(", expected", ": write", 1))
        }
    }
}

/// What follows "unknown field" or "unknown variant" in MESSAGE.
fn after_kind(message: &str) -> &str {
    message.find(" `").map_or(message, |start| &message[start..])
}

fn plain(message: String) -> String {
    let known = PLAIN.iter().find(|(said, _)| message.ends_with(said));
    known.map_or(message.clone(), |(said, plain)| message.replace(said, plain))
}

/// MESSAGE without the value that serde quotes when it has the wrong type,
/// for a key that was pasted in the wrong place would be repeated.
fn unquoted(message: &str) -> String {
    match (message.find("string \""), message.rfind("\", expected")) {
        (Some(start), Some(end)) if start < end => {
            format!("{}string{}", &message[..start], &message[end + 1..])
        }
        _ => message.to_owned(),
    }
}
