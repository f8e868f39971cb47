//! Pre-shared keys that are imported into TLS 1.3 (RFC 9258): one key of the flags is a key for each
//! hash. A server finds them among a client's identities; for our client see `keys`.
//! Called by `answers`, `setup` and `link`.

use handclasp_codec::{Decode as _, Encode as _, Field, ImportedIdentity, KdfIdentifier, ProtocolVersion};
use handclasp_crypto::{Hash, Secret};
use handclasp_handshake::{PskAnswer, PskHash, PskIdentities};
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
    // Our client offers a key for one hash and no certificates beside it; the runner wants both.
    if has_keys && !options.server {
        return End::not_implemented("imported keys of a client for both hashes");
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
    /// The key under that identity, if it is this one: protocol, name and context, all or nothing.
    fn import(&self, identity: &[u8]) -> Option<Key> {
        let wanted = ImportedIdentity::from_bytes(identity, Field::imported_identity).ok()?;
        let hash = match wanted.target_kdf {
            KdfIdentifier::HKDF_SHA256 => PskHash::Sha256,
            KdfIdentifier::HKDF_SHA384 => PskHash::Sha384,
            _ => return None,
        };
        let mut ours = Vec::new();
        let own = ImportedIdentity {
            external_identity: &self.imported.identity,
            context: &self.imported.context,
            target_protocol: ProtocolVersion::TLS_1_3,
            target_kdf: wanted.target_kdf,
        };
        own.encode_to(&mut ours).ok()?;
        let import = || imported_psk(of(self.imported.hash), &self.imported.key, &ours, of(hash));
        (ours == identity).then(|| Key { secret: import(), hash })
    }
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
