//! What all jobs share.

use crate::adoption::{self, Adoption};
use crate::bell::Doorbell;
use crate::choice::{Auto, Contexts, Loads, Nearby, Paces, Watch};
use crate::clients::Clients;
use crate::event::Body;
use crate::keys::Keys;
use crate::learned::Learned;
use crate::ledger::LedgerSlot;
use crate::local::{self, Local};
use crate::mcp::Mcp;
use crate::memory::Memory;
use crate::money::{Experience, Waiting};
use crate::prices::Prices;
use crate::questions::Questions;
use crate::queue::Queue;
use crate::setup::Setup;
use crate::tasks::Tasks;
use llm_switch_config::Config;
use llm_switch_types::{Deployment, Error, Result};
use parking_lot::{Mutex, RwLock};
use serde::Deserialize;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// How to start an engine.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Options {
    /// The configuration file, which need not exist.
    pub config_file: PathBuf,
    /// The ledger, which is made when it does not exist.
    pub ledger_file: PathBuf,
    /// Where what is learnt about deployments and the price list that the user
    /// accepted are kept between sessions.
    #[serde(default)]
    pub state_folder: Option<PathBuf>,
    /// Where what tools gave that is no text is kept for a while.
    #[serde(default)]
    pub cache_folder: Option<PathBuf>,
    /// Milliseconds between two announcements of text: what a stream costs in
    /// redisplays.
    #[serde(default = "default_pace")]
    pub pace_ms: u64,
}

/// Answers from before this session that tell how fast deployments are.
const REMEMBERED_ANSWERS: usize = 1_000;

const fn default_pace() -> u64 {
    33
}

/// What all jobs share.
pub(crate) struct Core {
    pub(crate) queue: Arc<Queue>,
    pub(crate) tasks: Tasks,
    pub(crate) clients: Clients,
    pub(crate) ledger: LedgerSlot,
    pub(crate) keys: Keys,
    pub(crate) learned: Learned,
    pub(crate) prices: Arc<Prices>,
    pub(crate) questions: Questions,
    pub(crate) waiting: Waiting,
    pub(crate) experience: Experience,
    pub(crate) watch: Watch,
    pub(crate) nearby: Nearby,
    pub(crate) contexts: Contexts,
    pub(crate) local: Local,
    pub(crate) mcp: Mcp,
    pub(crate) memory: Memory,
    pub(crate) paces: Paces,
    pub(crate) loads: Loads,
    pub(crate) auto: Auto,
    paces_read: tokio::sync::OnceCell<()>,
    pub(crate) config_file: PathBuf,
    setup: RwLock<Option<Arc<Setup>>>,
    adopted: Mutex<Vec<Adoption>>,
    first_reading: tokio::sync::Mutex<()>,
    last_id: AtomicI64,
}

impl Core {
    pub(crate) fn new(options: Options, doorbell: Arc<dyn Doorbell>, tasks: Tasks) -> Arc<Core> {
        let state = options.state_folder.as_deref();
        let queue = Arc::new(Queue::new(doorbell, Duration::from_millis(options.pace_ms)));
        Arc::new(Core {
            ledger: LedgerSlot::new(options.ledger_file, Arc::clone(&queue), tasks.clone()),
            queue,
            clients: Clients::new(),
            keys: Keys::default(),
            learned: Learned::new(state),
            prices: Arc::new(Prices::new(state)),
            questions: Questions::default(),
            waiting: Waiting::default(),
            experience: Experience::default(),
            watch: Watch::default(),
            nearby: Nearby::default(),
            contexts: Contexts::default(),
            local: Local::default(),
            mcp: Mcp::new(state, options.cache_folder.as_deref(), tasks.clone()),
            memory: Memory::default(),
            paces: Paces::default(),
            loads: Loads::default(),
            auto: Auto::new(&options.config_file, state),
            paces_read: tokio::sync::OnceCell::new(),
            config_file: options.config_file,
            setup: RwLock::default(),
            adopted: Mutex::default(),
            first_reading: tokio::sync::Mutex::default(),
            last_id: AtomicI64::new(0),
            tasks,
        })
    }

    /// What is done once, off the main thread, when the engine starts.
    pub(crate) async fn begin(self: Arc<Core>) {
        let ringing = Arc::clone(&self.queue);
        self.tasks.background(async move { ringing.ring_later().await });
        if let Err(error) = self.setup().await {
            self.notice("config", &error);
        }
        let _ = self.ledger.get().await;
        let core = Arc::clone(&self);
        let work = move || {
            core.clients.warm_up();
            core.mcp.contents.prune();
        };
        let _ = self.tasks.blocking(work).await;
    }

    /// How fast deployments answered before this session.
    pub(crate) async fn remember_paces(&self) {
        self.paces_read.get_or_init(|| self.read_paces()).await;
    }

    async fn read_paces(&self) {
        let Ok(ledger) = self.ledger.get().await else { return };
        let read = move || ledger.paces(REMEMBERED_ANSWERS);
        for it in self.tasks.blocking(read).await.and_then(|rows| rows).unwrap_or_default() {
            let deployment = Deployment { account: it.account, model: it.model };
            self.paces.note(&deployment, it.first_ms, it.total_ms, it.output);
        }
    }

    pub(crate) fn next_id(&self) -> i64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Tell everybody about ERROR, which is of this KIND.
    pub(crate) fn notice(&self, kind: &str, error: &Error) {
        self.queue.push(0, Body::Notice(json!({"kind": kind, "message": error.to_string()})));
    }

    /// Who can be called; read from the file at first use, and by one job
    /// only: a second reading would forget the keys that were asked for since.
    pub(crate) async fn setup(&self) -> Result<Arc<Setup>> {
        if let Some(setup) = self.known_setup() {
            return Ok(setup);
        }
        let _one_at_a_time = self.first_reading.lock().await;
        match self.known_setup() {
            Some(setup) => Ok(setup),
            None => self.reread().await,
        }
    }

    fn known_setup(&self) -> Option<Arc<Setup>> {
        self.setup.read().clone()
    }

    /// Read the configuration again; when it is wrong, what was in force
    /// stays in force.
    pub(crate) async fn reload(&self) -> Result<Arc<Setup>> {
        // Else a reading that began before would put in force what it found.
        let _one_at_a_time = self.first_reading.lock().await;
        self.reread().await
    }

    async fn reread(&self) -> Result<Arc<Setup>> {
        let adopted = self.adopted.lock().clone();
        Ok(self.read(adopted).await?.0)
    }

    /// Let what was started on this machine be called, or not any more.
    pub(crate) async fn rejoin(&self) -> Result<Arc<Setup>> {
        self.reload().await
    }

    /// Take ADOPTED over instead of what was before. Return what is then in
    /// force, and the account that each became or why it became none.
    pub(crate) async fn adopt(
        &self,
        adopted: Vec<Adoption>,
    ) -> Result<(Arc<Setup>, Vec<Result<String>>)> {
        let _one_at_a_time = self.first_reading.lock().await;
        let read = self.read(adopted.clone()).await?;
        *self.adopted.lock() = adopted;
        Ok(read)
    }

    /// Read the file, join ADOPTED and what was started on this machine to it,
    /// and put all in force.
    async fn read(&self, adopted: Vec<Adoption>) -> Result<(Arc<Setup>, Vec<Result<String>>)> {
        let (file, prices) = (self.config_file.clone(), Arc::clone(&self.prices));
        let offers = self.local.offers();
        let read = self.tasks.blocking(move || {
            let (mut config, catalog) = (Config::load(&file)?, prices.catalog()?);
            let joined = adoption::join(&mut config, &catalog, &adopted);
            local::join(&mut config, &catalog, &offers);
            let setup = Setup::new(catalog, &config).map_err(|error| error.at(file.display()))?;
            Ok((setup, joined))
        });
        let read: Result<_> = read.await?;
        if let Some(error) = self.prices.trouble() {
            self.notice("prices", &error);
        }
        let (setup, joined) = read?;
        Ok((self.install(setup), joined))
    }

    /// Put SETUP in force, which was read from the file.
    pub(crate) fn install(&self, setup: Setup) -> Arc<Setup> {
        let setup = self.replace(setup);
        self.keys.forget_all();
        self.auto.forget_rules();
        setup
    }

    /// Put SETUP in force, which has the same accounts as the one before.
    pub(crate) fn replace(&self, setup: Setup) -> Arc<Setup> {
        let setup = Arc::new(setup);
        *self.setup.write() = Some(Arc::clone(&setup));
        setup
    }
}
