//! What a user writes, and what they are told when it is wrong.

#![allow(clippy::unwrap_used, reason = "a helper fails as its test would")]

use llm_switch_config::Config;
use llm_switch_types::{ErrorKind, Locality, Payer};

fn refusal(text: &str) -> String {
    let error = Config::parse(text).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Config);
    error.what
}

#[test]
fn no_file_is_the_empty_configuration() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(Config::load(&folder.path().join("config.toml")), Ok(Config::default()));
}

#[test]
fn a_file_that_cannot_be_read_is_told_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let error = Config::load(folder.path()).unwrap_err();
    assert_eq!(error.place, Some(folder.path().display().to_string()));
}

#[test]
fn an_unknown_server_takes_two_lines() {
    let config = Config::parse("[provider.box]\nbase-url = 'http://127.0.0.1:9000/v1/'\n").unwrap();
    let entry = &config.providers["box"];
    assert_eq!(entry.base_url.as_deref(), Some("http://127.0.0.1:9000/v1"));
    assert_eq!(entry.locality, Some(Locality::Local));
}

#[test]
fn a_server_with_oddities_takes_no_code() {
    let quirks = |line: &str| format!("[provider.box]\nquirks = {{ {line} }}\n");
    let config = Config::parse(&quirks("tool-call-id-length = 9")).unwrap();
    let entry = config.providers["box"].quirks.as_ref().unwrap();
    assert_eq!((entry.tool_call_id_length, entry.developer_role), (Some(9), false));
    let told = refusal(&quirks("developer-rol = true"));
    assert!(told.contains("did you mean `developer-role`?"), "{told}");
}

#[test]
fn an_account_names_provider_key_and_payer() {
    let config = Config::parse(
        "[account.openai-work]\nprovider = 'openai'\nkey = 'auth-source:api.openai.com'\npayer = 'metered'\n",
    )
    .unwrap();
    let account = &config.accounts["openai-work"];
    assert_eq!(account.provider, "openai");
    assert_eq!(account.key.as_ref().unwrap().to_string(), "auth-source:api.openai.com");
    assert_eq!(account.payer, Some(Payer::Metered));
}

#[test]
fn an_account_without_provider_bears_its_name() {
    let config = Config::parse("[account.openai]\nkey = 'env:WORK_KEY'\n").unwrap();
    assert_eq!(config.accounts["openai"].provider, "openai");
}

#[test]
fn an_unknown_word_is_told_with_line_and_suggestion() {
    let told = refusal("\n[account.openai]\nkye = 'env:X'\n");
    assert_eq!(told, "line 3: unknown word `kye`: did you mean `key`?");
    let told = refusal("[account.openai]\npayer = 'meterd'\n");
    assert_eq!(told, "line 2: unknown word `meterd`: did you mean `metered`?");
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    for secret in ["sk-proj-abcdef", "token:sk-abcdef"] {
        let error = Config::parse(&format!("[account.openai]\nkey = '{secret}'\n")).unwrap_err();
        assert!(error.what.starts_with("line 2: a key does not stand in this file"), "{error}");
        assert!(!error.to_string().contains(secret), "{error}");
    }
}

#[test]
fn a_secret_of_the_wrong_type_is_not_repeated_either() {
    let told = refusal("[account.openai]\nmodels = 'sk-\"abc'\n");
    assert_eq!(told, "line 2: invalid type: string, expected a list, such as [1, 2]");
}

#[test]
fn broken_syntax_is_told_with_its_line_and_without_quoting_it() {
    let error = Config::parse("[account.openai]\nkey = 'sk-abcdef\n").unwrap_err();
    assert!(error.what.starts_with("line 2: "), "{error}");
    assert!(!error.to_string().contains("sk-abcdef"), "{error}");
}

#[test]
fn a_key_never_leaves_the_machine_in_clear() {
    assert!(refusal("[provider.x]\nbase-url = 'http://example.org/v1'\n").contains("https://"));
    let lan = "[provider.x]\nbase-url = 'http://10.0.0.7/v1'\nlocality = 'lan'\n";
    assert_eq!(Config::parse(lan).unwrap().providers["x"].locality, Some(Locality::Lan));
}

#[test]
fn local_is_not_a_matter_of_opinion() {
    assert!(
        refusal("[provider.x]\nbase-url = 'https://example.org'\nlocality = 'local'\n")
            .contains("127.0.0.1")
    );
    assert!(refusal("[provider.x]\nlocality = 'local'\n").contains("127.0.0.1"));
    assert!(
        refusal("[provider.x]\nbase-url = 'http://[::1]:4'\nlocality = 'cloud'\n")
            .contains("this machine")
    );
}

#[test]
fn absurd_values_are_refused() {
    assert!(
        refusal("[provider.'Big Box']\nbase-url = 'http://localhost'\n").contains("a-z, 0-9 and -")
    );
    assert!(refusal("[provider.x]\nbase-url = 'ftp://localhost'\n").contains("http://"));
    assert!(refusal("[provider.x]\nbase-url = 'localhost:8080'\n").contains("http://"));
    assert!(
        refusal("[provider.x]\nbase-url = 'https://me:secret@example.org'\n").contains("no user")
    );
    assert!(refusal("[account.x]\nmodels = ['']\n").contains("empty name"));
}

#[test]
fn what_the_manual_shows_is_accepted() {
    let config = Config::parse(include_str!("manual.toml")).unwrap();
    let counts = [config.budgets.len(), config.plans.len(), config.credits.len()];
    assert_eq!((counts, config.routes.len(), config.modes.len()), ([2, 1, 1], 3, 6));
}
