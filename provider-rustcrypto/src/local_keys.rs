//! Private keys of several curves behind [`Keys`]: each curve loads and generates its own.

use alloc::{boxed::Box, vec::Vec};

use handclasp_crypto::{KeyEncoding, KeyError, KeyKind, Keys, Random, SigningKey};
use zeroize::Zeroizing;

/// Keys on the listed curves.
pub(crate) struct LocalKeys(pub(crate) &'static [&'static dyn KeysOfCurve]);

impl LocalKeys {
    fn of(&self, kind: KeyKind) -> Result<&'static dyn KeysOfCurve, KeyError> {
        self.0.iter().copied().find(|curve| curve.kind() == kind).ok_or(KeyError::Unsupported)
    }
}

impl Keys for LocalKeys {
    fn load(&self, encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError> {
        self.of(KeyKind::of_private_key(encoding, der)?)?.load(encoding, der)
    }

    fn generate(&self, kind: KeyKind, random: &mut dyn Random) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.of(kind)?.generate(random).ok_or(KeyError::Failed)
    }
}

/// Loads and generates keys on one curve.
pub(crate) trait KeysOfCurve: Sync {
    fn kind(&self) -> KeyKind;

    /// Loads a key of this kind. It is malformed, too, if its scalar is out of range or does not match its
    /// public key: a signature under another public key reveals the private key.
    fn load(&self, encoding: KeyEncoding, der: &[u8]) -> Result<Box<dyn SigningKey>, KeyError>;

    /// Returns PKCS#8, or `None` if `random` failed.
    fn generate(&self, random: &mut dyn Random) -> Option<Zeroizing<Vec<u8>>>;
}
