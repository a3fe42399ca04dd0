//! A server that lets in only who logged in, with its authorization server.

use super::guarded_mcp::mcp;
use super::plain_http::{Answered, Asked, serve};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::task::JoinSet;

/// What it does, to be changed while it runs.
pub struct Rules {
    /// The scopes that a call of `admin` needs, and whether they ever suffice.
    pub admin: Option<&'static str>,
    pub never_enough: bool,
    /// Seconds for which a token is good.
    pub expires_in: u64,
    /// Who answers, instead of who was asked.
    pub issuer: Option<&'static str>,
    /// Where it says that one logs in, instead of at itself.
    pub elsewhere: Option<&'static str>,
    /// What the token endpoint says instead of a token.
    pub refusal: Option<&'static str>,
    /// Whether anybody may register.
    pub registers: bool,
}

/// What was asked, and what was given out.
#[derive(Default)]
pub struct Books {
    asked: Vec<Asked>,
    /// Codes with their challenges and scopes.
    codes: HashMap<String, (String, String)>,
    /// Access tokens with their scopes.
    pub tokens: HashMap<String, String>,
    /// Refresh tokens with their scopes.
    refresh: HashMap<String, String>,
    count: usize,
}

pub struct Guarded {
    pub port: u16,
    pub rules: Arc<Mutex<Rules>>,
    books: Arc<Mutex<Books>>,
    _tasks: JoinSet<()>,
}

impl Guarded {
    pub async fn start() -> Guarded {
        let rules = Arc::new(Mutex::new(Rules {
            admin: None,
            never_enough: false,
            expires_in: 3600,
            issuer: None,
            elsewhere: None,
            refusal: None,
            registers: true,
        }));
        let books = Arc::<Mutex<Books>>::default();
        let (ruled, noted) = (Arc::clone(&rules), Arc::clone(&books));
        let (port, _tasks) = serve(move |asked| {
            noted.lock().asked.push(asked.clone());
            answer(&asked, &ruled.lock(), &mut noted.lock())
        })
        .await;
        Guarded { port, rules, books, _tasks }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/mcp", self.port)
    }

    /// What was asked for at PATH, oldest first.
    pub fn asked(&self, path: &str) -> Vec<Asked> {
        let is = |it: &&Asked| it.target.split('?').next() == Some(path);
        self.books.lock().asked.iter().filter(is).cloned().collect()
    }

    /// The fields of what was asked of the token endpoint, oldest first.
    pub fn grants(&self) -> Vec<HashMap<String, String>> {
        self.asked("/token").iter().map(Asked::fields).collect()
    }

    /// No access token is good any more.
    pub fn revoke(&self) {
        self.books.lock().tokens.clear();
    }

    /// Neither is any refresh token.
    pub fn revoke_all(&self) {
        self.revoke();
        self.books.lock().refresh.clear();
    }
}

pub fn json(value: Value) -> Answered {
    Answered(200, vec![("content-type", "application/json".into())], value.to_string())
}

pub fn nothing(status: u16) -> Answered {
    Answered(status, Vec::new(), String::new())
}

fn answer(asked: &Asked, rules: &Rules, books: &mut Books) -> Answered {
    let here = format!("http://{}", asked.headers["host"]);
    match asked.target.split('?').next().unwrap() {
        "/mcp" => mcp(asked, rules, books, &here),
        "/.well-known/oauth-protected-resource/mcp" => json(json!({
            "resource": format!("{here}/mcp"), "scopes_supported": ["basic"],
            "authorization_servers": [rules.elsewhere.unwrap_or(&here)],
        })),
        "/.well-known/oauth-authorization-server" => json(json!({
            "issuer": here, "authorization_endpoint": format!("{here}/authorize"),
            "token_endpoint": format!("{here}/token"),
            "registration_endpoint": rules.registers.then(|| format!("{here}/register")),
            "response_types_supported": ["code"], "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        })),
        "/register" => json(json!({
            "client_id": "registered", "client_secret": "test_key_of_client",
            "redirect_uris": [],
        })),
        "/authorize" => authorize(&asked.fields(), rules, books, &here),
        "/token" => token(asked, rules, books),
        _ => nothing(404),
    }
}

/// The user says yes at once.
fn authorize(
    fields: &HashMap<String, String>,
    rules: &Rules,
    books: &mut Books,
    here: &str,
) -> Answered {
    books.count += 1;
    let code = format!("test_key_code_{}", books.count);
    let scope = fields.get("scope").cloned().unwrap_or_default();
    books.codes.insert(code.clone(), (fields["code_challenge"].clone(), scope));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("code", &code)
        .append_pair("state", &fields["state"])
        .append_pair("iss", rules.issuer.unwrap_or(here))
        .finish();
    let location = format!("{}?{query}", fields["redirect_uri"]);
    Answered(302, vec![("location", location)], String::new())
}

fn token(asked: &Asked, rules: &Rules, books: &mut Books) -> Answered {
    if let Some(refusal) = rules.refusal {
        return Answered(400, vec![("content-type", "application/json".into())], refusal.into());
    }
    let fields = asked.fields();
    let scope = match fields["grant_type"].as_str() {
        "authorization_code" => {
            let (challenge, scope) = books.codes.remove(&fields["code"]).unwrap();
            assert_eq!(challenge, base64(&Sha256::digest(&fields["code_verifier"])));
            scope
        }
        "refresh_token" => match books.refresh.remove(&fields["refresh_token"]) {
            Some(scope) => scope,
            None => return Answered(400, Vec::new(), r#"{"error":"invalid_grant"}"#.into()),
        },
        _ => fields.get("scope").cloned().unwrap_or_default(),
    };
    books.count += 1;
    let (access, refresh) =
        (format!("test_key_access_{}", books.count), format!("test_key_refresh_{}", books.count));
    books.tokens.insert(access.clone(), scope.clone());
    let mut answer = json!({"access_token": access, "token_type": "Bearer", "scope": scope,
                            "expires_in": rules.expires_in});
    if fields["grant_type"] != "client_credentials" {
        books.refresh.insert(refresh.clone(), scope);
        answer["refresh_token"] = refresh.into();
    }
    json(answer)
}

/// In base64 for addresses, without padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<u8> =
        bytes.iter().flat_map(|it| (0..8).rev().map(move |n| it >> n & 1)).collect();
    let six = |bits: &[u8]| (0..6).fold(0, |all, n| all * 2 + bits.get(n).copied().unwrap_or(0));
    bits.chunks(6).map(|bits| LETTERS[usize::from(six(bits))] as char).collect()
}
