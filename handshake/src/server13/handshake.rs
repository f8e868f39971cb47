//! What goes along from our Finished to the client's.

use alloc::boxed::Box;

use handclasp_codec::CertificateType;
use handclasp_crypto::Suite;
use handclasp_schedule::{Epoch, KeySource, MainSecret, Sender, Transcript};

use crate::Connected;

/// Our flight is out; all secrets of the handshake proper are made.
pub(super) struct Handshake {
    pub(super) suite: &'static Suite,
    /// ClientHello to our Finished, and what came of the client's flight.
    pub(super) transcript: Transcript,
    /// What will have been agreed.
    pub(super) agreed: Box<Connected>,
    pub(super) main: MainSecret,
    /// The type of the certificate by which we proved ourselves.
    pub(super) shown: Option<CertificateType>,
    /// How many tickets the client gets.
    pub(super) tickets: u8,
    /// When the client was last authenticated by more than a session.
    pub(super) authenticated: u64,
}

impl Handshake {
    /// See `State::keys`.
    pub(super) fn keys(&self, epoch: Epoch, sender: Sender) -> KeySource<'_> {
        KeySource::derived(self.main.traffic(epoch, sender), self.suite)
    }
}
