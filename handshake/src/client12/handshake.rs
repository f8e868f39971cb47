//! What goes along from the ServerHello to the server's Finished.

use alloc::{boxed::Box, vec::Vec};

use handclasp_crypto::{Secret, Suite};
use handclasp_schedule::Transcript;

use crate::{action::Connected, capability, certificates::Types, client::Psk};

/// The handshake under way.
pub(super) struct Handshake {
    pub(super) suite: &'static Suite,
    pub(super) transcript: Transcript,
    pub(super) client_random: [u8; 32],
    pub(super) server_random: [u8; 32],
    /// Whether both sides do RFC 7627.
    pub(super) extended_master_secret: bool,
    /// Of both sides' certificates.
    pub(super) types: Types,
    /// Whether a CertificateStatus may follow the Certificate (RFC 6066 §8).
    pub(super) status_promised: bool,
    /// Whether the caller has still to judge the status, or that there is none.
    pub(super) status_to_judge: Option<capability::HostExtensions>,
    /// What was agreed so far.
    pub(super) agreed: Box<Connected>,
    /// Whether the server has announced a NewSessionTicket.
    pub(super) ticket_follows: Option<capability::Tickets>,
    /// The session of that ticket, until Finished proves that it is the server's.
    pub(super) ticket: Option<crate::Session>,
    /// When the server was last authenticated by more than a session.
    pub(super) authenticated: u64,
}

/// What the premaster secret is made of.
pub(super) enum Premaster {
    /// ECDHE, the server authenticated by its signature.
    Ecdhe(capability::Certificates, Agreement),
    /// The pre-shared key alone.
    Psk(Psk),
    /// ECDHE and the pre-shared key.
    EcdhePsk(capability::Ecdhe, Agreement, Psk),
}

/// Our half of ECDHE and the secret that it led to.
pub(super) struct Agreement {
    /// For the ClientKeyExchange.
    pub(super) public: Vec<u8>,
    /// The secret, which waits in the box while the caller is asked.
    pub(super) shared: Box<Secret>,
}
