//! A peer's certificates, judged by the application: by a database, a person, another service.

use std::{fmt, sync::Arc};

use handclasp_codec::CertificateType;
use handclasp_handshake::Need;
use handclasp_report::CertificateFault;
use handclasp_trust::Trust;

use super::read;
use crate::{
    Connection, Error,
    answer::{Answers, Reply},
    time::now,
};

/// Asks whether the peer's certificates are trusted. Nothing is authenticated yet: that the peer holds
/// the key is verified after the answer.
pub struct PeerCertificateNeed<'c> {
    pub(super) connection: &'c mut Connection,
}

impl PeerCertificateNeed<'_> {
    /// The certificates in DER, leaf first; one SubjectPublicKeyInfo where the type is RawPublicKey.
    pub fn chain(&self) -> &[Vec<u8>] {
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
    pub fn configured_verdict(&mut self) -> Result<(), CertificateFault> {
        let settings = Arc::clone(&self.connection.settings);
        let certificate_type = self.certificate_type();
        let answers = Answers { settings: &settings, state: &mut self.connection.state };
        answers
            .judge(answers.state.chain(), certificate_type, now())
            .map(drop)
            .map_err(|refused| refused.fault)
    }

    /// Trusts the peer, whatever the configured [`Trust`] says.
    ///
    /// # Errors
    /// The leaf's key cannot be read, or the handshake fails as it goes on.
    pub fn accept(self) -> Result<(), Error> {
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
        self.answer(|answers, certificate_type| answers.judge(answers.state.chain(), certificate_type, now()))
    }

    /// Ends the handshake: the peer is not trusted. It gets the alert of that fault.
    ///
    /// # Errors
    /// Always: the error of the connection.
    pub fn refuse(self, why: CertificateFault) -> Result<(), Error> {
        self.answer(|answers, certificate_type| {
            Err(answers.refused(why, answers.state.chain(), certificate_type))
        })
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
