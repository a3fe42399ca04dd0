//! A service or server, as a row of the catalogue.

use crate::{
    Auth, BalanceSource, Confidence, DataPolicy, Dialect, ErrorRule, Locality, MaxTokensField,
    Payer, Quirks, Refused, RefusedKey,
};
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
    /// What the user has to fill in stands in braces.
    pub base_url: String,
    /// What it speaks there.
    pub dialect: Dialect,
    /// What else it speaks, and where.
    #[serde(default)]
    pub other_endpoints: Vec<Endpoint>,
    /// Other base URLs of the dialect: regions, whose keys are often not
    /// valid here.
    #[serde(default)]
    pub mirrors: Vec<String>,
    /// How far away it is.
    pub locality: Locality,
    /// Who pays unless an account says otherwise.
    pub payer: Payer,
    /// Who else may pay.
    #[serde(default)]
    pub other_payers: Vec<Payer>,
    /// How a request proves who sends it.
    pub auth: Auth,
    /// Keys that would work and must not be used.
    #[serde(default)]
    pub refused_keys: Vec<RefusedKey>,
    /// Environment variables in which people keep its key. They are never
    /// looked up, only named in advice: a stray key must not choose who pays.
    #[serde(default)]
    pub key_variables: Vec<String>,
    /// Which field limits the output.
    #[serde(default)]
    pub max_tokens_field: MaxTokensField,
    /// What it does differently.
    #[serde(default)]
    pub quirks: Quirks,
    /// What its refusals mean; the first that matches wins.
    #[serde(default)]
    pub errors: Vec<ErrorRule>,
    /// The URL that lists its models, where it is not the one that the dialect
    /// has below the base URL.
    #[serde(default)]
    pub models: Option<String>,
    /// Where it tells what is left of money or of a plan.
    #[serde(default)]
    pub balance: Option<BalanceSource>,
    /// What buying credit costs on top, in hundredths of a percent.
    #[serde(default)]
    pub credit_fee: u32,
    /// What it says about the data that it is sent.
    #[serde(default)]
    pub data: DataPolicy,
    /// What its terms say about programs like this one, where it matters.
    #[serde(default)]
    pub terms: Option<String>,
    /// That it cannot or must not be used.
    #[serde(default)]
    pub refused: Option<Refused>,
    /// How sure these facts are.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where its terms, prices and facts were read.
    pub source: String,
}

/// Another dialect of a provider, and its base URL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Endpoint {
    /// What it speaks.
    pub dialect: Dialect,
    /// Where.
    pub base_url: String,
}

impl Provider {
    /// A server at BASE_URL of which nothing else is known, with what the
    /// unknown servers seen so far want. Until somebody says otherwise it is
    /// far away and costs money.
    pub fn unknown(name: &str, base_url: &str) -> Self {
        Provider {
            name: name.to_owned(),
            title: name.to_owned(),
            base_url: base_url.to_owned(),
            dialect: Dialect::OpenaiChat,
            other_endpoints: Vec::new(),
            mirrors: Vec::new(),
            locality: Locality::Cloud,
            payer: Payer::Metered,
            other_payers: Vec::new(),
            auth: Auth::OptionalBearer,
            refused_keys: Vec::new(),
            key_variables: Vec::new(),
            max_tokens_field: MaxTokensField::default(),
            quirks: Quirks::default(),
            errors: Vec::new(),
            models: None,
            balance: None,
            credit_fee: 0,
            data: DataPolicy::default(),
            terms: None,
            refused: None,
            confidence: Confidence::default(),
            source: "the configuration file".to_owned(),
        }
    }

    /// The same provider speaking DIALECT: at the address that it is known to
    /// have for it, else at the same one.
    pub fn speaking(mut self, dialect: Dialect) -> Self {
        let known = self.other_endpoints.iter().find(|endpoint| endpoint.dialect == dialect);
        if let Some(endpoint) = known.filter(|_| self.dialect != dialect) {
            self.base_url.clone_from(&endpoint.base_url);
        }
        self.dialect = dialect;
        self
    }

    /// The parts of the base URL that the user has to fill in.
    pub fn blanks(&self) -> impl Iterator<Item = &str> {
        let parts = self.base_url.split('{').skip(1);
        parts.filter_map(|part| part.split_once('}').map(|(name, _)| name))
    }

    /// The URL that tells what is left, where there is one.
    pub fn balance_url(&self) -> Option<String> {
        let url = &self.balance.as_ref()?.url;
        let on_its_host = || Some(format!("{}{url}", origin(&self.base_url)));
        if url.starts_with('/') { on_its_host() } else { Some(url.clone()) }
    }

    /// The URL that lists its models.
    pub fn models_url(&self) -> String {
        let usual = || format!("{}{}", self.base_url, self.dialect.models_path());
        self.models.clone().unwrap_or_else(usual)
    }
}

/// URL without its path.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + "://".len());
    url[host..].find('/').map_or(url, |end| &url[..host + end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_faced() -> Provider {
        let endpoint =
            Endpoint { dialect: Dialect::Anthropic, base_url: "https://x.org/anthropic".into() };
        Provider { other_endpoints: vec![endpoint], ..Provider::unknown("x", "https://x.org/v1") }
    }

    #[test]
    fn each_dialect_has_its_address() {
        let base_url = |dialect| two_faced().speaking(dialect).base_url;
        assert_eq!(base_url(Dialect::OpenaiChat), "https://x.org/v1");
        assert_eq!(base_url(Dialect::Anthropic), "https://x.org/anthropic");
        assert_eq!(base_url(Dialect::OpenaiResponses), "https://x.org/v1");
    }

    #[test]
    fn models_are_listed_where_the_dialect_has_them_or_the_row_says() {
        let anthropic = two_faced().speaking(Dialect::Anthropic);
        assert_eq!(anthropic.models_url(), "https://x.org/anthropic/v1/models");
        let models = Some("https://x.org/list".to_owned());
        assert_eq!(Provider { models, ..anthropic }.models_url(), "https://x.org/list");
    }

    #[test]
    fn a_balance_is_asked_of_its_own_host_or_that_of_the_base_url() {
        let told_at = |url: &str| {
            let balance = Some(BalanceSource { url: url.into(), ..BalanceSource::default() });
            Provider { balance, ..two_faced() }.balance_url().unwrap()
        };
        assert_eq!(told_at("/key/info"), "https://x.org/key/info");
        assert_eq!(told_at("https://y.org/left"), "https://y.org/left");
        assert_eq!(origin("http://127.0.0.1:4000"), "http://127.0.0.1:4000");
        assert_eq!(two_faced().balance_url(), None);
    }

    #[test]
    fn what_has_to_be_filled_in_is_found() {
        let provider = Provider::unknown("x", "https://{resource}.x.org/{region}/v1");
        assert_eq!(provider.blanks().collect::<Vec<_>>(), ["resource", "region"]);
        assert_eq!(two_faced().blanks().next(), None);
    }
}
