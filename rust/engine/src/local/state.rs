//! Where a server is in its life.

/// Where a server is in its life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It runs, and does not answer yet: it loads its model.
    Starting,
    /// It answers.
    Ready,
    /// It was asked to stop, and has not ended yet.
    Stopping,
    /// It ended by itself, or does not answer: why, in words.
    Failed(String),
    /// It was stopped, or nothing answers at its address.
    Stopped,
}

impl State {
    /// The word for it in Lisp.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ready => "ready",
            Self::Stopping => "stopping",
            Self::Failed(_) => "failed",
            Self::Stopped => "stopped",
        }
    }

    /// Why it failed.
    pub(crate) fn problem(&self) -> Option<&str> {
        match self {
            Self::Failed(why) => Some(why),
            _ => None,
        }
    }

    pub(crate) const fn is_over(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Stopped)
    }
}
