//! What the protocol needs from outside, as values. The caller answers at once (a local key),
//! later (a token, a person who must approve) or never.

use alloc::vec::Vec;
use core::fmt;

use handclasp_codec::{
    CertificateType, DistinguishedName, List, NamedGroup, ProtocolVersion, PskIdentity, SignatureScheme,
};
use handclasp_crypto::KeyKind;
use handclasp_report::{CertificateFault, Fault, SignerFault};

use crate::{
    negotiate,
    types::{PeerIdentity, PskHash},
};

/// What the machine waits for. Borrowed from the machine until answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum Need<'a> {
    /// Which certificate to show; [`Answer::Credential`].
    Credential(CredentialRequest<'a>),
    /// A signature by the credential's key; [`Answer::Signature`].
    Signature {
        /// The scheme.
        scheme: SignatureScheme,
        /// The whole message to sign; hashing belongs to the scheme.
        message: &'a [u8],
    },
    /// A certificate of the peer's, leaf first; [`Answer::CertificateNoted`] or, with the last
    /// one, [`Answer::PeerAccepted`]. Nothing is authenticated yet: the peer has still to
    /// prove that it holds the key.
    PeerCertificate {
        /// Place in the chain.
        index: usize,
        /// The certificate; a SubjectPublicKeyInfo where that is its type.
        der: &'a [u8],
        /// X509 or RawPublicKey.
        certificate_type: CertificateType,
        /// Whether it is the last.
        last: bool,
    },
    /// What the server says about the revocation of the certificate that was believed (RFC 6066 §8);
    /// [`Answer::StatusAccepted`] or [`Answer::PeerRefused`]. Only where it was asked for.
    CertificateStatus {
        /// The OCSP response (DER); `None` where the server sent none.
        response: Option<&'a [u8]>,
    },
    /// Which pre-shared key; [`Answer::Psk`]. Servers only.
    Psk {
        /// The identities that the client names.
        identities: PskIdentities<'a>,
        /// For which version the key would be used (RFC 9257 §4.3: one key, one use).
        version: ProtocolVersion,
    },
    /// Whether this ticket of TLS 1.2 is one of ours; [`Answer::Session`]. Servers only. Tickets
    /// of TLS 1.3 come among the identities of [`Need::Psk`].
    Ticket {
        /// What was sealed for [`Need::SealTicket`], or anything else.
        ticket: &'a [u8],
    },
    /// A session to seal into a ticket; [`Answer::Ticket`]. Servers only.
    SealTicket {
        /// The session, secrets included. Only [`Answer::Session`] has use for it.
        session: Sealable<'a>,
    },
}

/// A session, to be sealed so that nobody but its maker can read or change it.
#[derive(Clone, Copy)]
pub struct Sealable<'a>(pub &'a [u8]);

impl fmt::Debug for Sealable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealable({} bytes)", self.0.len())
    }
}

/// What a certificate that we show must be to be of use to the peer.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CredentialRequest<'a> {
    /// The version, which decides what a scheme means.
    pub version: ProtocolVersion,
    /// The name that the client asked for; on the client nothing.
    pub server_name: Option<&'a [u8]>,
    /// Schemes that the peer accepts for our signature.
    pub schemes: List<'a, SignatureScheme>,
    /// Schemes that certificates may be signed by, where the peer tells them apart.
    pub schemes_cert: Option<List<'a, SignatureScheme>>,
    /// Whether an EC or EdDSA key would do, by the suites in common.
    pub ecdsa: bool,
    /// Whether an RSA key would do.
    pub rsa: bool,
    /// In TLS 1.2 the curves that the client knows, if it tells (RFC 8422 §5.1).
    pub curves: Option<List<'a, NamedGroup>>,
    /// Authorities that the peer believes; none means any.
    pub authorities: List<'a, DistinguishedName<'a>>,
    /// Types of certificate that would do, the client's preference first.
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

    /// The scheme by which a key of that kind would sign, if it would do: the first of `ours`
    /// that fits the key and that the peer lists.
    pub fn scheme(&self, key: KeyKind, ours: &[SignatureScheme]) -> Option<SignatureScheme> {
        self.scheme_on(key, ours).ok()
    }

    /// The same, with the reason where there is none.
    ///
    /// # Errors
    /// [`Fault::NoCommonScheme`], or [`Fault::CurveNotOffered`] where only the curve is wrong.
    pub(crate) fn scheme_on(&self, key: KeyKind, ours: &[SignatureScheme]) -> Result<SignatureScheme, Fault> {
        let permitted = if key.is_rsa() { self.rsa } else { self.ecdsa };
        if !permitted {
            return Err(Fault::NoCommonScheme);
        }
        let scheme = negotiate::scheme(self.version, key, ours, self.schemes)?;
        match (curve(key), self.curves) {
            (Some(curve), Some(list)) if !list.contains(&curve) => Err(Fault::CurveNotOffered { curve }),
            _ => Ok(scheme),
        }
    }
}

/// The curve of a key whose scheme alone does not tell it in TLS 1.2.
pub(crate) fn curve(key: KeyKind) -> Option<NamedGroup> {
    match key {
        KeyKind::P256 => Some(NamedGroup::secp256r1),
        KeyKind::P384 => Some(NamedGroup::secp384r1),
        KeyKind::P521 => Some(NamedGroup::secp521r1),
        // Their schemes say it all (RFC 8422 §5.1.1).
        KeyKind::Ed25519 | KeyKind::Rsa | KeyKind::RsaPss => None,
    }
}

/// Identities named by a client: one in TLS 1.2, a list in 1.3.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum PskIdentities<'a> {
    /// TLS 1.2.
    One(&'a [u8]),
    /// TLS 1.3. Those before `from` were asked about, and refused.
    List {
        /// All of them.
        list: List<'a, PskIdentity<'a>>,
        /// The first one in question.
        from: usize,
    },
}

impl<'a> PskIdentities<'a> {
    /// Walks them with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &'a [u8])> {
        let (one, list, from) = match self {
            Self::One(identity) => (Some(*identity), List::default(), 0),
            Self::List { list, from } => (None, *list, *from),
        };
        one.into_iter().chain(list.iter().map(|entry| entry.identity)).enumerate().skip(from)
    }
}

/// Answers to needs. Borrowed only for the call.
#[derive(Debug)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// To [`Need::Credential`]: this one, or none fits.
    Credential(Option<Credential<'a>>),
    /// To [`Need::Signature`].
    Signature(&'a [u8]),
    /// To [`Need::Credential`] and [`Need::Signature`]: what holds the keys failed (a token that is
    /// gone, an agent that does not answer), so there will be none.
    SignerFailed(SignerFault),
    /// To [`Need::PeerCertificate`] before the last: seen, go on.
    CertificateNoted,
    /// To the last [`Need::PeerCertificate`]: the chain is believed.
    PeerAccepted {
        /// SubjectPublicKeyInfo (DER) of the leaf.
        spki: &'a [u8],
        /// What stays of the peer.
        identity: PeerIdentity,
    },
    /// To [`Need::CertificateStatus`]: nothing in it speaks against the certificate.
    StatusAccepted,
    /// To any [`Need::PeerCertificate`] and to [`Need::CertificateStatus`]: not believed.
    PeerRefused(CertificateFault),
    /// To [`Need::Psk`]: this one, or none is known.
    Psk(Option<PskAnswer<'a>>),
    /// To [`Need::Ticket`], and to [`Need::Psk`] where an identity is a ticket: this one opened,
    /// or none.
    Session(Option<OpenedTicket<'a>>),
    /// To [`Need::SealTicket`]: the ticket, or the client gets none.
    Ticket(Option<&'a [u8]>),
    /// To any need: the caller does not want this connection.
    Refuse,
}

/// A certificate chain and what its key can do.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a> {
    /// DER certificates, leaf first; one SubjectPublicKeyInfo where that is the type.
    pub chain: &'a [Vec<u8>],
    /// X509 or RawPublicKey.
    pub certificate_type: CertificateType,
    /// The kind of the leaf's key.
    pub key: KeyKind,
    /// The schemes its signer can do, in order of preference.
    pub schemes: &'a [SignatureScheme],
    /// Whether the chain leads to one of the authorities that the peer names. It is shown either
    /// way; the report then says so.
    pub listed: bool,
    /// An OCSP response (DER) about the leaf, for clients that ask for one.
    pub ocsp_response: Option<&'a [u8]>,
}

impl<'a> Credential<'a> {
    /// An X.509 chain, where authorities do not matter.
    pub fn x509(chain: &'a [Vec<u8>], key: KeyKind, schemes: &'a [SignatureScheme]) -> Self {
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

/// A pre-shared key chosen by a server.
#[derive(Clone, Copy)]
pub struct PskAnswer<'a> {
    /// Which of the identities.
    pub index: usize,
    /// The key.
    pub secret: &'a [u8],
    /// The hash it is bound to (TLS 1.3; ignored in 1.2).
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

/// A ticket of ours, opened.
#[derive(Clone, Copy)]
pub struct OpenedTicket<'a> {
    /// Which of the identities; 0 in TLS 1.2.
    pub index: usize,
    /// What [`Need::SealTicket`] had sealed.
    pub session: &'a [u8],
    /// TLS 1.2: whether the client shall have a new ticket in its place.
    pub renew: bool,
    /// For a ticket of one use: called when the session is about to be resumed, in TLS 1.3 once the
    /// client has proved by its binder that it holds the session. Marks the ticket as used; false
    /// where it was used before, and is refused. An observer of a ticket cannot spend it so.
    pub redeem: Option<&'a dyn Fn() -> bool>,
}

impl fmt::Debug for OpenedTicket<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { index, renew, session: _, redeem: _ } = self;
        f.debug_struct("OpenedTicket").field("index", index).field("renew", renew).finish_non_exhaustive()
    }
}
