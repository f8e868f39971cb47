//! What the protocol needs from outside, as values. The caller answers at once (a local key),
//! later (a token, a person who must approve) or never.

use alloc::vec::Vec;

use handclasp_codec::{List, ProtocolVersion, PskIdentity, SignatureScheme};
use handclasp_crypto::KeyKind;
use handclasp_report::CertificateFault;

use crate::config::PskHash;

/// What the machine waits for. Borrowed from the machine until answered.
#[derive(Debug)]
pub enum Need<'a> {
    /// Which certificate to show; [`Answer::Credential`].
    Credential {
        /// The name the client asked for; on the client nothing.
        server_name: Option<&'a [u8]>,
        /// Schemes the peer accepts.
        schemes: List<'a, SignatureScheme>,
        /// Whether an EC or EdDSA key would do, by the suites in common.
        ecdsa: bool,
        /// Whether an RSA key would do.
        rsa: bool,
    },
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
        /// The certificate.
        der: &'a [u8],
        /// Whether it is the last.
        last: bool,
    },
    /// Which pre-shared key; [`Answer::Psk`]. Servers only.
    Psk {
        /// The identities that the client names.
        identities: PskIdentities<'a>,
        /// For which version the key would be used (RFC 9257 §4.3: one key, one use).
        version: ProtocolVersion,
    },
}

/// Identities named by a client: one in TLS 1.2, a list in 1.3.
#[derive(Clone, Debug)]
pub enum PskIdentities<'a> {
    /// TLS 1.2.
    One(&'a [u8]),
    /// TLS 1.3.
    List(List<'a, PskIdentity<'a>>),
}

impl<'a> PskIdentities<'a> {
    /// Walks them with their indices.
    pub fn iter(&self) -> impl Iterator<Item = (usize, &'a [u8])> {
        let (one, list) = match self {
            Self::One(identity) => (Some(*identity), List::default()),
            Self::List(list) => (None, *list),
        };
        one.into_iter().chain(list.iter().map(|entry| entry.identity)).enumerate()
    }
}

/// Answers to needs. Borrowed only for the call.
pub enum Answer<'a> {
    /// To [`Need::Credential`]: this one, or none fits.
    Credential(Option<Credential<'a>>),
    /// To [`Need::Signature`].
    Signature(&'a [u8]),
    /// To [`Need::Signature`]: there will be none.
    SignerFailed,
    /// To [`Need::PeerCertificate`] before the last: seen, go on.
    CertificateNoted,
    /// To the last [`Need::PeerCertificate`]: the chain is believed.
    PeerAccepted {
        /// SubjectPublicKeyInfo (DER) of the leaf.
        spki: &'a [u8],
        /// What stays of the peer.
        identity: PeerIdentity,
    },
    /// To any [`Need::PeerCertificate`]: not believed.
    PeerRefused(CertificateFault),
    /// To [`Need::Psk`]: this one, or none is known.
    Psk(Option<PskAnswer<'a>>),
    /// To any need: the caller does not want this connection.
    Refuse,
}

/// A certificate chain and what its key can do.
#[derive(Clone, Copy, Debug)]
pub struct Credential<'a> {
    /// DER certificates, leaf first.
    pub chain: &'a [Vec<u8>],
    /// The kind of the leaf's key.
    pub key: KeyKind,
    /// The schemes its signer can do, in order of preference.
    pub schemes: &'a [SignatureScheme],
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
}

/// What stays of a peer when its certificates are gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerIdentity {
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub pin: [u8; 32],
    /// The earliest notAfter of what was believed, in seconds since 1970, where that matters.
    pub not_after: Option<u64>,
}
