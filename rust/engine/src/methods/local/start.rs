//! `local.start`: start a server on this machine.

use crate::child::{self, Child};
use crate::core::Core;
use crate::ledger::now_ms;
use crate::local::{Kind, Started, State, command, find, free_port, keep, port_here};
use crate::methods::Job;
use crate::setup::Setup;
use llm_switch_types::{Error, ErrorKind, Result};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Lines of its log that tell why a server did not start.
const LAST_LINES: usize = 5;

/// The first port of those that are tried where none is usual.
const LAST_RESORT: u16 = 8080;

#[derive(Deserialize)]
struct Params {
    kind: String,
    /// The program, and arguments that it always gets.
    #[serde(default)]
    program: Vec<String>,
    file: Option<PathBuf>,
    port: Option<u16>,
    /// Further arguments, for this time.
    #[serde(default)]
    arguments: Vec<String>,
}

/// `{kind, program?, file?, port?, arguments?}` -> `{server, address, account,
/// state}`, when it is ready, which can take minutes.
///
/// `kind` is `llamacpp`, `ollama` or `litellm`; `program` is a list of the
/// program and arguments that it always gets. It listens at 127.0.0.1 only, at
/// `port` or else its usual one, or the next that is free. It can be called as
/// soon as it is ready, by the account that is returned, and ends with Emacs.
///
/// Cancelling gives up waiting: the server goes on, and can be stopped.
///
/// # Errors
/// [`ErrorKind::Config`] for a program or file that is not there, an address
/// among the arguments, and a port that is taken; [`ErrorKind::Server`] for one
/// that ends before it is ready, with the last lines that it said.
pub(crate) async fn start(job: Job) -> Result<Value> {
    let params: Params = serde_json::from_value(job.params.clone()).map_err(|error| {
        Error::new(ErrorKind::Module, format!("local.start does not understand: {error}"))
    })?;
    let kind = known(&params.kind)?;
    check(kind, &params)?;
    let variables = environment(&job, kind).await?;
    let started = run(&job.core, kind, params, variables).await?;
    match started.reaches(|state| *state == State::Ready || state.is_over()).await {
        State::Ready => Ok(row(&job.core, &started).await),
        state => Err(failure(&started, &state)),
    }
}

/// Emacs's environment for a server of KIND. Unless its file may refer to keys
/// they are left out.
async fn environment(job: &Job, kind: Kind) -> Result<BTreeMap<String, String>> {
    let without = match kind.needs_keys() {
        true => Vec::new(),
        false => job.core.setup().await?.key_variables(),
    };
    job.core.environment(job.id, &without).await
}

fn known(kind: &str) -> Result<Kind> {
    Kind::named(kind).ok_or_else(|| {
        let names = Kind::ALL.map(Kind::name).join(", ");
        Error::new(ErrorKind::Module, format!("{kind:?} is none of {names}"))
    })
}

/// Refuse what cannot work, or would make the server listen elsewhere.
fn check(kind: Kind, params: &Params) -> Result<()> {
    let wrong = |what: String, advice: &str| {
        Err(Error::new(ErrorKind::Config, what).at(kind.program()).advise(advice))
    };
    let all = params.program.iter().skip(1).chain(&params.arguments);
    let address = |it: &&String| ["--host", "--port"].iter().any(|name| it.starts_with(name));
    if let Some(argument) = all.into_iter().find(address) {
        let what = format!("{argument} is not for you to give: it listens on this machine only");
        return wrong(what, "Leave it out; a port of your own has a place of its own");
    }
    match (kind.file(), &params.file) {
        (Some(file), None) => wrong(format!("it needs {file}"), "Name the file"),
        (Some(_), Some(file)) if !file.is_file() => {
            wrong(format!("there is no file {}", file.display()), "Choose another file")
        }
        _ => Ok(()),
    }
}

/// Start the process and hand it to its keeper.
async fn run(
    core: &Arc<Core>,
    kind: Kind,
    params: Params,
    variables: BTreeMap<String, String>,
) -> Result<Arc<Started>> {
    let usual = usual_port(&*core.setup().await?, kind);
    let mut child = None;
    let started = core.local.add(|id, ours| {
        let port = free_port(params.port, usual, ours)?;
        let it = spawn(kind, &params, port, variables)?;
        let file = params.file.clone().filter(|_| kind.file().is_some());
        let started = Started::new(id, kind, file, port, now_ms());
        started.set_pid(it.id());
        child = Some(it);
        Ok::<_, Error>(Arc::new(started))
    })?;
    if let Some(child) = child {
        core.tasks.background(keep(Arc::clone(core), Arc::clone(&started), child));
    }
    Ok(started)
}

/// Where people look for it: the port that the configuration names on this
/// machine, or else the catalogue's.
fn usual_port(setup: &Setup, kind: Kind) -> u16 {
    let account = setup.accounts.get(kind.name()).map(|it| &it.provider);
    let row = setup.catalog.provider(kind.name());
    let urls = account.into_iter().chain(row).map(|it| it.base_url.as_str());
    urls.filter_map(port_here).next().unwrap_or(LAST_RESORT)
}

fn spawn(
    kind: Kind,
    params: &Params,
    port: u16,
    variables: BTreeMap<String, String>,
) -> Result<Child> {
    let name = params.program.first().map_or(kind.program(), String::as_str);
    let path = variables.get("PATH").cloned();
    let program = find(name, path.as_deref()).ok_or_else(|| {
        let advice = format!("{}, or set `llm-switch-local-programs`", kind.remedy());
        Error::new(ErrorKind::Config, format!("there is no program {name:?}")).advise(advice)
    })?;
    let mut command = command(&program, path.as_deref());
    command.args(params.program.iter().skip(1)).args(&params.arguments);
    command.args(kind.arguments(params.file.as_deref(), port));
    child::spawn(command, variables.into_iter().chain(kind.variables(port))).map_err(|error| {
        Error::new(ErrorKind::Server, format!("the system does not start it: {error}"))
            .at(program.display())
            .advise("Look whether it runs in a terminal")
    })
}

async fn row(core: &Core, started: &Started) -> Value {
    let setup = core.setup().await.ok();
    let at_port = |name: &&str| {
        let account = setup.as_ref().and_then(|setup| setup.accounts.get(*name));
        account.is_some_and(|it| port_here(&it.provider.base_url) == Some(started.port))
    };
    let names = setup.iter().flat_map(|setup| setup.accounts.keys()).map(String::as_str);
    json!({
        "server": started.id,
        "address": format!("127.0.0.1:{}", started.port),
        "account": names.into_iter().find(at_port),
        "state": State::Ready.name(),
    })
}

fn failure(started: &Started, state: &State) -> Error {
    let why = state.problem().unwrap_or("it was stopped before it was ready");
    let lines = started.log.last(LAST_LINES).0;
    let what = match lines.is_empty() {
        true => format!("it did not start: {why}, without a word"),
        false => format!("it did not start: {why}. It said last:\n{}\n", lines.join("\n")),
    };
    Error::new(ErrorKind::Server, what)
        .at(started.kind.program())
        .advise("Look at its log with l in M-x llm-switch-local")
}
