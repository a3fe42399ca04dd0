//! The kinds of server that can be started, and how.

use std::path::Path;

/// A kind of server that can be started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    LlamaCpp,
    Ollama,
    LiteLlm,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Self::LlamaCpp, Self::Ollama, Self::LiteLlm];

    /// The name of its row in the catalogue.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llamacpp",
            Self::Ollama => "ollama",
            Self::LiteLlm => "litellm",
        }
    }

    /// The name on the screen.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama.cpp",
            Self::Ollama => "Ollama",
            Self::LiteLlm => "LiteLLM",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What is run where the user does not say otherwise.
    pub(crate) const fn program(self) -> &'static str {
        match self {
            Self::LlamaCpp => "llama-server",
            Self::Ollama => "ollama",
            Self::LiteLlm => "litellm",
        }
    }

    /// What to install for it, as one sentence.
    pub(crate) const fn remedy(self) -> &'static str {
        match self {
            Self::LlamaCpp => "Install llama.cpp (https://github.com/ggml-org/llama.cpp)",
            Self::Ollama => "Install Ollama (https://ollama.com/download)",
            Self::LiteLlm => "Install LiteLLM's proxy: pip install 'litellm[proxy]'",
        }
    }

    /// The file that it cannot do without, in words.
    pub(crate) const fn file(self) -> Option<&'static str> {
        match self {
            Self::LlamaCpp => Some("a model, a GGUF file"),
            Self::Ollama => None,
            Self::LiteLlm => Some("a config.yaml"),
        }
    }

    /// The arguments that serve FILE at PORT of this machine.
    pub(crate) fn arguments(self, file: Option<&Path>, port: u16) -> Vec<String> {
        let text = |path: &Path| path.to_string_lossy().into_owned();
        let file = file.map(text).unwrap_or_default();
        let address = ["--host".into(), "127.0.0.1".into(), "--port".into(), port.to_string()];
        match self {
            Self::LlamaCpp => {
                let stem = Path::new(&file).file_stem().map(|it| text(Path::new(it)));
                let mut all = vec!["--model".into(), file, "--alias".into()];
                all.extend([stem.unwrap_or_default(), "--jinja".into(), "--metrics".into()]);
                all.extend(address);
                all
            }
            Self::Ollama => vec!["serve".into()],
            Self::LiteLlm => [vec!["--config".into(), file], address.to_vec()].concat(),
        }
    }

    /// What it is told by its environment, so that it serves at PORT of this
    /// machine and fetches nothing.
    pub(crate) fn variables(self, port: u16) -> Vec<(String, String)> {
        let all = match self {
            Self::LlamaCpp => None,
            Self::Ollama => Some(("OLLAMA_HOST", format!("127.0.0.1:{port}"))),
            // Else it fetches its list of prices.
            Self::LiteLlm => Some(("LITELLM_LOCAL_MODEL_COST_MAP", "True".into())),
        };
        all.into_iter().map(|(name, value)| (name.into(), value)).collect()
    }

    /// Whether its file may refer to keys in the environment.
    pub(crate) const fn needs_keys(self) -> bool {
        matches!(self, Self::LiteLlm)
    }

    /// Where it answers, below its address, once it is ready.
    pub(crate) const fn health(self) -> &'static str {
        match self {
            Self::LlamaCpp => "/health",
            Self::Ollama => "/api/version",
            Self::LiteLlm => "/health/readiness",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_listens_on_this_machine_only() {
        for kind in Kind::ALL {
            let told = kind.arguments(Some(Path::new("/m/a.gguf")), 4711).join(" ");
            let variables = kind.variables(4711);
            let by_variable = variables.iter().any(|(_, value)| value == "127.0.0.1:4711");
            assert!(told.ends_with("--host 127.0.0.1 --port 4711") || by_variable, "{told}");
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
    }

    #[test]
    fn a_model_is_called_as_its_file() {
        let told = Kind::LlamaCpp.arguments(Some(Path::new("/m/Qwen3-8B.Q4.gguf")), 1).join(" ");
        assert!(told.starts_with("--model /m/Qwen3-8B.Q4.gguf --alias Qwen3-8B.Q4 "), "{told}");
    }
}
