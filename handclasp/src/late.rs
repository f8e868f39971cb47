//! Needs of a handshake that the application answers itself, when it is ready: a signature of a
//! remote signer, a certificate that a person must approve, a pre-shared key out of a database, a ticket
//! that is used once among several servers.

mod credential;
mod peer_certificate;
mod psk;
mod resumption;
mod signature;

pub use credential::CredentialNeed;
pub use peer_certificate::PeerCertificateNeed;
pub use psk::PskNeed;
pub use resumption::ResumptionNeed;
pub use signature::SignatureNeed;

use handclasp_connection::Connection as Engine;
use handclasp_handshake::Need;

use crate::{Connection, Error, NeedKind, answer::Reply};

/// A need that waits for the application's answer ([`Connection::need`]).
///
/// Each variant has methods that read the need and methods that answer it, and no others, so that
/// an answer always fits. Dropping the value without an answer changes nothing: the need waits, and
/// [`Connection::need`] returns it again.
#[derive(Debug)]
#[non_exhaustive]
pub enum LateNeed<'c> {
    /// The certificate to send.
    Credential(CredentialNeed<'c>),
    /// A signature by the key of the certificate that was sent.
    Signature(SignatureNeed<'c>),
    /// The verdict on the peer's certificates.
    PeerCertificate(PeerCertificateNeed<'c>),
    /// The pre-shared key that a client names.
    Psk(PskNeed<'c>),
    /// Whether a session is resumed.
    Resumption(ResumptionNeed<'c>),
}

impl LateNeed<'_> {
    /// Its kind.
    pub fn kind(&self) -> NeedKind {
        match self {
            Self::Credential(_) => NeedKind::Credential,
            Self::Signature(_) => NeedKind::Signature,
            Self::PeerCertificate(_) => NeedKind::PeerCertificate,
            Self::Psk(_) => NeedKind::Psk,
            Self::Resumption(_) => NeedKind::Resumption,
        }
    }
}

impl Connection {
    /// The need that waits for the application, of a kind that [`crate::Client::late_needs`] or
    /// [`crate::Server::late_needs`] names. [`crate::May::answer`] says whether there is one. Until it
    /// is answered the connection takes no input; the deadline goes on.
    pub fn need(&mut self) -> Option<LateNeed<'_>> {
        let kind = self.late_kind()?;
        Some(match kind {
            NeedKind::Credential => LateNeed::Credential(CredentialNeed { connection: self }),
            NeedKind::Signature => LateNeed::Signature(SignatureNeed { connection: self }),
            NeedKind::PeerCertificate => LateNeed::PeerCertificate(PeerCertificateNeed { connection: self }),
            NeedKind::Psk => LateNeed::Psk(PskNeed { connection: self }),
            NeedKind::Resumption => LateNeed::Resumption(ResumptionNeed { connection: self }),
        })
    }

    fn late_kind(&self) -> Option<NeedKind> {
        match self.engine.need().filter(|_| self.state.is_waiting)? {
            Need::Credential(_) => Some(NeedKind::Credential),
            Need::Signature { .. } => Some(NeedKind::Signature),
            Need::PeerCertificate { .. } => Some(NeedKind::PeerCertificate),
            Need::Psk { .. } => Some(NeedKind::Psk),
            Need::Resume(_) => Some(NeedKind::Resumption),
            // Answered from the configuration in every case.
            _ => None,
        }
    }

    /// Answers the need that waits, and goes on.
    fn answer_late(&mut self, reply: Reply<'_>) -> Result<(), Error> {
        if let Some(kind) = self.late_kind() {
            self.trace.need_answered(kind);
        }
        self.state.is_waiting = false;
        self.drive(|engine, context| crate::answer::give(engine, context, reply))
    }
}

/// What a guard reads of the need; the need is there as long as the guard is.
fn read<'e, R>(engine: &'e Engine, pick: impl FnOnce(Need<'e>) -> Option<R>, otherwise: R) -> R {
    engine.need().and_then(pick).unwrap_or(otherwise)
}
