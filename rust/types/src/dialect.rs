//! What a provider speaks.

use serde::{Deserialize, Serialize};

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

    /// Where its services list their models, below the base URL.
    pub const fn models_path(self) -> &'static str {
        match self {
            Self::OpenaiChat | Self::OpenaiResponses | Self::Gemini => "/models",
            Self::Anthropic => "/v1/models",
            Self::Ollama => "/api/tags",
        }
    }
}
