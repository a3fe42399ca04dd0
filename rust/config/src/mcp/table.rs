//! A server, as config.toml has it.

use super::text::Text;
use super::{McpLaunch, McpOauth, McpOrigin, McpOriginKind, McpServer, McpTimeouts};
use crate::{KeySource, amount::Count, lines::Fault, provider::locality_of};
use llm_switch_types::Locality;
use serde::Deserialize;
use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

/// `[mcp.NAME]`.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Table {
    command: Option<Text>,
    args: Option<Vec<Text>>,
    env: Option<BTreeMap<String, Text>>,
    cwd: Option<Text>,
    url: Option<Text>,
    headers: Option<BTreeMap<String, Text>>,
    key: Option<KeySource>,
    #[serde(default)]
    local: bool,
    enabled: Option<bool>,
    start_timeout: Option<Count>,
    idle_timeout: Option<Count>,
    total_timeout: Option<Count>,
    output_limit: Option<Count>,
    oauth: Option<OauthTable>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct OauthTable {
    client_id: Option<String>,
    client_secret: Option<KeySource>,
    #[serde(default)]
    scopes: Vec<String>,
    callback_port: Option<Count>,
}

/// More seconds are milliseconds, which other programs write.
const A_DAY: u64 = 86_400;

impl Table {
    /// The server called NAME, whose table begins on LINE.
    pub(crate) fn into_server(self, name: &str, line: Option<usize>) -> Result<McpServer, Fault> {
        self.is_of_one_kind()?;
        let timeouts = self.timeouts()?;
        let (local, key) = (self.local, self.key);
        let oauth = self.oauth.map(OauthTable::into_oauth).transpose()?.unwrap_or_default();
        let launch = match (self.command, self.url) {
            (Some(command), _) => McpLaunch::Stdio {
                command: command.into(),
                args: Text::list(self.args),
                env: Text::map(self.env),
                env_file: None,
                cwd: self.cwd.map(Text::into),
            },
            (None, url) => McpLaunch::Http {
                url: url.map(Text::into).unwrap_or_default(),
                headers: Text::map(self.headers),
            },
        };
        launch.check().map_err(|(part, what)| Fault::new(part, what))?;
        stays_near(&launch, local, key.is_some())?;
        Ok(McpServer {
            name: name.to_owned(),
            origin: McpOrigin { kind: McpOriginKind::Config, file: PathBuf::new(), line },
            launch,
            timeouts,
            local,
            enabled: self.enabled.unwrap_or(true),
            output_limit: self.output_limit.map(|Count(limit)| limit),
            key,
            oauth,
            inputs: Arc::default(),
        })
    }

    /// Whether it has a program or an address, and nothing of the other.
    fn is_of_one_kind(&self) -> Result<(), Fault> {
        let of_program = [
            ("args", self.args.is_some()),
            ("env", self.env.is_some()),
            ("cwd", self.cwd.is_some()),
        ];
        let of_address = [
            ("headers", self.headers.is_some()),
            ("key", self.key.is_some()),
            ("oauth", self.oauth.is_some()),
        ];
        let (has, foreign) = match (&self.command, &self.url) {
            (Some(_), Some(_)) => {
                let what = "a server has either command or url: leave out one";
                return Err(Fault::new("url", what));
            }
            (None, None) => {
                let what = "a server needs a program or an address: write command = \"PROGRAM\" \
                            or url = \"https://HOST/mcp\"";
                return Err(Fault::of_table(what.to_owned()));
            }
            (Some(_), None) => ("command", of_address),
            (None, Some(_)) => ("url", of_program),
        };
        let wrong = foreign.into_iter().find(|(_, is_there)| *is_there);
        wrong.map_or(Ok(()), |(part, _)| {
            let what = format!("a server with {has} has no {part}: leave it out");
            Err(Fault::new(part, what))
        })
    }

    fn timeouts(&self) -> Result<McpTimeouts, Fault> {
        Ok(McpTimeouts {
            start: seconds("start-timeout", self.start_timeout)?,
            idle: seconds("idle-timeout", self.idle_timeout)?,
            total: seconds("total-timeout", self.total_timeout)?,
        })
    }
}

fn seconds(part: &str, written: Option<Count>) -> Result<Option<Duration>, Fault> {
    match written {
        Some(Count(seconds)) if seconds > A_DAY => {
            let what = format!("{seconds} seconds are more than a day: write at most {A_DAY}");
            Err(Fault::new(part, what))
        }
        written => Ok(written.map(|Count(seconds)| Duration::from_secs(seconds))),
    }
}

/// Local is a promise about the machine, and a key never leaves it in clear.
fn stays_near(launch: &McpLaunch, local: bool, key: bool) -> Result<(), Fault> {
    let url = launch.address();
    let Some(url) = url.filter(|url| locality_of(url) != Locality::Local) else { return Ok(()) };
    if local {
        let what = "local = true needs a url on 127.0.0.1, [::1] or localhost: leave it out";
        return Err(Fault::new("local", what));
    }
    if key && url.scheme() == "http" {
        let what = "the url must begin with https://, or the key would be sent in clear";
        return Err(Fault::new("url", what));
    }
    Ok(())
}

impl OauthTable {
    fn into_oauth(self) -> Result<McpOauth, Fault> {
        let port = |Count(port): Count| {
            let fits = u16::try_from(port).ok();
            fits.ok_or_else(|| Fault::new("oauth.callback-port", "a port is at most 65535"))
        };
        Ok(McpOauth {
            client_id: self.client_id,
            client_secret: self.client_secret,
            scopes: self.scopes,
            callback_port: self.callback_port.map(port).transpose()?,
        })
    }
}
