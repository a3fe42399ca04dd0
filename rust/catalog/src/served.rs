//! Whether a service served what it was asked for.

/// Whether SERVED, as the service names it, is the model SENT.
///
/// A dated snapshot is the model that it is a snapshot of (`gpt-5` served as
/// `gpt-5-2025-08-07`), and so is a name with the maker in front, with other
/// capitals, or with the file's ending. A smaller sibling is not: what follows
/// the name must be a date or `latest`.
pub fn is_same_model(sent: &str, served: &str) -> bool {
    let (sent, served) = (plain(sent), plain(served));
    let (sent, served) = (undated(&sent), undated(&served));
    sent == served
}

/// NAME without maker, variant, file ending and capitals.
fn plain(name: &str) -> String {
    let name = name.rsplit('/').next().unwrap_or(name);
    let name = name.strip_suffix(".gguf").unwrap_or(name);
    // OpenRouter's variants choose the host, not the model: `:free`, `:nitro`.
    // Ollama's tags choose the size, but are given back as they were asked for.
    let name = match name.split_once(':') {
        Some((base, "free" | "nitro" | "floor" | "online" | "latest")) => base,
        _ => name,
    };
    name.to_ascii_lowercase()
}

/// NAME without the date, or `latest`, that it ends with.
fn undated(name: &str) -> &str {
    let parts: Vec<&str> = name.split(['-', '@']).collect();
    let digits =
        |part: &&str, n: usize| part.len() == n && part.bytes().all(|b| b.is_ascii_digit());
    let dated = match parts.as_slice() {
        [.., year, month, day] if digits(year, 4) && digits(month, 2) && digits(day, 2) => 3,
        [.., date] if digits(date, 8) || digits(date, 6) || digits(date, 4) => 1,
        [.., "latest"] => 1,
        _ => 0,
    };
    let cut: usize = parts[parts.len() - dated..].iter().map(|part| part.len() + 1).sum();
    if parts.len() > dated { &name[..name.len() - cut] } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_makers_and_variants_do_not_make_another_model() {
        for (sent, served) in [
            ("gpt-5", "gpt-5"),
            ("gpt-5", "gpt-5-2025-08-07"),
            ("claude-sonnet-5", "claude-sonnet-5-20260110"),
            ("claude-sonnet-5@20260110", "claude-sonnet-5"),
            ("mistral-large-latest", "mistral-large-2512"),
            ("anthropic/claude-sonnet-5", "claude-sonnet-5"),
            ("meta-llama/Llama-3.3-70B:free", "llama-3.3-70b"),
            ("qwen3:8b", "qwen3:8b"),
            ("tiny-demo", "/models/tiny-demo.gguf"),
            ("gemini-3-flash", "models/gemini-3-flash"),
        ] {
            assert!(is_same_model(sent, served), "{sent} served as {served}");
        }
    }

    #[test]
    fn a_sibling_is_another_model() {
        for (sent, served) in [
            ("gpt-5", "gpt-5-mini"),
            ("gpt-5", "gpt-5-mini-2025-08-07"),
            ("gpt-5", "gpt-5.4"),
            ("gpt-5.4", "gpt-5"),
            ("claude-opus-5", "claude-sonnet-5"),
            ("llama-3.3-70b", "llama-3.1-8b"),
            ("qwen3:8b", "qwen3:1b"),
            ("deepseek-v4-pro", "deepseek-flash"),
        ] {
            assert!(!is_same_model(sent, served), "{sent} served as {served}");
        }
    }
}
