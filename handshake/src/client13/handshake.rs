//! What goes along from the ServerHello to the server's Finished.

use alloc::boxed::Box;

use handclasp_crypto::Suite;
use handclasp_report::{Side, Tag};
use handclasp_schedule::{Epoch, HandshakeSecret, KeySource, Sender, Transcript};

use crate::{Context, action::Connected, certificates::Types, extensions::OfferedExtensions};

/// The handshake under way.
pub(super) struct Handshake {
    pub(super) suite: &'static Suite,
    pub(super) transcript: Transcript,
    pub(super) client_random: [u8; 32],
    pub(super) secret: HandshakeSecret,
    /// What was agreed so far.
    pub(super) agreed: Box<Connected>,
    /// Of both sides' certificates.
    pub(super) types: Types,
    /// Extensions of the ClientHello.
    pub(super) offered: OfferedExtensions,
    /// When the server was last authenticated by more than a session.
    pub(super) authenticated: u64,
}

impl Handshake {
    /// See `State::keys`.
    pub(super) fn keys(&self, epoch: Epoch, sender: Sender) -> Option<KeySource<'_>> {
        match epoch {
            Epoch::Handshake => Some(KeySource::derived(self.secret.traffic(sender), self.suite)),
            Epoch::Application => None,
        }
    }

    /// Takes over what a resumed session says about the server: its first handshake authenticated it.
    pub(super) fn resume(&mut self, context: &mut Context<'_>, resumed: &crate::Session) {
        self.agreed.resumed = true;
        self.agreed.peer = resumed.peer;
        self.agreed.psk_identity.clone_from(&resumed.psk_identity);
        self.authenticated = resumed.authenticated;
        context.report.note(Side::Server, Tag::Resumed, &[]);
    }
}
