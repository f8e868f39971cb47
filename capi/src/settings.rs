//! What a configuration holds, shared by its connections.

use alloc::{boxed::Box, vec::Vec};

use handclasp_connection::Config as Engine;
use handclasp_crypto::{KeyExchange, Suite, Verify};
use handclasp_handshake::{Certificates, Config as Handshake, ExtendedMasterSecret, Versions};
use handclasp_identity::Identity;
use handclasp_report::Side;
use handclasp_trust::Psk;

use crate::{provider, random::Source, tickets::TicketKeys, time, trust::PeerTrust};

pub(crate) struct Settings {
    pub(crate) side: Side,
    pub(crate) engine: Engine,
    pub(crate) psks: Vec<Psk>,
    pub(crate) trust: Option<Box<dyn PeerTrust>>,
    /// Boxed: an identity is a hundred bytes, and programs with a pre-shared key have none.
    pub(crate) identity: Option<Box<Identity>>,
    /// What seals and opens the tickets of a server, if it issues them.
    pub(crate) tickets: Option<Box<dyn TicketKeys>>,
    /// Computes what sessions are bound to, where there are sessions. A pointer, so that other programs do not link
    /// it.
    pub(crate) session_binding: Option<fn(&Self) -> [u8; 32]>,
    pub(crate) late: u32,
    pub(crate) random: Source,
    /// Seconds since 1970-01-01 UTC before which no clock is trusted.
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
            tickets: None,
            session_binding: None,
            late: 0,
            random: Source::default(),
            earliest: time::EARLIEST,
            has_offers: false,
        }
    }

    /// TLS 1.3 and 1.2 with every suite that has an AEAD, every group and every signature.
    pub(crate) fn offer_modern(&mut self) {
        let handshake = &mut self.engine.handshake;
        let lists = [provider::ALL_SUITES, provider::ECDHE_PSK_SUITES, provider::CCM_SUITES];
        handshake.versions = Versions::ALL;
        handshake.suites = lists.concat().into();
        #[cfg(feature = "aws-lc")]
        let hybrids = provider::HYBRID_GROUPS;
        #[cfg(not(feature = "aws-lc"))]
        let hybrids: &[&'static dyn KeyExchange] = &[];
        handshake.groups = [hybrids, provider::GROUPS].concat().into();
        handshake.shares = hybrids.len().saturating_add(1);
        handshake.verify = provider::VERIFY.into();
    }

    /// Binds sessions to what is trusted now.
    pub(crate) fn bind_sessions(&mut self) {
        if let Some(binding) = self.session_binding {
            self.engine.handshake.resumption.trust_generation = binding(self);
        }
    }

    /// Whether these needs are left to the application.
    pub(crate) fn is_late(&self, need: u32) -> bool {
        self.late & need != 0
    }
}
