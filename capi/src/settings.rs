//! What a configuration holds, shared by its connections.

use alloc::{boxed::Box, vec::Vec};

use handclasp_connection::Config as Engine;
use handclasp_crypto::{KeyExchange, Suite, Verify};
use handclasp_handshake::{Certificates, Config as Handshake, ExtendedMasterSecret, Versions};
use handclasp_identity::Identity;
use handclasp_report::Side;
use handclasp_trust::Psk;

use crate::{random::Source, trust::PeerTrust};

/// Counted references. Threads may share a configuration where the processor can count for them; thumbv6m
/// cannot, and has one core.
#[cfg(not(target_has_atomic = "ptr"))]
pub(crate) use alloc::rc::Rc as Shared;
#[cfg(target_has_atomic = "ptr")]
pub(crate) use alloc::sync::Arc as Shared;

pub(crate) struct Settings {
    pub(crate) side: Side,
    pub(crate) engine: Engine,
    pub(crate) psks: Vec<Psk>,
    pub(crate) trust: Option<Box<dyn PeerTrust>>,
    /// Boxed: an identity is a hundred bytes, and programs with a pre-shared key have none.
    pub(crate) identity: Option<Box<Identity>>,
    pub(crate) late: u32,
    pub(crate) random: Source,
    /// Seconds since 1970 before which no clock is trusted.
    pub(crate) earliest: u64,
    /// Whether the offers were chosen one by one.
    pub(crate) has_offers: bool,
}

impl Settings {
    pub(crate) fn new(side: Side) -> Self {
        let handshake = Handshake {
            // A configuration never changes while connections use it.
            generation: 1,
            versions: Versions::default(),
            suites: Vec::<&'static Suite>::new().into(),
            groups: Vec::<&'static dyn KeyExchange>::new().into(),
            shares: 1,
            verify: Vec::<&'static dyn Verify>::new().into(),
            alpn: Vec::new(),
            extended_master_secret: ExtendedMasterSecret::Offered,
            has_psk: false,
            has_credential: false,
            certificates: Certificates::default(),
            extensions: Default::default(),
            key_log: false,
            resumption: Default::default(),
        };
        Self {
            side,
            engine: Engine::new(handshake),
            psks: Vec::new(),
            trust: None,
            identity: None,
            late: 0,
            random: Source::default(),
            earliest: 0,
            has_offers: false,
        }
    }

    /// Whether these needs are left to the application.
    pub(crate) fn is_late(&self, need: u32) -> bool {
        self.late & need != 0
    }
}
