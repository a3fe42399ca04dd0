//! The background threads, and every task's owner.

use llm_switch_types::{Error, ErrorKind, Result};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Handle};
use tokio::task::AbortHandle;

/// How long a shutdown waits for threads that are busy.
const SHUTDOWN: Duration = Duration::from_millis(300);

/// The background threads.
pub(crate) struct Runtime {
    inner: tokio::runtime::Runtime,
    tasks: Tasks,
}

/// Starts tasks and can end them. This is the only place that spawns: each
/// task is either the job of an id, which can be cancelled, or a background
/// task that ends with the runtime.
#[derive(Clone)]
pub(crate) struct Tasks {
    handle: Handle,
    jobs: Arc<Mutex<HashMap<i64, AbortHandle>>>,
}

impl Runtime {
    /// Two workers: parsing one stream then cannot hold up another.
    pub(crate) fn start() -> Result<Runtime> {
        let inner = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("llm-switch")
            .enable_io()
            .enable_time()
            .on_thread_start(mask_signals)
            .build()
            .map_err(|e| {
                Error::new(ErrorKind::Module, format!("the system gives no threads: {e}"))
            })?;
        let tasks = Tasks { handle: inner.handle().clone(), jobs: Arc::default() };
        Ok(Runtime { inner, tasks })
    }

    pub(crate) fn tasks(&self) -> Tasks {
        self.tasks.clone()
    }

    /// End all tasks; their guards send what they owe. The ids of jobs that
    /// hold a thread and did not end, whose guards never will.
    pub(crate) fn shutdown(self) -> Vec<i64> {
        self.inner.shutdown_timeout(SHUTDOWN);
        self.tasks.jobs.lock().keys().copied().collect()
    }
}

impl Tasks {
    /// Run JOB for ID until it ends or is cancelled.
    pub(crate) fn spawn(&self, id: i64, job: impl Future<Output = ()> + Send + 'static) {
        // Held over the spawn, so that a job which ends at once does not
        // remove its entry before it is there.
        let mut jobs = self.jobs.lock();
        let entry = Entry { id, jobs: Arc::clone(&self.jobs) };
        let task = self.handle.spawn(async move {
            let _entry = entry;
            job.await;
        });
        jobs.insert(id, task.abort_handle());
    }

    /// Run TASK until it ends or the runtime does.
    pub(crate) fn background(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.handle.spawn(task);
    }

    /// Run WORK, which blocks, on a thread that may.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let task = self.handle.spawn_blocking(work);
        task.await.map_err(|e| match e.is_cancelled() {
            true => Error::new(ErrorKind::Cancelled, "cancelled"),
            false => Error::new(ErrorKind::Module, format!("a background job failed: {e}")),
        })
    }

    /// Cancel the job of ID; false when it is over already.
    pub(crate) fn cancel(&self, id: i64) -> bool {
        // Its entry goes when it is really over.
        let job = self.jobs.lock().get(&id).cloned();
        job.is_some_and(|job| {
            job.abort();
            true
        })
    }
}

/// Forgets a job when it is over, in whatever way.
struct Entry {
    id: i64,
    jobs: Arc<Mutex<HashMap<i64, AbortHandle>>>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.jobs.lock().remove(&self.id);
    }
}

/// Emacs's signals are for its main thread. In batch mode some still have
/// their default action, and one of our threads writing to a closed pipe
/// would end the whole Emacs. Threads that these start inherit the mask.
#[cfg(unix)]
fn mask_signals() {
    use nix::sys::signal::{SigSet, Signal};
    let mut mask = SigSet::all();
    for synchronous in [
        Signal::SIGSEGV,
        Signal::SIGBUS,
        Signal::SIGFPE,
        Signal::SIGILL,
        Signal::SIGTRAP,
        Signal::SIGABRT,
        Signal::SIGSYS,
    ] {
        mask.remove(synchronous);
    }
    // It can only fail for an argument that this one is not.
    let _ = mask.thread_set_mask();
}

#[cfg(not(unix))]
fn mask_signals() {}
