//! Answers what a handshake needs according to the options.

use std::time::Duration;

use handclasp_codec::{CertificateType, DistinguishedName, SignatureScheme};
use handclasp_connection::{Connection, Context};
use handclasp_crypto::SignError;
use handclasp_handshake::{
    Answer, Credential, CredentialRequest, Need, OpenedTicket, PeerIdentity, PskAnswer, PskHash,
    PskIdentities,
};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_report::{CertificateError, CertificateFault, Fault, FaultCode};
use handclasp_trust::{Role, Trust, VerifiedKey, VerifyOptions, certificate};
use rustls_pki_types::UnixTime;

use crate::{
    imported::{self, Key, OwnKey},
    memory::{Memory, Proof},
    options::Options,
    setup::Own,
};

/// What answers are chosen from, and what was observed while answering.
pub struct Answers<'o> {
    pub options: &'o Options,
    pub memory: &'o mut Memory,
    pub own: Vec<Own>,
    pub keys: Vec<OwnKey>,
    /// Index among the flags of the pre-shared key that was used.
    pub taken: Option<i64>,
    /// Index in `own` of the credential that was sent.
    pub shown: Option<usize>,
    /// How the peer authenticated on this connection.
    pub proof: Proof,
    /// Certificate authorities that the peer lists.
    pub authorities: Vec<Vec<u8>>,
    /// Signature schemes that the peer accepts.
    pub peer_schemes: Vec<SignatureScheme>,
}

/// An answer that no longer borrows from the need.
enum Found {
    Credential(Option<usize>),
    NoSigner,
    Signature(Option<Vec<u8>>),
    Noted,
    Peer(Result<VerifiedKey, CertificateError>),
    Status,
    Psk(Option<usize>),
    Imported(usize, Key),
    Session(Option<(usize, Vec<u8>)>),
    Ticket(Option<Vec<u8>>),
}

impl Answers<'_> {
    /// Answers until the handshake needs nothing more.
    pub fn answer(&mut self, connection: &mut Connection, context: &mut Context<'_>) -> Result<(), Fault> {
        while let Some(need) = connection.need() {
            let found = self.find(need, context);
            self.give(connection, context, found)?;
        }
        Ok(())
    }

    fn find(&mut self, need: Need<'_>, context: &mut Context<'_>) -> Found {
        match need {
            Need::Credential(_) if self.options.credential_fails => Found::NoSigner,
            Need::Credential(wanted) => {
                self.taken = None;
                self.peer_schemes = wanted.schemes.iter().collect();
                self.authorities = wanted.authorities.iter().map(|name| name.0.to_vec()).collect();
                self.shown = self.choose(&wanted);
                Found::Credential(self.shown)
            }
            Need::Signature { scheme, message } => {
                let own = self.shown.and_then(|shown| self.own.get(shown));
                Found::Signature(own.and_then(|own| own.identity.sign(scheme, message, context.random).ok()))
            }
            Need::PeerCertificate { der, certificate_type, last, .. } => {
                self.proof.chain_type = Some(certificate_type);
                self.proof.chain.push(der.to_vec());
                if last { Found::Peer(self.judge(&self.proof, context)) } else { Found::Noted }
            }
            // The runner's responses are not OCSP; the expected ones are compared at the end.
            Need::CertificateStatus { .. } => Found::Status,
            Need::Psk { identities, .. } => self.find_key(&identities),
            Need::Ticket { ticket } => Found::Session(self.memory.find(ticket).map(|session| (0, session))),
            Need::SealTicket { session } => {
                let mut name = [0; 16];
                let filled = context.random.fill(&mut name).is_ok();
                let wanted = filled && !self.options.skip_tickets;
                Found::Ticket(wanted.then(|| self.memory.keep(session.0, name)))
            }
            other => panic!("a need that the shim does not know: {other:?}"),
        }
    }

    /// A session is preferred to a key, which would have to authenticate anew; keys are tried in our
    /// order.
    fn find_key(&mut self, identities: &PskIdentities<'_>) -> Found {
        let is_ours = |identity: &[u8]| self.options.psk.is_some() && *identity == self.options.psk_identity;
        if let Some((index, _)) = identities.iter().find(|(_, identity)| is_ours(identity)) {
            return Found::Psk(Some(index));
        }
        let opened = |(index, ticket)| self.memory.find(ticket).map(|session| (index, session));
        if let Some(found) = identities.iter().find_map(opened) {
            return Found::Session(Some(found));
        }
        match imported::find(&self.keys, identities) {
            Some((index, place, key)) => {
                self.taken = Some(place);
                Found::Imported(index, key)
            }
            None => Found::Psk(None),
        }
    }

    /// Returns the first credential that the peer can use. If none fits, one that does not fit still
    /// makes the state machine report what was missing.
    fn choose(&self, wanted: &CredentialRequest<'_>) -> Option<usize> {
        let issued = |own: &Own| {
            let named =
                |issuer: &[u8]| wanted.authorities.iter().any(|DistinguishedName(name)| name == issuer);
            !own.must_match_issuer || own.shown.iter().filter_map(|one| certificate::issuer(one)).any(named)
        };
        let usable = |own: &Own| {
            wanted.types.contains(&own.certificate_type)
                && wanted.scheme(own.identity.key_kind(), &own.schemes).is_some()
        };
        let fits = self.own.iter().position(|own| issued(own) && usable(own));
        fits.or_else(|| self.own.iter().position(issued))
    }

    /// Decides whether to accept the peer, as authenticated now or in the handshake that created its
    /// session.
    pub fn judge(&self, shown: &Proof, context: &Context<'_>) -> Result<VerifiedKey, CertificateError> {
        // A client with pre-shared keys accepts no certificate, as in `handclasp`.
        let only_keys = !self.options.server && !self.keys.is_empty();
        if self.options.refuse_peer || only_keys {
            return Err(CertificateFault::NotConfigured.into());
        }
        let role = if self.options.server { Role::Client } else { Role::Server };
        let verify = &context.config.handshake.verify;
        let now = UnixTime::since_unix_epoch(Duration::from_secs(context.now));
        let options = VerifyOptions::new(role, now, verify, aws_lc::SHA256);
        if shown.chain_type == Some(CertificateType::RawPublicKey) {
            let key = shown.chain.first().map(Vec::as_slice).unwrap_or_default();
            return Trust::DangerNobody.verify_raw_key(key, &options);
        }
        // Only the leaf: the runner's certificates do not name any host that we ask for. Path building
        // is tested in `trust`.
        Trust::DangerNobody.verify_chain(&shown.chain[..shown.chain.len().min(1)], &options)
    }

    fn give(
        &self,
        connection: &mut Connection,
        context: &mut Context<'_>,
        found: Found,
    ) -> Result<(), FaultCode> {
        let answer =
            match &found {
                Found::Credential(place) => {
                    Answer::Credential(place.and_then(|place| self.own.get(place)).map(|own| Credential {
                        certificate_type: own.certificate_type,
                        ocsp_response: own.identity.ocsp_response(),
                        ..Credential::x509(&own.shown, own.identity.key_kind(), &own.schemes)
                    }))
                }
                Found::Signature(Some(signature)) => Answer::Signature(signature),
                Found::Signature(None) | Found::NoSigner => Answer::SignerFailed(SignError::Failed),
                Found::Noted => Answer::CertificateNoted,
                Found::Status => Answer::StatusAccepted,
                Found::Peer(Ok(peer)) => Answer::PeerAccepted {
                    spki: &peer.spki,
                    identity: PeerIdentity::new(peer.pin.0, peer.not_after.map(|time| time.as_secs())),
                },
                Found::Peer(Err(fault)) => Answer::PeerRefused(*fault),
                Found::Psk(index) => Answer::Psk(index.map(|index| PskAnswer {
                    index,
                    secret: self.options.psk.as_deref().unwrap_or_default(),
                    hash: PskHash::Sha256,
                    imported: false,
                })),
                Found::Imported(index, key) => Answer::Psk(Some(key.answer(*index))),
                Found::Session(found) => Answer::Session(found.as_ref().map(|(index, session)| {
                    OpenedTicket { index: *index, session, renew: self.options.renew_tickets, confirm: false }
                })),
                Found::Ticket(ticket) => Answer::Ticket(ticket.as_deref()),
            };
        connection.answer(context, answer)
    }
}
