//! The proxies in front of a listener, replaceable at run time.

use std::sync::{Arc, PoisonError, RwLock};

use crate::proxy_protocol::Senders;

/// The proxies in front of a listener, or `None` where clients connect directly. Clones share one value.
#[derive(Clone, Debug, Default)]
pub struct Proxies(Arc<RwLock<Option<Arc<Senders>>>>);

impl From<Option<Senders>> for Proxies {
    fn from(senders: Option<Senders>) -> Self {
        Self(Arc::new(RwLock::new(senders.map(Arc::new))))
    }
}

impl Proxies {
    /// Other proxies, or none, for the connections that come from now on.
    pub fn set(&self, senders: Option<Senders>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = senders.map(Arc::new);
    }

    pub(crate) fn get(&self) -> Option<Arc<Senders>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
