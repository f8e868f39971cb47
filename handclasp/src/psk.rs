//! Pre-shared keys in the form that goes into a handshake: as they are, or imported (RFC 9258), under an
//! ImportedIdentity, with a key derived for one hash, so that one secret of two parties serves
//! both hashes of TLS 1.3 and cannot be reflected where their roles stand in the context.

use std::borrow::Cow;

use handclasp_codec::{Decode, Encode, Field, ImportedIdentity, KdfIdentifier, ProtocolVersion};
use handclasp_crypto::{Hash, KeyExchangeAlgorithm, Secret, Suite};
use handclasp_handshake::{ClientPsk, Config, ImportedPsk, PskAnswer, PskHash};
use handclasp_schedule::imported_psk;
use handclasp_trust::{Psk, PskUse};

use crate::provider;

/// A key in the form that goes into a handshake.
pub(crate) struct PskEntry<'a> {
    identity: Cow<'a, [u8]>,
    secret: Bytes<'a>,
    usage: PskUse,
    hash: PskHash,
    imported: bool,
}

enum Bytes<'a> {
    Own(Secret),
    Of(&'a Psk),
}

impl<'a> PskEntry<'a> {
    /// The key as it is.
    fn plain(psk: &'a Psk) -> Self {
        let hash = match psk.usage() {
            // The hash means nothing in TLS 1.2.
            PskUse::Tls12 | PskUse::BothVersions | PskUse::Tls13Sha256 | PskUse::Imported => PskHash::Sha256,
            PskUse::Tls13Sha384 => PskHash::Sha384,
        };
        let (identity, secret) = (Cow::Borrowed(psk.identity()), Bytes::Of(psk));
        Self { identity, secret, usage: psk.usage(), hash, imported: false }
    }

    /// The key imported for suites of that hash. `None` for an identity that does not fit.
    fn import(psk: &'a Psk, hash: PskHash) -> Option<Self> {
        let (target_kdf, target) = target(hash);
        let mut identity = Vec::new();
        let imported = ImportedIdentity {
            external_identity: psk.identity(),
            context: psk.context(),
            target_protocol: ProtocolVersion::TLS_1_3,
            target_kdf,
        };
        imported.encode_to(&mut identity).ok()?;
        // The key's own hash is the one of those that say nothing (RFC 9258 §4.1).
        let secret = Bytes::Own(imported_psk(provider::SHA256, psk.secret(), &identity, target));
        let (identity, usage) = (Cow::Owned(identity), PskUse::Imported);
        Some(Self { identity, secret, usage, hash, imported: true })
    }

    /// As a client offers it: an imported key for the hash of the suite that the client likes
    /// best, then for the other one.
    pub(crate) fn offered(psk: &'a Psk, config: &Config) -> Vec<Self> {
        if psk.usage() != PskUse::Imported {
            return vec![Self::plain(psk)];
        }
        let place = |hash: PskHash| {
            let fits = |suite: &&Suite| suite.exchange == KeyExchangeAlgorithm::Tls13 && hash.is(suite.hash);
            config.suites.iter().position(fits)
        };
        let mut hashes: Vec<_> = [PskHash::Sha256, PskHash::Sha384]
            .into_iter()
            .filter_map(|hash| place(hash).map(|place| (place, hash)))
            .collect();
        hashes.sort_by_key(|(place, _)| *place);
        hashes.into_iter().filter_map(|(_, hash)| Self::import(psk, hash)).collect()
    }

    /// The key, if that is what a client calls it.
    pub(crate) fn named(psk: &'a Psk, identity: &[u8], version: ProtocolVersion) -> Option<Self> {
        if psk.usage() != PskUse::Imported {
            return Some(Self::plain(psk)).filter(|key| key.is_named(identity, version));
        }
        let wanted = ImportedIdentity::from_bytes(identity, Field::imported_identity).ok()?;
        let hash = match wanted.target_kdf {
            KdfIdentifier::HKDF_SHA256 => PskHash::Sha256,
            KdfIdentifier::HKDF_SHA384 => PskHash::Sha384,
            _ => return None,
        };
        // Names first: no stranger's list makes us derive keys that nobody named.
        if wanted.external_identity != psk.identity() || wanted.context != psk.context() {
            return None;
        }
        // Protocol, name and context: all of it or nothing.
        Self::import(psk, hash).filter(|key| key.is_named(identity, version))
    }

    fn is_named(&self, identity: &[u8], version: ProtocolVersion) -> bool {
        self.usage.serves(version) && *self.identity == *identity
    }

    fn secret(&self) -> &[u8] {
        match &self.secret {
            Bytes::Own(secret) => secret.expose(),
            Bytes::Of(psk) => psk.secret(),
        }
    }

    /// For a client's handshake: what [`PskEntry::offered`] found.
    pub(crate) fn client(entries: &[Self]) -> Option<ClientPsk<'_>> {
        let first = entries.first()?.alone();
        let also = entries.get(1).map(|other| ImportedPsk {
            identity: &other.identity,
            secret: other.secret(),
            hash: other.hash,
        });
        Some(ClientPsk { also, ..first })
    }

    fn alone(&self) -> ClientPsk<'_> {
        ClientPsk {
            identity: &self.identity,
            secret: self.secret(),
            tls13: self.usage.serves(ProtocolVersion::TLS_1_3).then_some(self.hash),
            tls12: self.usage.serves(ProtocolVersion::TLS_1_2),
            imported: self.imported,
            also: None,
        }
    }

    /// For a server's handshake.
    pub(crate) fn answer(&self, index: usize) -> PskAnswer<'_> {
        PskAnswer { index, secret: self.secret(), hash: self.hash, imported: self.imported }
    }
}

fn target(hash: PskHash) -> (KdfIdentifier, &'static dyn Hash) {
    match hash {
        PskHash::Sha256 => (KdfIdentifier::HKDF_SHA256, provider::SHA256),
        PskHash::Sha384 => (KdfIdentifier::HKDF_SHA384, provider::SHA384),
    }
}

mod table;
#[cfg(test)]
mod tests;

pub(crate) use table::PskTable;
