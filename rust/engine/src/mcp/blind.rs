//! Who was found not to see.

use llm_switch_types::Deployment;
use parking_lot::Mutex;
use std::collections::HashSet;

/// Deployments that refused what tools have shown. For this session only: a
/// server may be started with another model under the same name.
#[derive(Default)]
pub(crate) struct Blind(Mutex<HashSet<Deployment>>);

impl Blind {
    /// Show DEPLOYMENT nothing any more.
    pub(crate) fn note(&self, deployment: &Deployment) {
        self.0.lock().insert(deployment.clone());
    }

    /// Whether DEPLOYMENT is one of them.
    pub(crate) fn knows(&self, deployment: &Deployment) -> bool {
        self.0.lock().contains(deployment)
    }
}
