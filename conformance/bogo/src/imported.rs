//! Pre-shared keys imported into TLS 1.3 (RFC 9258): a key of the flags becomes one key per hash. A
//! server looks for them among the client's identities; a client offers them.

use handclasp_codec::{Decode as _, Encode as _, Field, ImportedIdentity, KdfIdentifier, ProtocolVersion};
use handclasp_crypto::{Hash, Secret};
use handclasp_handshake::{ClientPsk, ImportedPsk, PskAnswer, PskHash, PskIdentities};
use handclasp_provider_aws_lc as aws_lc;
use handclasp_schedule::imported_psk;

use crate::{
    end::End,
    options::{CredentialOptions, Imported, Options},
};

/// An external key from the flags.
pub struct OwnKey {
    imported: Imported,
    /// Index among the flags.
    place: i64,
}

/// A key that was imported for one hash.
pub struct Key {
    secret: Secret,
    hash: PskHash,
}

/// Returns all keys, in order of preference.
pub fn keys(options: &Options) -> Result<Vec<OwnKey>, End> {
    let is_key = |one: &CredentialOptions| one.imported.is_some();
    let has_keys = options.credentials.iter().any(is_key);
    // Our client offers one key, without certificates beside it.
    let is_alone = options.credentials.len() == 1 && !options.request_certificate;
    if has_keys && !options.server && !is_alone {
        return End::not_implemented("a client with several keys, or with certificates as well as keys");
    }
    // Which certificates the runner's client accepts is known only once no key is used.
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

/// Returns the first of our keys that a client offers: index of the identity, index of the key, key.
pub fn find(keys: &[OwnKey], identities: &PskIdentities<'_>) -> Option<(usize, i64, Key)> {
    keys.iter().find_map(|own| {
        identities.iter().find_map(|(index, identity)| Some((index, own.place, own.import(identity)?)))
    })
}

impl OwnKey {
    /// Returns the identity of the key imported for a hash, and that key.
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

    /// Returns the key for each hash, as a client offers it.
    pub fn offered(&self) -> Vec<(Vec<u8>, Key)> {
        [PskHash::Sha256, PskHash::Sha384].into_iter().filter_map(|hash| self.import_for(hash)).collect()
    }

    /// Returns the key with this identity if it was imported from this one; protocol, name and context
    /// must match.
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

/// Returns the single key of a client, as imported.
pub fn client_psk(offered: &[(Vec<u8>, Key)]) -> Option<ClientPsk<'_>> {
    let [(identity, key), (other, other_key)] = offered else { return None };
    let also = ImportedPsk { identity: other, secret: other_key.secret.expose(), hash: other_key.hash };
    let (tls13, tls12) = (Some(key.hash), false);
    Some(ClientPsk { identity, secret: key.secret.expose(), tls13, tls12, imported: true, also: Some(also) })
}

impl Key {
    /// Returns the answer that selects this key.
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
