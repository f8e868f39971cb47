//! Ed25519 private keys as files hold them (RFC 8410 §7), for providers that do not read PKCS#8.

use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::{
    KeyEncoding, KeyError, KeyKind,
    der::{CONTEXT_0, Elements, INTEGER, Malformed, OCTET_STRING, SEQUENCE},
};

/// `[1]`, primitive: the publicKey of a OneAsymmetricKey (RFC 5958 §2).
const PUBLIC_KEY: u8 = 0x81;

/// PKCS#8 up to the seed: version 1, which OpenSSL 1.1.1 and Java 17 read and which has no public key.
const BEFORE_SEED: &[u8] = b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";

/// An Ed25519 private key, borrowed from its DER. Whether the public key matches is checked by the
/// provider.
pub struct Ed25519PrivateKey<'a> {
    /// The 32 bytes from which both scalars derive (RFC 8032 §5.1.5).
    pub seed: &'a [u8; 32],
    /// The public key, if the file holds it.
    pub public: Option<&'a [u8]>,
}

impl<'a> Ed25519PrivateKey<'a> {
    /// Reads a whole file; Ed25519 has no other encoding than PKCS#8.
    ///
    /// # Errors
    /// A file in another encoding, damaged, or with another kind of key.
    pub fn read(encoding: KeyEncoding, der: &'a [u8]) -> Result<Self, KeyError> {
        match KeyKind::of_private_key(encoding, der)? {
            KeyKind::Ed25519 => Ok(Self::from_pkcs8(der)?),
            _ => Err(KeyError::Unsupported),
        }
    }

    /// OneAsymmetricKey (RFC 5958 §2): version, algorithm, privateKey, attributes, publicKey. The
    /// privateKey holds one more OCTET STRING (RFC 8410 §7).
    fn from_pkcs8(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = Elements::of_sequence(der)?;
        fields.expect(INTEGER)?;
        fields.expect(SEQUENCE)?;
        let mut private_key = Elements(fields.expect(OCTET_STRING)?);
        let seed = private_key.expect(OCTET_STRING)?.try_into().map_err(|_| Malformed)?;
        private_key.end()?;
        let _attributes = fields.optional(CONTEXT_0)?;
        let public = match fields.optional(PUBLIC_KEY)? {
            Some(bits) => Some(bits.strip_prefix(&[0]).ok_or(Malformed)?),
            None => None,
        };
        fields.end()?;
        Ok(Self { seed, public })
    }

    /// Writes PKCS#8, without the public key.
    pub fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new([BEFORE_SEED, self.seed].concat())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 8410 §10.3, by its PKCS#8 there.
    fn rfc8410(public: bool) -> Vec<u8> {
        let seed = b"\xd4\xee\x72\xdb\xf9\x13\x58\x4a\xd5\xb6\xd8\xf1\xf7\x69\xf8\xad\
                     \x3a\xfe\x7c\x28\xcb\xf1\xd4\xfb\xe0\x97\xa8\x8f\x44\x75\x58\x42";
        let key = b"\x19\xbf\x44\x09\x69\x84\xcd\xfe\x85\x41\xba\xc1\x67\xdc\x3b\x96\
                    \xc8\x50\x86\xaa\x30\xb6\xb6\xcb\x0c\x5c\x38\xad\x70\x31\x66\xe1";
        if !public {
            return [BEFORE_SEED, seed].concat();
        }
        // Version 2, one attribute (PKCS #9 unstructuredName), publicKey.
        let attributes = b"\xa0\x1f\x30\x1d\x06\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x09\x09\x14\
                           \x31\x0f\x0c\x0dCurdle Chairs";
        let head = b"\x30\x72\x02\x01\x01\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20";
        [&head[..], seed, attributes, b"\x81\x21\x00", key].concat()
    }

    #[test]
    fn keys_of_rfc_8410_are_read() {
        let bare = rfc8410(false);
        let key = Ed25519PrivateKey::read(KeyEncoding::Pkcs8, &bare).ok().unwrap();
        assert!(key.public.is_none() && bare.ends_with(key.seed));
        assert_eq!(*key.to_pkcs8(), bare);

        let full = rfc8410(true);
        let same = Ed25519PrivateKey::read(KeyEncoding::Pkcs8, &full).ok().unwrap();
        assert_eq!(same.seed, key.seed);
        assert!(same.public.is_some_and(|public| public.len() == 32 && full.ends_with(public)));
    }

    #[test]
    fn what_follows_or_is_missing_is_malformed() {
        let read = |der: &[u8]| Ed25519PrivateKey::read(KeyEncoding::Pkcs8, der).err();
        for whole in [rfc8410(false), rfc8410(true)] {
            for end in 0..whole.len() {
                assert_eq!(read(&whole[..end]), Some(KeyError::Malformed), "{end} bytes");
            }
            let mut longer = [&whole[..], &[0]].concat();
            assert_eq!(read(&longer), Some(KeyError::Malformed), "behind");
            longer[1] += 1;
            assert_eq!(read(&longer), Some(KeyError::Malformed), "inside");
        }
        // A seed of 31 bytes.
        let mut short = rfc8410(false);
        short.pop();
        (short[1], short[13], short[15]) = (0x2d, 0x21, 0x1f);
        assert_eq!(read(&short), Some(KeyError::Malformed));
        // A BIT STRING with unused bits.
        let mut unused = rfc8410(true);
        let at = unused.len() - 33;
        unused[at] = 1;
        assert_eq!(read(&unused), Some(KeyError::Malformed));
    }
}
