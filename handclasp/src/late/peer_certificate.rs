//! A peer's certificates, judged by the application: by a database, a person, another service.

use std::{fmt, sync::Arc};

use handclasp_codec::CertificateType;
use handclasp_handshake::Need;
use handclasp_report::{CertificateError, CertificateFault, Side};
use handclasp_trust::{NewPeer, PeerVerdict, RefusalReason, Trust};
use rustls_pki_types::CertificateDer;

use super::read;
use crate::{
    Connection, Error,
    answer::{Answers, Reply},
    time::now,
};

/// Asks whether the peer's certificates are trusted. Nothing is authenticated yet: that the peer holds
/// the key is verified after the answer.
///
/// ```
/// use handclasp::{
///     CertificateFault, Client, ClientConnection, Identity, LateNeed, NeedKind, Pin, Server,
///     ServerConnection, Trust,
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut server = ServerConnection::new(&Server::new(Identity::self_signed(&["device.example"])?))?;
/// let client = Client::new(Trust::Pins(vec![Pin([0; 32])])).late_needs(&[NeedKind::PeerCertificate]);
/// let mut connection = ClientConnection::new(&client, "device.example")?;
/// # server.receive(connection.transmit())?;
/// # let count = connection.transmit().len();
/// # connection.transmitted(count);
/// connection.receive(server.transmit())?;
/// if let Some(LateNeed::PeerCertificate(mut need)) = connection.need() {
///     match need.configured_verdict() {
///         Ok(()) => need.accept()?,
///         // A device that is not pinned yet: a person looks at the certificate, and decides.
///         Err(error) if error.fault == CertificateFault::PinMismatch => need.accept()?,
///         Err(error) => need.refuse(error)?,
///     }
/// }
/// assert!(connection.connected().is_some());
/// # Ok(())
/// # }
/// ```
pub struct PeerCertificateNeed<'c> {
    pub(super) connection: &'c mut Connection,
}

impl PeerCertificateNeed<'_> {
    /// The certificates in DER, leaf first; one SubjectPublicKeyInfo where the type is RawPublicKey.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        self.connection.state.chain()
    }

    /// X509, or RawPublicKey (RFC 7250).
    pub fn certificate_type(&self) -> CertificateType {
        let of = |need: Need<'_>| match need {
            Need::PeerCertificate { certificate_type, .. } => Some(certificate_type),
            _ => None,
        };
        read(&self.connection.engine, of, CertificateType::X509)
    }

    /// What the configured [`Trust`] says of the chain.
    ///
    /// # Errors
    /// Why it does not trust it.
    pub fn configured_verdict(&mut self) -> Result<(), CertificateError> {
        let settings = Arc::clone(&self.connection.settings);
        let certificate_type = self.certificate_type();
        let answers = Answers { settings: &settings, state: &mut self.connection.state };
        answers
            .judge(answers.state.chain(), certificate_type, now())
            .map(drop)
            .map_err(|refused| refused.error)
    }

    /// Trusts the peer, whatever the configured [`Trust`] says.
    ///
    /// With [`Trust::KnownPeers`] a new peer is written into the file once it has proved that it has the key. One that
    /// the file has with another key, or revoked, is accepted for this connection only.
    ///
    /// Where the client asked for an OCSP response and the configured trust refuses the chain, the response is not
    /// judged: the issuer, whose key verifies it, is not known. [`crate::Client::require_ocsp_response`] still refuses
    /// the peer.
    ///
    /// # Errors
    /// The leaf's key cannot be read, or the handshake fails as it goes on.
    pub fn accept(mut self) -> Result<(), Error> {
        self.will_record();
        self.connection.state.is_accepted = true;
        self.answer(|answers, certificate_type| {
            answers.judge_with(&Trust::DangerNobody, answers.state.chain(), certificate_type, now())
        })
    }

    /// Trusts the peer if the configured [`Trust`] does, as without
    /// [`crate::NeedKind::PeerCertificate`].
    ///
    /// # Errors
    /// It does not, or the handshake fails as it goes on.
    pub fn accept_if_configured(self) -> Result<(), Error> {
        let settings = Arc::clone(&self.connection.settings);
        if settings.known_peers().is_none() {
            return self.answer(|answers, certificate_type| {
                answers.judge(answers.state.chain(), certificate_type, now())
            });
        }
        let certificate_type = self.certificate_type();
        let answers = Answers { settings: &settings, state: &mut self.connection.state };
        let judged = answers.judged(answers.state.chain(), certificate_type, now());
        match judged.keep(&mut self.connection.state) {
            // The file leaves the answer to the application, which leaves it to the file.
            Reply::Later if settings.side == Side::Server => self.deny(),
            Reply::Later => self.refuse(CertificateFault::PinMismatch),
            reply => self.connection.answer_late(reply),
        }
    }

    /// Ends the handshake: the peer is not trusted. It gets the alert of that fault.
    ///
    /// # Errors
    /// Always: the error of the connection.
    pub fn refuse(mut self, why: impl Into<CertificateError>) -> Result<(), Error> {
        self.explain_refusal();
        self.answer(|answers, certificate_type| {
            let refused = answers.refused(why.into(), answers.state.chain(), certificate_type);
            Err(refused.with_refusal(answers.state.refusal.as_deref()))
        })
    }

    /// Ends the handshake: the peer is not permitted. It gets the alert access_denied (RFC 8446 §6.2), which tells
    /// a client that its certificate is in order and not on the list.
    ///
    /// # Errors
    /// Always: the error of the connection.
    pub fn deny(mut self) -> Result<(), Error> {
        self.explain_refusal();
        let settings = Arc::clone(&self.connection.settings);
        let certificate_type = self.certificate_type();
        let answers = Answers { settings: &settings, state: &mut self.connection.state };
        let refused =
            answers.refused(CertificateFault::PinMismatch.into(), answers.state.chain(), certificate_type);
        self.connection.answer_late(Reply::Denied(refused))
    }

    /// Has the error say what the file says against the peer.
    fn explain_refusal(&mut self) {
        self.know();
        let state = &mut self.connection.state;
        let (Some(peers), Some(known)) = (self.connection.settings.known_peers(), &state.known) else {
            return;
        };
        let reason = match peers.verdict(&known.contact()) {
            Ok(PeerVerdict::New) => RefusalReason::Unknown,
            Ok(PeerVerdict::Changed(known)) => RefusalReason::Changed(known),
            Ok(PeerVerdict::Revoked(line, known)) => RefusalReason::Revoked(line, known),
            // The application has a reason of its own.
            _ => return,
        };
        state.refusal = Some(Box::new(peers.refusal(&known.contact(), reason)));
    }

    /// The peer as a question to a person: a peer that the file of [`Trust::KnownPeers`] does not have. `None` of
    /// other peers, and with other trust.
    pub fn new_peer(&mut self) -> Option<NewPeer<'_>> {
        self.know();
        let (peers, known) = (self.connection.settings.known_peers()?, self.connection.state.known.as_ref()?);
        let contact = known.contact();
        matches!(peers.verdict(&contact), Ok(PeerVerdict::New)).then(|| peers.question(&contact))
    }

    /// Reads the peer's key and name where [`crate::NeedKind::PeerCertificate`] was left to the application, so
    /// that the file was not asked yet.
    fn know(&mut self) {
        let settings = Arc::clone(&self.connection.settings);
        let certificate_type = self.certificate_type();
        let state = &mut self.connection.state;
        if settings.known_peers().is_none() || state.known.is_some() {
            return;
        }
        let answers = Answers { settings: &settings, state: &mut *state };
        if let Ok(contact) = answers.contact(answers.state.chain(), certificate_type, now()) {
            state.known = Some(Box::new(contact.unjudged()));
        }
    }

    /// Has the file learn of the peer at the end of the handshake, unless it speaks against it.
    fn will_record(&mut self) {
        self.know();
        let Some(peers) = self.connection.settings.known_peers() else { return };
        if let Some(known) = &mut self.connection.state.known {
            let verdict = peers.verdict(&known.contact());
            known.is_recorded =
                !matches!(verdict, Err(_) | Ok(PeerVerdict::Changed(_) | PeerVerdict::Revoked(..)));
            known.judged(verdict.ok());
        }
    }

    fn answer(
        self,
        judge: impl FnOnce(&Answers<'_, '_>, CertificateType) -> crate::answer::Verdict,
    ) -> Result<(), Error> {
        let settings = Arc::clone(&self.connection.settings);
        let certificate_type = self.certificate_type();
        let answers = Answers { settings: &settings, state: &mut self.connection.state };
        let verdict = judge(&answers, certificate_type);
        self.connection.answer_late(Reply::Peer(verdict))
    }
}

impl fmt::Debug for PeerCertificateNeed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PeerCertificateNeed")
            .field("certificates", &self.chain().len())
            .field("certificate_type", &self.certificate_type())
            .finish_non_exhaustive()
    }
}
