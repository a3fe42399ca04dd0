//! Who is asked for what, and when: made up, but not unlike a busy year.

use llm_switch_types::Purpose;

/// Account, provider, payer, and the models with dollars per million tokens,
/// in and out; a negative price is not known.
pub type AccountRow =
    (&'static str, &'static str, &'static str, &'static [(&'static str, f64, f64)]);

pub const ACCOUNTS: [AccountRow; 12] = [
    (
        "openai-work",
        "openai",
        "metered",
        &[
            ("gpt-5", 1.25, 10.0),
            ("gpt-5-mini", 0.25, 2.0),
            ("gpt-5-nano", 0.05, 0.4),
            ("gpt-5.4", 2.5, 15.0),
            ("gpt-5.5", 5.0, 30.0),
        ],
    ),
    ("openai-home", "openai", "metered", &[("gpt-5-mini", 0.25, 2.0), ("gpt-5.4-mini", 0.75, 4.5)]),
    (
        "anthropic",
        "anthropic",
        "metered",
        &[
            ("claude-sonnet-5-5", 3.0, 15.0),
            ("claude-haiku-5-5", 1.0, 5.0),
            ("claude-opus-5-5", 5.0, 25.0),
            ("claude-sonnet-5", 3.0, 15.0),
        ],
    ),
    (
        "gemini-1",
        "gemini",
        "free",
        &[("gemini-3.5-flash", 0.0, 0.0), ("gemini-3.5-flash-lite", 0.0, 0.0)],
    ),
    (
        "gemini-work",
        "gemini",
        "metered",
        &[
            ("gemini-2.5-pro", 1.25, 10.0),
            ("gemini-3.1-pro-preview", 2.0, 12.0),
            ("gemini-2.5-flash", 0.3, 2.5),
        ],
    ),
    (
        "deepseek",
        "deepseek",
        "metered",
        &[("deepseek-flash", 0.27, 0.4), ("deepseek-v4-pro", 0.55, 2.2)],
    ),
    (
        "mistral",
        "mistral",
        "metered",
        &[
            ("devstral-2512", 0.4, 2.0),
            ("mistral-large-2512", 0.5, 1.5),
            ("mistral-small-2603", 0.1, 0.3),
            ("codestral-2508", 0.3, 0.9),
        ],
    ),
    (
        "kimi-code",
        "kimi-code",
        "plan",
        &[("k3", 0.0, 0.0), ("k3-256k", 0.0, 0.0), ("kimi-for-coding", 0.0, 0.0)],
    ),
    (
        "openrouter",
        "openrouter",
        "metered",
        &[
            ("qwen/qwen3-coder", 0.22, 0.95),
            ("z-ai/glm-5.2", 0.6, 2.2),
            ("nobody/unlisted-70b", -1.0, -1.0),
            ("x-ai/grok-4.5", 3.0, 15.0),
        ],
    ),
    (
        "groq",
        "groq",
        "free",
        &[("llama-3.3-70b-versatile", 0.0, 0.0), ("openai/gpt-oss-120b", 0.0, 0.0)],
    ),
    (
        "ollama",
        "ollama",
        "free",
        &[
            ("qwen3:8b", 0.0, 0.0),
            ("qwen3:32b", 0.0, 0.0),
            ("gemma3:12b", 0.0, 0.0),
            ("phi4:14b", 0.0, 0.0),
        ],
    ),
    (
        "llama-cpp",
        "llama-cpp",
        "free",
        &[
            ("kimi-k2", 0.0, 0.0),
            ("devstral-small", 0.0, 0.0),
            ("gpt-oss-20b", 0.0, 0.0),
            ("nomic-embed", 0.0, 0.0),
        ],
    ),
];

/// Routes, how often each is asked, and the accounts behind it.
pub const ROUTES: [(Option<&str>, u64, &[usize]); 8] = [
    (Some("coding-best"), 22, &[2, 0, 4]),
    (Some("coding-cheap"), 26, &[5, 6, 8]),
    (Some("coding-local"), 20, &[11, 10]),
    (Some("writing"), 8, &[2, 1, 7]),
    (Some("chat-free"), 10, &[3, 9]),
    (Some("review"), 5, &[0, 2]),
    (Some("translate"), 4, &[1, 4, 6]),
    (None, 5, &[0, 2, 7, 8, 10]),
];

pub const PURPOSES: [(Purpose, u64); 6] = [
    (Purpose::Chat, 45),
    (Purpose::ToolTurn, 35),
    (Purpose::Rewrite, 12),
    (Purpose::Org, 5),
    (Purpose::Compare, 2),
    (Purpose::Probe, 1),
];

/// How busy each hour of a day is, in UTC.
pub const BUSY: [u64; 24] =
    [1, 1, 0, 0, 0, 1, 4, 12, 25, 30, 32, 28, 18, 27, 33, 31, 26, 18, 12, 10, 9, 7, 4, 2];
