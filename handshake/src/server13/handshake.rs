//! Data that all states share, from the ClientHello on.

use alloc::boxed::Box;

use handclasp_codec::{CertificateType, ClientHelloView};
use handclasp_crypto::{KeyExchange, Suite};
use handclasp_report::FaultCode;
use handclasp_schedule::Transcript;

use super::retry::Retry;
use crate::{
    Connected, PskHash, capability, certificates::Requested, extensions::Records, negotiate,
    server::hello::Hello,
};

/// The handshake under way.
pub(crate) struct Handshake {
    /// The ClientHello that is answered, until the ServerHello is sent.
    pub(super) hello: Hello,
    pub(super) client_random: [u8; 32],
    /// All messages; before the ServerHello without the ClientHello that is answered.
    pub(super) transcript: Transcript,
    /// The suite of the ServerHello; before it the one to use with a certificate.
    pub(super) suite: &'static Suite,
    /// The (EC)DHE part, or why there can be none.
    pub(super) exchange: Result<Exchange, FaultCode>,
    /// The answer about the size of records.
    pub(super) records: Records,
    /// What a HelloRetryRequest has settled.
    pub(super) retry: Option<Retry>,
    /// What will have been agreed; `None` once it was.
    agreed: Option<Box<Connected>>,
    /// The certificate requested from the client, if any. A client that a pre-shared key authenticates is
    /// not asked (§4.3.2).
    pub(super) requested: Option<Requested>,
    /// The type of the certificate by which we authenticated, now or when the session began.
    pub(super) shown: Option<CertificateType>,
    /// How many tickets the client gets.
    pub(super) tickets: u8,
    /// When the client was last authenticated by more than a session.
    pub(super) authenticated: u64,
}

/// The (EC)DHE part of the handshake.
#[derive(Clone, Copy)]
pub(super) struct Exchange {
    pub(super) group: &'static dyn KeyExchange,
    /// The client supports the group but sent no share in it: HelloRetryRequest. Never after a second hello.
    pub(super) retry: Option<capability::Retry>,
}

impl Handshake {
    /// Keeps a ClientHello.
    pub(super) fn new(
        hello: ClientHelloView<'_>,
        suite: &'static Suite,
        exchange: Result<Exchange, FaultCode>,
        records: Records,
        retry: Option<Retry>,
    ) -> Self {
        Self {
            hello: Hello::keep(hello),
            client_random: *hello.random(),
            transcript: Transcript::new(),
            suite,
            exchange,
            records,
            retry,
            agreed: None,
            requested: None,
            shown: None,
            tickets: 0,
            authenticated: 0,
        }
    }

    /// What will have been agreed.
    pub(super) fn agreed(&mut self) -> &mut Connected {
        self.agreed.get_or_insert_default()
    }

    /// As [`Self::agreed`], to look at; `None` before the ClientHello was checked.
    pub(super) fn agreed_so_far(&self) -> Option<&Connected> {
        self.agreed.as_deref()
    }

    /// The handshake is complete: what was agreed.
    pub(super) fn complete(&mut self) -> Box<Connected> {
        self.agreed.take().unwrap_or_default()
    }

    /// The suite for a pre-shared key of that hash (§4.2.11).
    pub(super) fn suite_for_psk(&self, config: &crate::Config, hash: PskHash) -> Option<&'static Suite> {
        match &self.retry {
            Some(Retry { suite, .. }) if hash.is(suite.hash) => Some(suite),
            Some(_) => None,
            None => negotiate::suite13(config, self.hello.view(), Some(hash)),
        }
    }
}
