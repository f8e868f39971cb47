//! Decisions that a state machine leaves to its caller. The caller answers at once (a local key),
//! later (a token, a user who must approve) or never.

use core::fmt;

use handclasp_codec::{
    CertificateType, DistinguishedName, List, NamedGroup, ProtocolVersion, PskIdentity, SignatureScheme,
};
use handclasp_crypto::{KeyKind, SignError};
use handclasp_report::{CertificateError, Failed, Fault, Report};
use rustls_pki_types::CertificateDer;

use crate::{
    negotiate,
    types::{PeerIdentity, PskHash},
};

/// The decision that the machine waits for. Borrows from the machine until it is answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Need<'a> {
    /// Which certificate to send. Answered by [`Answer::Credential`].
    Credential(CredentialRequest<'a>),
    /// A signature by the credential's key. Answered by [`Answer::Signature`].
    Signature {
        /// The signature scheme to use.
        scheme: SignatureScheme,
        /// The message to sign, not hashed: hashing is part of the scheme.
        message: &'a [u8],
    },
    /// A certificate of the peer, end-entity certificate first. Answered by
    /// [`Answer::CertificateNoted`], the last one by [`Answer::PeerAccepted`]. The peer is not
    /// authenticated yet: it has still to prove that it holds the key.
    PeerCertificate {
        /// Position in the chain, from 0.
        index: usize,
        /// The certificate (DER), or a SubjectPublicKeyInfo if the type is RawPublicKey.
        der: &'a [u8],
        /// X509 or RawPublicKey.
        certificate_type: CertificateType,
        /// Whether it is the last certificate of the chain.
        last: bool,
    },
    /// The server's OCSP response about the accepted certificate (RFC 6066 §8), if the client
    /// requested one. Answered by [`Answer::StatusAccepted`] or [`Answer::PeerRefused`].
    CertificateStatus {
        /// The OCSP response (DER); `None` if the server sent none.
        response: Option<&'a [u8]>,
    },
    /// Which pre-shared key to use. Servers only. Answered by [`Answer::Psk`], by
    /// [`Answer::PskUnavailable`], or by [`Answer::Session`] if an identity is a ticket.
    Psk {
        /// The identities that the client offers.
        identities: PskIdentities<'a>,
        /// The version that the key would be used in (RFC 9257 §4.3: a key has one use).
        version: ProtocolVersion,
    },
    /// The session in a TLS 1.2 ticket. Servers only. Answered by [`Answer::Session`]. TLS 1.3
    /// tickets are among the identities of [`Need::Psk`].
    Ticket {
        /// The bytes that [`Need::SealTicket`] was answered with, or arbitrary bytes.
        ticket: &'a [u8],
    },
    /// Whether the session of a ticket is resumed. Servers only, and only of tickets that were opened
    /// with [`OpenedTicket::confirm`]. Answered by [`Answer::Resume`].
    Resume(ResumeRequest<'a>),
    /// A session to seal into a ticket. Servers only. Answered by [`Answer::Ticket`].
    SealTicket {
        /// The encoded session, secrets included, as [`Answer::Session`] takes it back.
        session: Sealable<'a>,
    },
}

/// A session that this connection could resume: its ticket opened, and everything that the ticket seals
/// fits. In TLS 1.3 the binder was verified, so that an observer of the ticket cannot spend it.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ResumeRequest<'a> {
    /// The version of the session.
    pub version: ProtocolVersion,
    /// The ticket as the client offers it.
    pub ticket: &'a [u8],
    /// The client, if a certificate or raw public key authenticated it when the session began.
    pub peer: Option<&'a PeerIdentity>,
    /// The identity of the pre-shared key that the session began with.
    pub psk_identity: Option<&'a [u8]>,
    /// When the client was last authenticated by more than a session, in seconds since 1970.
    pub authenticated: u64,
}

/// Why a session is not resumed although its ticket opened ([`Answer::Resume`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResumeRefusal {
    /// The ticket is good for one use, and was used before.
    Used,
    /// The client's key or pre-shared key was revoked since.
    Revoked,
    /// What knows that cannot be asked.
    Unavailable,
}

/// An encoded session, which must be encrypted and authenticated before it leaves the server.
#[derive(Clone, Copy)]
pub struct Sealable<'a>(pub &'a [u8]);

impl fmt::Debug for Sealable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealable({} bytes)", self.0.len())
    }
}

/// The peer's requirements on our certificate.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CredentialRequest<'a> {
    /// The protocol version, which decides what a scheme means.
    pub version: ProtocolVersion,
    /// Server: the host name that the client asks for. Client: `None`.
    pub server_name: Option<&'a [u8]>,
    /// Schemes that the peer accepts for the handshake signature.
    pub schemes: List<'a, SignatureScheme>,
    /// Schemes that the peer accepts in certificates, if it lists them separately.
    pub schemes_cert: Option<List<'a, SignatureScheme>>,
    /// Whether a suite in common takes an EC or EdDSA key.
    pub ecdsa: bool,
    /// Whether a suite in common takes an RSA key.
    pub rsa: bool,
    /// TLS 1.2: the curves that the client supports, if it lists any (RFC 8422 §5.1).
    pub curves: Option<List<'a, NamedGroup>>,
    /// Distinguished names of the authorities that the peer accepts. Empty: any.
    pub authorities: List<'a, DistinguishedName<'a>>,
    /// Certificate types that the peer accepts, its preference first.
    pub types: List<'a, CertificateType>,
}

impl<'a> CredentialRequest<'a> {
    /// A request of a peer that verifies these schemes and says nothing else: any kind of key,
    /// any authority, X.509.
    pub fn new(version: ProtocolVersion, schemes: List<'a, SignatureScheme>) -> Self {
        Self {
            version,
            server_name: None,
            schemes,
            schemes_cert: None,
            ecdsa: true,
            rsa: true,
            curves: None,
            authorities: List::default(),
            types: List::of(&[CertificateType::X509]),
        }
    }

    /// The scheme with which a key of this kind would sign: the first of `ours` that fits the key
    /// and that the peer accepts.
    pub fn scheme(&self, key: KeyKind, ours: &[SignatureScheme]) -> Option<SignatureScheme> {
        self.scheme_on_any_curve(key, ours).filter(|_| self.missing_curve(key).is_none())
    }

    /// As [`CredentialRequest::scheme`].
    ///
    /// # Errors
    /// [`Fault::NoCommonScheme`], or [`Fault::CurveNotOffered`] where only the curve is wrong.
    pub(crate) fn scheme_or_fail(
        &self,
        key: KeyKind,
        ours: &[SignatureScheme],
        report: &mut Report,
    ) -> Result<SignatureScheme, Failed> {
        match (self.scheme_on_any_curve(key, ours), self.missing_curve(key)) {
            (Some(scheme), None) => Ok(scheme),
            (Some(_), Some(curve)) => Err(report.fail(Fault::CurveNotOffered { curve })),
            (None, _) => Err(report.fail(Fault::NoCommonScheme)),
        }
    }

    /// As [`CredentialRequest::scheme`], whatever curves the peer lists.
    fn scheme_on_any_curve(&self, key: KeyKind, ours: &[SignatureScheme]) -> Option<SignatureScheme> {
        let permitted = if key.is_rsa() { self.rsa } else { self.ecdsa };
        negotiate::scheme(self.version, key, ours, self.schemes).filter(|_| permitted)
    }

    /// The curve of a key that the peer's list lacks.
    fn missing_curve(&self, key: KeyKind) -> Option<NamedGroup> {
        let curve = curve(key)?;
        self.curves.filter(|list| !list.has(curve)).map(|_| curve)
    }
}

/// The curve of a key, for those kinds whose scheme does not determine it in TLS 1.2.
pub(crate) fn curve(key: KeyKind) -> Option<NamedGroup> {
    match key {
        KeyKind::P256 => Some(NamedGroup::secp256r1),
        KeyKind::P384 => Some(NamedGroup::secp384r1),
        KeyKind::P521 => Some(NamedGroup::secp521r1),
        // Their schemes determine the key (RFC 8422 §5.1.1).
        KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => None,
    }
}

/// The identities that a client offers: one in TLS 1.2, a list in 1.3.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PskIdentities<'a> {
    /// TLS 1.2: the identity of its ClientKeyExchange.
    One(&'a [u8]),
    /// TLS 1.3: the list of pre_shared_key. The identities before `from` were refused before.
    List {
        /// The complete list.
        list: List<'a, PskIdentity<'a>>,
        /// Index of the first identity in question.
        from: usize,
    },
}

impl<'a> PskIdentities<'a> {
    /// The identities in question, each with its index.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &'a [u8])> {
        let (one, list, from) = match self {
            Self::One(identity) => (Some(*identity), List::default(), 0),
            Self::List { list, from } => (None, *list, *from),
        };
        one.into_iter().chain(list.iter().map(|entry| entry.identity)).enumerate().skip(from)
    }
}

/// The answer to a [`Need`]. Borrowed for the call only.
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// To [`Need::Credential`]: the certificate to send, or `None` if none fits.
    Credential(Option<Credential<'a>>),
    /// To [`Need::Signature`]: the signature, encoded as the scheme requires.
    Signature(&'a [u8]),
    /// To [`Need::Credential`] and [`Need::Signature`]: the signer failed, such as a token that was
    /// removed or an agent that does not answer.
    SignerFailed(SignError),
    /// To every [`Need::PeerCertificate`] but the last: continue.
    CertificateNoted,
    /// To the last [`Need::PeerCertificate`]: the chain is accepted.
    PeerAccepted {
        /// SubjectPublicKeyInfo (DER) of the end-entity certificate.
        spki: &'a [u8],
        /// The identity to keep after the handshake.
        identity: PeerIdentity,
    },
    /// To [`Need::CertificateStatus`]: the certificate is not revoked.
    StatusAccepted,
    /// To any [`Need::PeerCertificate`] and to [`Need::CertificateStatus`]: refused.
    PeerRefused(CertificateError),
    /// To [`Need::Psk`]: the key to use, or `None` if no identity is known.
    Psk(Option<PskAnswer<'a>>),
    /// To [`Need::Psk`]: what knows the keys did not answer. The handshake goes on with a certificate where it
    /// can, and otherwise ends with [`Fault::PskUnavailable`], which blames our side and not the client's key.
    /// In programs without the feature `host-extensions` it is the wrong answer.
    PskUnavailable,
    /// To [`Need::Ticket`], and to [`Need::Psk`] if an identity is a ticket: the opened ticket, or
    /// `None` for a full handshake.
    Session(Option<OpenedTicket<'a>>),
    /// To [`Need::Resume`]: resume the session, or go on with a full handshake.
    Resume(Result<(), ResumeRefusal>),
    /// To [`Need::SealTicket`]: the ticket, or `None` to send none.
    Ticket(Option<&'a [u8]>),
    /// To any need: refuse the connection.
    Refuse,
}

/// A certificate chain with the capabilities of its key.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a> {
    /// Certificates (DER), end-entity certificate first; for RawPublicKey one SubjectPublicKeyInfo.
    pub chain: &'a [CertificateDer<'a>],
    /// X509 or RawPublicKey.
    pub certificate_type: CertificateType,
    /// The kind of the end-entity certificate's key.
    pub key: KeyKind,
    /// The schemes that the signer supports, in order of preference.
    pub schemes: &'a [SignatureScheme],
    /// Whether the chain leads to one of the authorities that the peer lists. It is sent either way;
    /// the report notes if it does not.
    pub listed: bool,
    /// An OCSP response (DER) about the end-entity certificate, for clients that request one.
    pub ocsp_response: Option<&'a [u8]>,
}

impl<'a> Credential<'a> {
    /// An X.509 chain that fits the peer's authorities, without an OCSP response.
    pub fn x509(chain: &'a [CertificateDer<'a>], key: KeyKind, schemes: &'a [SignatureScheme]) -> Self {
        Self {
            chain,
            certificate_type: CertificateType::X509,
            key,
            schemes,
            listed: true,
            ocsp_response: None,
        }
    }
}

/// The pre-shared key that a server chose.
#[derive(Clone, Copy)]
pub struct PskAnswer<'a> {
    /// Index of the identity; 0 in TLS 1.2.
    pub index: usize,
    /// The key itself.
    pub secret: &'a [u8],
    /// The hash that the key is bound to (TLS 1.3; ignored in 1.2).
    pub hash: PskHash,
    /// Whether the key was imported (RFC 9258; TLS 1.3).
    pub imported: bool,
}

impl fmt::Debug for PskAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, hash, imported, secret: _ } = self;
        f.debug_struct("PskAnswer")
            .field("index", index)
            .field("hash", hash)
            .field("imported", imported)
            .finish_non_exhaustive()
    }
}

/// A ticket that the caller decrypted.
#[derive(Clone, Copy)]
pub struct OpenedTicket<'a> {
    /// Index of the identity; 0 in TLS 1.2.
    pub index: usize,
    /// The encoded session that [`Need::SealTicket`] gave.
    pub session: &'a [u8],
    /// TLS 1.2: whether to send a new ticket.
    pub renew: bool,
    /// Whether [`Need::Resume`] is asked before the session is resumed: for tickets that are used
    /// once, and for clients that may be revoked. Programs without the feature `host-extensions`
    /// refuse such a ticket.
    pub confirm: bool,
}

impl fmt::Debug for OpenedTicket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, renew, session: _, confirm } = self;
        f.debug_struct("OpenedTicket")
            .field("index", index)
            .field("renew", renew)
            .field("confirm", confirm)
            .finish_non_exhaustive()
    }
}
