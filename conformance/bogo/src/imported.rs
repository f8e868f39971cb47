//! Pre-shared keys that are imported into TLS 1.3 (RFC 9258): one key of the flags is a key for each
//! hash. A server finds them among a client's identities; a client offers
//! them.

use handclasp_codec::{Decode as _, Encode as _, Field, ImportedIdentity, KdfIdentifier, ProtocolVersion};
use handclasp_crypto::{Hash, Secret};
use handclasp_handshake::{ClientPsk, ImportedPsk, PskAnswer, PskHash, PskIdentities};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_schedule::imported_psk;

use crate::{
    end::End,
    options::{CredentialOptions, Imported, Options},
};

/// A key of the flags.
pub struct OwnKey {
    imported: Imported,
    /// Its place among the flags.
    place: i64,
}

/// A key that was imported for a hash.
pub struct Key {
    secret: Secret,
    hash: PskHash,
}

/// All keys, in preference.
pub fn keys(options: &Options) -> Result<Vec<OwnKey>, End> {
    let is_key = |one: &CredentialOptions| one.imported.is_some();
    let has_keys = options.credentials.iter().any(is_key);
    // Our client offers one key and, beside it, no certificates.
    let is_alone = options.credentials.len() == 1 && !options.request_certificate;
    if has_keys && !options.server && !is_alone {
        return End::not_implemented("several keys of a client, or certificates beside them");
    }
    // What the runner's client accepts of certificates is known only once no key is wanted.
    if has_keys && !options.credentials.is_sorted_by_key(|one| !is_key(one)) {
        return End::not_implemented("certificates preferred to keys");
    }
    let keys = options
        .credentials
        .iter()
        .zip(0..)
        .filter_map(|(one, place)| one.imported.clone().map(|imported| OwnKey { imported, place }));
    Ok(keys.collect())
}

/// The first of our keys that a client offers: where among the identities, its place, the key.
pub fn find(keys: &[OwnKey], identities: &PskIdentities<'_>) -> Option<(usize, i64, Key)> {
    keys.iter().find_map(|own| {
        identities.iter().find_map(|(index, identity)| Some((index, own.place, own.import(identity)?)))
    })
}

impl OwnKey {
    /// The identity of the key that is imported for a hash, and that key.
    fn import_for(&self, hash: PskHash) -> Option<(Vec<u8>, Key)> {
        let mut identity = Vec::new();
        let own = ImportedIdentity {
            external_identity: &self.imported.identity,
            context: &self.imported.context,
            target_protocol: ProtocolVersion::TLS_1_3,
            target_kdf: match hash {
                PskHash::Sha256 => KdfIdentifier::HKDF_SHA256,
                PskHash::Sha384 => KdfIdentifier::HKDF_SHA384,
            },
        };
        own.encode_to(&mut identity).ok()?;
        let secret = imported_psk(of(self.imported.hash), &self.imported.key, &identity, of(hash));
        Some((identity, Key { secret, hash }))
    }

    /// The key for each hash, as a client offers it.
    pub fn offered(&self) -> Vec<(Vec<u8>, Key)> {
        [PskHash::Sha256, PskHash::Sha384].into_iter().filter_map(|hash| self.import_for(hash)).collect()
    }

    /// The key under that identity, if it is this one: protocol, name and context, all or nothing.
    fn import(&self, identity: &[u8]) -> Option<Key> {
        let wanted = ImportedIdentity::from_bytes(identity, Field::imported_identity).ok()?;
        let hash = match wanted.target_kdf {
            KdfIdentifier::HKDF_SHA256 => PskHash::Sha256,
            KdfIdentifier::HKDF_SHA384 => PskHash::Sha384,
            _ => return None,
        };
        self.import_for(hash).filter(|(ours, _)| ours == identity).map(|(_, key)| key)
    }
}

/// The one key of a client, as it was imported.
pub fn client_psk(offered: &[(Vec<u8>, Key)]) -> Option<ClientPsk<'_>> {
    let [(identity, key), (other, other_key)] = offered else { return None };
    let also = ImportedPsk { identity: other, secret: other_key.secret.expose(), hash: other_key.hash };
    let (tls13, tls12) = (Some(key.hash), false);
    Some(ClientPsk { identity, secret: key.secret.expose(), tls13, tls12, imported: true, also: Some(also) })
}

impl Key {
    /// As a server's answer.
    pub fn answer(&self, index: usize) -> PskAnswer<'_> {
        PskAnswer { index, secret: self.secret.expose(), hash: self.hash, imported: true }
    }
}

fn of(hash: PskHash) -> &'static dyn Hash {
    match hash {
        PskHash::Sha256 => aws_lc::SHA256,
        PskHash::Sha384 => aws_lc::SHA384,
    }
}
