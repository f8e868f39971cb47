//! Data that all states share, from the ClientHello on.

use alloc::boxed::Box;

use handclasp_codec::{CertificateType, ClientHelloView, ExtensionType, HandshakeType, Writer};
use handclasp_crypto::Suite;
use handclasp_report::Failed;
use handclasp_schedule::Transcript;

use crate::{
    Connected, Context, capability, certificates::Requested, extensions::Records, server::hello::Hello,
};

/// The handshake under way.
pub(crate) struct Handshake {
    /// The ClientHello, until the ServerHello is sent.
    pub(super) hello: Hello,
    /// The suite of the ServerHello; before it the first one in common.
    pub(super) suite: &'static Suite,
    pub(super) client_random: [u8; 32],
    pub(super) server_random: [u8; 32],
    /// Whether RFC 7627 was agreed.
    pub(super) extended_master_secret: bool,
    pub(super) transcript: Transcript,
    /// What will have been agreed; `None` once it was.
    agreed: Option<Box<Connected>>,
    /// The answer about the size of records.
    pub(super) records: Records,
    /// The certificate that the client is asked for.
    pub(super) requested: Option<Requested>,
    /// The type of the certificate by which we authenticated, now or when the session began.
    pub(super) shown: Option<CertificateType>,
    /// Whether the ServerHello has announced a NewSessionTicket (RFC 5077 §3.3).
    pub(super) ticket: Option<capability::Tickets>,
    /// When the client was last authenticated by more than a session.
    pub(super) authenticated: u64,
}

impl Handshake {
    /// Keeps a ClientHello.
    pub(super) fn new(hello: ClientHelloView<'_>, suite: &'static Suite, records: Records, now: u64) -> Self {
        let extended_master_secret = hello.offers(ExtensionType::extended_master_secret);
        Self {
            hello: Hello::keep(hello),
            suite,
            client_random: *hello.random(),
            server_random: [0; 32],
            extended_master_secret,
            transcript: Transcript::new(),
            agreed: None,
            records,
            requested: None,
            shown: None,
            ticket: None,
            authenticated: now,
        }
    }

    /// What will have been agreed.
    pub(super) fn agreed(&mut self) -> &mut Connected {
        self.agreed.get_or_insert_default()
    }

    /// As [`Self::agreed`], to look at; `None` before the ServerHello.
    pub(super) fn agreed_so_far(&self) -> Option<&Connected> {
        self.agreed.as_deref()
    }

    /// The handshake is complete: what was agreed. Frees all that is not needed any more.
    pub(super) fn complete(&mut self) -> Box<Connected> {
        self.transcript = Transcript::new();
        self.agreed.take().unwrap_or_default()
    }

    /// Sends a message and adds it to the transcript.
    pub(super) fn send(
        &mut self,
        context: &mut Context<'_>,
        message: HandshakeType,
        body: impl FnOnce(&mut Writer<'_>),
    ) -> Result<(), Failed> {
        self.transcript.add(context.send(message, body)?);
        Ok(())
    }
}
