//! What an identity folder says of its identity, without the private key.

use std::{string::String, vec::Vec};

use handclasp_crypto::{KeyKind, PublicKey};
use rustls_pki_types::{CertificateDer, SubjectPublicKeyInfoDer};

use super::{KeyLocation, content::Content};
use crate::KeyRotation;

/// The identity of a folder without its private key, see [`crate::IdentityFolder::describe`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IdentityDescription {
    /// The name that the identity was made for.
    pub name: String,
    /// Where the private key is.
    pub location: KeyLocation,
    /// SubjectPublicKeyInfo of the key. Its SHA-256 is the pin.
    pub spki: SubjectPublicKeyInfoDer<'static>,
    /// The certificate chain, leaf first.
    pub chain: Vec<CertificateDer<'static>>,
    /// Whether the leaf is self-signed, so that it is renewed here and not by a CA.
    pub is_self_signed: bool,
    /// The statements of all rotations so far, the oldest first.
    pub rotations: Vec<KeyRotation>,
}

impl IdentityDescription {
    pub(super) fn of(content: Content) -> Self {
        Self {
            location: content.location(),
            spki: SubjectPublicKeyInfoDer::from(content.spki()),
            is_self_signed: content.is_self_issued(),
            name: content.name,
            chain: content.chain,
            rotations: content.rotations,
        }
    }

    /// The kind of the key. `None` for one that is not supported.
    pub fn key_kind(&self) -> Option<KeyKind> {
        PublicKey::from_spki(&self.spki).ok().map(|key| key.kind)
    }
}
