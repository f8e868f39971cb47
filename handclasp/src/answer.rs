//! Answers what a handshake needs from the configuration, so that ordinary users never see
//! a need: chains go to `trust`, signatures to `identity`, identities to the list of keys.

use handclasp_connection::{Connection, Given};
use handclasp_codec::ProtocolVersion;
use handclasp_crypto::Verify;
use handclasp_handshake::{Answer, ClientPsk, Credential, Need, PeerIdentity, PskAnswer, PskHash, PskIdentities};
use handclasp_identity::Identity;
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{CertificateFault, Fault};
use handclasp_trust::{Accepted, Name, Psk, PskUse, Question, Role, Trust};

/// Whoever answers the needs of one connection.
pub(crate) trait Answers {
    /// Answers until nothing is needed.
    fn answer(&mut self, connection: &mut Connection, given: &mut Given<'_>) -> Result<(), Fault>;
}

/// What an answer is made of, free of the need's borrow.
enum Found<'a> {
    Credential(Option<&'a Identity>),
    Signature(Option<Vec<u8>>),
    Noted,
    Peer(Result<Accepted, CertificateFault>),
    Psk(Option<(usize, &'a Psk)>),
}

fn give(connection: &mut Connection, given: &mut Given<'_>, found: Found<'_>) -> Result<(), Fault> {
    let answer = match &found {
        Found::Credential(identity) => Answer::Credential(identity.map(|identity| Credential {
            chain: identity.chain(),
            key: identity.key_kind(),
            schemes: identity.schemes(),
        })),
        Found::Signature(Some(signature)) => Answer::Signature(signature),
        Found::Signature(None) => Answer::SignerFailed,
        Found::Noted => Answer::CertificateNoted,
        Found::Peer(Ok(peer)) => Answer::PeerAccepted {
            spki: &peer.spki,
            identity: PeerIdentity { pin: peer.pin, not_after: peer.not_after },
        },
        Found::Peer(Err(fault)) => Answer::PeerRefused(*fault),
        Found::Psk(psk) => Answer::Psk(psk.map(|(index, psk)| PskAnswer {
            index,
            secret: psk.secret(),
            hash: psk_hash(psk),
        })),
    };
    connection.answer(given, answer)
}

/// The hash that a key is bound to; of no meaning in TLS 1.2.
fn psk_hash(psk: &Psk) -> PskHash {
    match psk.usage() {
        PskUse::Tls13Sha384 => PskHash::Sha384,
        PskUse::Tls13Sha256 | PskUse::Tls12 => PskHash::Sha256,
    }
}

/// The version that a key is for: one key, one use (RFC 9257 §4.1).
pub(crate) fn psk_version(psk: &Psk) -> ProtocolVersion {
    match psk.usage() {
        PskUse::Tls12 => ProtocolVersion::TLS_1_2,
        PskUse::Tls13Sha256 | PskUse::Tls13Sha384 => ProtocolVersion::TLS_1_3,
    }
}

/// A client's key as its handshake wants it.
pub(crate) fn client_psk(psk: &Psk) -> ClientPsk<'_> {
    let is_tls12 = psk_version(psk) == ProtocolVersion::TLS_1_2;
    ClientPsk {
        identity: psk.identity(),
        secret: psk.secret(),
        tls13: (!is_tls12).then(|| psk_hash(psk)),
        tls12: is_tls12,
    }
}

/// A client's answers.
pub(crate) struct ClientAnswers<'a> {
    pub(crate) trust: &'a Trust,
    pub(crate) name: Option<Name>,
    pub(crate) verify: &'a [&'static dyn Verify],
    pub(crate) chain: Vec<Vec<u8>>,
}

impl Answers for ClientAnswers<'_> {
    fn answer(&mut self, connection: &mut Connection, given: &mut Given<'_>) -> Result<(), Fault> {
        while let Some(need) = connection.need() {
            let found = match need {
                Need::PeerCertificate { der, last, .. } => {
                    self.chain.push(der.to_vec());
                    if last { Found::Peer(self.judge(given.now)) } else { Found::Noted }
                }
                Need::Credential { .. } => Found::Credential(None),
                Need::Signature { .. } => Found::Signature(None),
                Need::Psk { .. } => Found::Psk(None),
            };
            give(connection, given, found)?;
        }
        Ok(())
    }
}

impl ClientAnswers<'_> {
    fn judge(&mut self, now: u64) -> Result<Accepted, CertificateFault> {
        let chain = std::mem::take(&mut self.chain);
        let (name, verify, sha256) = (self.name.as_ref(), self.verify, aws_lc::SHA256);
        self.trust.judge(&chain, &Question { role: Role::Server, name, now, verify, sha256 })
    }
}

/// A server's answers.
pub(crate) struct ServerAnswers<'a> {
    pub(crate) identities: &'a [Identity],
    pub(crate) psks: &'a [Psk],
    /// The identity whose certificate was shown: its key signs.
    pub(crate) shown: Option<&'a Identity>,
}

impl Answers for ServerAnswers<'_> {
    fn answer(&mut self, connection: &mut Connection, given: &mut Given<'_>) -> Result<(), Fault> {
        while let Some(need) = connection.need() {
            let found = match need {
                Need::Credential { schemes, ecdsa, rsa, .. } => {
                    self.shown = self.identities.iter().find(|identity| {
                        let kind = match identity.key_kind() {
                            handclasp_crypto::KeyKind::Rsa => rsa,
                            _ => ecdsa,
                        };
                        kind && identity.schemes().iter().any(|scheme| schemes.contains(scheme))
                    });
                    // One that does not fit is still better evidence than none: the machine
                    // then says which scheme or kind of key was missing.
                    Found::Credential(self.shown.or(self.identities.first()))
                }
                Need::Signature { scheme, message } => Found::Signature(
                    self.shown.and_then(|identity| identity.sign(scheme, message, given.random).ok()),
                ),
                Need::Psk { identities, version } => Found::Psk(self.find_psk(&identities, version)),
                // No client certificate was asked for, so none can have come.
                Need::PeerCertificate { .. } => Found::Peer(Err(CertificateFault::NotConfigured)),
            };
            give(connection, given, found)?;
        }
        Ok(())
    }
}

impl<'a> ServerAnswers<'a> {
    fn find_psk(
        &self,
        identities: &PskIdentities<'_>,
        version: ProtocolVersion,
    ) -> Option<(usize, &'a Psk)> {
        identities.iter().find_map(|(index, identity)| {
            let psk = self.psks.iter().find(|psk| {
                psk_version(psk) == version && psk.identity() == identity
            })?;
            Some((index, psk))
        })
    }
}
