//! A service or server, as a row of the catalogue.

use serde::{Deserialize, Serialize};

/// A service or server that speaks one dialect at one base URL: one row of
/// the catalogue, or of the user's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Provider {
    /// The name in configuration and ledger: `[a-z0-9-]+`.
    pub name: String,
    /// The name on the screen.
    pub title: String,
    /// Where it answers, without a trailing slash: `https://api.openai.com/v1`.
    pub base_url: String,
    /// What it speaks there.
    pub dialect: Dialect,
    /// How far away it is.
    pub locality: Locality,
    /// Who pays unless an account says otherwise.
    pub payer: Payer,
    /// How a request proves who sends it.
    pub auth: Auth,
    /// Which field limits the output.
    #[serde(default)]
    pub max_tokens_field: MaxTokensField,
    /// Where its terms, prices and facts were read.
    pub source: String,
}

/// A wire protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// `POST {base}/chat/completions`, server-sent events.
    OpenaiChat,
    /// `POST {base}/responses`, server-sent events.
    OpenaiResponses,
    /// `POST {base}/v1/messages`, server-sent events.
    Anthropic,
    /// `POST {base}/models/{model}:streamGenerateContent`, server-sent events.
    Gemini,
    /// `POST {base}/api/chat`, a JSON value a line.
    Ollama,
}

impl Dialect {
    /// All of them, in the order of the declaration.
    pub const ALL: [Dialect; 5] =
        [Self::OpenaiChat, Self::OpenaiResponses, Self::Anthropic, Self::Gemini, Self::Ollama];

    /// The word for it, in the configuration and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenaiChat => "openai-chat",
            Self::OpenaiResponses => "openai-responses",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
        }
    }
}

/// How far away a provider is; what a mode may reach is decided by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Locality {
    /// This machine, reached over loopback.
    Local,
    /// A machine of the user's own network, listed as such by the user.
    Lan,
    /// The user's own gateway to other services.
    Proxy,
    /// Somebody else's machine.
    Cloud,
}

impl Locality {
    /// The word for it, in the configuration and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Local => "local",
            Self::Lan => "lan",
            Self::Proxy => "proxy",
            Self::Cloud => "cloud",
        }
    }
}

/// Who pays for what an account uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Payer {
    /// Nobody: the user's own machine, or a free tier.
    Free,
    /// The user, per token.
    Metered,
    /// A subscription that is paid anyway.
    Plan,
}

impl Payer {
    /// The word for it, in the configuration, the ledger and on the screen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Metered => "metered",
            Self::Plan => "plan",
        }
    }
}

/// How a request proves who sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Auth {
    /// Not at all.
    None,
    /// `Authorization: Bearer KEY`.
    Bearer,
    /// `Authorization: Bearer KEY` where the user gave a key, else nothing.
    OptionalBearer,
    /// `NAME: KEY`, such as `x-api-key`.
    Header(String),
}

/// The field of an `openai-chat` request that limits the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    /// The old name, which every server but OpenAI's own family accepts.
    #[default]
    MaxTokens,
    /// The name that OpenAI, Groq, Cerebras and OpenRouter want.
    MaxCompletionTokens,
}
